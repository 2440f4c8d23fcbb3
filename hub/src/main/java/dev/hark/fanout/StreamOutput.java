package dev.hark.fanout;

import java.io.IOException;

/** Where a subscriber's bytes go: a socket's output. Used by the subscriber's thread alone. */
@FunctionalInterface
public interface StreamOutput {
    /**
     * Writes all of the bytes, however long that takes; ends early with an exception when the thread is interrupted.
     *
     * @throws IOException if the client cannot be written to any more
     */
    void write(byte[] bytes, int offset, int length) throws IOException;
}
