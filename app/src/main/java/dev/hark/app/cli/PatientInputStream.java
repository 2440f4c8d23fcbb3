package dev.hark.app.cli;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * A stream whose reader waits for so long and no longer: then it is closed, and reading fails. Confined to the thread that reads.
 *
 * <p>Only waiting counts: a reader that is busy elsewhere, such as with a slow terminal, has not been waiting for the stream.
 */
final class PatientInputStream extends FilterInputStream {
    /* The JDK's HTTP client knows a timeout for the answer, and none for its body. Closing the body is what ends a read of it. */

    private final long patienceNanos;
    private volatile boolean exhausted;

    PatientInputStream(InputStream in, Duration patience) {
        super(in);
        this.patienceNanos = patience.toNanos();
    }

    /** Whether the stream was given up. */
    boolean exhausted() {
        return exhausted;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
        Future<?> end = ForkJoinPool.commonPool().schedule(this::giveUp, patienceNanos, TimeUnit.NANOSECONDS);
        try {
            return in.read(bytes, from, length);
        } finally {
            end.cancel(false);
        }
    }

    private void giveUp() {
        exhausted = true;
        try {
            in.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
