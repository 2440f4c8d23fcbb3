package dev.hark.log.replicated;

import dev.hark.log.UnusableLogException;
import dev.hark.log.replicated.Journal.Entry;
import dev.hark.log.replicated.Journal.Extent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * How a replica comes to go on with what the journal holds: with its next group, or from a snapshot, or from the beginning. Stateless.
 */
final class Beginning {
    private static final System.Logger LOGGER = System.getLogger(Beginning.class.getName());

    /** How the id of a group begins where nothing stood before it: what follows needs nothing that is gone. */
    private static final String FIRST = "begin:";

    /** That a journal does not go on is to be seen for so long: a server that was chosen to lead a moment ago may not know all yet. */
    private static final Duration SURE = Duration.ofSeconds(1);

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(300);

    private Beginning() {}

    /** How what a replica has applied and what a journal holds go together. */
    enum Meeting {
        /** The replica has applied nothing. */
        NEW,
        /** The journal goes on from where the replica is. */
        SAME,
        /** The journal has removed what the replica needs next, and all before it. */
        BEHIND,
        /** The journal lacks what the replica needs next, in the middle of what it holds: somebody has deleted it there. */
        TORN,
        /** The journal does not hold what the replica has applied: it is another history. */
        OTHER
    }

    /** @param why a part of a sentence; "" where all is well */
    record Found(Meeting meeting, String why) {}

    /** The id of a group that begins a journal in which nothing stands. */
    static String firstId(String random) {
        return FIRST + random;
    }

    /** Whether nothing that came before the group {@code id} counts. */
    static boolean isFirst(String id) {
        return id.startsWith(FIRST);
    }

    /** Whether a replica that has applied nothing can begin with {@code entry}. */
    static boolean canBegin(Entry entry) {
        return entry.position() == 1 || isFirst(entry.id());
    }

    static boolean isEmpty(Extent extent) {
        return extent.first() > extent.last();
    }

    /** Looks more than once before it says that it is another history. */
    static Found find(Journal journal, Replica.Applied applied) throws IOException, InterruptedException {
        return surely(() -> findNow(journal, applied), found -> found.meeting() == Meeting.OTHER);
    }

    /** Something that is asked of a journal. */
    private interface Look<T> {
        T look() throws IOException;
    }

    /** What {@code look} says last, where it says for long enough what would have something given up. */
    private static <T> T surely(Look<T> look, Predicate<T> givesUp) throws IOException, InterruptedException {
        long began = System.nanoTime();
        T seen = look.look();
        while (givesUp.test(seen) && System.nanoTime() - began < SURE.toNanos()) {
            Thread.sleep(BETWEEN_LOOKS);
            seen = look.look();
        }
        return seen;
    }

    private static Found findNow(Journal journal, Replica.Applied applied) throws IOException {
        if (applied.position() == 0) {
            return new Found(Meeting.NEW, "");
        }
        Extent extent = journal.extent();
        if (isEmpty(extent) && applied.position() < extent.last()) {
            // No snapshot leads on from here, and whoever has more than this node does not go on beside it: what follows is another one.
            return new Found(Meeting.OTHER, "it holds nothing of what came up to " + extent.last() + ", and this node has applied what"
                    + " stood at " + applied.position() + " and not what came after that");
        }
        if (applied.position() > extent.last()) {
            return new Found(Meeting.OTHER,
                    "it ends at " + extent.last() + ", and this node has applied what stood at " + applied.position());
        }
        if (applied.position() < extent.first()) {
            // Where that entry is gone, what follows it may still be there.
            return applied.position() + 1 == extent.first()
                    ? new Found(Meeting.SAME, "")
                    : new Found(Meeting.BEHIND, "it begins at " + extent.first() + ", and this node has applied what stood at "
                            + applied.position() + " and not what came after that");
        }
        if (!isThere(journal, applied)) {
            return new Found(Meeting.OTHER, "what stands at " + applied.position() + " is not what this node has applied");
        }
        long wanted = applied.position() + 1;
        return journal.entry(wanted).filter(next -> next.position() != wanted).isEmpty()
                ? new Found(Meeting.SAME, "")
                : new Found(Meeting.TORN, "what stood at " + wanted + " is gone, and what came after it is there");
    }

    /**
     * Has {@code replica} begin over: from the newest snapshot that fits, or with nothing where the journal has all. What it had stays
     * where neither is possible.
     *
     * @param torn whether the journal lacks what the replica needs next: then only what lies behind that leads on
     * @return the last group that it has now, or after which its first one comes, with no id
     * @throws UnusableLogException in one sentence, if neither is possible
     * @throws IOException          if the journal does not say, or nobody says what snapshots there are, and one is needed
     */
    static Replica.Applied begin(Journal journal, Replica replica, boolean torn, SnapshotFigures figures)
            throws IOException, InterruptedException {
        var refusals = new Refusals();
        Optional<Snapshots> snapshots = journal.snapshots();
        long behind = torn ? replica.applied().position() : 0;
        if (snapshots.isPresent()) {
            Optional<Snapshot> restored = restore(journal, snapshots.get(), replica, behind, refusals);
            if (restored.isPresent()) {
                figures.countRestored(restored.get());
                return new Replica.Applied(restored.get().position(), restored.get().id());
            }
        }
        if (torn) {
            throw refusals.none("the journal lacks what stood at " + (behind + 1) + ", and no snapshot of a replica lies behind it",
                    "a node that has it makes one");
        }
        Extent extent = journal.extent();
        if (!isWhole(journal, extent)) {
            throw refusals.none("the journal begins at " + extent.first() + ", and there is no snapshot of a replica to begin from",
                    "a node that has the log makes one");
        }
        if (replica.applied().position() > 0) {
            replica.clear();
        }
        return new Replica.Applied(extent.first() - 1, null);
    }

    /** Whether the journal still holds the last group that a replica has applied. */
    static boolean isThere(Journal journal, Replica.Applied applied) throws IOException {
        Entry entry = journal.entry(applied.position()).orElse(null);
        return entry != null && entry.position() == applied.position() && entry.id().equals(applied.id());
    }

    /** Whether nothing that is gone is needed to apply what the journal holds. */
    private static boolean isWhole(Journal journal, Extent extent) throws IOException {
        return isEmpty(extent) || extent.first() == 1 || journal.entry(extent.first()).filter(Beginning::canBegin).isPresent();
    }

    private static Optional<Snapshot> restore(Journal journal, Snapshots snapshots, Replica replica, long behind, Refusals refusals)
            throws IOException, InterruptedException {
        List<Snapshot> all;
        try {
            all = newestFirst(snapshots);
        } catch (IOException e) {
            refusals.add(String.valueOf(e.getMessage()), e);
            return Optional.empty();
        }
        for (Snapshot each : all) {
            if (each.position() <= behind) {
                break;
            }
            String unfit = surelyUnfit(journal, each);
            if (unfit == null) {
                // It has just been there; where it is not any more, its time is none that anybody is shown for.
                long lastMillis = journal.entry(each.position()).map(Entry::timeMillis).orElse(0L);
                try {
                    restore(snapshots, each, lastMillis, replica);
                    return Optional.of(each);
                } catch (SnapshotFile.AwayException e) {
                    refusals.add(each.words() + " cannot be used: " + e.getMessage(), e);
                    continue;
                } catch (IOException | UnusableLogException e) {
                    unfit = each.words() + " cannot be used: " + e.getMessage();
                }
            }
            refusals.add(unfit, null);
        }
        return Optional.empty();
    }

    /** Why no snapshot is begun from. */
    private static final class Refusals {
        private final List<String> reasons = new ArrayList<>();
        private @Nullable IOException away;

        /** @param passes what nobody could say now, and may say later */
        void add(String why, @Nullable IOException passes) {
            LOGGER.log(System.Logger.Level.WARNING, why);
            reasons.add(why);
            away = passes == null ? away : passes;
        }

        /**
         * What is thrown where one is needed.
         *
         * @throws IOException if there may be one, and servers choose a leader, say
         */
        UnusableLogException none(String what, String remedy) throws IOException {
            if (away != null) {
                throw new IOException(String.join("; ", reasons), away);
            }
            return new UnusableLogException(what + (reasons.isEmpty() ? "" : ": " + String.join("; ", reasons)) + "; " + remedy);
        }
    }

    private static void restore(Snapshots snapshots, Snapshot snapshot, long lastMillis, Replica replica)
            throws IOException, InterruptedException {
        long begun = System.nanoTime();
        Path content = replica.scratch("-restoring");
        try {
            SnapshotFile.unpack(snapshots, snapshot, replica.scratch("-restoring.gz"), content);
            replica.restore(content, new Replica.Copied(snapshot.position(), snapshot.id(), snapshot.epoch(), snapshot.format()),
                    lastMillis);
        } finally {
            Files.deleteIfExists(content);
        }
        LOGGER.log(System.Logger.Level.INFO, "the replica was begun from {0}, made by Hark {1}, in {2} ms", snapshot.words(),
                snapshot.version(), (System.nanoTime() - begun) / 1_000_000);
    }

    static List<Snapshot> newestFirst(Snapshots snapshots) throws IOException, InterruptedException {
        return snapshots.list().stream()
                .sorted(Comparator.comparingLong(Snapshot::position).thenComparingLong(Snapshot::timeMillis).reversed())
                .toList();
    }

    /**
     * Why the journal does not go on from {@code snapshot}: a sentence; null where it does. Its last group has to be there: by that it is
     * known to be of this history.
     */
    static @Nullable String unfit(Journal journal, Snapshot snapshot) throws IOException {
        Extent extent = journal.extent();
        if (snapshot.position() > extent.last()) {
            return snapshot.words() + " is of another history: the journal ends at " + extent.last();
        }
        if (snapshot.position() < extent.first()) {
            return snapshot.words() + " does not lead to what the journal holds, which begins at " + extent.first();
        }
        Entry entry = journal.entry(snapshot.position()).orElse(null);
        return entry != null && entry.position() == snapshot.position() && entry.id().equals(snapshot.id())
                ? null
                : snapshot.words() + " is of another history: another group stands there";
    }

    /** The same, looked at more than once before it says that it does not. */
    static @Nullable String surelyUnfit(Journal journal, Snapshot snapshot) throws IOException, InterruptedException {
        Optional<String> why = surely(() -> Optional.ofNullable(unfit(journal, snapshot)), Optional::isPresent);
        return why.orElse(null);
    }
}
