package dev.hark.app.crash;

import java.net.URI;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where the server is, from one start to the next, and for how long there is something to do. Thread-safe.
 */
final class ServerRuns {
    // Guarded by this.
    private @Nullable ServerRun current;
    private int answered;
    private boolean publishing = true;
    private boolean over;

    /**
     * From a start of the server to its end.
     *
     * @param number from 1
     * @param last   whether none will follow
     */
    record ServerRun(int number, URI uri, boolean last) {}

    synchronized ServerRun begin(URI uri, boolean last) {
        current = new ServerRun(current == null ? 1 : current.number() + 1, uri, last);
        notifyAll();
        return current;
    }

    /** Says that a publisher was answered in run {@code number}. */
    synchronized void answer(int number) {
        answered = number;
        notifyAll();
    }

    /** The last run in which a publisher was answered. */
    synchronized int answered() {
        return answered;
    }

    /** Tells publishers to end once they know what became of what they sent with a key. */
    synchronized void stopPublishing() {
        publishing = false;
        notifyAll();
    }

    synchronized boolean publishing() {
        return publishing;
    }

    synchronized void end() {
        over = true;
        notifyAll();
    }

    /** Waits for a run after number {@code seen}; empty where there will be none. */
    synchronized Optional<ServerRun> awaitAfter(int seen) throws InterruptedException {
        while ((current == null || current.number() <= seen) && !over) {
            wait();
        }
        return Optional.ofNullable(current).filter(run -> run.number() > seen);
    }
}
