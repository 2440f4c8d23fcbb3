package dev.hark.load.drive;

import dev.hark.load.drive.Tally.Count;
import dev.hark.load.ledger.Publications;
import dev.hark.load.ledger.Schedule;
import dev.hark.load.ledger.Traffic;
import dev.hark.load.wire.Stamp;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;

/**
 * The publisher's thread: sends every event when it is due, on the connection that its flow belongs to, and reads the answers.
 *
 * <p>All but {@link #tally()}, {@link #begin}, {@link #connected()} and {@link #close()} is confined to that thread; the
 * rest may be read when it has ended.
 */
final class PublishLoop implements Runnable, AutoCloseable {
    private static final int READ_BYTES = 64 * 1024;

    /** Below this the selector's whole milliseconds are too coarse. */
    private static final long COARSE_NANOS = 2_000_000;

    /** How often answers are looked for in the last stretch before an event is due, so that their times are not late by more. */
    private static final long LOOK_NANOS = 50_000;

    private static final long IDLE_MILLIS = 50;

    private final Traffic traffic;
    private final int run;
    private final Failures failures;
    private final Tally tally = new Tally();
    private final Histogram lateness = new Histogram(Deliveries.MAX_NANOS, 3);

    private final Selector selector;
    private final SourceAddresses sources = new SourceAddresses();
    private final PublishConnection[] connections;
    private final ByteBuffer direct = ByteBuffer.allocateDirect(READ_BYTES);
    private final byte[] read = new byte[READ_BYTES];
    /** One for each node. */
    private final PublishRequest[] requests;
    private final byte[] data;
    private final Consumer<SelectionKey> onReady = this::onReady;

    private volatile int connected;
    private volatile boolean closing;
    private volatile boolean done;
    private volatile @org.jspecify.annotations.Nullable Schedule schedule;

    PublishLoop(
            Target target, PublishPlan plan, Traffic traffic, List<String> topics, int run, Publications publications, Failures failures)
            throws IOException {
        this.traffic = traffic;
        this.run = run;
        this.failures = failures;
        selector = Selector.open();
        connections = new PublishConnection[plan.connections()];
        for (int i = 0; i < connections.length; i++) {
            long number = (long) i * traffic.share().of() + traffic.share().index();
            connections[i] = new PublishConnection(target, number, publications, plan, tally, failures);
        }
        requests = target.publishNodes().stream()
                .map(node -> new PublishRequest(target, node, plan, topics, run))
                .toArray(PublishRequest[]::new);
        data = new byte[plan.payloadBytes()];
    }

    /** Safe from any thread. */
    Tally tally() {
        return tally;
    }

    /** How many connections are up. Safe from any thread. */
    int connected() {
        return connected;
    }

    /** Whether every event was sent and answered. Safe from any thread. */
    boolean isDone() {
        return done;
    }

    /** How late this thread itself was for each measured event: its own fault, not the server's. To be read when it has ended. */
    Histogram lateness() {
        return lateness;
    }

    /** Starts the schedule. Safe from any thread. */
    void begin(Schedule begun) {
        schedule = begun;
        selector.wakeup();
    }

    /** Safe from any thread: what is not sent yet stays unsent, and the thread ends. */
    @Override
    public void close() {
        closing = true;
        selector.wakeup();
    }

    @Override
    public void run() {
        try {
            int next = 0;
            while (!closing) {
                Schedule current = schedule;
                long now = System.nanoTime();
                connectAll(now);
                if (current != null) {
                    next = takeDue(current, next, now);
                    sendAll(current, next == traffic.events());
                    done = next == traffic.events() && isIdle();
                }
                await(current != null && next < traffic.events() ? current.dueNanos(next) : Long.MAX_VALUE);
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
        tally.add(Count.THREADS_ENDED, 1);
        failures.add(failure, "publisher's thread: " + cause);
    }

    private void closeAll() {
        for (PublishConnection connection : connections) {
            connection.close();
        }
        try {
            selector.close();
        } catch (IOException e) {
            // Nothing more is asked of it.
        }
    }

    private void connectAll(long nowNanos) {
        int up = 0;
        for (PublishConnection connection : connections) {
            connection.connectIfNeeded(selector, sources, nowNanos);
            if (connection.isConnected()) {
                up++;
            }
        }
        if (up != connected) {
            connected = up;
        }
    }

    private int takeDue(Schedule current, int from, long nowNanos) {
        int event = from;
        while (event < traffic.events() && nowNanos - current.dueNanos(event) >= 0) {
            if (!traffic.isOwn(event)) {
                event++;
                continue;
            }
            long late = Math.clamp(nowNanos - current.dueNanos(event), 0, Deliveries.MAX_NANOS);
            tally.raise(Count.LATEST_NANOS, late);
            if (current.isMeasured(traffic.dueWith(event))) {
                lateness.recordValue(late);
            }
            // Refused only when far more wait than a server that keeps up would leave: it stays unsent.
            connections[traffic.connectionOf(event) / traffic.share().of()].offer(event, traffic.beginsBatch(event));
            event++;
        }
        return event;
    }

    private void sendAll(Schedule current, boolean all) {
        for (PublishConnection connection : connections) {
            for (int count = connection.ready(all); count > 0; count = connection.ready(all)) {
                PublishRequest request = requests[connection.node()];
                request.begin();
                for (int i = 0; i < count; i++) {
                    int event = connection.take();
                    Stamp.write(data, 0, data.length, run, traffic.flowOf(event), traffic.positionOf(event),
                            current.dueNanos(traffic.dueWith(event)));
                    request.add(event, traffic.topicOf(event), data);
                }
                connection.send(count, request.end());
            }
        }
    }

    private boolean isIdle() {
        for (PublishConnection connection : connections) {
            if (!connection.isIdle()) {
                return false;
            }
        }
        return true;
    }

    private boolean hasUnanswered() {
        for (PublishConnection connection : connections) {
            if (connection.hasUnanswered()) {
                return true;
            }
        }
        return false;
    }

    private void await(long dueNanos) throws IOException {
        long left = dueNanos == Long.MAX_VALUE ? Long.MAX_VALUE : dueNanos - System.nanoTime();
        if (left > COARSE_NANOS) {
            long millis = left == Long.MAX_VALUE ? IDLE_MILLIS : Math.clamp((left - COARSE_NANOS / 2) / 1_000_000, 1, IDLE_MILLIS);
            selector.select(onReady, millis);
            return;
        }
        if (left > 0) {
            LockSupport.parkNanos(hasUnanswered() ? Math.min(left, LOOK_NANOS) : left);
        }
        selector.selectNow(onReady);
    }

    private void onReady(SelectionKey key) {
        ((PublishConnection) key.attachment()).onReady(key, direct, read);
    }
}
