package dev.hark.app.source;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * How a source connects to what it reads, without being kept by one that does not answer.
 *
 * <p>{@link #open} is for the thread of its source, {@link #end} for any.
 */
final class Opening {
    private final String name;
    private final Upstream upstream;
    private volatile boolean ended;
    private volatile @Nullable CompletableFuture<Reading> awaited;

    /** @param name of the source */
    Opening(String name, Upstream upstream) {
        this.name = name;
        this.upstream = upstream;
    }

    /**
     * A connection; null where it {@link #end ended} before there was one.
     *
     * @throws UpstreamException with one sentence for the operator
     */
    @Nullable Reading open() throws UpstreamException {
        var opened = new CompletableFuture<Reading>();
        awaited = opened;
        if (ended) {
            return null;
        }
        // On a thread of its own: what waits for an answer can be left, and not ended. What becomes of it later is closed there.
        Thread.ofPlatform().daemon().name("hark-source-" + name + "-begin").start(() -> open(opened));
        try {
            return opened.get();
        } catch (CancellationException e) {
            return null;
        } catch (InterruptedException e) {
            opened.cancel(false);
            Thread.currentThread().interrupt();
            return null;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UpstreamException unreachable) {
                throw unreachable;
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            awaited = null;
        }
    }

    private void open(CompletableFuture<Reading> opened) {
        try {
            Reading reading = upstream.open();
            if (!opened.complete(reading)) {
                reading.close();
            }
        } catch (UpstreamException | RuntimeException | Error e) {
            opened.completeExceptionally(e);
        }
    }

    /** Nothing is waited for any more, now and later. */
    void end() {
        ended = true;
        CompletableFuture<Reading> unwanted = awaited;
        if (unwanted != null) {
            unwanted.cancel(false);
        }
    }
}
