package dev.hark.fanout;

import java.io.IOException;

/** Where a subscriber's bytes go: a socket's output. Written by the subscriber's thread alone, and cut by any. */
@FunctionalInterface
public interface StreamOutput {
    /**
     * Writes all of the bytes, however long that takes; ends early with an exception when the thread is interrupted.
     *
     * @throws IOException if the client cannot be written to any more
     */
    void write(byte[] bytes, int offset, int length) throws IOException;

    /**
     * Ends it: nothing more is written, a write that is under way ends with an exception, and what was written and not taken yet is thrown
     * away, so that none of it is kept for a client that never will. Waits for nothing, throws nothing, and may be called again, by any
     * thread. Where there is nothing to throw away, as by default, the interrupt that comes with it is enough.
     */
    default void cut() {}
}
