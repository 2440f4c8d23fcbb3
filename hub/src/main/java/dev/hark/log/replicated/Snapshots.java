package dev.hark.log.replicated;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;

/**
 * Where copies of a replica are kept beside a {@link Journal}, for all of its nodes: they stand for the groups that the journal need not
 * have any more. What is kept is bytes and a description; nothing here knows what they mean. Thread-safe; every wait has an end.
 */
public interface Snapshots {
    /**
     * Those that are whole; of which history is not known here.
     *
     * @throws IOException if nobody says now
     */
    List<Snapshot> list() throws IOException, InterruptedException;

    /**
     * Keeps the bytes of {@code file} as {@code snapshot}, which is listed when it is whole and not before.
     *
     * @throws IOException in one sentence, if that is not so; what came of it is removed, at once or later
     */
    void keep(Snapshot snapshot, Path file) throws IOException, InterruptedException;

    /**
     * Writes the bytes of {@code snapshot} to {@code to}, which the caller compares with the digest.
     *
     * @throws DamagedSnapshotException in one sentence, if they are not all there, or not those that were kept
     * @throws IOException              in one sentence, if they cannot be read now, or {@code to} does not take them
     */
    void fetch(Snapshot snapshot, OutputStream to) throws IOException, InterruptedException;

    /** @throws IOException if it is still there, perhaps */
    void remove(Snapshot snapshot) throws IOException, InterruptedException;
}
