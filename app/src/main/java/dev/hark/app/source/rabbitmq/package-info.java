/**
 * Queues of RabbitMQ as sources: what is in the log already is told by fingerprints of messages, which are part of a source's position.
 * {@code RabbitQueue} connects, {@code RabbitReading} reads on the thread of its source; the client's threads only hand in what arrives.
 */
@NullMarked
package dev.hark.app.source.rabbitmq;

import org.jspecify.annotations.NullMarked;
