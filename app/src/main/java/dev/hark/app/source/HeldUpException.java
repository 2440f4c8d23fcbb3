package dev.hark.app.source;

/** A step cannot be done now, and its reading is as good as before: it is to be asked again. One sentence for the operator. */
public final class HeldUpException extends Exception {
    private static final long serialVersionUID = 1L;

    public HeldUpException(String message, Throwable cause) {
        super(message, cause);
    }
}
