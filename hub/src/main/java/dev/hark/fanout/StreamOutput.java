package dev.hark.fanout;

import dev.hark.event.Margin;
import java.io.IOException;

/**
 * Where a subscriber's bytes go: a socket's output. Written by the subscriber's thread alone, and cut by any.
 *
 * <p>The bytes stand within their {@link Margin}, in arrays that others may be writing from at the same time: an output writes them with
 * the margins or without, and changes nothing.
 */
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

    /** Writes as {@link #write} does what is the last of a stream that ends on purpose. A stream that is cut does not come to this. */
    default void finish(byte[] bytes, int offset, int length) throws IOException {
        write(bytes, offset, length);
    }
}
