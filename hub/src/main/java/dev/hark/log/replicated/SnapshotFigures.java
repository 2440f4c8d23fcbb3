package dev.hark.log.replicated;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** What a node counts of snapshots: its own, and the newest that it knows of. Thread-safe. */
public final class SnapshotFigures {
    private final AtomicLong made = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final AtomicLong restored = new AtomicLong();
    private final AtomicLong trimmed = new AtomicLong();
    private volatile double lastSeconds;
    private volatile @Nullable Snapshot newest;
    private volatile @Nullable String failure;

    /** How many this node has made. */
    public long made() {
        return made.get();
    }

    /** How many times it could not. */
    public long failed() {
        return failed.get();
    }

    /** How many times it began from one. */
    public long restored() {
        return restored.get();
    }

    /** How many positions of the journal it has removed what stood at. */
    public long trimmed() {
        return trimmed.get();
    }

    /** How long the last one took that it made, 0 before the first. */
    public double lastSeconds() {
        return lastSeconds;
    }

    /** The newest one of the journal's history, as this node has last seen; none where there is none. */
    public Optional<Snapshot> newest() {
        return Optional.ofNullable(newest);
    }

    /** Why none can be made or found now: a sentence; none where all is well. */
    public Optional<String> failure() {
        return Optional.ofNullable(failure);
    }

    void sawNewest(@Nullable Snapshot snapshot) {
        newest = snapshot;
    }

    // What is counted comes last: whoever sees the count sees the rest.

    void countMade(double seconds) {
        lastSeconds = seconds;
        failure = null;
        made.incrementAndGet();
    }

    void countFailed(String why) {
        failure = why;
        failed.incrementAndGet();
    }

    void countRestored(Snapshot snapshot) {
        restored.incrementAndGet();
    }

    void countTrimmed(long positions) {
        trimmed.addAndGet(positions);
    }
}
