package dev.hark.log.replicated;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Snapshots in memory. A test may damage them, forge what they say, and have it take no more. Thread-safe. */
final class LocalSnapshots implements Snapshots {
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Kept(Snapshot snapshot, byte[] bytes) {}

    private final Map<String, Kept> all = new LinkedHashMap<>();
    private @Nullable String trouble;
    private @Nullable Runnable whileKeeping;
    private @Nullable Runnable whileListing;
    private boolean away;

    /** Has nobody say which there are, or again. */
    synchronized void setAway(boolean now) {
        away = now;
    }

    /** What is done when somebody asks which there are. */
    synchronized void whileListing(Runnable action) {
        whileListing = action;
    }

    /** Has it refuse everything that is to be kept, or again. */
    synchronized void setTrouble(@Nullable String why) {
        trouble = why;
    }

    /** What is done before something is kept, which may throw. */
    synchronized void whileKeeping(@Nullable Runnable action) {
        whileKeeping = action;
    }

    @Override
    public synchronized List<Snapshot> list() throws IOException {
        if (whileListing != null) {
            whileListing.run();
        }
        if (away) {
            throw new IOException("nobody answers");
        }
        return all();
    }

    /** Those that are kept, whether or not anybody says so. */
    synchronized List<Snapshot> all() {
        return all.values().stream().map(Kept::snapshot).toList();
    }

    @Override
    public void keep(Snapshot snapshot, Path file) throws IOException {
        Runnable action;
        synchronized (this) {
            if (trouble != null) {
                throw new IOException(trouble);
            }
            action = whileKeeping;
        }
        if (action != null) {
            action.run();
        }
        byte[] bytes = Files.readAllBytes(file);
        synchronized (this) {
            all.put(snapshot.name(), new Kept(snapshot, bytes));
        }
    }

    @Override
    public void fetch(Snapshot snapshot, OutputStream to) throws IOException {
        byte[] bytes;
        synchronized (this) {
            Kept kept = all.get(snapshot.name());
            if (kept == null || away) {
                throw new IOException(away ? "nobody answers" : "it is gone");
            }
            bytes = kept.bytes();
        }
        to.write(bytes);
    }

    @Override
    public synchronized void remove(Snapshot snapshot) {
        all.remove(snapshot.name());
    }

    /** Changes a byte in the middle of {@code snapshot}. */
    synchronized void damage(Snapshot snapshot) {
        byte[] bytes = Objects.requireNonNull(all.get(snapshot.name())).bytes();
        bytes[bytes.length / 2] ^= 0x10;
    }

    /** Has {@code snapshot} say something else. */
    synchronized void forge(Snapshot snapshot, UnaryOperator<Snapshot> other) {
        all.computeIfPresent(snapshot.name(), (name, kept) -> new Kept(other.apply(snapshot), kept.bytes()));
    }

    synchronized void clear() {
        all.clear();
    }
}
