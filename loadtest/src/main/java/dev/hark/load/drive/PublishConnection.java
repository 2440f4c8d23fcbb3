package dev.hark.load.drive;

import dev.hark.load.drive.Tally.Count;
import dev.hark.load.ledger.Publications;
import dev.hark.load.wire.HttpListener;
import dev.hark.load.wire.HttpResponseDecoder;
import dev.hark.load.wire.Stamp;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * One connection that publishes: requests go out in the order of their events and are answered in that order.
 *
 * <p>Confined to the publisher's thread.
 */
final class PublishConnection implements HttpListener {
    /** Events that are due but wait for this connection; one that finds it full is never sent. */
    private static final int MAX_WAITING = 65_536;

    private static final long RECONNECT_NANOS = 100_000_000;
    private static final int MAX_ANSWER_BYTES = 64 * 1024;

    private final Target target;
    private final Publications publications;
    private final Tally tally;
    private final Failures failures;
    private final IntRing waiting = new IntRing(MAX_WAITING);
    private final IntRing unanswered;
    private final ByteArrayOutputStream answer = new ByteArrayOutputStream(256);

    private @Nullable SelectionKey key;
    private boolean connected;
    private HttpResponseDecoder decoder = new HttpResponseDecoder();
    private @Nullable ByteBuffer unwritten;
    private long reconnectAtNanos = Long.MIN_VALUE;
    private long readNanos;
    private boolean everAnswered;

    PublishConnection(Target target, Publications publications, int pipeline, Tally tally, Failures failures) {
        this.target = target;
        this.publications = publications;
        this.tally = tally;
        this.failures = failures;
        unanswered = new IntRing(pipeline);
    }

    boolean isIdle() {
        return waiting.size() == 0 && unanswered.size() == 0 && unwritten == null;
    }

    boolean isConnected() {
        return connected;
    }

    /** Whether this connection has answered at all, ever. */
    boolean everAnswered() {
        return everAnswered;
    }

    boolean hasUnanswered() {
        return unanswered.size() > 0;
    }

    /** Queues an event; false if too many wait already. */
    boolean offer(int event) {
        return waiting.offer(event);
    }

    /** The next event that may be sent now, or -1. */
    int next() {
        boolean free = connected && unwritten == null && !unanswered.isFull();
        return free && waiting.size() > 0 ? waiting.remove() : -1;
    }

    void connectIfNeeded(Selector selector, SourceAddresses sources, long nowNanos) {
        if (key != null || (reconnectAtNanos != Long.MIN_VALUE && nowNanos - reconnectAtNanos < 0)) {
            return;
        }
        try {
            SocketChannel channel = sources.connect(target.address(), 0);
            key = channel.register(selector, SelectionKey.OP_CONNECT, this);
            decoder = new HttpResponseDecoder();
        } catch (IOException e) {
            onBroken(Failure.of(e), e.getMessage());
        }
    }

    /** Sends a request that {@link #next} allowed. */
    void send(int event, ByteBuffer request) {
        publications.onSent(event, System.nanoTime());
        tally.add(Count.SENT, 1);
        unanswered.offer(event);
        try {
            channel().write(request);
            if (request.hasRemaining()) {
                unwritten = ByteBuffer.allocate(request.remaining()).put(request).flip();
                watch(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
            }
        } catch (IOException e) {
            onBroken(Failure.of(e), e.getMessage());
        }
    }

    void onReady(SelectionKey ready, ByteBuffer direct, byte[] bytes) {
        try {
            if (ready.isConnectable()) {
                channel().finishConnect();
                connected = true;
                watch(SelectionKey.OP_READ);
                return;
            }
            if (ready.isWritable()) {
                onWritable();
            }
            if (ready.isReadable()) {
                onReadable(direct, bytes);
            }
        } catch (IOException e) {
            onBroken(Failure.of(e), e.getMessage());
        }
    }

    private void onWritable() throws IOException {
        ByteBuffer rest = unwritten;
        if (rest != null) {
            channel().write(rest);
        }
        if (rest == null || !rest.hasRemaining()) {
            unwritten = null;
            watch(SelectionKey.OP_READ);
        }
    }

    private void onReadable(ByteBuffer direct, byte[] bytes) throws IOException {
        direct.clear();
        int count = channel().read(direct);
        readNanos = System.nanoTime();
        if (count < 0) {
            decoder.onClosed(this);
            onBroken(Failure.RESET, "the server closed a publishing connection");
            return;
        }
        direct.flip().get(bytes, 0, count);
        decoder.feed(bytes, 0, count, this);
    }

    @Override
    public void onHead(HttpResponseDecoder response) {
        answer.reset();
    }

    @Override
    public void onBody(byte[] bytes, int from, int to) {
        if (answer.size() + to - from <= MAX_ANSWER_BYTES) {
            answer.write(bytes, from, to - from);
        }
    }

    @Override
    public void onEnd() {
        if (unanswered.size() == 0) {
            return;
        }
        everAnswered = true;
        int event = unanswered.remove();
        if (decoder.isSuccess()) {
            byte[] body = answer.toByteArray();
            publications.onAcknowledged(event, readNanos, target.isHark() ? PublishAnswer.idHash(body) : 0);
            tally.add(Count.ACKNOWLEDGED, 1);
        } else {
            publications.onRefused(event, readNanos);
            tally.add(Count.REFUSED, 1);
            failures.add(Failure.ofStatus(decoder.status()), "publish: status " + decoder.status());
        }
    }

    private void onBroken(Failure failure, @Nullable String reason) {
        failures.add(failure, "publish: " + reason);
        tally.add(Count.BROKEN, 1);
        close();
        reconnectAtNanos = System.nanoTime() + RECONNECT_NANOS;
    }

    /** Forgets what is unanswered: whether it was published is not known. */
    void close() {
        SelectionKey open = key;
        key = null;
        connected = false;
        unwritten = null;
        while (unanswered.size() > 0) {
            unanswered.remove();
        }
        if (open != null) {
            try {
                open.channel().close();
            } catch (IOException e) {
                // It is gone either way.
            }
        }
    }

    private void watch(int operations) {
        SelectionKey open = key;
        if (open != null) {
            open.interestOps(operations);
        }
    }

    private SocketChannel channel() throws IOException {
        SelectionKey open = key;
        if (open == null) {
            throw new IOException("the publishing connection is closed");
        }
        return (SocketChannel) open.channel();
    }

    /** The stamp's hash of an id, to be compared with what subscribers see. */
    static final class PublishAnswer {
        private static final byte[] ID = {'"', 'i', 'd', '"'};

        private PublishAnswer() {}

        /** The hash of the value of {@code "id"} in a small JSON object, or 0 if it has none. */
        static long idHash(byte[] json) {
            for (int at = 0; at + ID.length < json.length; at++) {
                if (java.util.Arrays.equals(ID, 0, ID.length, json, at, at + ID.length)) {
                    int open = indexOf(json, '"', at + ID.length);
                    int close = open < 0 ? -1 : indexOf(json, '"', open + 1);
                    return close < 0 ? 0 : Stamp.hashOf(json, open + 1, close);
                }
            }
            return 0;
        }

        private static int indexOf(byte[] bytes, char letter, int from) {
            for (int i = from; i < bytes.length; i++) {
                if (bytes[i] == letter) {
                    return i;
                }
            }
            return -1;
        }
    }
}
