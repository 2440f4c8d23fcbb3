package dev.hark.fanout;

import dev.hark.event.CloseReason;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Where a subscriber's bytes leave: since when a write is under way, and the three ways in which others end it.
 *
 * <p>Bytes are written by the subscriber's thread alone; it is cut, barred or left by any. Thread-safe otherwise.
 */
final class Outlet {
    /* Whoever ends it sets a flag first and looks for a write afterwards; a write says that it is under way first, and looks at the flags
       afterwards. So one of the two sees the other, and no write stays that nobody ends. */

    private static final int NEVER = 0;

    /** How long a write of events that was under way when they were barred may take to come to its end. */
    static final long BARRED_WRITE_NANOS = 1_000_000_000;

    private final Surroundings shared;

    // Written by the subscriber's thread before its first write, and after its last.
    private volatile @Nullable StreamOutput output;
    private volatile @Nullable Thread writer;

    // Written by the subscriber's thread, read by the sweeper.
    private volatile long writingSinceNanos = NEVER;
    private volatile long lastWriteNanos;
    private volatile boolean farewell;

    // Written by whoever ends it.
    private volatile boolean gone;
    private volatile boolean barred;
    private volatile @Nullable StreamEnd cut;

    Outlet(Surroundings shared) {
        this.shared = shared;
        this.lastWriteNanos = shared.nanoTime().getAsLong();
    }

    /** Called once, by the thread that writes from then on. */
    void open(StreamOutput out) {
        writer = Thread.currentThread();
        output = out;
    }

    /**
     * Writes one part of what a subscriber has to say.
     *
     * @param last whether the stream ends with it, on purpose
     * @throws IOException if nobody takes it: the client has gone, or the stream was cut
     */
    void write(StreamOutput out, byte[] bytes, int offset, int length, boolean last) throws IOException {
        long now = shared.nanoTime().getAsLong();
        lastWriteNanos = now;
        writingSinceNanos = now == NEVER ? 1 : now;
        try {
            if (gone) {
                throw new IOException("the client has gone");
            }
            if (cut != null) {
                throw new IOException("the stream was cut");
            }
            if (last) {
                out.finish(bytes, offset, length);
            } else {
                out.write(bytes, offset, length);
            }
        } finally {
            writingSinceNanos = NEVER;
        }
        shared.counters().writes.increment();
        shared.counters().writtenBytes.add(length);
    }

    long lastWriteNanos() {
        return lastWriteNanos;
    }

    /** Lets go of the output, to which all has been written that will be: what was told is not cut any more. Called by the same thread. */
    void close() {
        output = null;
    }

    /**
     * Nobody reads it any more: it is cut, unless its last word is being written. Who has read that goes at once, while the write that gave
     * it may not have returned yet, and must not be counted as one who was told nothing. Thread-safe.
     */
    void leave() {
        gone = true;
        if (!farewell) {
            cutOutput();
        }
    }

    boolean isLeft() {
        return gone;
    }

    /** Nothing more of any event is to be written; a word of farewell may be. Thread-safe. */
    void bar() {
        barred = true;
    }

    /** Whether events must not be written: not from {@link #farewell} on, after which there are none. */
    boolean isBarred() {
        return barred && !farewell;
    }

    /** From now on comes nothing but the last word. Called by the subscriber's thread. */
    void farewell() {
        farewell = true;
    }

    /** Ends it at once, a write that is under way included, and throws away what the client has not taken. Thread-safe. */
    void cut(StreamEnd end) {
        cut = end;
        cutOutput();
    }

    private void cutOutput() {
        StreamOutput out = output;
        if (out != null) {
            // First: an interrupt would close a socket, and leave in the kernel what it was given.
            out.cut();
        }
        if (writingSinceNanos != NEVER) {
            // Blocked in a write that nobody will take.
            interrupt();
        }
    }

    /** As what the stream ended where it was cut; null where it was not. */
    @Nullable StreamEnd cutAs() {
        return cut;
    }

    /** Cuts a write that is overdue. Called by the sweeper; whether a write is under way. */
    boolean sweep(long nowNanos) {
        long since = writingSinceNanos;
        if (since == NEVER) {
            return false;
        }
        long timeout = shared.settings().writeTimeout().toNanos();
        boolean hastens = isBarred() && nowNanos - since >= BARRED_WRITE_NANOS && !standsStill();
        if (hastens || nowNanos - since >= timeout) {
            cut(barred ? StreamEnd.CUT : StreamEnd.STALLED);
        }
        return true;
    }

    /**
     * Whether the thread that writes waits for a processor, and not for its client: its write comes to its end as soon as it has one. A
     * virtual thread that waits for a socket is parked; so is, for a moment, one that the socket has room for again, if whoever wakes it
     * waits for a processor.
     */
    private boolean standsStill() {
        Thread thread = writer;
        return thread != null && thread.isVirtual() && thread.getState() == Thread.State.RUNNABLE;
    }

    private void interrupt() {
        Thread thread = writer;
        if (thread != null) {
            thread.interrupt();
        }
    }
}
