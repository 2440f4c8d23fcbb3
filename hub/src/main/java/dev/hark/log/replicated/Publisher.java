package dev.hark.log.replicated;

import dev.hark.log.Append;
import dev.hark.log.replicated.Journal.Appended;
import dev.hark.log.replicated.Journal.Extent;
import dev.hark.thread.Pulse;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The one thread of a node that appends to the journal: one group at a time, so that what arrives while that is on its way is the next
 * group. The busier the node, the larger its groups.
 *
 * <p>Confined to that thread, but for the methods that say that they are thread-safe.
 */
final class Publisher implements Runnable {
    private static final System.Logger LOGGER = System.getLogger(Publisher.class.getName());

    /** How many batches may wait. */
    private static final int MAX_WAITING = 4_096;

    /** For how long a publisher waits for a place among them. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** How often it looks whether it is to end. */
    private static final Duration LOOK = Duration.ofMillis(100);

    /** How long it waits before it asks again for what the journal does not say now. */
    private static final Duration PAUSE = Duration.ofMillis(200);

    /** How long whoever looks after the log waits until a time is applied: nothing that a disk or a server holds up may hold that up. */
    private static final Duration UPKEEP = Duration.ofSeconds(1);

    /** How often beginning another history is tried before others who append all the time are no reason to wait any longer. */
    private static final int TRIES = 20;

    /** Who comes no further for so many looks cannot apply what comes. */
    private static final int STILL = 5;

    /** A node that lacks so many groups at most has begun no other history since. */
    private static final long FEW_GROUPS = 256;

    /** For how many times the patience of publishers a group that may have been appended is remembered. */
    private static final int REMEMBERED = 20;

    private final Supplier<Journal> journal;
    private final InstantSource clock;
    private final Duration stall;
    private final String node;
    private final Pulse pulse;
    private final BlockingQueue<Handed> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
    private final AppendCounts counts = new AppendCounts();
    private final ConcurrentMap<String, OwnGroup> own = new ConcurrentHashMap<>();

    private long groups;
    private @Nullable Handed next;

    // Of the history that is to be begun: how often it could have been, how far the replica was then, for how many looks it has not come
    // further, and where its marker stands.
    private int tries;
    private long seen;
    private int still;
    private @Nullable Marker marker;

    /** The last time that was handed in, and when; confined to whoever looks after the log. */
    private @Nullable Handed time;
    private long timeNanos;

    /** @param position of the group that begins a history, in {@code journal} */
    private record Marker(Journal journal, long position, Renewal of) {}

    private final AtomicReference<@Nullable Renewal> renewal = new AtomicReference<>();
    private volatile boolean closed;

    /**
     * A history that is to be begun, once this node has applied all that there is, unless another node has done so.
     *
     * @param epoch   its name
     * @param replica which is hidden until it has begun
     */
    record Renewal(String epoch, Replica replica) {
        /**
         * How many groups are still to be applied; none where the journal holds nothing. Less than none where what was applied is of a
         * journal before this one.
         */
        long lacks(Extent extent) {
            return Beginning.isEmpty(extent) ? 0 : extent.last() - replica.applied().position();
        }

        /** A replica that has applied nothing has no epoch of its log's. */
        boolean isDone() {
            return replica.applied().position() > 0 && !replica.isHidden();
        }
    }

    /**
     * @param journal the present one
     * @param stall   for how long a group is tried to be appended
     * @param node    tells this node's groups from all others
     */
    Publisher(Supplier<Journal> journal, InstantSource clock, Duration stall, String node, Pulse pulse) {
        this.journal = journal;
        this.clock = clock;
        this.stall = stall;
        this.node = node;
        this.pulse = pulse;
    }

    /** Hands {@code batch} in and waits for its answer. Thread-safe. */
    Append publish(Handed batch) {
        try {
            if (!waiting.offer(batch, PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                return new Append.Unavailable(
                        "the log cannot keep up: " + MAX_WAITING + " of " + MAX_WAITING + " batches wait to be stored");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Append.Unavailable("the publish was interrupted");
        }
        if (closed) {
            refuseAll();
        }
        return batch.await(stall, "the log has not answered for " + stall.toSeconds() + " s");
    }

    /** Says how late it is, unless that is on its way still, and waits for about a second until it is applied. One thread at a time. */
    void sayTime() {
        Handed now = time;
        boolean isOld = System.nanoTime() - timeNanos > stall.toNanos();
        if (now != null && isOld) {
            now.withdraw();
        }
        if (now == null || isOld || now.isAnswered()) {
            now = new Handed(Handed.What.TIME, 0, new byte[0]);
            time = waiting.offer(now) ? now : null;
            timeNanos = System.nanoTime();
        }
        if (time != null) {
            time.look(UPKEEP.compareTo(stall) < 0 ? UPKEEP : stall);
        }
    }

    /** Takes the group with that id out of those that are on their way; none where it is another node's. Thread-safe. */
    Optional<OwnGroup> arrived(String id) {
        return Optional.ofNullable(own.remove(id));
    }

    /** Begins another history before anything else is appended. Thread-safe. */
    void renew(Renewal wanted) {
        renewal.set(wanted);
    }

    /** Whether that is still to be done. Thread-safe. */
    boolean isRenewing() {
        return renewal.get() != null;
    }

    /** What was appended. Thread-safe. */
    NodeState.Appends appends() {
        return counts.read();
    }

    /** What tells this node's groups from all others. Thread-safe. */
    String node() {
        return node;
    }

    /** Whether the journal has not answered for longer than anybody should wait. Thread-safe. */
    boolean isStuck() {
        return pulse.isStuck(stall.multipliedBy(2));
    }

    /** Ends the thread, and refuses what waits. Thread-safe. */
    void close() {
        closed = true;
    }

    @Override
    public void run() {
        try {
            while (!closed) {
                Renewal wanted = renewal.get();
                if (wanted != null) {
                    // This may last; what nobody waits for is not to stay in memory for that.
                    waiting.removeIf(Handed::isWithdrawn);
                    pulse.begin();
                    renewNow(wanted);
                    pulse.end();
                    continue;
                }
                List<Handed> group = takeGroup();
                if (!group.isEmpty()) {
                    pulse.begin();
                    append(group);
                    pulse.end();
                }
                forgetOld();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            closed = true;
            refuseAll();
        }
    }

    private List<Handed> takeGroup() throws InterruptedException {
        var group = new ArrayList<Handed>();
        Handed handed = next != null ? next : waiting.poll(LOOK.toMillis(), TimeUnit.MILLISECONDS);
        next = null;
        int events = 0;
        long bytes = GroupCodec.HEAD_BYTES;
        int limit = journal.get().maxBytes();
        while (handed != null) {
            // What was asked for while this waited comes first.
            boolean fits = group.isEmpty()
                    ? renewal.get() == null
                    : handed.what() == Handed.What.BATCH && events + handed.events() <= Group.POSITIONS
                            && bytes + handed.encoded().length <= limit;
            if (!fits) {
                next = handed;
                return group;
            }
            if (handed.take()) {
                group.add(handed);
                events += handed.events();
                bytes += handed.encoded().length;
                if (handed.what() == Handed.What.TIME) {
                    return group;
                }
            }
            handed = waiting.poll();
        }
        return group;
    }

    private void append(List<Handed> batches) throws InterruptedException {
        String id = newId();
        var group = new OwnGroup(batches, System.nanoTime());
        byte[] encoded = batches.getFirst().what() == Handed.What.TIME
                ? GroupCodec.encodeTime(clock.millis())
                : GroupCodec.encodeEvents(clock.millis(), batches.stream().map(Handed::encoded).toList());
        // Before it is appended: it may be here again before the answer is.
        own.put(id, group);
        long began = System.nanoTime();
        switch (journal.get().append(id, encoded, stall)) {
            case Appended.At at -> {
                // Before anybody is answered: what a publisher knows of is counted.
                counts.appended(encoded.length, System.nanoTime() - began);
                group.acknowledge();
            }
            case Appended.Unknown unknown -> {
                counts.failed();
                LOGGER.log(System.Logger.Level.DEBUG, "it is not known whether a group was appended: {0}", unknown.why());
                group.acknowledge();
            }
            case Appended.Refused refused -> {
                counts.failed();
                own.remove(id);
                group.refuse(refused.why() + "; nothing of this was stored");
            }
            case Appended.Overtaken _ -> {
                // Nothing was expected of the journal: what such an answer means is not known.
                counts.failed();
                group.acknowledge();
            }
        }
    }

    private String newId() {
        return node + '-' + ++groups;
    }

    /** One step on the way to another history: somebody else may have begun it, which is as good. */
    private void renewNow(Renewal wanted) throws InterruptedException {
        try {
            Journal present = journal.get();
            Extent extent = present.extent();
            if (!isReady(wanted, present, extent)) {
                Thread.sleep(LOOK);
                return;
            }
            if (wanted.isDone()) {
                // Not one that was asked for since.
                renewal.compareAndSet(wanted, null);
                tries = 0;
                return;
            }
            boolean isEmpty = Beginning.isEmpty(extent);
            boolean insists = tries > TRIES && !isEmpty;
            byte[] group = GroupCodec.encodeEpoch(clock.millis(), wanted.epoch());
            String id = isEmpty ? Beginning.firstId(newId().replace("-", "")) : newId();
            tries = insists ? 0 : tries;
            // Where somebody else always comes first it is put behind whatever that is: of several the last one is the name.
            switch (insists ? present.append(id, group, stall) : present.appendAfter(extent.last(), id, group, stall)) {
                case Appended.At at -> {
                    marker = new Marker(present, at.position(), wanted);
                    LOGGER.log(System.Logger.Level.INFO, "the log has a new epoch, {0}", wanted.epoch());
                }
                case Appended.Overtaken overtaken -> LOGGER.log(System.Logger.Level.DEBUG, "something was appended meanwhile");
                case Appended.Refused refused -> Thread.sleep(PAUSE);
                case Appended.Unknown unknown -> Thread.sleep(PAUSE);
            }
        } catch (IOException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "the journal does not say where it ends", e);
            Thread.sleep(PAUSE);
        }
    }

    /**
     * Whether the marker can be put behind what the journal holds: this node has applied all of that, or nearly, and would have all but for
     * those who append without a pause. One that cannot apply what comes waits: another node begins the history then.
     */
    private boolean isReady(Renewal wanted, Journal present, Extent extent) {
        long applied = wanted.replica().applied().position();
        boolean moved = applied != seen;
        seen = applied;
        Marker put = marker;
        // Servers that were killed may have lost it again.
        boolean isThere = put != null && put.journal().equals(present) && put.of().equals(wanted) && put.position() <= extent.last();
        if (put != null && isThere && applied < put.position()) {
            return false;
        }
        long lacks = wanted.lacks(extent);
        boolean isNear = lacks >= 0 && lacks <= FEW_GROUPS;
        still = moved || lacks == 0 ? 0 : still + 1;
        tries = isNear && still < STILL ? tries + (moved ? 1 : 0) : 0;
        return lacks == 0 || (isNear && tries > TRIES);
    }

    private void forgetOld() {
        long now = System.nanoTime();
        long limit = stall.toNanos() * REMEMBERED;
        own.values().removeIf(group -> now - group.sinceNanos() > limit);
    }

    private void refuseAll() {
        for (Handed handed = waiting.poll(); handed != null; handed = waiting.poll()) {
            if (handed.take()) {
                handed.answer(new Append.Unavailable("the log is closed"));
            }
        }
        Handed last = next;
        if (last != null && last.take()) {
            last.answer(new Append.Unavailable("the log is closed"));
        }
    }
}
