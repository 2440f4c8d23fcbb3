package dev.hark.app.http;

import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes of bodies there may be in memory at once, over all requests: of those that are still being sent, for as long as their
 * senders take, and of those that the log has not stored yet. Thread-safe.
 */
final class BodyBudget {
    /** What a batch takes while it is parsed is several times its body. */
    private static final int HEAP_SHARE = 8;

    private static final Map<String, String> SOON = Map.of("Retry-After", "1");

    private final long bytes;
    private final AtomicLong taken = new AtomicLong();

    /** @param bytes of all bodies together */
    BodyBudget(long bytes) {
        this.bytes = bytes;
    }

    /** A share of the largest heap that the process may have. */
    static BodyBudget ofHeap() {
        return new BodyBudget(Runtime.getRuntime().maxMemory() / HEAP_SHARE);
    }

    /**
     * Room for a body. It is to be given back.
     *
     * @throws ProblemException if there is none; one that is alone always gets it
     */
    void take(long length) {
        long before = taken.getAndAdd(length);
        if (before > 0 && before + length > bytes) {
            taken.addAndGet(-length);
            throw new ProblemException(
                    ProblemType.BUSY,
                    "bodies of " + before + " bytes are being received or stored, of " + bytes + " that there is room for",
                    SOON);
        }
    }

    void giveBack(long length) {
        taken.addAndGet(-length);
    }
}
