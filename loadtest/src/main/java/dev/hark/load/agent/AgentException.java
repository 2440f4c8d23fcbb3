package dev.hark.load.agent;

import java.io.IOException;

/** An agent that cannot be had, or that was lost, in a sentence. */
public final class AgentException extends IOException {
    private static final long serialVersionUID = 1;

    /** What that means for the run. */
    public enum Kind {
        /** Not there, or did not let us in: nothing was run. */
        UNREACHABLE,
        /** Lost on the way: what it found is not known, so the run says nothing. */
        LOST
    }

    private final Kind kind;

    AgentException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
