package dev.hark.fanout;

import dev.hark.event.EventId;
import dev.hark.event.Filters;
import dev.hark.event.GapReason;
import dev.hark.log.Bounds;
import dev.hark.log.EndedTopics;
import dev.hark.log.Era;
import dev.hark.log.EventLog;
import dev.hark.log.Patience;
import dev.hark.log.Since;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Start} as a position of the log, and what the client must be told before anything else.
 *
 * @param position what the stream gives comes after it
 * @param gap      why the client misses something already, or null
 * @param after    the last id that the client had in this log's words, or null
 * @param told     up to which position the client need not be told what retention has removed
 * @param within   up to where the client has been given the snapshot at {@code position}, as in {@link EventId}
 */
record Opening(long position, @Nullable GapReason gap, @Nullable EventId after, long told, long within) {
    /** Where there is no snapshot. */
    Opening(long position, @Nullable GapReason gap, @Nullable EventId after, long told) {
        this(position, gap, after, told, EventId.WHOLE);
    }

    /** What needs no look into the log; null where that is needed, see {@link #search}. */
    static @Nullable Opening at(Start start, Filters filters, Era era, Surroundings shared) throws InterruptedException {
        EventLog log = shared.log();
        long classes = log.tail().classes().touchedBy(filters);
        return switch (start) {
            case Start.Latest() -> at(era.bounds().newest(), era.bounds().newest());
            case Start.Earliest() -> at(era.bounds().floor(), era.lostStored(classes));
            case Start.Current() -> snapshot(filters, era, shared).incomplete(evicted(classes, log));
            case Start.After(String id, boolean current) -> after(EventId.parse(id), current, filters, era, shared);
            case Start.Lost(Start fresh) -> {
                Opening known = at(fresh, filters, era, shared);
                yield known == null ? null : known.afterLost();
            }
            case Start.Back back -> null;
            case Start.Last last -> null;
        };
    }

    /** Whether the client has the last event of the one topic that it asks for, which has ended, or an id of after that. */
    static boolean isAtEnd(Subscription subscription, Era era) {
        Filters filters = subscription.filters();
        if (!(subscription.start() instanceof Start.After(String given, boolean current)) || !filters.areOneTopic()) {
            return false;
        }
        Optional<EventId> id = EventId.parse(given).filter(each -> each.epoch().equals(era.epoch()));
        // In this order: an end that comes meanwhile comes after every id that is known now.
        if (id.isEmpty() || id.get().isWithinSnapshot() || id.get().sequence() > era.bounds().newest()) {
            return false;
        }
        long end = era.ended().of(filters.asList().getFirst().value());
        return end != EndedTopics.OPEN && id.get().sequence() >= end;
    }

    /** Looks for the position, for as long as that takes: meanwhile the stream does what {@code patience} says. */
    static Opening search(Subscription subscription, Surroundings shared, Patience patience) throws IOException, InterruptedException {
        return search(subscription.start(), subscription, shared, patience);
    }

    private static Opening search(Start start, Subscription subscription, Surroundings shared, Patience patience)
            throws IOException, InterruptedException {
        return switch (start) {
            case Start.Lost(Start fresh) -> search(fresh, subscription, shared, patience).afterLost();
            case Start.Back(var age) -> {
                // Before the search: what retention removes meanwhile is missing from what was found.
                long told = lost(subscription.filters(), shared.log());
                Since since = shared.history().since(millisBefore(shared.clock().millis(), age), patience);
                yield since(since, subscription.filters(), told, shared.log());
            }
            case Start.Last(int count) -> {
                long position = shared.history().last(subscription.filters(), count, patience);
                yield at(position, lost(subscription.filters(), shared.log()));
            }
            case Start.Latest latest -> throw new IllegalArgumentException("nothing is to be searched for");
            case Start.Earliest earliest -> throw new IllegalArgumentException("nothing is to be searched for");
            case Start.Current current -> throw new IllegalArgumentException("nothing is to be searched for");
            case Start.After after -> throw new IllegalArgumentException("nothing is to be searched for");
        };
    }

    /** The same for a client that may have missed anything. */
    private Opening afterLost() {
        return new Opening(position, GapReason.UNKNOWN_ID, null, told, within);
    }

    /**
     * Up to which position whoever resumes after {@code position} misses something. Where everything since is hot, that is given, even what
     * retention has taken from among others meanwhile.
     */
    private static long lost(long position, long classes, Era era) {
        return position >= era.bounds().floor() && position >= era.hotLost() ? position : era.lostStored(classes);
    }

    private static long lost(Filters filters, EventLog log) {
        return log.tail().era().lostStored(log.tail().classes().touchedBy(filters));
    }

    /** A client may ask for more time than there has been: then for all of it. */
    private static long millisBefore(long nowMillis, Duration age) {
        try {
            return Math.subtractExact(nowMillis, age.toMillis());
        } catch (ArithmeticException e) {
            return Long.MIN_VALUE;
        }
    }

    private static Opening at(long position, long told) {
        return new Opening(position, null, null, told);
    }

    private static Opening since(Since since, Filters filters, long told, EventLog log) {
        long classes = log.tail().classes().touchedBy(filters);
        Era era = log.tail().era();
        boolean incomplete = (since.lost() & classes) != 0 || (era.isUnstored(classes) && since.position() < era.hotLost());
        return new Opening(since.position(), incomplete ? GapReason.RETENTION : null, null, told);
    }

    /** A snapshot from its beginning. */
    static Opening snapshot(Filters filters, Era era, Surroundings shared) {
        long position = shared.history().snapshotPosition(era);
        long told = lost(position, shared.log().tail().classes().touchedBy(filters), era);
        return new Opening(position, null, null, told, 0);
    }

    /**
     * Whether a snapshot makes up for all that retention may have removed of {@code classes}: it would pass over what those keep that have
     * none.
     */
    static boolean isAllKept(long classes, EventLog log) {
        return (classes & ~log.tail().classes().latest()) == 0;
    }

    /** Whether snapshots are not whole any more: newest events of {@code classes} have been forgotten because there were too many. */
    static boolean evicted(long classes, EventLog log) {
        return (log.tail().classes().latest() & classes) != 0
                && log.kept().stream().anyMatch(each -> each.latest().evicted() > 0 && (classes >>> each.topicClass().number() & 1) != 0);
    }

    private Opening incomplete(boolean evicted) {
        return evicted ? new Opening(position, GapReason.RETENTION, null, told, within) : this;
    }

    private Opening told(GapReason reason, @Nullable EventId id) {
        return new Opening(position, reason, id, told, within);
    }

    private static Opening after(Optional<EventId> known, boolean begunCurrent, Filters filters, Era era, Surroundings shared)
            throws InterruptedException {
        EventLog log = shared.log();
        Bounds bounds = era.bounds();
        boolean current = begunCurrent || known.filter(EventId::isWithinSnapshot).isPresent();
        if (known.isEmpty()) {
            return unknown(null, current, filters, era, shared);
        }
        EventId id = known.get();
        long classes = log.tail().classes().touchedBy(filters);
        if (!id.epoch().equals(era.epoch())) {
            // Another log: the client has seen nothing of this one.
            return current
                    ? snapshot(filters, era, shared).told(GapReason.RESET, id)
                    : new Opening(bounds.floor(), GapReason.RESET, id, era.lostStored(classes));
        }
        // Another node, which is ahead of this one, may have given it.
        if (id.sequence() > bounds.newest() && !log.tail().awaitPosition(id.sequence(), log.capabilities().behind())) {
            // Where the history ended meanwhile the lane is about to say so.
            return log.tail().era() == era
                    ? unknown(id, current, filters, era, shared)
                    : at(bounds.newest(), bounds.newest());
        }
        long lost = lost(id.sequence(), classes, era);
        if (id.sequence() < lost && current && isAllKept(classes, log)) {
            return snapshot(filters, era, shared).told(GapReason.RETENTION, id);
        }
        if (id.isWithinSnapshot()) {
            // What is left of it comes first, and what has been lost since is told behind that.
            return new Opening(id.sequence(), null, id, id.sequence(), id.within());
        }
        if (id.sequence() < lost) {
            // What other classes of topics have kept from there on it is given.
            return new Opening(Math.max(id.sequence(), era.bounds().floor()), GapReason.RETENTION, id, lost);
        }
        return at(id.sequence(), lost);
    }

    private static Opening unknown(@Nullable EventId id, boolean current, Filters filters, Era era, Surroundings shared) {
        long newest = era.bounds().newest();
        return current
                ? snapshot(filters, era, shared).told(GapReason.UNKNOWN_ID, id)
                : new Opening(newest, GapReason.UNKNOWN_ID, id, newest);
    }
}
