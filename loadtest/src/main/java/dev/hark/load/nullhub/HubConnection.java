package dev.hark.load.nullhub;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection: requests in, bytes out, what the socket does not take yet in a bounded queue.
 *
 * <p>Confined to the hub's thread.
 */
final class HubConnection implements Delivery.Out {
    /** Frames that wait for a slow client; one more and it is cut. */
    private static final int MAX_WAITING = 100_000;

    private static final int MAX_REQUEST_BYTES = 4 << 20;
    private static final byte[] NOTHING = {};

    private final SelectionKey key;
    private final ArrayDeque<ByteBuffer> waiting = new ArrayDeque<>(0);
    private byte[] input = NOTHING;
    private int inputLength;
    private int stream = -1;
    private @Nullable String topic;

    HubConnection(SelectionKey key) {
        this.key = key;
    }

    void received(byte[] bytes, int count) throws IOException {
        if (inputLength + count > MAX_REQUEST_BYTES) {
            throw new IOException("requests of more than " + MAX_REQUEST_BYTES + " bytes wait");
        }
        if (input.length < inputLength + count) {
            input = Arrays.copyOf(input, Math.max(256, inputLength + count));
        }
        System.arraycopy(bytes, 0, input, inputLength, count);
        inputLength += count;
    }

    /** The next complete request, or null. */
    @Nullable HubRequest next() {
        int headEnd = headEnd();
        if (headEnd < 0) {
            return null;
        }
        String head = new String(input, 0, headEnd, StandardCharsets.ISO_8859_1);
        String length = HubRequest.header(head, "content-length:");
        int end = headEnd + (length.isEmpty() ? 0 : Integer.parseInt(length));
        if (end > inputLength) {
            return null;
        }
        byte[] body = Arrays.copyOfRange(input, headEnd, end);
        System.arraycopy(input, end, input, 0, inputLength - end);
        inputLength -= end;
        if (inputLength == 0) {
            input = NOTHING;
        }
        return HubRequest.of(head, body);
    }

    private int headEnd() {
        for (int i = 3; i < inputLength; i++) {
            if (input[i] == '\n' && input[i - 1] == '\r' && input[i - 2] == '\n') {
                return i + 1;
            }
        }
        return -1;
    }

    void subscribe(int number, String toTopic) {
        stream = number;
        topic = toTopic;
    }

    int stream() {
        return stream;
    }

    @Nullable String topic() {
        return topic;
    }

    /** Writes, or queues what the socket does not take. The buffer's own position is left alone. */
    @Override
    public void send(ByteBuffer frame) {
        try {
            if (!key.isValid()) {
                return;
            }
            if (!waiting.isEmpty()) {
                enqueue(frame.duplicate());
                return;
            }
            int start = frame.position();
            ((SocketChannel) key.channel()).write(frame);
            if (frame.hasRemaining()) {
                enqueue(frame.duplicate());
                key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
            }
            frame.position(start);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void enqueue(ByteBuffer frame) throws IOException {
        if (waiting.size() == MAX_WAITING) {
            throw new IOException("queue of stream " + stream + " is full: " + MAX_WAITING + " frames");
        }
        waiting.add(frame);
    }

    void flush() throws IOException {
        while (!waiting.isEmpty()) {
            ByteBuffer next = waiting.getFirst();
            ((SocketChannel) key.channel()).write(next);
            if (next.hasRemaining()) {
                return;
            }
            waiting.removeFirst();
        }
        key.interestOps(SelectionKey.OP_READ);
    }

    void close() {
        topic = null;
        waiting.clear();
        try {
            key.channel().close();
        } catch (IOException e) {
            // It is gone either way.
        }
    }
}
