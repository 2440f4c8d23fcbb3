package dev.hark.app.source.rabbitmq;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Envelope;
import dev.hark.app.source.Item;

/**
 * A message that the broker has sent, not acknowledged yet.
 *
 * @param envelope    where it comes from, and what the channel knows it by
 * @param properties  what its publisher said of it
 * @param body        its data; empty where that is too large to be an event and goes nowhere else
 * @param bytes       of its data
 * @param fingerprint what it is recognised by
 * @param item        the event that it is, or why it is none
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never copied and never compared
record Arrived(Envelope envelope, BasicProperties properties, byte[] body, int bytes, long fingerprint, Item item) {
    long tag() {
        return envelope.getDeliveryTag();
    }

    /** Whether somebody may have had it before: where the broker says no, nobody had. */
    boolean isRedelivered() {
        return envelope.isRedeliver();
    }

    /** Whether its publisher has given it a name of its own. */
    boolean hasId() {
        return hasId(properties);
    }

    static boolean hasId(BasicProperties properties) {
        return properties.getMessageId() != null && !properties.getMessageId().isEmpty();
    }
}
