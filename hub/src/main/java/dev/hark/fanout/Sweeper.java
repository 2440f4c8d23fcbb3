package dev.hark.fanout;

import dev.hark.thread.Pulse;
import dev.hark.thread.VitalThreads;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * One platform thread that looks at every stream a few times in each timeout: it cuts those whose write is overdue or whose lease is over,
 * wakes those that owe a heartbeat, and has pages answered that wait without a lease. Ten thousand timers would cost more than ten thousand
 * looks. It also notes how far the lanes are, and has mailboxes give back what they do not need any more.
 */
final class Sweeper implements Runnable {
    private static final int LOOKS_PER_TIMEOUT = 20;
    private static final Duration SHORTEST = Duration.ofMillis(5);
    static final Duration LONGEST = Duration.ofMillis(500);

    /** How long a mailbox keeps what it does not need; up to twice that. */
    static final Duration SHRINK_PERIOD = Duration.ofSeconds(10);

    private final Set<Subscriber> subscribers;
    private final Set<Poll> polls;
    private final List<Lane> lanes;
    private final LongSupplier nanoTime;
    private final long intervalNanos;
    private final Pulse pulse;
    private final Thread thread;
    private volatile boolean stopped;

    Sweeper(
            DeliverySettings settings, Set<Subscriber> subscribers, Set<Poll> polls, List<Lane> lanes, LongSupplier nanoTime,
            VitalThreads vital) {
        this.subscribers = subscribers;
        this.polls = polls;
        this.lanes = lanes;
        this.nanoTime = nanoTime;
        long shortest = Math.min(settings.heartbeat().toNanos(), settings.writeTimeout().toNanos()) / LOOKS_PER_TIMEOUT;
        this.intervalNanos = Math.clamp(shortest, SHORTEST.toNanos(), LONGEST.toNanos());
        this.pulse = vital.pulse();
        this.thread = vital.unstarted("hark-sweeper", this);
    }

    void start() {
        pulse.begin();
        thread.start();
    }

    /** How long ago it began its last round. */
    Duration late() {
        return pulse.busy();
    }

    /** Tells its thread to end, which is returned. */
    Thread stop() {
        stopped = true;
        LockSupport.unpark(thread);
        return thread;
    }

    @Override
    public void run() {
        long shrunk = nanoTime.getAsLong();
        while (!stopped) {
            LockSupport.parkNanos(this, intervalNanos);
            pulse.begin();
            long now = nanoTime.getAsLong();
            lanes.forEach(lane -> lane.look(now));
            boolean shrinks = now - shrunk >= SHRINK_PERIOD.toNanos();
            for (Subscriber subscriber : subscribers) {
                subscriber.onSweep(now);
                if (shrinks) {
                    subscriber.shrink();
                }
            }
            polls.forEach(Poll::onSweep);
            shrunk = shrinks ? now : shrunk;
        }
    }
}
