package dev.hark.log.replicated;

import dev.hark.event.Draft;
import dev.hark.event.Filters;
import dev.hark.log.Append;
import dev.hark.log.Back;
import dev.hark.log.Capabilities;
import dev.hark.log.Capability;
import dev.hark.log.ClassUse;
import dev.hark.log.DraftBatch;
import dev.hark.log.Epochs;
import dev.hark.log.EventLog;
import dev.hark.log.LogHealth;
import dev.hark.log.Page;
import dev.hark.log.Since;
import dev.hark.log.Tail;
import dev.hark.log.UnusableLogException;
import dev.hark.thread.VitalThreads;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One node's log where a {@link Journal} that others share orders, and a {@link Replica} of the node's own keeps.
 *
 * <p>A publisher's batch becomes a part of a group; its answer is what placing made of it here, once the journal has the group and this
 * node has applied it. Three threads of its own: one appends ({@link Publisher}), one applies ({@link Applier}), one makes snapshots
 * ({@link SnapshotTaker}). Thread-safe.
 */
public final class ReplicatedLog implements EventLog {
    /** How long an id is waited for that another node has given. */
    static final Duration BEHIND = Duration.ofSeconds(5);

    /** How long the start waits for servers that do not answer yet. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** How long the end waits for each of its threads. */
    private static final Duration LAST_STEPS = Duration.ofSeconds(5);

    /** After so long a node says how late it is though another one does. */
    private static final Duration SAY_ALL_THE_SAME = Duration.ofSeconds(10);

    /** How often the start looks how far it is. */
    private static final long LOOK_NANOS = Duration.ofMillis(5).toNanos();

    /** A node that lacks so many groups at most is as far as the others. */
    private static final long FEW_GROUPS = 256;

    /** How often the start looks for the journal's end at most: while much is published there is always more. */
    private static final int MAX_ENDS = 10;

    private final Replica replica;
    private final Duration stall;
    private final InstantSource clock;
    private final Capabilities capabilities;
    private final int maxBytes;
    private final Publisher publisher;
    private final Applier applier;
    private final NodeReadings node;
    private final Thread publishing;
    private final Thread applying;
    private final SnapshotFigures figures;
    private final @Nullable SnapshotTaker taker;
    private final @Nullable Thread taking;

    /** What this node says of itself to others; nothing before it is told what. */
    private volatile Supplier<byte[]> answer = () -> new byte[0];
    private volatile boolean closed;
    private volatile @Nullable String unclosed;

    /** When this node said last how late it is; confined to whoever looks after the log. */
    private long saidNanos = System.nanoTime();

    /** Opens the journal: once at the start, and again where it has got another history. */
    @FunctionalInterface
    public interface Journals {
        /** @throws UnusableLogException with one sentence for the operator */
        Journal open();
    }

    private ReplicatedLog(
            Journals journals, Start begun, Replica replica, Duration stall, InstantSource clock, RandomGenerator random,
            VitalThreads vital, @Nullable SnapshotSettings snapshots, SnapshotFigures figures) {
        this.replica = replica;
        this.stall = stall;
        this.clock = clock;
        this.figures = figures;
        this.maxBytes = begun.journal().maxBytes();
        this.capabilities = new Capabilities(
                begun.journal().durability(),
                Set.of(Capability.WHOLE_BATCHES, Capability.KEY_WINDOW, Capability.RETENTION, Capability.CLASSES, Capability.OWN_CLOCK,
                        Capability.TOPIC_INDEX, Capability.DURABLE),
                BEHIND);
        this.applier = new Applier(
                journals, begun.journal(), begun.place(), replica, () -> Epochs.next(random), () -> answer.get(), vital.pulse(), figures);
        this.publisher = new Publisher(applier::journal, clock, stall, Epochs.next(random) + Epochs.next(random), vital.pulse());
        begun.journal().answerRollCall(() -> answer.get());
        this.publishing = vital.unstarted("hark-log-publisher", publisher);
        this.applying = vital.unstarted("hark-log-writer", () -> applier.run(publisher));
        this.taker = snapshots == null ? null : new SnapshotTaker(snapshots, applier, replica, clock, random, figures);
        this.taking = taker == null ? null : Thread.ofPlatform().daemon().name("hark-log-snapshots").unstarted(taker);
        this.node = new NodeReadings(replica, applier, publisher, taker, stall);
    }

    /** The same of a node that makes no snapshots, and may begin from those of others. */
    public static ReplicatedLog open(
            Journals journals, Replica replica, Duration stall, InstantSource clock, RandomGenerator random, VitalThreads vital) {
        return open(journals, replica, stall, clock, random, vital, null);
    }

    /**
     * A node that has applied all that the journal held when it was opened.
     *
     * @param replica   closed with the log, and where this throws
     * @param stall     for how long a publish may be under way before nobody waits for it any more, positive
     * @param clock     how late this node says that it is
     * @param random    names new histories, and this node
     * @param snapshots when this node makes one; null for never
     * @throws UnusableLogException with one sentence for the operator
     */
    public static ReplicatedLog open(
            Journals journals, Replica replica, Duration stall, InstantSource clock, RandomGenerator random, VitalThreads vital,
            @Nullable SnapshotSettings snapshots) {
        try {
            var figures = new SnapshotFigures();
            Start begun = Start.of(journals.open(), replica, clock, random, PATIENCE, stall, figures);
            var log = new ReplicatedLog(journals, begun, replica, stall, clock, random, vital, snapshots, figures);
            log.start(begun);
            return log;
        } catch (RuntimeException e) {
            replica.close();
            throw e;
        }
    }

    private void start(Start begun) {
        if (begun.next() != null) {
            // Before anything is appended: positions may be used again, so their epoch must not.
            publisher.renew(new Publisher.Renewal(begun.next(), replica));
        }
        applying.start();
        publishing.start();
        long position = replica.applied().position();
        long moved = System.nanoTime();
        long end = begun.extent().last();
        int ends = 1;
        while (true) {
            if (applier.isCaughtUp(end) && !publisher.isRenewing()) {
                long further = ends == MAX_ENDS ? end : journalsEnd(end);
                if (further - replica.applied().position() <= FEW_GROUPS) {
                    break;
                }
                // Others went on while it came so far.
                end = further;
                ends++;
            }
            long now = replica.applied().position();
            if (now != position || applier.isRestoring()) {
                position = now;
                moved = System.nanoTime();
            }
            Optional<String> fatal = applier.fatal();
            if (fatal.isPresent() || System.nanoTime() - moved > stall.toNanos() * 2) {
                String why = fatal.or(applier::trouble).or(applier.journal()::trouble).orElse("nothing comes from the journal");
                close();
                throw new UnusableLogException("the log cannot be opened: " + why);
            }
            LockSupport.parkNanos(this, LOOK_NANOS);
        }
        if (taking != null) {
            taking.start();
        }
    }

    /** Where the journal ends now; {@code known} where it does not say so. */
    private long journalsEnd(long known) {
        try {
            return applier.journal().extent().last();
        } catch (IOException e) {
            return known;
        }
    }

    @Override
    public Tail tail() {
        return replica.tail();
    }

    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    @Override
    public Append append(List<Draft> batch) {
        if (closed) {
            return new Append.Unavailable("the log is closed");
        }
        String why = applier.unkept().orElse(applier.isStuck(stall) ? "the replica of the log does not answer" : null);
        if (why != null) {
            // Others would have it, and who publishes would never learn that.
            return new Append.Unavailable(why);
        }
        byte[] encoded = GroupCodec.encode(DraftBatch.of(batch));
        if (encoded.length + GroupCodec.HEAD_BYTES > maxBytes) {
            return new Append.TooLarge(encoded.length, maxBytes - GroupCodec.HEAD_BYTES);
        }
        return publisher.publish(new Handed(Handed.What.BATCH, batch.size(), encoded));
    }

    @Override
    public Page read(long after, Filters filters, int limit) {
        return replica.read(after, filters, limit);
    }

    @Override
    public Page follow(long after) {
        return replica.follow(after);
    }

    @Override
    public Since since(long timeMillis) {
        return replica.since(timeMillis);
    }

    @Override
    public Back back(Back search, Filters filters) {
        return replica.back(search, filters);
    }

    @Override
    public Page latest(long after, long through, Filters filters, int limit) {
        return replica.latest(after, through, filters, limit);
    }

    @Override
    public List<ClassUse> kept() {
        return replica.kept();
    }

    /** How far this node is. */
    public Replica.Applied applied() {
        return replica.applied();
    }

    /** What this node counts of snapshots. */
    public SnapshotFigures snapshots() {
        return figures;
    }

    /** How far this node is, and what the journal says of itself. Answers at once. */
    public NodeState state() {
        return node.state();
    }

    /** Has {@code said} given to other nodes that ask who is there: on a thread of the journal's, it must return at once. */
    public void answerRollCall(Supplier<byte[]> said) {
        answer = said;
    }

    /** As {@link Journal#callRoll}. */
    public List<byte[]> callRoll(Duration patience) throws IOException, InterruptedException {
        return applier.journal().callRoll(patience).stream().filter(each -> each.length > 0).toList();
    }

    @Override
    public LogHealth health() {
        LogHealth own = replica.health();
        if (closed) {
            // At the end only what is left behind counts.
            return new LogHealth(unclosed, null, own.alarms(), own.lost(), own.damaged());
        }
        return node.health(own);
    }

    /**
     * Says how late it is, unless another node has just done so: all remove the same at the same place, and see that the journal works.
     */
    @Override
    public void maintain() {
        if (closed) {
            return;
        }
        replica.maintain();
        // Now and then all the same: that this node can append is seen by that alone where nobody publishes here.
        boolean isDue = System.nanoTime() - saidNanos > SAY_ALL_THE_SAME.toNanos();
        if (applier.fatal().isEmpty() && (isDue || !applier.hasJustSeenTimeOfOthers())) {
            saidNanos = System.nanoTime();
            publisher.sayTime();
        }
    }

    /** How late this node says that it is, in milliseconds since 1970 UTC. */
    public long millis() {
        return clock.millis();
    }

    @Override
    public void close() {
        synchronized (publishing) {
            if (closed) {
                return;
            }
            closed = true;
        }
        // Not started where the log could not be opened.
        if (taker != null && taking != null && taking.getState() != Thread.State.NEW) {
            taker.close();
            taking.interrupt();
            join(taking);
        }
        publisher.close();
        join(publishing);
        applier.close();
        join(applying);
        replica.close();
    }

    private void join(Thread thread) {
        try {
            if (!thread.join(LAST_STEPS)) {
                // It waits for a journal that is away: whoever waits for it is told that it may be stored.
                thread.interrupt();
                if (!thread.join(LAST_STEPS)) {
                    unclosed = "the thread " + thread.getName() + " of the log does not end";
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
