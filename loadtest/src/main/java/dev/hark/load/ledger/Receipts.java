package dev.hark.load.ledger;

import dev.hark.load.wire.Stamp;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What the subscribers of one reader thread were given, compared with what should come next as it arrives.
 *
 * <p>Confined to its reader thread; read by others when that has ended.
 */
public final class Receipts {
    /** What a delivery turned out to be. */
    public enum Kind {
        /** New, and in order. */
        IN_ORDER,
        /** New, but a later event of its flow had come before it. */
        OUT_OF_ORDER,
        /** Had come before. */
        DUPLICATE,
        /** Of a topic that this subscriber does not read. */
        WRONG_RECIPIENT,
        /** Under another id than the one that another subscriber was given for it. */
        WRONG_ID,
        /** Stamped by another run. */
        FOREIGN,
        /** Right hash, but no event of this run has these numbers. */
        UNKNOWN
    }

    /*
     * Per subscriber and flow, the position that should come next. A later one opens a range of missing positions, which costs memory only
     * where something goes wrong. A gap notice marks the subscriber's flows: the next jump of each flow was announced, as was what is
     * missing at a flow's end if nothing more came on it. Each notice excuses as many events as it says, all flows together, and no later
     * jump: what comes behind it has to be announced anew.
     */
    private static final long[] NO_NOTICES = {};

    private final Traffic traffic;
    private final int run;
    private final int firstSubscriber;
    private final int flowsEach;
    private final int[] next;
    /** The first gap notice since the last event of the flow, counted from 1; 0 where there was none. */
    private final int[] firstGap;
    private final @Nullable MissingPositions[] missing;
    /** What the notices of each subscriber said, one after another. */
    private final long[][] announced;
    private final int[] gaps;
    private final int[] corrupt;
    private final boolean[] joining;
    private long skipped;

    private final long[] firstNanos;
    private final long[] lastNanos;
    private final int[] receivers;
    private final int[] timedReceivers;
    private final long[] idHashes;
    private final int[] otherIds;

    /** Receipts for the subscribers from {@code firstSubscriber} on, {@code subscribers} of them. */
    public Receipts(Traffic traffic, int run, int firstSubscriber, int subscribers) {
        this.traffic = traffic;
        this.run = run;
        this.firstSubscriber = firstSubscriber;
        flowsEach = traffic.flowsPerSubscriber();
        next = new int[subscribers * flowsEach];
        firstGap = new int[next.length];
        missing = new MissingPositions[next.length];
        announced = new long[subscribers][];
        Arrays.fill(announced, NO_NOTICES);
        gaps = new int[subscribers];
        corrupt = new int[subscribers];
        joining = new boolean[subscribers];
        firstNanos = new long[traffic.events()];
        lastNanos = new long[traffic.events()];
        receivers = new int[traffic.events()];
        timedReceivers = new int[traffic.events()];
        idHashes = new long[traffic.events()];
        otherIds = new int[traffic.events()];
    }

    /**
     * Books a delivery.
     *
     * @param idHash 0 where ids are not compared
     * @param isTimed whether it was in the subscriber's power to be given it in time
     */
    public Kind onDelivery(int subscriber, Stamp stamp, long idHash, long nowNanos, boolean isTimed) {
        if (stamp.run() != run) {
            return Kind.FOREIGN;
        }
        int event = traffic.eventAt(stamp.flow(), stamp.position());
        if (event < 0) {
            return Kind.UNKNOWN;
        }
        int index = traffic.indexOfFlow(subscriber, stamp.flow());
        if (index < 0) {
            return Kind.WRONG_RECIPIENT;
        }
        Kind kind = onPosition((subscriber - firstSubscriber) * flowsEach + index, stamp.position());
        if (kind == Kind.DUPLICATE) {
            return kind;
        }
        if (receivers[event]++ == 0) {
            idHashes[event] = idHash;
        } else if (idHashes[event] != idHash) {
            otherIds[event]++;
            kind = Kind.WRONG_ID;
        }
        if (isTimed) {
            if (timedReceivers[event]++ == 0) {
                firstNanos[event] = nowNanos;
            }
            lastNanos[event] = nowNanos;
        }
        return kind;
    }

    private Kind onPosition(int slot, int position) {
        int expected = next[slot];
        if (position == expected) {
            next[slot] = position + 1;
            firstGap[slot] = 0;
            return Kind.IN_ORDER;
        }
        if (position > expected) {
            MissingPositions ranges = missing[slot];
            if (ranges == null) {
                ranges = new MissingPositions();
                missing[slot] = ranges;
            }
            ranges.add(expected, position, gapsOf(slot));
            // What was published before a stream came was not skipped; the audit knows which of it was.
            if (firstGap[slot] == 0 && !(expected == 0 && joining[slot / flowsEach])) {
                skipped += position - expected;
            }
            next[slot] = position + 1;
            firstGap[slot] = 0;
            return Kind.IN_ORDER;
        }
        MissingPositions ranges = missing[slot];
        MissingPositions.Kind was = ranges == null ? MissingPositions.Kind.ABSENT : ranges.remove(position);
        if (was == MissingPositions.Kind.UNDECLARED && skipped > 0) {
            skipped--;
        }
        return was == MissingPositions.Kind.ABSENT ? Kind.DUPLICATE : Kind.OUT_OF_ORDER;
    }

    /** Events that a later one of their flow came before, without a gap notice, and that did not come since. */
    public long skipped() {
        return skipped;
    }

    /** A subscriber comes when events are published already. To be called before the first delivery. */
    public void joins(int subscriber) {
        joining[subscriber - firstSubscriber] = true;
    }

    /** The server announced a gap in a subscriber's stream; a negative count means that it could not be known. */
    public void onGap(int subscriber, long dropped) {
        int local = subscriber - firstSubscriber;
        long[] said = announced[local];
        if (gaps[local] == said.length) {
            said = Arrays.copyOf(said, 2 * said.length + 1);
        }
        said[gaps[local]++] = dropped;
        announced[local] = said;
        for (int slot = local * flowsEach; slot < (local + 1) * flowsEach; slot++) {
            if (firstGap[slot] == 0) {
                firstGap[slot] = gaps[local];
            }
        }
    }

    private MissingPositions.Gaps gapsOf(int slot) {
        return firstGap[slot] == 0
                ? MissingPositions.Gaps.NONE
                : new MissingPositions.Gaps(firstGap[slot] - 1, gaps[slot / flowsEach] - 1);
    }

    /** A subscriber was given something that could not be recognised: an event that is missing later may have been this one. */
    public void onCorrupt(int subscriber) {
        corrupt[subscriber - firstSubscriber]++;
    }

    /** Whether this generator publishes a flow. */
    public boolean isOwnFlow(int flow) {
        return traffic.ownerOfFlow(flow) == traffic.share().index();
    }

    int firstSubscriber() {
        return firstSubscriber;
    }

    int subscribers() {
        return gaps.length;
    }

    int next(int subscriber, int index) {
        return next[(subscriber - firstSubscriber) * flowsEach + index];
    }

    /** The notices that may be about what is missing at a flow's end. */
    MissingPositions.Gaps gapsAtEnd(int subscriber, int index) {
        return gapsOf((subscriber - firstSubscriber) * flowsEach + index);
    }

    @Nullable MissingPositions missing(int subscriber, int index) {
        return missing[(subscriber - firstSubscriber) * flowsEach + index];
    }

    /** How many events each of its gap notices said were dropped, as they came; negative where one did not know. A copy. */
    long[] announced(int subscriber) {
        int local = subscriber - firstSubscriber;
        return Arrays.copyOf(announced[local], gaps[local]);
    }

    int corrupt(int subscriber) {
        return corrupt[subscriber - firstSubscriber];
    }

    int receivers(int event) {
        return receivers[event];
    }

    /** How many of those whose deliveries are timed were given an event. */
    int timedReceivers(int event) {
        return timedReceivers[event];
    }

    long firstNanos(int event) {
        return firstNanos[event];
    }

    long lastNanos(int event) {
        return lastNanos[event];
    }

    /**
     * How many subscribers were given an event under a wrong id, by the one that its publisher was told; where that is not known (0), the
     * fewer are wrong.
     */
    int wrongIds(int event, long publisherIdHash) {
        int likeTheFirst = receivers[event] - otherIds[event];
        if (publisherIdHash == 0) {
            return Math.min(otherIds[event], likeTheFirst);
        }
        return idHashes[event] == publisherIdHash ? otherIds[event] : likeTheFirst;
    }
}
