package dev.hark.log.replicated;

import dev.hark.log.Append;
import dev.hark.log.UnusableLogException;
import dev.hark.thread.Pulse;
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
 * The one thread of a node that applies what the journal gives it to the replica. Where the journal has got another history, it forgets
 * what it has, begins anew, and has another epoch begun.
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
    private final TroubleNotice notice = new TroubleNotice();
    private final Supplier<byte[]> rollCall;
    private volatile Journal journal;
    private volatile Inbox inbox;

    private volatile @Nullable String fatal;
    private volatile @Nullable String trouble;
    private volatile long appliedMillis;
    private volatile boolean timeOfOthers;
    private volatile long timeNanos;
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

    Applier(
            ReplicatedLog.Journals journals, Journal journal, Replica replica, Supplier<String> epochs, Supplier<byte[]> rollCall,
            Pulse pulse) {
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

    /** Has it begin anew, before it runs: the journal does not hold what the replica has applied. */
    void lose(String why) {
        inbox.lost(why);
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

    /** Whether something has been under way for longer than {@code limit}. Thread-safe. */
    boolean isStuck(Duration limit) {
        return pulse.isStuck(limit);
    }

    /** Thread-safe. */
    boolean hasJustSeenTimeOfOthers() {
        return timeOfOthers && System.nanoTime() - timeNanos < TIME_NANOS;
    }

    /** Ends the thread. Thread-safe. */
    void close() {
        closed = true;
        journal.close();
    }

    /** Until it is closed. */
    void run(Publisher publisher) {
        try {
            Replica.Applied begun = replica.applied();
            if (inbox.lost == null) {
                journal.follow(begun.position(), begun.id(), inbox);
            }
            while (!closed) {
                List<Journal.Entry> entries = inbox.takeAll(LOOK);
                Optional<String> away = journal.trouble();
                if (!closed) {
                    notice.look(away);
                }
                if (!entries.isEmpty()) {
                    apply(entries, publisher);
                } else if (inbox.lost != null && fatal == null) {
                    beginAnew(inbox.lost, publisher);
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
            Group group;
            try {
                group = GroupCodec.decode(entry.group());
            } catch (UnreadableGroupException e) {
                applyAll(steps);
                fatal = "the entry " + entry.position() + " of the journal cannot be read: " + e.getMessage();
                LOGGER.log(System.Logger.Level.ERROR, fatal, e);
                return;
            }
            steps.add(step(entry, group, publisher));
            events += group.batches().stream().mapToInt(batch -> batch.drafts().size()).sum();
            if (events >= MAX_EVENTS) {
                applyAll(steps);
                steps.clear();
                events = 0;
            }
        }
        applyAll(steps);
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
        while (!steps.isEmpty() && !closed) {
            pulse.begin();
            try {
                replica.apply(steps);
                appliedMillis = steps.getLast().entry().timeMillis();
                trouble = null;
                return;
            } catch (UnusableLogException e) {
                if (trouble == null) {
                    LOGGER.log(System.Logger.Level.ERROR, e.getMessage(), e);
                }
                trouble = e.getMessage();
            } finally {
                pulse.end();
            }
            Thread.sleep(PAUSE);
        }
    }

    private void beginAnew(String why, Publisher publisher) throws InterruptedException {
        LOGGER.log(System.Logger.Level.ERROR, "the journal of the log has another history: " + why
                + "; this node begins anew with what the journal holds, and everybody who resumes is told so");
        journal.close();
        String before = replica.tail().epoch();
        pulse.begin();
        replica.clear();
        pulse.end();
        // Before anything is appended to it: positions may be used again, so their epoch must not.
        publisher.renew(new Publisher.Renewal(before, epochs.get(), replica));
        var fresh = new Inbox();
        while (!closed) {
            try {
                Journal opened = journals.open();
                opened.answerRollCall(rollCall);
                journal = opened;
                inbox = fresh;
                journal.follow(0, null, fresh);
                return;
            } catch (UnusableLogException e) {
                trouble = e.getMessage();
                Thread.sleep(PAUSE);
            }
        }
    }
}
