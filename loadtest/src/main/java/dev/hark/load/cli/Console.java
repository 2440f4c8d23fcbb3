package dev.hark.load.cli;

import dev.hark.load.drive.FanoutRun;
import dev.hark.load.drive.Tally.Count;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * One line every few seconds about a run that is on.
 *
 * <p>Has a thread of its own until it is closed.
 */
final class Console implements AutoCloseable {
    private static final int SECONDS = 5;

    private final FanoutRun run;
    private final PrintWriter out;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    Console(FanoutRun run, PrintWriter out) {
        this.run = run;
        this.out = out;
        thread = Thread.ofPlatform().daemon().name("console").start(this::printUntilClosed);
    }

    private void printUntilClosed() {
        try {
            while (!closed.await(SECONDS, TimeUnit.SECONDS)) {
                out.println(line());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String line() {
        return String.format(
                Locale.ROOT,
                "%-10s  %,d streams up, %,d failed, %,d ended · %,d published, %,d acknowledged · %,d delivered",
                run.phase().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                run.progress(Count.CONFIRMED),
                run.progress(Count.FAILED),
                run.progress(Count.ENDED),
                run.progress(Count.SENT),
                run.progress(Count.ACKNOWLEDGED),
                run.progress(Count.DELIVERED));
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
