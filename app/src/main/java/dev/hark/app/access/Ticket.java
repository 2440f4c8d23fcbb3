package dev.hark.app.access;

import java.time.Instant;

/**
 * What stands for a credential once, where only an address can be given: a browser's {@code EventSource} sends no headers.
 *
 * @param text      256 random bits
 * @param expiresAt until when it can be used
 */
public record Ticket(String text, Instant expiresAt) {
    /** Not the ticket: whoever has it can use it. */
    @Override
    public String toString() {
        return "Ticket[until " + expiresAt + ']';
    }
}
