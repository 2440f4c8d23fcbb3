package dev.hark.log.replicated;

/** What an entry of the journal holds is not a group that this version can read. The message says why, as a part of a sentence. */
public final class UnreadableGroupException extends Exception {
    private static final long serialVersionUID = 1L;

    UnreadableGroupException(String message) {
        super(message);
    }

    UnreadableGroupException(String message, Throwable cause) {
        super(message, cause);
    }
}
