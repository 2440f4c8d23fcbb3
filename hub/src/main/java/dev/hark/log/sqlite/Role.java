package dev.hark.log.sqlite;

/** What a database is to its node, and so what an operator is told to do where it cannot be used any more. */
public enum Role {
    /** The one place where its events are. */
    LOG("log", "restore it from a backup, or move it away and begin a new one"),

    /** A copy of what several nodes share: never restored, because it would have an epoch that the other nodes do not know. */
    REPLICA("replica", "remove it and restart the node, which makes it anew");

    private final String noun;
    private final String remedy;

    Role(String noun, String remedy) {
        this.noun = noun;
        this.remedy = remedy;
    }

    /** How sentences call it. */
    String noun() {
        return noun;
    }

    /** What to do where it is damaged, as the end of a sentence. */
    String remedy() {
        return remedy;
    }
}
