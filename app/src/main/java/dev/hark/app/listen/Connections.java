package dev.hark.app.listen;

import io.helidon.common.socket.SocketOptions;
import io.helidon.webserver.ConnectionContext;
import java.io.IOException;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one listener, and the places that it has for them. Thread-safe.
 */
public final class Connections {
    /* Helidon takes a place before it accepts. So a listener whose last place is taken does not know whether somebody waits: it has to have
       one free again at once, by closing a connection that is waited for. Only where all are streams, or are being answered, is there none
       to close; then newcomers wait in the kernel's queue.

       Helidon tells of a connection twice: where it is accepted, by setting the options of its socket, and where its handshake is done, by
       asking for who will answer it. Both know its two addresses, which no other open connection has.

       But one that has gone may not be closed here yet, and its client may come again from the same port: then the newer one takes its
       place among those that are watched, and whoever comes to serve the older one does not find that. */

    /** Looking at all connections for one that gives way is worth it where a few more do beside it. */
    private static final int EVICTED_SHARE = 64;

    /** Where nobody is known to wait for its place, a connection has this long to ask for something. */
    private static final long YOUNG_NANOS = 1_000_000_000;

    private final String name;
    private final int places;
    private final boolean tls;
    private final long arrivalNanos;
    private final LongSupplier nanoTime;
    private final ListenCounters counters;
    private final Notices notices;

    /** All but the streams. */
    private final Map<Connection.Ends, Connection> watched = new ConcurrentHashMap<>();

    private final AtomicInteger held = new AtomicInteger();

    Connections(String name, ListenSettings settings, LongSupplier nanoTime, ListenCounters counters) {
        this.name = name;
        this.places = settings.places();
        this.tls = settings.tls();
        this.arrivalNanos = settings.arrivalTimeout().toNanos();
        this.nanoTime = nanoTime;
        this.counters = counters;
        this.notices = new Notices(name);
    }

    /** How many connections hold a place. */
    int held() {
        return held.get();
    }

    int places() {
        return places;
    }

    /** {@code options}, with which a connection that is given them is noted. For Helidon's listener. */
    public SocketOptions noting(SocketOptions options) {
        return new NotingOptions(options, this);
    }

    /** Notes a connection. Called by the thread that accepts; empty where it is closed already, which Helidon finds out by itself. */
    Optional<Connection> accepted(SocketChannel channel) {
        Connection connection;
        try {
            connection = new Connection(channel, this);
        } catch (IOException e) {
            return Optional.empty();
        }
        Connection before = watched.put(connection.ends(), connection);
        if (before != null) {
            release(before);
        }
        if (held.incrementAndGet() >= places) {
            makeRoom(connection, now());
        }
        return Optional.of(connection);
    }

    /** The connection that Helidon is about to serve, watched from now on. */
    public WatchedInput open(ConnectionContext context) {
        Connection connection = watched.get(new Connection.Ends(context.remotePeer().address(), context.localPeer().address()));
        Socket socket = WrappedSocket.of(context.serverSocket());
        if (connection == null || (socket != null && !connection.isOver(socket))) {
            return new WatchedInput(context.serverSocket(), null);
        }
        var input = new WatchedInput(context.serverSocket(), connection);
        connection.readsThrough(input);
        connection.opened();
        return input;
    }

    /** A stream is watched by the hub. */
    void forget(Connection connection) {
        remove(connection);
    }

    /** It holds no place any more. What TLS has to say at its end may take a while; without TLS there is nothing to wait for. */
    void ended(Connection connection) {
        held.decrementAndGet();
        if (!tls) {
            remove(connection);
        } else {
            // Where there is a newer one of the same ends, there is nobody for whom this one could wait.
            watched.putIfAbsent(connection.ends(), connection);
        }
    }

    private void remove(Connection connection) {
        watched.remove(connection.ends(), connection);
    }

    /** Closes whoever is overdue, forgets whoever has gone, and has one place free where that can be. Called by the sweeper. */
    void sweep() {
        long now = now();
        watched.entrySet().removeIf(entry -> {
            Connection connection = entry.getValue();
            Connection.Overdue overdue = connection.closeIfOverdue(now);
            if (overdue != null) {
                count(overdue, connection);
            }
            return !connection.isOpen() && release(connection);
        });
        if (held.get() >= places) {
            makeRoom(null, now - YOUNG_NANOS);
        }
        notices.say(now);
    }

    /** Gives back the place of a connection that is at its end, where nobody has come to serve it, and so nobody else does. Always true. */
    private boolean release(Connection connection) {
        if (connection.phase() == Connection.Phase.HANDSHAKE) {
            counters.failedHandshakes.increment();
        }
        connection.finish();
        return true;
    }

    /** Has those give way that have been waited for longest, first those that were never answered; {@code newcomer} is not one of them. */
    private synchronized void makeRoom(@Nullable Connection newcomer, long beforeNanos) {
        var standing = new ArrayList<Connection.Standing>();
        for (Connection connection : watched.values()) {
            Connection.Standing one = connection.standing(beforeNanos);
            if (one != null && connection != newcomer) {
                standing.add(one);
            }
        }
        Collections.sort(standing);
        int evicted = evict(standing, Math.max(1, places / EVICTED_SHARE));
        if (evicted == 0 && newcomer != null) {
            notices.full(places);
        }
    }

    private int evict(List<Connection.Standing> standing, int wanted) {
        int evicted = 0;
        for (Connection.Standing one : standing) {
            if (evicted == wanted) {
                break;
            }
            if (one.connection().evict()) {
                evicted++;
                counters.evicted.increment();
                notices.note(Notices.Kind.EVICTED, one.connection().ends().remote());
            }
        }
        return evicted;
    }

    void count(Connection.Overdue overdue, Connection connection) {
        switch (overdue) {
            case HANDSHAKE -> {
                counters.slowHandshakes.increment();
                notices.note(Notices.Kind.SLOW_HANDSHAKE, connection.ends().remote());
            }
            case HEAD -> {
                counters.slowHeads.increment();
                notices.note(Notices.Kind.SLOW_HEAD, connection.ends().remote());
            }
            case BODY -> {
                counters.slowBodies.increment();
                notices.note(Notices.Kind.SLOW_BODY, connection.ends().remote());
            }
            case END -> counters.slowEnds.increment();
        }
    }

    void countIdle() {
        counters.idle.increment();
    }

    long now() {
        return nanoTime.getAsLong();
    }

    long arrivalNanos() {
        return arrivalNanos;
    }

    @Override
    public String toString() {
        return name + " listener, " + held.get() + " of " + places + " places";
    }
}
