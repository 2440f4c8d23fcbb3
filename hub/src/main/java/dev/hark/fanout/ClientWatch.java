package dev.hark.fanout;

/** Looks after a client that the hub is about to keep waiting. Called by the thread that asked for a page, once at most for each. */
@FunctionalInterface
public interface ClientWatch {
    /** Has {@code gone} be called, by any thread, when the client goes, or closes its sending half, before it has been answered. */
    void begin(Runnable gone);
}
