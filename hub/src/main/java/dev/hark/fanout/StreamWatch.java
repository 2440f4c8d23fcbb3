package dev.hark.fanout;

import dev.hark.event.Filters;
import dev.hark.event.GapReason;

/**
 * Who wants to know which streams come and go, and what they are told to lack. Pages count as streams for as long as they may wait.
 *
 * <p>Told by the threads of streams and requests: it returns at once, and throws nothing. Thread-safe.
 */
public interface StreamWatch {
    /** Nobody wants to know. */
    StreamWatch NOBODY = new StreamWatch() {
        @Override
        public void came(Filters filters) {
            // Of no interest.
        }

        @Override
        public void left(Filters filters) {
            // Of no interest.
        }

        @Override
        public void gap(Filters filters, GapReason reason) {
            // Of no interest.
        }
    };

    /** A stream with {@code filters} is open; told before anything is written to it. */
    void came(Filters filters);

    /** One of those has ended. Told once for each that came, after it. */
    void left(Filters filters);

    /** One of those, or a page that does not wait, is told that something is missing. */
    void gap(Filters filters, GapReason reason);
}
