/**
 * A {@link dev.hark.log.replicated.Journal} that is a stream of NATS JetStream: one subject, one message for each group. Whoever composes a
 * node opens a {@link dev.hark.log.jetstream.JetStreamJournal}; nobody else knows NATS. Its threads: one that follows, one that watches,
 * and the client's own.
 */
@NullMarked
package dev.hark.log.jetstream;

import org.jspecify.annotations.NullMarked;
