package dev.hark.load.drive;

import dev.hark.load.drive.Stream.State;
import dev.hark.load.drive.Tally.Count;
import dev.hark.load.ledger.Attendance;
import dev.hark.load.measure.Laggard;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * A reader thread: one selector that opens, reads, resumes and closes its share of the streams.
 *
 * <p>All but {@link #tally()} and {@link #close()} is confined to that thread.
 */
final class StreamLoop implements Runnable, AutoCloseable {
    /*
     * Every readable stream is read once per round into one direct buffer, copied to one array and decoded there, so neither the number of
     * streams nor the number of events costs memory. Level-triggered readiness brings a stream back when it holds more than a buffer.
     */
    private static final int READ_BYTES = 64 * 1024;
    private static final long IDLE_MILLIS = 100;

    /** How often resumptions that have begun are looked at. */
    private static final long LOOK_NANOS = 500_000_000;

    private final Target target;
    private final StreamPlan plan;
    private final Subscribers subscribers;
    private final StreamRequests requests;
    private final Failures failures;
    private final Tally tally;
    private final Deliveries deliveries;

    private final Selector selector;
    private final Stream[] streams;
    private final SourceAddresses sources = new SourceAddresses();
    private final PriorityQueue<Stream> toResume = new PriorityQueue<>(Comparator.comparingLong(stream -> stream.resumeAtNanos));
    private final ByteBuffer direct = ByteBuffer.allocateDirect(READ_BYTES);
    private final byte[] read = new byte[READ_BYTES];
    private final Consumer<SelectionKey> onReady = this::onReady;

    private int opened;
    private int connecting;
    private long lookedNanos = System.nanoTime();
    /** When the first stream of this round was found ready; 0 if none was yet. */
    private long roundNanos;
    private volatile int allowed;
    private volatile boolean dropping;
    private volatile boolean rejoining;
    private volatile boolean closing;

    StreamLoop(Target target, StreamPlan plan, Subscribers subscribers, Deliveries deliveries, Failures failures) throws IOException {
        this.target = target;
        this.plan = plan;
        this.subscribers = subscribers;
        this.requests = new StreamRequests(target, subscribers);
        this.deliveries = deliveries;
        this.failures = failures;
        tally = deliveries.tally();
        selector = Selector.open();
        streams = new Stream[subscribers.count()];
        for (int i = 0; i < streams.length; i++) {
            int subscriber = subscribers.first() + i;
            streams[i] = new Stream(subscriber, subscribers.numberOf(subscriber));
        }
    }

    /** Safe from any thread. */
    Tally tally() {
        return tally;
    }

    /** Adds the slowest delivery of each stream. To be called when the thread has ended. */
    void addSlowest(Histogram slowest) {
        for (Stream stream : streams) {
            if (stream.slowestNanos > 0) {
                slowest.recordValue(stream.slowestNanos);
            }
        }
    }

    /** Its slowest streams, numbered as among the streams of all generators. To be called when the thread has ended. */
    List<Laggard> laggards() {
        return Laggard.slowestOf(Arrays.stream(streams)
                .filter(stream -> stream.slowestNanos > 0)
                .map(stream -> new Laggard(
                        subscribers.numberOf(stream.subscriber), subscribers.topicOf(stream.subscriber), stream.slowestNanos)));
    }

    /** Safe from any thread: lets its first streams begin, up to so many; returns how many of these it has. */
    int allow(int count) {
        int most = Math.min(count, streams.length);
        if (most > allowed) {
            allowed = most;
            selector.wakeup();
        }
        return most;
    }

    /** Safe from any thread: lets so many more begin; returns how many of these it has. */
    int allowMore(int count) {
        int before = allowed;
        return allow(before + count) - before;
    }

    /** What is not allowed yet begins while events are published. To be called before the thread starts. */
    void joinBeyondAllowed(Attendance attendance) {
        for (int i = allowed; i < streams.length; i++) {
            attendance.joins(streams[i].subscriber);
            deliveries.receipts().joins(streams[i].subscriber);
        }
    }

    /** Safe from any thread: cuts all streams that are up; they resume at once. */
    void dropAll() {
        dropping = true;
        selector.wakeup();
    }

    /** Safe from any thread: the late streams, which left after their start, come back. */
    void rejoin() {
        rejoining = true;
        selector.wakeup();
    }

    /** Whether a cut is still to be made. Safe from any thread. */
    boolean isDropping() {
        return dropping;
    }

    /** Safe from any thread: the loop closes its streams and ends. */
    @Override
    public void close() {
        closing = true;
        selector.wakeup();
    }

    @Override
    public void run() {
        try {
            while (!closing) {
                long started = System.nanoTime();
                if (dropping) {
                    onDropAll();
                }
                if (rejoining) {
                    onRejoin();
                }
                openSome();
                giveUpSome(started);
                resumeSome();
                long looked = System.nanoTime();
                tally.add(Count.BUSY_NANOS, looked - started);
                roundNanos = 0;
                selector.select(onReady, waitMillis(looked));
                if (roundNanos != 0) {
                    long worked = System.nanoTime() - roundNanos;
                    tally.add(Count.BUSY_NANOS, worked);
                    tally.raise(Count.LONGEST_ROUND_NANOS, worked);
                }
            }
        } catch (IOException e) {
            onBroken(Failure.of(e), e);
        } catch (RuntimeException | Error e) {
            onBroken(Failure.BROKEN_GENERATOR, e);
        } finally {
            closeAll();
        }
    }

    private void onBroken(Failure failure, Throwable cause) {
        // First of all, and without memory for it: there may be none left.
        tally.add(Count.THREADS_ENDED, 1);
        failures.add(failure, "reader thread: " + cause);
    }

    private long waitMillis(long nowNanos) {
        Stream next = toResume.peek();
        return next == null ? IDLE_MILLIS : Math.clamp((next.resumeAtNanos - nowNanos) / 1_000_000, 1, IDLE_MILLIS);
    }

    private void closeAll() {
        long now = System.nanoTime();
        // Where the thread ends on its own, its streams are not there for what is published from here on.
        boolean isDone = tally.get(Count.THREADS_ENDED) == 0;
        for (Stream stream : streams) {
            boolean isUp = stream.state == State.LIVE || stream.state == State.STALLED;
            if (isUp && isDone) {
                subscribers.attendance().onGone(stream.subscriber, now);
            } else if (stream.confirmedOnce) {
                tally.add(Count.AWAY, 1);
                subscribers.attendance().onNeverBack(stream.subscriber, isUp ? now : stream.awaySinceNanos);
            }
            closeQuietly(stream);
        }
        try {
            selector.close();
        } catch (IOException e) {
            failures.add(Failure.of(e), "closing the selector: " + e.getMessage());
        }
    }

    private static void closeQuietly(Stream stream) {
        SelectionKey key = stream.key;
        stream.key = null;
        if (key != null) {
            try {
                key.channel().close();
            } catch (IOException e) {
                // It is gone either way.
            }
        }
    }

    private void onDropAll() {
        long now = System.nanoTime();
        for (Stream stream : streams) {
            if (stream.state == State.LIVE) {
                closeQuietly(stream);
                tally.add(Count.DROPPED, 1);
                deliveries.nodes().onCut(nodeOf(stream));
                stream.state = State.WAITING_TO_RESUME;
                stream.awaySinceNanos = now;
                stream.resumeAtNanos = now;
                toResume.add(stream);
            }
        }
        dropping = false;
    }

    private void onRejoin() {
        long now = System.nanoTime();
        for (Stream stream : streams) {
            if (stream.state == State.AWAY) {
                stream.state = State.WAITING_TO_RESUME;
                stream.resumeAtNanos = now;
                toResume.add(stream);
            }
        }
        rejoining = false;
    }

    private void openSome() {
        while (opened < allowed && connecting < plan.connectWindow()) {
            open(streams[opened++]);
        }
    }

    /** A dead machine does not even refuse: so nobody waits for longer than for all streams at the start. */
    private void giveUpSome(long nowNanos) {
        if (nowNanos - lookedNanos < LOOK_NANOS) {
            return;
        }
        lookedNanos = nowNanos;
        for (Stream stream : streams) {
            if (stream.confirmedOnce && stream.isOnItsWay() && nowNanos - stream.startedNanos > plan.connectTimeout().toNanos()) {
                onFailed(stream, Failure.TIMEOUT, "no answer within " + plan.connectTimeout());
            }
        }
    }

    private void resumeSome() {
        long now = System.nanoTime();
        while (connecting < plan.connectWindow()) {
            Stream next = toResume.peek();
            if (next == null || next.resumeAtNanos - now > 0) {
                return;
            }
            toResume.remove();
            next.renew();
            next.turn++;
            open(next);
        }
    }

    private void open(Stream stream) {
        tally.add(Count.OPENED, 1);
        stream.startedNanos = System.nanoTime();
        connecting++;
        connect(stream);
    }

    private void connect(Stream stream) {
        stream.state = State.CONNECTING;
        try {
            int buffer = plan.isStalled(stream.subscriber) ? plan.stalledBufferBytes() : 0;
            SocketChannel channel = sources.connect(Target.at(target.nodes(), stream.turn).address(), buffer);
            stream.key = channel.register(selector, SelectionKey.OP_CONNECT, stream);
        } catch (IOException e) {
            onFailed(stream, Failure.of(e), e.getMessage());
        }
    }

    private void onReady(SelectionKey key) {
        Stream stream = (Stream) key.attachment();
        if (roundNanos == 0) {
            roundNanos = System.nanoTime();
        }
        try {
            if (key.isConnectable()) {
                onConnected(stream, key);
            } else if (key.isReadable()) {
                onReadable(stream, (SocketChannel) key.channel());
            }
        } catch (StatusException e) {
            onEnd(stream, e.failure, e.getMessage());
        } catch (ProtocolException e) {
            onEnd(stream, Failure.PROTOCOL, e.getMessage());
        } catch (IOException e) {
            onEnd(stream, Failure.of(e), e.getMessage());
        }
    }

    private void onConnected(Stream stream, SelectionKey key) throws IOException {
        SocketChannel channel = (SocketChannel) key.channel();
        channel.finishConnect();
        key.interestOps(SelectionKey.OP_READ);
        requests.begin(stream, channel);
    }

    private void onReadable(Stream stream, SocketChannel channel) throws IOException {
        direct.clear();
        int count = channel.read(direct);
        TicketAnswer ticket = stream.ticketAnswer;
        if (count < 0 && ticket != null) {
            throw new IOException("the connection ended before the answer to the request for a ticket");
        }
        if (count < 0) {
            boolean proper = stream.decoder.onClosed(deliveries.of(stream, System.nanoTime(), this));
            onEnd(stream, Failure.RESET, proper ? "the server ended the stream" : "the connection ended within a response");
            return;
        }
        direct.flip().get(read, 0, count);
        tally.add(Count.READS, 1);
        tally.add(Count.BYTES, count);
        if (count == READ_BYTES) {
            tally.add(Count.FULL_READS, 1);
        }
        if (ticket != null) {
            if (!requests.goOn(stream, ticket, channel, read, count)) {
                closeQuietly(stream);
                connect(stream);
            }
            return;
        }
        stream.decoder.feed(read, 0, count, deliveries.of(stream, System.nanoTime(), this));
    }

    /** The head is in. */
    void onHead(Stream stream, int status, String contentType) {
        if (stream.state != State.AWAITING_HEAD) {
            // It is over: this is no answer to it.
            return;
        }
        if (status != 200) {
            onFailed(stream, Failure.ofStatus(status), "status " + status);
        } else if (!contentType.equals("text/event-stream")) {
            onFailed(stream, Failure.REFUSED, "content type '" + contentType + "' instead of text/event-stream");
        } else {
            stream.state = State.AWAITING_START;
            if (!target.isHark()) {
                onStart(stream);
            }
        }
    }

    /** The stream's start is confirmed: from here on it owes what is published. */
    void onStart(Stream stream) {
        if (stream.state != State.AWAITING_START) {
            return;
        }
        connecting--;
        stream.state = State.LIVE;
        deliveries.nodes().onStart(nodeOf(stream));
        long now = System.nanoTime();
        subscribers.attendance().onConfirmed(stream.subscriber, now);
        if (stream.confirmedOnce) {
            tally.add(Count.RESUMED, 1);
            if (!stream.hasLeft) {
                deliveries.onResumed(now - stream.awaySinceNanos);
            }
        } else {
            stream.confirmedOnce = true;
            tally.add(Count.CONFIRMED, 1);
            deliveries.onConfirmed(now - stream.startedNanos);
        }
        SelectionKey key = stream.key;
        if (plan.isStalled(stream.subscriber) && key != null) {
            stream.state = State.STALLED;
            key.interestOps(0);
        } else if (plan.isLate(stream.subscriber) && !stream.hasLeft) {
            // It keeps what it owes: what is published meanwhile has to be replayed, or declared lost.
            stream.hasLeft = true;
            stream.awaySinceNanos = now;
            tally.add(Count.DROPPED, 1);
            deliveries.nodes().onCut(nodeOf(stream));
            closeQuietly(stream);
            stream.state = State.AWAY;
        }
    }

    /** The answer that it was has ended. */
    void onEnd(Stream stream) {
        onEnd(stream, Failure.RESET, "the server ended the stream");
    }

    private void onEnd(Stream stream, Failure failure, @Nullable String reason) {
        switch (stream.state) {
            case CONNECTING, AWAITING_TICKET, AWAITING_HEAD, AWAITING_START -> onFailed(stream, failure, reason);
            case LIVE, STALLED -> {
                tally.add(Count.ENDED, 1);
                deliveries.nodes().onEnd(nodeOf(stream));
                stream.awaySinceNanos = System.nanoTime();
                subscribers.attendance().onGone(stream.subscriber, stream.awaySinceNanos);
                resumeLaterOrEnd(stream);
            }
            case IDLE, AWAY, WAITING_TO_RESUME, OVER -> {
                // Already accounted for.
            }
        }
    }

    private void onFailed(Stream stream, Failure failure, @Nullable String reason) {
        connecting--;
        String at = target.nodes().size() == 1 ? "" : " at " + Target.at(target.nodes(), stream.turn).authority();
        failures.add(failure, "subscriber " + stream.subscriber + at + ": " + reason);
        if (stream.confirmedOnce) {
            resumeLaterOrEnd(stream);
            return;
        }
        tally.add(Count.FAILED, 1);
        stream.state = State.OVER;
        closeQuietly(stream);
    }

    /** The number of the node that it is at, or was. */
    int nodeOf(Stream stream) {
        return (int) (stream.turn % target.nodes().size());
    }

    private void resumeLaterOrEnd(Stream stream) {
        closeQuietly(stream);
        if (!target.isHark() || stream.lastEventId() == null || plan.isStalled(stream.subscriber)) {
            stream.state = State.OVER;
            return;
        }
        stream.state = State.WAITING_TO_RESUME;
        stream.resumeAtNanos = System.nanoTime() + stream.retryMillis * 1_000_000;
        toResume.add(stream);
    }
}
