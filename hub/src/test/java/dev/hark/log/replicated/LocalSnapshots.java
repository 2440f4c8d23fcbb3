package dev.hark.log.replicated;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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
    private @Nullable Runnable whileReading;
    private final Set<String> noticed = new HashSet<>();
    private boolean away;
    private boolean unreadable;
    private int reads;

    /** Has nobody give what is kept, or again; what there is is said. */
    synchronized void setUnreadable(boolean now) {
        unreadable = now;
    }

    /** What is done before something is read, which may throw. */
    synchronized void whileReading(@Nullable Runnable action) {
        whileReading = action;
    }

    /** How many times something was read, or was to be. */
    synchronized int reads() {
        return reads;
    }

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
        boolean notices;
        Runnable action;
        synchronized (this) {
            reads++;
            Kept kept = all.get(snapshot.name());
            if (kept == null || away || unreadable) {
                throw new IOException(kept == null ? "it is gone" : "nobody answers");
            }
            bytes = kept.bytes();
            notices = noticed.contains(snapshot.name());
            action = whileReading;
        }
        if (action != null) {
            try {
                action.run();
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
        }
        to.write(bytes);
        if (notices) {
            throw new DamagedSnapshotException("it is damaged: its digest is another one");
        }
    }

    @Override
    public synchronized void remove(Snapshot snapshot) {
        all.remove(snapshot.name());
    }

    /** The same where whoever keeps it notices: it gives all bytes before it says so, as an object store does. */
    synchronized void damageNoticed(Snapshot snapshot) {
        damage(snapshot);
        noticed.add(snapshot.name());
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
