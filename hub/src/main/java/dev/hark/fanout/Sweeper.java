package dev.hark.fanout;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * One platform thread that looks at every stream a few times in each timeout: it cuts those whose write is overdue and wakes those that owe a
 * heartbeat. Ten thousand timers would cost more than ten thousand looks.
 */
final class Sweeper implements Runnable {
    private static final int LOOKS_PER_TIMEOUT = 20;
    private static final Duration SHORTEST = Duration.ofMillis(5);
    private static final Duration LONGEST = Duration.ofMillis(500);

    private final Set<Subscriber> subscribers;
    private final LongSupplier nanoTime;
    private final long intervalNanos;
    private final Thread thread;
    private volatile boolean stopped;

    Sweeper(DeliverySettings settings, Set<Subscriber> subscribers, LongSupplier nanoTime) {
        this.subscribers = subscribers;
        this.nanoTime = nanoTime;
        long shortest = Math.min(settings.heartbeat().toNanos(), settings.writeTimeout().toNanos()) / LOOKS_PER_TIMEOUT;
        this.intervalNanos = Math.clamp(shortest, SHORTEST.toNanos(), LONGEST.toNanos());
        this.thread = Thread.ofPlatform().name("hark-sweeper").daemon().unstarted(this);
    }

    void start(Thread.UncaughtExceptionHandler onFailure) {
        thread.setUncaughtExceptionHandler(onFailure);
        thread.start();
    }

    void stop() throws InterruptedException {
        stopped = true;
        LockSupport.unpark(thread);
        thread.join();
    }

    @Override
    public void run() {
        while (!stopped) {
            LockSupport.parkNanos(this, intervalNanos);
            long now = nanoTime.getAsLong();
            for (Subscriber subscriber : subscribers) {
                subscriber.onSweep(now);
            }
        }
    }
}
