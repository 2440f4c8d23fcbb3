package dev.hark.log;

import java.io.IOException;

/** What somebody does who may have to wait for the log: see {@link History}. Called on the waiting thread alone. */
public interface Patience {
    /** How long it can wait before {@link #ranOut} is due, in nanoseconds; not positive where that is so now. */
    long nanos();

    /**
     * Does what is due, such as a sign of life on a stream.
     *
     * @param position up to which the log was searched for what is wanted
     * @throws IOException if nobody wants the answer any more
     */
    void ranOut(long position) throws IOException;
}
