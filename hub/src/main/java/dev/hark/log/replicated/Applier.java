package dev.hark.log.replicated;

import dev.hark.log.Append;
import dev.hark.log.UnusableLogException;
import dev.hark.thread.Pulse;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The one thread of a node that applies what the journal gives it to the replica. Where the journal does not go on from there, it begins
 * anew: with what the journal holds, or from a snapshot; and where it has got another history, it has another epoch begun.
 *
 * <p>Confined to that thread, but for the methods that say that they are thread-safe.
 */
final class Applier {
    private static final System.Logger LOGGER = System.getLogger(Applier.class.getName());

    /** How many groups may wait to be applied, and how many bytes they may have: the journal waits where there are more. */
    private static final int MAX_WAITING = 256;

    private static final int MAX_WAITING_BYTES = 8 << 20;

    /** How many events are applied at once, about. */
    private static final int MAX_EVENTS = 8_192;

    /** How often it looks whether it is to end. */
    private static final Duration LOOK = Duration.ofMillis(100);

    /** How long it waits before it tries again what failed. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    /** For how long one node's time is enough for all. */
    private static final long TIME_NANOS = Duration.ofMillis(900).toNanos();

    private final ReplicatedLog.Journals journals;
    private final Replica replica;
    private final Supplier<String> epochs;
    private final Pulse pulse;
    private final SnapshotFigures figures;
    private final Replica.Applied begun;
    private final TroubleNotice notice = new TroubleNotice();
    private final Supplier<byte[]> rollCall;
    private volatile Journal journal;
    private volatile Inbox inbox;

    private volatile @Nullable String fatal;
    private volatile @Nullable String trouble;
    private volatile @Nullable String unkept;
    private volatile long appliedMillis;
    private volatile boolean timeOfOthers;
    private volatile long timeNanos;
    private volatile long foreign;
    private volatile boolean restoring;
    private volatile long bytes;
    /** The same, confined to the thread that applies. */
    private long counted;
    /** Why nothing can be begun with what came; confined to the thread that applies. */
    private @Nullable String lacks;
    private volatile boolean closed;

    /** What one following of the journal has given and is not applied yet. */
    private static final class Inbox implements Journal.Follower {
        private final BlockingQueue<Journal.Entry> entries = new ArrayBlockingQueue<>(MAX_WAITING);
        private final Semaphore room = new Semaphore(MAX_WAITING_BYTES);
        private volatile @Nullable String lost;

        @Override
        public void take(Journal.Entry entry) throws InterruptedException {
            room.acquire(bytes(entry));
            entries.put(entry);
        }

        /** What waits, once there is something; nothing where that takes longer than {@code patience}. */
        List<Journal.Entry> takeAll(Duration patience) throws InterruptedException {
            var taken = new ArrayList<Journal.Entry>();
            Journal.Entry first = entries.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
            if (first != null) {
                taken.add(first);
                entries.drainTo(taken, MAX_WAITING);
                taken.forEach(entry -> room.release(bytes(entry)));
            }
            return taken;
        }

        private static int bytes(Journal.Entry entry) {
            return Math.min(MAX_WAITING_BYTES, entry.group().length);
        }

        @Override
        public void lost(String why) {
            lost = why;
        }
    }

    /**
     * @param begun    after which group of {@code journal} it goes on
     * @param rollCall what this node says of itself to others
     */
    Applier(
            ReplicatedLog.Journals journals, Journal journal, Replica.Applied begun, Replica replica, Supplier<String> epochs,
            Supplier<byte[]> rollCall, Pulse pulse, SnapshotFigures figures) {
        this.begun = begun;
        this.figures = figures;
        this.journals = journals;
        this.journal = journal;
        this.replica = replica;
        this.epochs = epochs;
        this.rollCall = rollCall;
        this.pulse = pulse;
        this.inbox = new Inbox();
    }

    /** The present one. Thread-safe. */
    Journal journal() {
        return journal;
    }

    /** How many bytes the groups had that it has applied since it began. Thread-safe. */
    long bytes() {
        return bytes;
    }

    /** Whether it has applied what stands up to {@code position}. Thread-safe. */
    boolean isCaughtUp(long position) {
        return inbox.lost == null && replica.applied().position() >= position;
    }

    /** When the last entry that was applied since the start was appended, by the journal's clock; 0 before the first. Thread-safe. */
    long appliedMillis() {
        return appliedMillis;
    }

    /** Why it applies nothing any more, until the node is restarted. Thread-safe. */
    Optional<String> fatal() {
        return Optional.ofNullable(fatal);
    }

    /** Why it cannot apply what the journal gives. Thread-safe. */
    Optional<String> trouble() {
        return Optional.ofNullable(trouble);
    }

    /** Why what comes cannot be kept here, though the journal may take it and give it to others. Thread-safe. */
    Optional<String> unkept() {
        return fatal().or(() -> Optional.ofNullable(unkept));
    }

    /** Whether something has been under way for longer than {@code limit}. Thread-safe. */
    boolean isStuck(Duration limit) {
        return pulse.isStuck(limit);
    }

    /** Thread-safe. */
    boolean hasJustSeenTimeOfOthers() {
        return timeOfOthers && System.nanoTime() - timeNanos < TIME_NANOS;
    }

    /** Whether it is looking for a snapshot to begin from, or reads one. Thread-safe. */
    boolean isRestoring() {
        return restoring;
    }

    /** How many entries it has passed over that are none of a hub's. Thread-safe. */
    long foreign() {
        return foreign;
    }

    /** Ends the thread. Thread-safe. */
    void close() {
        closed = true;
        journal.close();
    }

    /** Until it is closed. */
    void run(Publisher publisher) {
        try {
            journal.follow(begun.position(), begun.id(), inbox);
            while (!closed) {
                List<Journal.Entry> entries = inbox.takeAll(LOOK);
                Optional<String> away = journal.trouble();
                if (!closed) {
                    notice.look(away);
                }
                if (!entries.isEmpty()) {
                    apply(entries, publisher);
                }
                String why = lacks != null ? lacks : entries.isEmpty() ? inbox.lost : null;
                if (why != null && fatal == null) {
                    beginAnew(why, publisher);
                } else if (replica.isHidden() && !publisher.isRenewing()) {
                    // What is over has come once more behind what was shown.
                    patiently(() -> renew(publisher));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void apply(List<Journal.Entry> entries, Publisher publisher) throws InterruptedException {
        var steps = new ArrayList<Replica.Step>();
        int events = 0;
        for (Journal.Entry entry : entries) {
            if (fatal != null) {
                return;
            }
            if (replica.applied().position() == 0 && steps.isEmpty() && !Beginning.canBegin(entry)) {
                lacks = "it begins at " + entry.position() + " with a group that needs what came before it";
                return;
            }
            if (!GroupCodec.isGroup(entry.group())) {
                steps.add(foreign(entry));
                continue;
            }
            Group group;
            try {
                group = GroupCodec.decode(entry.group());
            } catch (UnreadableGroupException e) {
                applyAll(steps);
                fatal = "the entry " + entry.position() + " of the journal cannot be read: " + e.getMessage();
                LOGGER.log(System.Logger.Level.ERROR, fatal, e);
                return;
            }
            if (Beginning.isFirst(entry.id()) && entry.position() > replica.applied().position()) {
                // Nothing stood before it in the journal: what this node has is of a history that is over.
                applyAll(steps);
                steps.clear();
                patiently(() -> forget(entry.position()));
            }
            steps.add(step(entry, group, publisher));
            counted += entry.group().length;
            bytes = counted;
            events += group.batches().stream().mapToInt(batch -> batch.drafts().size()).sum();
            if (events >= MAX_EVENTS) {
                applyAll(steps);
                steps.clear();
                events = 0;
            }
        }
        applyAll(steps);
    }

    /** What somebody else has put there: every node passes over it, so what a stray publish does is said, and stops nobody. */
    private Replica.Step foreign(Journal.Entry entry) {
        long count = foreign + 1;
        foreign = count;
        if (Long.bitCount(count) == 1) {
            // The 1st, 2nd, 4th, and so on: there may be many.
            LOGGER.log(System.Logger.Level.ERROR, "the entry {0} of the journal is not one of a hub''s, and is passed over, the {1}. since"
                    + " this node began: somebody else publishes there", Long.toString(entry.position()), Long.toString(count));
        }
        // No node says with it how late it is.
        return new Replica.Step(entry, Group.ofTime(0), Replica.Told.NOBODY);
    }

    private Replica.Step step(Journal.Entry entry, Group group, Publisher publisher) {
        Optional<OwnGroup> mine = publisher.arrived(entry.id());
        if (group.kind() == Group.Kind.TIME) {
            timeOfOthers = mine.isEmpty();
            timeNanos = System.nanoTime();
        }
        return new Replica.Step(entry, group, mine.map(each -> told(each, group)).orElse(Replica.Told.NOBODY));
    }

    /** A group of the node's own that holds no batch has one that waits for it all the same. */
    private static Replica.Told told(OwnGroup mine, Group group) {
        return group.kind() == Group.Kind.EVENTS ? mine : answers -> mine.tell(List.of(new Append.Stored(List.of())));
    }

    /** Applies {@code steps}, however often that has to be tried. */
    private void applyAll(List<Replica.Step> steps) throws InterruptedException {
        if (!steps.isEmpty()) {
            patiently(() -> replica.apply(steps));
            appliedMillis = steps.getLast().entry().timeMillis();
        }
    }

    private void forget(long position) {
        if (replica.applied().position() > 0 && replica.applied().position() < position) {
            replica.clear();
        }
    }

    /** Has {@code change} made to the replica, however often that has to be tried. */
    private void patiently(Runnable change) throws InterruptedException {
        while (!closed) {
            pulse.begin();
            try {
                change.run();
                trouble = null;
                unkept = null;
                return;
            } catch (UnusableLogException e) {
                if (trouble == null) {
                    LOGGER.log(System.Logger.Level.ERROR, e.getMessage(), e);
                }
                trouble = e.getMessage();
                unkept = trouble;
            } finally {
                pulse.end();
            }
            Thread.sleep(PAUSE);
        }
    }

    private void beginAnew(String why, Publisher publisher) throws InterruptedException {
        LOGGER.log(System.Logger.Level.ERROR, "the journal of the log does not go on from what this node has applied: " + why
                + "; this node begins anew with what the journal holds, and everybody who resumes is told so");
        trouble = "this node begins anew: " + why;
        lacks = null;
        journal.close();
        boolean renewing = false;
        String said = null;
        while (!closed) {
            Journal fresh = null;
            try {
                fresh = journals.open();
                fresh.answerRollCall(rollCall);
                Beginning.Meeting meeting = Beginning.find(fresh, replica.applied()).meeting();
                if (meeting == Beginning.Meeting.SAME && !renewing && Beginning.isThere(fresh, replica.applied())) {
                    // Nothing that this node has is over: a server has said so too soon, or something is missing behind it.
                    LOGGER.log(System.Logger.Level.WARNING, "the journal of the log holds what this node has applied after all; it goes on"
                            + " from there, and nobody is told otherwise");
                    follow(fresh, replica.applied());
                    return;
                }
                boolean torn = meeting == Beginning.Meeting.TORN;
                boolean needsOthers = meeting == Beginning.Meeting.BEHIND
                        || (meeting == Beginning.Meeting.NEW && !Beginning.isEmpty(fresh.extent()));
                if (!needsOthers && !torn && !renewing) {
                    renew(publisher);
                    renewing = true;
                }
                follow(fresh, begin(fresh, torn));
                return;
            } catch (UnusableLogException | IOException e) {
                close(fresh);
                trouble = e.getMessage();
                if (!String.valueOf(trouble).equals(said)) {
                    said = String.valueOf(trouble);
                    LOGGER.log(System.Logger.Level.ERROR, "this node cannot begin anew yet: " + said);
                }
                Thread.sleep(PAUSE);
            } catch (InterruptedException | RuntimeException e) {
                close(fresh);
                throw e;
            }
        }
    }

    /** Before anything is appended to what is there now: positions may be used again, so their epoch must not. */
    private void renew(Publisher publisher) {
        var over = new Replica.Over(replica.tail().epoch(), replica.timeMillis(), epochs.get());
        publisher.renew(new Publisher.Renewal(replica.hide(over).next(), replica));
    }

    private static void close(@Nullable Journal fresh) {
        if (fresh != null) {
            fresh.close();
        }
    }

    private Replica.Applied begin(Journal fresh, boolean torn) throws IOException, InterruptedException {
        restoring = true;
        try {
            return Beginning.begin(fresh, replica, torn, figures);
        } finally {
            restoring = false;
        }
    }

    private void follow(Journal fresh, Replica.Applied place) {
        var empty = new Inbox();
        journal = fresh;
        inbox = empty;
        trouble = null;
        fresh.follow(place.position(), place.id(), empty);
    }
}
