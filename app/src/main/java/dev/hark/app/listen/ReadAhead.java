package dev.hark.app.listen;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.helidon.common.socket.HelidonSocket;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * A connection's next read, begun before anybody needs what it brings: so its client's departure is noticed while the connection's own
 * thread waits for something else. What it brings is not lost, and the connection goes on with it.
 *
 * <p>Begun and taken by the connection's thread, which may say anew who is to be told; a thread of its own reads.
 */
final class ReadAhead {
    private final HelidonSocket socket;
    private final Thread thread;

    @GuardedBy("this")
    private Runnable gone;

    /** Whether there is nobody to read from. */
    @GuardedBy("this")
    private boolean left;

    // Written by the thread that reads, read once that has ended.
    private byte @Nullable [] bytes;
    private @Nullable RuntimeException failure;

    /** @param gone called where there is nobody to read from */
    ReadAhead(HelidonSocket socket, Runnable gone) {
        this.socket = socket;
        this.gone = gone;
        this.thread = Thread.ofVirtual().name("hark-watch").unstarted(this::read);
    }

    void begin() {
        thread.start();
    }

    private void read() {
        try {
            bytes = socket.get();
        } catch (RuntimeException e) {
            failure = e;
        }
        if (bytes == null) {
            tellGone();
        }
    }

    private void tellGone() {
        Runnable told;
        synchronized (this) {
            left = true;
            told = gone;
        }
        told.run();
    }

    /** Has {@code other} be called in the place of who was to be told; at once where there is nobody to read from already. */
    void tell(Runnable other) {
        synchronized (this) {
            gone = other;
            if (!left) {
                return;
            }
        }
        other.run();
    }

    /** What it has brought, which is waited for: as {@link HelidonSocket#get} answers. */
    byte @Nullable [] take() {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException((InterruptedIOException) new InterruptedIOException("interrupted").initCause(e));
        }
        if (failure != null) {
            throw failure;
        }
        return bytes;
    }
}
