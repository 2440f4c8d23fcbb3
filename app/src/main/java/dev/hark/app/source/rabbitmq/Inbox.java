package dev.hark.app.source.rabbitmq;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import dev.hark.app.source.Item;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Messages that have arrived and wait for the source. The broker sends no more of them ahead than its prefetch says, which is what bounds
 * it.
 *
 * <p>Filled by the client's thread, emptied by that of the source.
 */
final class Inbox extends DefaultConsumer {
    /** Which a stream gives every message; but so does whoever copies one from there into a queue. */
    private static final String OFFSET = "x-stream-offset";

    private static final byte[] NOTHING = {};

    private final BlockingQueue<Arrived> arrived = new LinkedBlockingQueue<>();
    private final MessageMapping mapping;
    private final boolean keepsLarge;
    private final AtomicBoolean isNoStream;
    private volatile @Nullable String end;

    /**
     * One that is filled by {@code channel}.
     *
     * @param keepsLarge whether data is kept that is too large to be an event
     * @param isNoStream whether that is known of the queue; kept for those after it
     */
    Inbox(Channel channel, MessageMapping mapping, boolean keepsLarge, AtomicBoolean isNoStream) {
        super(channel);
        this.mapping = mapping;
        this.keepsLarge = keepsLarge;
        this.isNoStream = isNoStream;
    }

    @Override
    public void handleDelivery(String consumerTag, Envelope envelope, BasicProperties properties, byte[] body) {
        if (end != null) {
            // It comes again, and in its order.
            return;
        }
        if (properties.getHeaders() != null && properties.getHeaders().containsKey(OFFSET)) {
            if (envelope.isRedeliver()) {
                isNoStream.set(true);
            }
            if (!isNoStream.get()) {
                end = "a message has the header " + OFFSET + ": if it is a stream, which gives nothing a second time, a classic or a quorum"
                        + " queue is needed; if it is none, the message comes again, and this goes on";
                return;
            }
        }
        long fingerprint = Fingerprint.of(envelope, properties, body);
        String name = Arrived.hasId(properties) ? properties.getMessageId() : Fingerprint.text(fingerprint);
        Item item = item(name, envelope, properties, body);
        boolean isDropped = body.length > mapping.maxBytes() && !keepsLarge;
        arrived.add(new Arrived(envelope, properties, isDropped ? NOTHING : body, body.length, fingerprint, item));
    }

    /** Whatever goes wrong with one message must not hold up those behind it: the broker would send it again and again. */
    private Item item(String name, Envelope envelope, BasicProperties properties, byte[] body) {
        try {
            return mapping.toItem(name, envelope, properties, body);
        } catch (RuntimeException e) {
            return new Item.Refused(name, "a defect of the hub: " + e);
        }
    }

    @Override
    public void handleCancel(String consumerTag) {
        isNoStream.set(false);
        end = "the broker ended it: the queue was deleted, or moved";
    }

    @Override
    public void handleShutdownSignal(String consumerTag, ShutdownSignalException signal) {
        if (end == null) {
            end = Broker.words(signal);
        }
    }

    /** Why nothing comes any more; null as long as something may. */
    @Nullable String end() {
        return end;
    }

    int size() {
        return arrived.size();
    }

    @Nullable Arrived poll() {
        return arrived.poll();
    }

    @Nullable Arrived poll(Duration most) {
        try {
            return arrived.poll(most.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }
}
