package dev.hark.log.replicated;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Which snapshots a node has read back since it began, and what it found. Confined to a thread. */
final class ReadSnapshots {
    private final Set<String> sound = new HashSet<>();
    private final Set<String> damaged = new HashSet<>();

    /** Knows those that are {@code listed}, and no others any more. */
    void keepOnly(List<Snapshot> listed) {
        Set<String> names = listed.stream().map(Snapshot::name).collect(Collectors.toSet());
        sound.retainAll(names);
        damaged.retainAll(names);
    }

    boolean isRead(Snapshot snapshot) {
        return isSound(snapshot) || isDamaged(snapshot);
    }

    boolean isSound(Snapshot snapshot) {
        return sound.contains(snapshot.name());
    }

    boolean isDamaged(Snapshot snapshot) {
        return damaged.contains(snapshot.name());
    }

    /**
     * Reads {@code snapshot} to its end.
     *
     * @throws DamagedSnapshotException in one sentence, if it is not what was kept
     * @throws IOException              if nobody says so now: then it is not read
     */
    void read(Snapshots snapshots, Snapshot snapshot) throws IOException, InterruptedException {
        try {
            SnapshotFile.check(snapshots, snapshot);
            sound.add(snapshot.name());
        } catch (DamagedSnapshotException e) {
            damaged.add(snapshot.name());
            throw e;
        }
    }
}
