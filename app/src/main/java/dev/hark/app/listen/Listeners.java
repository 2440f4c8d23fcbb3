package dev.hark.app.listen;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * The connections of a node's two listeners, and the one thread that looks after them. Thread-safe.
 */
public final class Listeners implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(Listeners.class.getName());

    private static final int LOOKS_PER_TIMEOUT = 10;
    private static final Duration SHORTEST = Duration.ofMillis(20);
    private static final Duration LONGEST = Duration.ofMillis(250);

    private final ListenCounters counters = new ListenCounters();
    private final Connections data;
    private final Connections admin;
    private final long intervalNanos;
    private final Thread thread;
    private volatile boolean stopped;

    private Listeners(ListenSettings data, ListenSettings admin) {
        this.data = new Connections("data", data, System::nanoTime, counters);
        this.admin = new Connections("admin", admin, System::nanoTime, counters);
        long shortest = Math.min(data.arrivalTimeout().toNanos(), admin.arrivalTimeout().toNanos()) / LOOKS_PER_TIMEOUT;
        this.intervalNanos = Math.clamp(shortest, SHORTEST.toNanos(), LONGEST.toNanos());
        this.thread = Thread.ofPlatform().daemon().name("hark-listeners").unstarted(this::look);
    }

    /** For listeners that are about to be opened. */
    public static Listeners start(ListenSettings data, ListenSettings admin) {
        var listeners = new Listeners(data, admin);
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

    private void look() {
        while (!stopped) {
            LockSupport.parkNanos(this, intervalNanos);
            for (Connections connections : List.of(data, admin)) {
                try {
                    connections.sweep();
                } catch (RuntimeException e) {
                    // A defect in one look must not be the last look.
                    LOGGER.log(System.Logger.Level.ERROR, "the connections of the " + connections + " could not be looked after", e);
                }
            }
        }
    }

    /** Once the listeners are closed. */
    @Override
    public void close() {
        stopped = true;
        LockSupport.unpark(thread);
    }
}
