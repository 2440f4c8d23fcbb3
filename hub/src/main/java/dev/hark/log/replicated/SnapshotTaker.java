package dev.hark.log.replicated;

import dev.hark.log.Epochs;
import dev.hark.log.UnusableLogException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Makes a snapshot of the replica now and then, and has the journal forget what snapshots cover. Any node does so: whoever finds first that
 * one is due, which two may do at once without harm.
 *
 * <p>Its thread is away from publishing: it may wait for disks and servers, and fail, while the log goes on.
 */
final class SnapshotTaker implements Runnable {
    /* The journal keeps what comes after the older one of two snapshots, each of which was read back: where the newer one turns out to be
       damaged, or of a newer version, there is another way. That one's own group stays too: it tells its history. */

    private static final System.Logger LOGGER = System.getLogger(SnapshotTaker.class.getName());

    private static final int KEPT = 2;

    /** So many looks nodes are apart at most where each of them has the same to do. */
    private static final int APART = 3;

    /** How many looks there are between a failure and the next try. */
    private static final int LOOKS_AFTER_FAILURE = 30;

    /** After so many times the time between snapshots without a new one it is an alarm. */
    private static final int LATE = 3;

    private final SnapshotSettings settings;
    private final Supplier<Journal> journal;
    private final Replica replica;
    private final Applier applier;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final SnapshotFigures figures;
    /** Since when there has been none, where there is none. */
    private volatile long noneSinceMillis;

    private volatile boolean closed;

    // Confined to its thread.
    private @Nullable String known;
    private @Nullable String unseen;
    private long bytesWhenKnown;
    private long notBefore = System.nanoTime();
    private long unreadNotBefore = notBefore;
    private final ReadSnapshots read = new ReadSnapshots();

    SnapshotTaker(
            SnapshotSettings settings, Applier applier, Replica replica, InstantSource clock, RandomGenerator random,
            SnapshotFigures figures) {
        this.settings = settings;
        this.journal = applier::journal;
        this.applier = applier;
        this.replica = replica;
        this.clock = clock;
        this.random = random;
        this.figures = figures;
        this.noneSinceMillis = clock.millis();
    }

    /** Ends the thread, with an interrupt. Thread-safe. */
    void close() {
        closed = true;
    }

    /** A sentence where snapshots have failed for long. Thread-safe. */
    @Nullable String alarm() {
        long last = figures.newest().map(Snapshot::timeMillis).orElse(noneSinceMillis);
        // Who cannot make one does not look for those of others either, and has said why.
        return isWell() && clock.millis() - last > LATE * settings.every().toMillis()
                ? "there has been no snapshot of the log for more than " + settings.every().multipliedBy(LATE)
                        + ", and the journal grows until there is one" + figures.failure().map(why -> "; " + why).orElse("")
                : null;
    }

    @Override
    public void run() {
        try {
            while (!closed) {
                Thread.sleep(settings.look());
                if (System.nanoTime() - notBefore >= 0 && isWell()) {
                    lookWell();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isWell() {
        return applier.fatal().isEmpty() && applier.trouble().isEmpty() && !replica.isHidden();
    }

    /** Whatever goes wrong in it, a thread that the process cannot have any more included, the next one comes. */
    private void lookWell() throws InterruptedException {
        try {
            look();
        } catch (Error e) {
            fail("no snapshot of the log was made: " + e, e);
        }
    }

    private void look() throws InterruptedException {
        Snapshots snapshots = journal.get().snapshots().orElse(null);
        if (snapshots == null || !isSurelyDue(snapshots)) {
            return;
        }
        try {
            make(snapshots);
            forgetOld(snapshots);
        } catch (IOException | UnusableLogException e) {
            fail("no snapshot of the log was made: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            // Whatever it was: the log does without it.
            fail("no snapshot of the log was made: " + e, e);
        }
    }

    /** Whether one is due, and still is when others have had the time to make it. Where nobody says, the next look may tell. */
    private boolean isSurelyDue(Snapshots snapshots) throws InterruptedException {
        try {
            readAll(snapshots);
            boolean due = isDue(snapshots);
            if (due) {
                keepApart();
                due = isDue(snapshots);
            }
            unseen = null;
            return due;
        } catch (IOException | RuntimeException e) {
            String why = "it cannot be seen whether a snapshot of the log is due: " + e.getMessage();
            if (unseen == null && !closed) {
                count(why, e);
            }
            unseen = why;
            return false;
        }
    }

    private void keepApart() throws InterruptedException {
        Thread.sleep(Duration.ofNanos(random.nextLong(APART * settings.look().toNanos())));
    }

    /**
     * Reads each snapshot once that it has not made itself: where one is damaged another is due, for those who can begin from none. What is
     * damaged after that is found by the next who starts.
     */
    private void readAll(Snapshots snapshots) throws IOException, InterruptedException {
        List<Snapshot> listed = snapshots.list();
        read.keepOnly(listed);
        if (System.nanoTime() - unreadNotBefore < 0 || listed.stream().allMatch(read::isRead)) {
            return;
        }
        keepApart();
        for (Snapshot each : Beginning.newestFirst(snapshots)) {
            if (!read.isRead(each) && Beginning.unfit(journal.get(), each) == null && !isReadNow(snapshots, each)) {
                unreadNotBefore = System.nanoTime() + settings.look().toNanos() * LOOKS_AFTER_FAILURE;
                return;
            }
        }
    }

    private boolean isReadNow(Snapshots snapshots, Snapshot snapshot) throws InterruptedException {
        try {
            read.read(snapshots, snapshot);
        } catch (DamagedSnapshotException e) {
            LOGGER.log(System.Logger.Level.WARNING, snapshot.words() + " is of no use, and another is made where it is the last: "
                    + e.getMessage());
        } catch (IOException e) {
            if (!closed) {
                count(snapshot.words() + " cannot be read back: " + e.getMessage(), e);
            }
            return false;
        }
        return true;
    }

    /** What was tried takes its time, and is not tried again at once. */
    private void fail(String why, Throwable cause) {
        if (closed) {
            return;
        }
        notBefore = System.nanoTime() + settings.look().toNanos() * LOOKS_AFTER_FAILURE;
        count(why, cause);
    }

    private void count(String why, Throwable cause) {
        figures.countFailed(why);
        LOGGER.log(System.Logger.Level.WARNING, why);
        LOGGER.log(System.Logger.Level.DEBUG, why, cause);
    }

    private boolean isDue(Snapshots snapshots) throws IOException, InterruptedException {
        Snapshot newest = null;
        for (Snapshot each : Beginning.newestFirst(snapshots)) {
            if (!read.isDamaged(each) && Beginning.unfit(journal.get(), each) == null) {
                newest = each;
                break;
            }
        }
        saw(newest);
        if (newest != null && !read.isSound(newest)) {
            // Nothing relies on it yet, and nothing is to be put beside it before somebody can read it.
            return false;
        }
        long position = replica.applied().position();
        if (newest == null) {
            return position > 0;
        }
        if (!newest.name().equals(known)) {
            // How much had come when it was made is not known; when it is first seen is near.
            known = newest.name();
            bytesWhenKnown = applier.bytes();
        }
        boolean late = clock.millis() - newest.timeMillis() >= settings.every().toMillis();
        boolean much = applier.bytes() - bytesWhenKnown >= Math.max(settings.bytes(), newest.contentBytes());
        return position > newest.position() && (late || much);
    }

    private void saw(@Nullable Snapshot newest) {
        if (newest == null && figures.newest().isPresent()) {
            noneSinceMillis = clock.millis();
        }
        figures.sawNewest(newest);
    }

    private void make(Snapshots snapshots) throws IOException, InterruptedException {
        long begun = System.nanoTime();
        Path content = replica.scratch("-copy");
        Path packed = replica.scratch("-copy.gz");
        Snapshot snapshot;
        try {
            Replica.Copied copied = replica.copy(content);
            if (Epochs.isInterim(copied.epoch())) {
                throw new IOException("the journal has another history, which is about to begin");
            }
            SnapshotFile.Packed file = SnapshotFile.pack(content, packed);
            Files.delete(content);
            String name = "%019d-%08x".formatted(copied.position(), random.nextInt());
            snapshot = new Snapshot(name, copied.position(), copied.id(), copied.epoch(), copied.format(), clock.millis(), file.bytes(),
                    file.contentBytes(), file.digest(), settings.version());
            String unfit = Beginning.unfit(journal.get(), snapshot);
            if (unfit != null) {
                throw new IOException(unfit);
            }
            snapshots.keep(snapshot, packed);
        } finally {
            Files.deleteIfExists(content);
            Files.deleteIfExists(packed);
        }
        checkAgain(snapshots, snapshot);
        double seconds = (System.nanoTime() - begun) / 1e9;
        // What it covers is removed after this, which may take its time: there is one already.
        saw(snapshot);
        figures.countMade(seconds);
        LOGGER.log(System.Logger.Level.INFO, "made a snapshot of the log at position {0}: {1} bytes of {2}, in {3} s",
                Long.toString(snapshot.position()), Long.toString(snapshot.bytes()), Long.toString(snapshot.contentBytes()),
                "%.1f".formatted(seconds));
    }

    private void forgetOld(Snapshots snapshots) throws InterruptedException {
        try {
            List<Snapshot> kept = forgetOthers(snapshots);
            saw(kept.isEmpty() ? null : kept.getFirst());
            if (kept.size() == KEPT && kept.stream().allMatch(read::isSound)) {
                figures.countTrimmed(Trimming.trim(journal.get(), kept.getLast(), settings.margin()));
            }
        } catch (IOException e) {
            fail("what snapshots of the log cover could not be removed: " + e.getMessage(), e);
        }
    }

    /** The journal will rely on it. Where it cannot be read now it stays, and is read later. */
    private void checkAgain(Snapshots snapshots, Snapshot snapshot) throws IOException, InterruptedException {
        try {
            read.read(snapshots, snapshot);
        } catch (DamagedSnapshotException e) {
            try {
                snapshots.remove(snapshot);
            } catch (IOException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
    }

    /** The newest two of this history that are not known to be damaged, newest first; all others are removed. */
    private List<Snapshot> forgetOthers(Snapshots snapshots) throws IOException, InterruptedException {
        var kept = new ArrayList<Snapshot>();
        for (Snapshot each : Beginning.newestFirst(snapshots)) {
            if (kept.size() < KEPT && !read.isDamaged(each) && Beginning.surelyUnfit(journal.get(), each) == null) {
                kept.add(each);
            } else {
                snapshots.remove(each);
            }
        }
        return kept;
    }
}
