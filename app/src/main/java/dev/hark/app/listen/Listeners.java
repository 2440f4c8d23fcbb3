package dev.hark.app.listen;

import dev.hark.thread.Pulse;
import dev.hark.thread.VitalThreads;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * The connections of a node's two listeners, and the one thread that looks after them. Thread-safe.
 */
public final class Listeners implements AutoCloseable {
    /* The thread is a vital one. Without it the node looks well until the last place is held by a client that does nothing, and then nobody
       gets in; and a defect that would be caught here comes back with the next look, at the same connection. */

    private static final int LOOKS_PER_TIMEOUT = 10;
    private static final Duration SHORTEST = Duration.ofMillis(20);
    static final Duration LONGEST = Duration.ofMillis(250);

    private final ListenCounters counters = new ListenCounters();
    private final Connections data;
    private final Connections admin;
    private final long intervalNanos;
    private final Pulse pulse;
    private final Thread thread;
    private volatile boolean stopped;

    private Listeners(ListenSettings data, ListenSettings admin, VitalThreads vital) {
        this.data = new Connections("data", data, vital.nanoTime(), counters);
        this.admin = new Connections("admin", admin, vital.nanoTime(), counters);
        long shortest = Math.min(data.arrivalTimeout().toNanos(), admin.arrivalTimeout().toNanos()) / LOOKS_PER_TIMEOUT;
        this.intervalNanos = Math.clamp(shortest, SHORTEST.toNanos(), LONGEST.toNanos());
        this.pulse = vital.pulse();
        this.thread = vital.unstarted("hark-listeners", this::look);
    }

    /**
     * For listeners that are about to be opened.
     *
     * @param vital the threads that the one which looks after them joins, and the time that it looks at
     */
    public static Listeners start(ListenSettings data, ListenSettings admin, VitalThreads vital) {
        var listeners = new Listeners(data, admin, vital);
        listeners.pulse.begin();
        listeners.thread.start();
        return listeners;
    }

    public Connections data() {
        return data;
    }

    public Connections admin() {
        return admin;
    }

    public ListenCounters counters() {
        return counters;
    }

    long dataConnections() {
        return data.held();
    }

    long dataPlaces() {
        return data.places();
    }

    /** Why connections are not looked after: a sentence; empty where the last look began within about {@code stall}. */
    public Optional<String> trouble(Duration stall) {
        Duration late = pulse.busy();
        return late.compareTo(stall.plus(LONGEST)) > 0
                ? Optional.of("the thread that looks after connections has not come by for " + late.toSeconds() + " s")
                : Optional.empty();
    }

    private void look() {
        while (!stopped) {
            LockSupport.parkNanos(this, intervalNanos);
            pulse.begin();
            data.sweep();
            admin.sweep();
        }
    }

    /** Once the listeners are closed. */
    @Override
    public void close() {
        stopped = true;
        LockSupport.unpark(thread);
    }
}
