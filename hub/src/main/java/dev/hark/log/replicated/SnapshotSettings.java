package dev.hark.log.replicated;

import java.time.Duration;

/**
 * When a node makes a snapshot of its replica, and what the journal keeps all the same.
 *
 * @param every   after so long at the latest, where there is anything new
 * @param bytes   after so many bytes of groups, or as many as the last snapshot has where that is more
 * @param margin  groups of so long stay in the journal: a node that was away for less goes on by them
 * @param look    how often a node looks whether one is to be made; it waits up to three times as long before it begins, and looks again
 * @param version what a snapshot says of the hub that made it
 */
public record SnapshotSettings(Duration every, long bytes, Duration margin, Duration look, String version) {
    private static final Duration LOOK = Duration.ofSeconds(10);

    public SnapshotSettings {
        if (!every.isPositive() || bytes < 1 || margin.isNegative() || !look.isPositive()) {
            throw new IllegalArgumentException("snapshots every " + every + " or " + bytes + " bytes, with a margin of " + margin);
        }
    }

    /** With a look every ten seconds. */
    public static SnapshotSettings of(Duration every, long bytes, Duration margin, String version) {
        return new SnapshotSettings(every, bytes, margin, LOOK, version);
    }
}
