package dev.hark.log;

/** What an engine can do beyond what every engine promises. */
public enum Capability {
    /** A batch is stored whole or not at all, and its events stand side by side. */
    WHOLE_BATCHES,
    /** Idempotency keys are remembered as {@link IdempotencyLimits} say, by number and by age, and another body is told apart. */
    KEY_WINDOW,
    /** What is retained is what {@link Retention} says: by number, bytes and age. */
    RETENTION,
    /** What is retained is said for each class of topics, and nothing need be stored of some ({@link TopicClasses}). */
    CLASSES,
    /** Events bear the time of this node's clock, and a time can be found. */
    OWN_CLOCK,
    /** The events of a topic are found without passing those of others. */
    TOPIC_INDEX,
    /** What was acknowledged is there after a restart, under the same epoch. */
    DURABLE
}
