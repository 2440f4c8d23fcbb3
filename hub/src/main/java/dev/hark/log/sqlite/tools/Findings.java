package dev.hark.log.sqlite.tools;

import java.io.IOException;

/**
 * What is wrong with a log, in sentences: told up to a number, and counted beyond it.
 *
 * <p>Confined to one thread.
 */
final class Findings {
    /** After so many nobody reads on. */
    static final int MAX_TOLD = 100;

    private final Listener listener;
    private long count;

    Findings(Listener listener) {
        this.listener = listener;
    }

    /** Who is told. */
    @FunctionalInterface
    interface Listener {
        void tell(String sentence) throws IOException;
    }

    void add(String sentence) throws IOException {
        count++;
        if (count <= MAX_TOLD) {
            listener.tell(sentence);
        }
    }

    /** Says how many there were that nobody was told of. */
    void end() throws IOException {
        if (count > MAX_TOLD) {
            listener.tell("and " + (count - MAX_TOLD) + " more");
        }
    }

    long count() {
        return count;
    }
}
