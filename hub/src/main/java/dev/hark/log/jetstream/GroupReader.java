package dev.hark.log.jetstream;

import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.Subscription;
import io.nats.client.support.Status;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Messages of the stream in order, from a sequence on, until something is not as it should be: then another reader is needed, from where
 * this one came. Confined to the follower's thread.
 */
final class GroupReader implements AutoCloseable {
    /*
     * It asks for messages as it needs them, by bytes, so what waits here has a bound whatever the stream does, and the server sends
     * nothing more to somebody who does not read. The server numbers what it gives a consumer; a number that is missing was lost on the
     * way. Heartbeats come while there is nothing to give, and silence means that the consumer is gone or cannot be reached.
     */
    private static final Duration HEARTBEAT = Duration.ofMillis(500);
    private static final Duration SILENCE = Duration.ofMillis(1800);
    private static final Duration EXPIRY = Duration.ofSeconds(30);
    private static final Duration CONSUMER_IDLE = Duration.ofMinutes(5);
    private static final int BATCH = 2_000;
    private static final int BATCH_BYTES = 8 << 20;

    private final StreamApi api;
    private final Connection connection;
    private final Subscription inbox;
    private final String consumer;
    private final byte[] request;

    private boolean pulling;
    private int left;
    private long expected = 1;
    private boolean gave;
    private boolean heard;
    private long heardNanos = System.nanoTime();

    private GroupReader(StreamApi api, Connection connection, Subscription inbox, String consumer, int maxGroupBytes) {
        this.api = api;
        this.connection = connection;
        this.inbox = inbox;
        this.consumer = consumer;
        long bytes = Math.max(BATCH_BYTES, 2L * (maxGroupBytes + JetStreamSettings.HEADER_BYTES));
        request = ("{\"batch\":" + BATCH + ",\"max_bytes\":" + bytes + ",\"expires\":" + EXPIRY.toNanos() + ",\"idle_heartbeat\":"
                + HEARTBEAT.toNanos() + "}").getBytes(StandardCharsets.US_ASCII);
    }

    static GroupReader open(Link link, StreamApi api, long after, int maxGroupBytes) throws IOException, InterruptedException {
        Connection connection = link.connection();
        String consumer = api.consumer(after + 1, CONSUMER_IDLE);
        try {
            return new GroupReader(api, connection, connection.subscribe(connection.createInbox()), consumer, maxGroupBytes);
        } catch (IllegalStateException e) {
            throw new IOException(e.getMessage());
        }
    }

    /**
     * The next message; null where there is none for now.
     *
     * @throws IOException if none will come any more
     */
    @Nullable Message next(Duration patience) throws IOException, InterruptedException {
        if (gave) {
            // Whoever took the last one took its time; nobody listened meanwhile.
            gave = false;
            heardNanos = System.nanoTime();
        }
        try {
            if (!pulling) {
                pull();
            }
            Message message = inbox.nextMessage(patience);
            long now = System.nanoTime();
            if (message == null) {
                if (now - heardNanos > SILENCE.toNanos()) {
                    throw new IOException("nothing was heard from the stream for " + (now - heardNanos) / 1_000_000 + " ms");
                }
                return null;
            }
            heardNanos = now;
            heard = true;
            return message.isStatusMessage() ? status(message.getStatus()) : given(message);
        } catch (IllegalStateException e) {
            throw new IOException("the connection went away");
        }
    }

    /** Whether anything has come yet. */
    boolean hasHeard() {
        return heard;
    }

    private void pull() {
        connection.publish(api.pulls(consumer), inbox.getSubject(), request);
        pulling = true;
        left = BATCH;
    }

    private @Nullable Message status(Status status) throws IOException {
        switch (status.getCode()) {
            case Status.FLOW_OR_HEARTBEAT_STATUS_CODE -> {}
            case Status.NOT_FOUND_CODE, Status.BAD_JS_REQUEST_CODE -> pulling = false;
            case Status.CONFLICT_CODE -> {
                String message = status.getMessage();
                if (!Status.MESSAGE_SIZE_EXCEEDS_MAX_BYTES.equals(message) && !Status.BATCH_COMPLETED.equals(message)) {
                    throw new IOException("the stream's consumer has ended: " + message);
                }
                pulling = false;
            }
            default -> throw new IOException("the stream's consumer has ended: " + status.getMessageWithCode());
        }
        return null;
    }

    private Message given(Message message) throws IOException {
        if (!message.isJetStream()) {
            throw new IOException("the stream's consumer gave what is not of the stream");
        }
        if (message.metaData().consumerSequence() != expected) {
            throw new IOException("a message was lost on the way from the stream");
        }
        expected++;
        gave = true;
        if (--left == 0) {
            pulling = false;
        }
        return message;
    }

    @Override
    public void close() {
        try {
            inbox.unsubscribe();
        } catch (IllegalStateException e) {
            // The connection has gone, and the subscription with it.
            return;
        }
        api.forget(consumer);
    }
}
