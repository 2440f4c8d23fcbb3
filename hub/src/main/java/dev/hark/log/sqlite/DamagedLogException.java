package dev.hark.log.sqlite;

import dev.hark.log.UnusableLogException;

/** A log whose description of itself is not what was stored. */
final class DamagedLogException extends UnusableLogException {
    private static final long serialVersionUID = 1L;

    DamagedLogException(String message) {
        super(message);
    }
}
