package dev.hark.app.listen;

import io.helidon.common.socket.HelidonSocket;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * A connection's next read, begun before anybody needs what it brings: so its client's departure is noticed while the connection's own
 * thread waits for something else. What it brings is not lost, and the connection goes on with it.
 *
 * <p>Begun and taken by the connection's thread; a thread of its own reads.
 */
final class ReadAhead {
    private final HelidonSocket socket;
    private final Runnable gone;
    private final Thread thread;

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
            gone.run();
        }
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
