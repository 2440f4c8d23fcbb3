package dev.hark.app.access;

/** A refusal. Its message is for the caller and tells little; {@link #why} is for the hub's log. Carries no stack trace. */
public final class AccessException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Kind kind;
    private final String why;

    /** What is wrong with the caller. */
    public enum Kind {
        /** Two different credentials, or one that has no form that is known. */
        MALFORMED,
        /** There is no credential, and without one this may not be done. */
        MISSING,
        /** The credential is not one that this hub knows, or not any more. */
        INVALID,
        /** It is known, and this may not be done with it. */
        FORBIDDEN,
        /** It cannot be decided now. */
        UNAVAILABLE
    }

    AccessException(Kind kind, String message, String why) {
        super(message, null, false, false);
        this.kind = kind;
        this.why = why;
    }

    public Kind kind() {
        return kind;
    }

    public String why() {
        return why;
    }
}
