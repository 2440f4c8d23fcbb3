package dev.hark.app.listen;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a listener, from {@code accept} to its end.
 *
 * <pre>
 * phase      what it waits for                           it is closed after            and where places are short
 * HANDSHAKE  its client, in the TLS handshake            the arrival timeout           after 2 s, the oldest first
 * NEW        its first request                           the idle timeout, by Helidon  yes, the oldest first
 * HEAD       the rest of a request's head                the arrival timeout           yes, the oldest first
 * REQUEST    its answer, or the rest of a body           too little of a body          no
 * KEPT       another request                             the idle timeout, by Helidon  yes, the one idle longest first
 * STREAM     what is published                           never here                    no
 * ENDING     its client, in the end of TLS               the arrival timeout           it holds no place any more
 * CLOSED     nothing
 * </pre>
 *
 * Read by its own thread; closed by any. The phase is guarded by its monitor, in which nothing waits.
 */
public final class Connection {
    /** The connection whose request is being answered by this thread. */
    private static final ScopedValue<Connection> CURRENT = ScopedValue.newInstance();

    /** What must arrive of a body in each stretch of the arrival timeout, where it does not come to its end. */
    static final int LEAST_BODY_BYTES = 10 << 10;

    /** A read that arrives byte by byte inside TLS does not time out by itself; it is cut this much later. */
    private static final long GRACE_NANOS = 2_000_000_000;

    /** In a storm of newcomers it is the hub that a handshake waits for: who gave way so soon would come again, and so would all. */
    private static final long YOUNG_HANDSHAKE_NANOS = 2_000_000_000;

    private static final long NO_STRETCH = Long.MIN_VALUE;
    private static final long NEVER = Long.MIN_VALUE;

    private final SocketChannel channel;
    private final Ends ends;
    private final Connections listener;

    @GuardedBy("this")
    private Phase phase = Phase.HANDSHAKE;

    @GuardedBy("this")
    private long sinceNanos;

    /** Whether it has given its place back. */
    @GuardedBy("this")
    private boolean released;

    // The connection's own thread's; read by the sweeper.
    private volatile long stretchEndNanos = NO_STRETCH;

    // The connection's own thread's.
    private int behindHead;
    private int stretchBytes;
    private boolean timed;
    private @Nullable IntConsumer onArrival;
    private @Nullable WatchedInput input;

    /** Whether its client waits because the hub has nothing to answer yet; and until when it last did. Read by whoever closes idle ones. */
    private volatile boolean waiting;

    private volatile long waitedUntilNanos = NEVER;

    /** Where it is. */
    enum Phase {
        HANDSHAKE,
        NEW,
        HEAD,
        REQUEST,
        KEPT,
        STREAM,
        ENDING,
        CLOSED
    }

    /** Why a connection was closed from here. */
    enum Overdue {
        HANDSHAKE,
        HEAD,
        BODY,
        END
    }

    /** Both addresses of a connection, which no other one has that is open. */
    record Ends(SocketAddress remote, SocketAddress local) {}

    /** @throws IOException if it is closed already */
    Connection(SocketChannel channel, Connections listener) throws IOException {
        this.channel = channel;
        this.ends = new Ends(channel.getRemoteAddress(), channel.getLocalAddress());
        this.listener = listener;
        this.sinceNanos = listener.now();
    }

    /** The one whose request this thread answers. */
    public static Optional<Connection> current() {
        return CURRENT.isBound() ? Optional.of(CURRENT.get()) : Optional.empty();
    }

    /** Answers requests in {@code work}, of which each handler finds this as the {@link #current} one. */
    public <X extends Throwable> void serve(Work<X> work) throws X {
        ScopedValue.where(CURRENT, this).call(() -> {
            work.run();
            return null;
        });
    }

    /** What {@link #serve} does. */
    @FunctionalInterface
    public interface Work<X extends Throwable> {
        void run() throws X;
    }

    /** How many bytes came along with the current request's head: its body, or the beginning of it, and what may follow. */
    public int behindHead() {
        return behindHead;
    }

    /** Has {@code onArrival}, which may throw, be told how many bytes of the current request's body have come; null ends that. */
    public void tellArrivals(@Nullable IntConsumer onArrival) {
        this.onArrival = onArrival;
    }

    /**
     * Says that its client is kept waiting, because there is nothing to answer yet: that is no idleness. Called by its thread, in a request
     * without a body, once at most.
     *
     * @param gone called, by any thread, where the client leaves before {@link #endWaiting} or after it
     */
    public void keepWaiting(Runnable gone) {
        waiting = true;
        if (input != null) {
            input.readAhead(gone);
        }
    }

    /** Its client is answered now. Called by its thread, whether or not it was kept waiting. */
    public void endWaiting() {
        if (waiting) {
            waitedUntilNanos = listener.now();
            waiting = false;
        }
    }

    /**
     * How long it has been about nothing, or about the same request.
     *
     * @param sinceRequest how long ago its last request began or was answered
     */
    public Duration idle(Duration sinceRequest) {
        if (waiting) {
            return Duration.ZERO;
        }
        long until = waitedUntilNanos;
        Duration sinceWait = Duration.ofNanos(until == NEVER ? Long.MAX_VALUE : listener.now() - until);
        return sinceWait.compareTo(sinceRequest) < 0 ? sinceWait : sinceRequest;
    }

    /** Its handshake is done: it may ask for something. */
    void opened() {
        enter(Phase.NEW);
    }

    /** Says through what its thread reads. */
    void readsThrough(WatchedInput input) {
        this.input = input;
    }

    /**
     * The head of a request has been read.
     *
     * @param read how many bytes behind it have been read with it
     */
    void requestBegins(int read) {
        behindHead = read;
        stretchEndNanos = NO_STRETCH;
        enter(Phase.REQUEST);
    }

    /** The request has been answered, and its body has been read. */
    void requestEnds() {
        onArrival = null;
        stretchEndNanos = NO_STRETCH;
        waitForever();
        enter(Phase.KEPT);
    }

    /** It is a stream from now on, and nobody's here. */
    public void becomesStream() {
        onArrival = null;
        input = null;
        stretchEndNanos = NO_STRETCH;
        waitForever();
        enter(Phase.STREAM);
        listener.forget(this);
    }

    private synchronized void enter(Phase next) {
        if (phase != Phase.CLOSED && phase != Phase.ENDING) {
            phase = next;
            sinceNanos = listener.now();
        }
    }

    /**
     * Before each read of its thread.
     *
     * @param begun whether a part of what is waited for is there already
     */
    void beforeRead(boolean begun) throws SocketException {
        boolean body;
        synchronized (this) {
            if (begun && (phase == Phase.NEW || phase == Phase.KEPT)) {
                enter(Phase.HEAD);
            }
            body = phase == Phase.REQUEST;
        }
        if (body) {
            long now = listener.now();
            if (stretchEndNanos == NO_STRETCH) {
                beginStretch(now);
            }
            timed = true;
            channel.socket().setSoTimeout((int) Math.max(1, (stretchEndNanos - now) / 1_000_000));
        }
    }

    private void beginStretch(long now) {
        stretchBytes = 0;
        stretchEndNanos = now + listener.arrivalNanos();
    }

    /** After each read of its thread, which brought {@code bytes}. */
    void afterRead(int bytes) {
        boolean body;
        synchronized (this) {
            if (phase == Phase.NEW || phase == Phase.KEPT) {
                enter(Phase.HEAD);
            }
            body = phase == Phase.REQUEST;
        }
        if (body) {
            bodyArrived(bytes);
        }
    }

    private void bodyArrived(int bytes) {
        long now = listener.now();
        stretchBytes += bytes;
        if (stretchBytes >= LEAST_BODY_BYTES) {
            beginStretch(now);
        } else if (now - stretchEndNanos > 0) {
            throw bodyTooSlow();
        }
        IntConsumer told = onArrival;
        if (told != null) {
            told.accept(bytes);
        }
    }

    /** Nothing more came of a body in its time. */
    BodyTooSlowException bodyTooSlow() {
        listener.count(Overdue.BODY, this);
        return new BodyTooSlowException("of the body " + stretchBytes + " bytes arrived in "
                + listener.arrivalNanos() / 1_000_000 + " ms; at least " + LEAST_BODY_BYTES + ", or its end, must");
    }

    private void waitForever() {
        if (timed) {
            timed = false;
            try {
                channel.socket().setSoTimeout(0);
            } catch (SocketException e) {
                // Closed: the next read says so.
            }
        }
    }

    /** Its last bytes are written, or it has none; what is left is the end of the connection itself. May be called again. */
    public void finish() {
        boolean first;
        synchronized (this) {
            first = !released;
            released = true;
            enter(Phase.ENDING);
        }
        if (first) {
            listener.ended(this);
        }
    }

    /** Closes it at once, and throws away what its client has not taken: nothing of it stays in the kernel. Waits for nothing. */
    public void reset() {
        try {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        } catch (IOException e) {
            // Closed already.
        }
        close();
    }

    private void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // It is closed all the same.
        }
    }

    /** Closes it because it has been about nothing, or about one request, for too long. Thread-safe. */
    public void idleTooLong() {
        synchronized (this) {
            if (phase == Phase.CLOSED) {
                return;
            }
            boolean busy = phase == Phase.REQUEST;
            phase = Phase.CLOSED;
            if (busy) {
                // Its client sends no body, or takes no answer; an answer that it has not taken is not to stay.
                reset();
            } else {
                close();
            }
        }
        listener.countIdle();
    }

    /** Closes it where it waits for its client longer than it may; why it did, or null where it did not. */
    synchronized @Nullable Overdue closeIfOverdue(long nowNanos) {
        Overdue overdue = switch (phase) {
            case HANDSHAKE -> nowNanos - sinceNanos > listener.arrivalNanos() ? Overdue.HANDSHAKE : null;
            case HEAD -> nowNanos - sinceNanos > listener.arrivalNanos() ? Overdue.HEAD : null;
            case REQUEST -> {
                long end = stretchEndNanos;
                yield end != NO_STRETCH && nowNanos - end > GRACE_NANOS ? Overdue.BODY : null;
            }
            case ENDING -> nowNanos - sinceNanos > listener.arrivalNanos() ? Overdue.END : null;
            case NEW, KEPT, STREAM, CLOSED -> null;
        };
        if (overdue != null) {
            phase = Phase.CLOSED;
            reset();
        }
        return overdue;
    }

    /** Closes it where it waits for its client to ask for something; whether it did. */
    boolean evict() {
        boolean unserved;
        synchronized (this) {
            if (!isEvictable() || hasUnread()) {
                return false;
            }
            unserved = phase == Phase.HANDSHAKE;
            phase = Phase.CLOSED;
            close();
        }
        if (unserved) {
            // Nobody else knows of it yet.
            finish();
        }
        return true;
    }

    @GuardedBy("this")
    private boolean isEvictable() {
        return switch (phase) {
            case HANDSHAKE -> listener.now() - sinceNanos > YOUNG_HANDSHAKE_NANOS;
            case NEW, HEAD, KEPT -> true;
            case REQUEST, STREAM, ENDING, CLOSED -> false;
        };
    }

    /** Whether its client has asked, and the hub has not come to read it. */
    private boolean hasUnread() {
        try {
            return channel.socket().getInputStream().available() > 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** Where it stands among those that are to give way; null where it is not to, or was not waited for before {@code beforeNanos}. */
    synchronized @Nullable Standing standing(long beforeNanos) {
        return isEvictable() && sinceNanos - beforeNanos <= 0 ? new Standing(this, phase == Phase.KEPT, sinceNanos) : null;
    }

    /**
     * How a connection stands among those that are to give way.
     *
     * @param served     whether a request of it was answered
     * @param sinceNanos since when it has been waited for
     */
    record Standing(Connection connection, boolean served, long sinceNanos) implements Comparable<Standing> {
        @Override
        public int compareTo(Standing other) {
            return served == other.served ? Long.signum(sinceNanos - other.sinceNanos) : Boolean.compare(served, other.served);
        }
    }

    synchronized Phase phase() {
        return phase;
    }

    boolean isOpen() {
        return channel.isOpen();
    }

    /** Whether it is the one that {@code socket} reads and writes, where that can be known. */
    boolean isOver(Socket socket) {
        SocketChannel below = socket.getChannel();
        return below == null || below.equals(channel);
    }

    Ends ends() {
        return ends;
    }
}
