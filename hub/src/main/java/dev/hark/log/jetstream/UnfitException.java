package dev.hark.log.jetstream;

import java.io.IOException;

/** The servers or the stream are not as they have to be: waiting does not help. The message is a sentence for the operator. */
public final class UnfitException extends IOException {
    private static final long serialVersionUID = 1L;

    UnfitException(String message) {
        super(message);
    }
}
