package dev.hark.event;

/** What an event does beside saying something. */
public enum EventKind {
    /** Nothing. */
    PLAIN,
    /** It is the last one of its topic, until the topic is published to again. */
    END,
    /** It takes back what was said before with its topic and key: the hub's own {@code hark.deleted}. */
    DELETED
}
