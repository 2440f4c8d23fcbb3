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
import org.jspecify.annotations.Nullable;

/**
 * Messages that have arrived and wait for the source. The broker sends no more of them ahead than its prefetch says, which is what bounds
 * it.
 *
 * <p>Filled by the client's thread, emptied by that of the source.
 */
final class Inbox extends DefaultConsumer {
    private static final byte[] NOTHING = {};

    private final BlockingQueue<Arrived> arrived = new LinkedBlockingQueue<>();
    private final MessageMapping mapping;
    private final boolean keepsLarge;
    private volatile @Nullable String end;

    /** @param keepsLarge whether data is kept that is too large to be an event */
    Inbox(Channel channel, MessageMapping mapping, boolean keepsLarge) {
        super(channel);
        this.mapping = mapping;
        this.keepsLarge = keepsLarge;
    }

    @Override
    public void handleDelivery(String consumerTag, Envelope envelope, BasicProperties properties, byte[] body) {
        if (properties.getHeaders() != null && properties.getHeaders().containsKey("x-stream-offset")) {
            end = "it is a stream, which gives nothing a second time; a classic or a quorum queue is needed";
            return;
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
