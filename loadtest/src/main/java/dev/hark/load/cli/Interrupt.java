package dev.hark.load.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C while a run is on: ends the run early, and holds the process until what it has was reported.
 *
 * <p>Thread-safe.
 */
final class Interrupt implements AutoCloseable {
    /** Reporting takes seconds at most; longer, and the person wants to leave. */
    private static final long REPORT_SECONDS = 20;

    private final CountDownLatch reported = new CountDownLatch(1);
    private final Thread hook;

    Interrupt(Runnable onInterrupt) {
        hook = Thread.ofPlatform().name("interrupt").unstarted(() -> {
            onInterrupt.run();
            try {
                if (!reported.await(REPORT_SECONDS, TimeUnit.SECONDS)) {
                    System.err.println("hark-load: no report within " + REPORT_SECONDS + " s; leaving without it");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** The report is written: the process may end. */
    void onReported() {
        reported.countDown();
    }

    @Override
    public void close() {
        reported.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The hook is running: the process is about to end.
        }
    }
}
