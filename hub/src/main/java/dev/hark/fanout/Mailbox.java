package dev.hark.fanout;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.hark.event.CloseReason;
import dev.hark.event.Event;
import dev.hark.log.Era;
import java.util.HashSet;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue between the lanes and one subscriber.
 *
 * <p>Lanes {@link #offer} events in log order and never wait for the subscriber; the subscriber's thread alone {@link #drain}s, and parks
 * when there is nothing to do. What does not fit is treated by the {@link OverflowPolicy}: every event that was offered is either drained,
 * or counted as dropped in a later {@link Batch}, or left to the log ({@link Drained#BEHIND}). Guarded by its own monitor.
 */
final class Mailbox {
    /* The monitor is held for a few dozen nanoseconds and never across a write or a park. `waiting` is set in the same critical section
       that found the mailbox empty, so a lane that adds something afterwards sees it, clears it and unparks. The owner parks as long as it
       is set: any lock that it takes in between may park too and use up the permit, so a bare park would sleep through the event.

       While it sleeps there is something in the ring only where `offerHeld` said so, and then the lane has noted when to wake it. Whatever
       else wakes it, it takes all that waits.

       A subscriber that starts behind, and one under REPLAY whose mailbox ran over, are the same case: all positions up to `spilledThrough`
       are to be had from the log, and the ring holds what came after. While it is behind, every policy treats an overflow like REPLAY does:
       the events are in the log, so there is no reason to drop any.

       A subscriber that reads the log may get ahead of its lane. What the lane then offers, up to the position that the last drain named,
       is neither kept nor counted: it would fill the mailbox, and be announced as dropped though the client has it. */

    /** What {@link #spilledThrough} is before {@link #join}. */
    static final long NOT_JOINED = Long.MAX_VALUE;

    private final MailboxLimits limits;
    private final OverflowPolicy policy;
    private final boolean keepsNewest;

    @GuardedBy("this")
    private final MailboxRing ring = new MailboxRing();

    @GuardedBy("this")
    private boolean behind = true;

    @GuardedBy("this")
    private long spilledThrough = NOT_JOINED;

    @GuardedBy("this")
    private long given = Long.MIN_VALUE;

    @GuardedBy("this")
    private long dropped;

    @GuardedBy("this")
    private long droppedThrough;

    @GuardedBy("this")
    private boolean distinct;

    /** Known once it has something to wait for. */
    @GuardedBy("this")
    private @Nullable Thread owner;

    @GuardedBy("this")
    private boolean heartbeatDue;

    @GuardedBy("this")
    private @Nullable CloseReason closeReason;

    @GuardedBy("this")
    private boolean closed;

    @GuardedBy("this")
    private Era era;

    @GuardedBy("this")
    private boolean reset;

    /** Written with the monitor held, and read without it by the owner. */
    private volatile boolean waiting;

    /** @param era the history that the owner's position is of */
    Mailbox(MailboxLimits limits, OverflowPolicy policy, Era era) {
        this(limits, policy, era, false);
    }

    /** @param keepsNewest whether {@link OverflowPolicy#CONFLATE} never drops the newest event of a topic and key */
    Mailbox(MailboxLimits limits, OverflowPolicy policy, Era era, boolean keepsNewest) {
        this.limits = limits;
        this.policy = policy;
        this.era = era;
        this.keepsNewest = keepsNewest;
    }

    /** What {@link #drain} found. */
    enum Drained {
        /** The batch holds something to write. */
        FILLED,
        /** Nothing; the owner is to park, and will be woken. */
        EMPTY,
        /** Positions up to {@link #spilledThrough} are to be read from the log first. */
        BEHIND,
        /** Nothing but the time for a sign of life. */
        HEARTBEAT,
        /** The log has another history, see {@link #takeReset}: the owner's position means nothing any more. */
        RESET,
        /** Nothing, and nothing will come: the stream is to end. */
        CLOSED
    }

    /**
     * Says that a lane offers, from now on, every event of {@code joined} after position {@code walked}. What it offered before, or did
     * not, is to be had from the log.
     */
    void join(Era joined, long walked) {
        @Nullable Thread wake;
        synchronized (this) {
            ring.clear();
            forgetDropped();
            behind = true;
            spilledThrough = walked;
            if (joined != era) {
                era = joined;
                reset = true;
                given = Long.MIN_VALUE;
            }
            wake = takeWaiting();
        }
        wake(wake);
    }

    /** The history that is offered from, once {@link Drained#RESET} said that it is another one. */
    synchronized Era takeReset() {
        reset = false;
        return era;
    }

    /** Adds {@code event}, which comes after all that were offered before. Called by lanes. */
    Offer offer(Event event) {
        return offer(event, false);
    }

    /**
     * As {@link #offer}, but an owner that sleeps sleeps on where there is room for more: in the one write that it will be, and in here.
     * After {@link Offer#HELD} whoever calls this has to call {@link #release} later.
     */
    Offer offerHeld(Event event) {
        return offer(event, true);
    }

    private Offer offer(Event event, boolean mayWait) {
        @Nullable Thread wake;
        Offer offer;
        synchronized (this) {
            if (closed) {
                return Offer.CLOSED;
            }
            if (event.sequence() <= given) {
                return Offer.KNOWN;
            }
            boolean first = ring.isEmpty();
            offer = add(event);
            if (mayWait && waiting && offer == Offer.ACCEPTED && hasRoomFor(event.frame().length())) {
                return first ? Offer.HELD : Offer.HELD_TOO;
            }
            wake = takeWaiting();
        }
        wake(wake);
        return offer;
    }

    /** Whether as much again as an event of so many bytes fits: here, and into one write with all that waits. */
    @GuardedBy("this")
    private boolean hasRoomFor(int bytes) {
        return ring.size() < Math.min(limits.events(), Batch.MAX_EVENTS)
                && ring.bytes() + bytes <= Math.min(limits.bytes(), Batch.WRITE_BYTES);
    }

    /** Wakes the owner if it sleeps although something waits. Called by the lane, when what it held is due. */
    void release() {
        @Nullable Thread wake;
        synchronized (this) {
            if (ring.isEmpty()) {
                return;
            }
            wake = takeWaiting();
        }
        wake(wake);
    }

    @GuardedBy("this")
    private Offer add(Event event) {
        if (!ring.isEmpty() && isFull(event)) {
            if (behind) {
                return spill(event);
            }
            return switch (policy) {
                case REPLAY -> spill(event);
                case DISCONNECT -> overflow();
                case CONFLATE -> conflate(event);
                case DROP_OLDEST -> displaceOldest(event);
                case DROP_NEWEST -> drop(event);
            };
        }
        if (policy == OverflowPolicy.DROP_NEWEST && dropped > 0) {
            // A small event after a large one that did not fit must not overtake the gap.
            return drop(event);
        }
        ring.add(event);
        distinct = false;
        return Offer.ACCEPTED;
    }

    @GuardedBy("this")
    private Offer spill(Event event) {
        ring.clear();
        behind = true;
        spilledThrough = event.sequence();
        return Offer.SPILLED;
    }

    @GuardedBy("this")
    private Offer overflow() {
        ring.clear();
        closed = true;
        closeReason = CloseReason.SLOW;
        return Offer.OVERFLOWED;
    }

    @GuardedBy("this")
    private Offer drop(Event event) {
        dropped++;
        droppedThrough = event.sequence();
        return Offer.DROPPED;
    }

    @GuardedBy("this")
    private Offer displaceOldest(Event event) {
        while (!ring.isEmpty() && isFull(event)) {
            countDropped(1, ring.removeFirst().sequence());
        }
        ring.add(event);
        return Offer.DISPLACED;
    }

    @GuardedBy("this")
    private Offer conflate(Event event) {
        MailboxRing.Removed superseded = ring.removeIf(waiting -> waiting.isSupersededBy(event));
        if (superseded.count() == 0 && !distinct) {
            superseded = removeSuperseded();
            distinct = true;
        }
        countDropped(superseded.count(), superseded.through());
        if (keepsNewest && isFull(event)) {
            // More have changed than it holds. What was dropped comes again with all else.
            forgetDropped();
            return spill(event);
        }
        return displaceOldest(event);
    }

    /** Keeps the newest of each topic and key. */
    @GuardedBy("this")
    private MailboxRing.Removed removeSuperseded() {
        var seen = new HashSet<Superseding>(ring.size() * 2);
        return ring.removeIf(waiting -> !seen.add(new Superseding(waiting.topic().value(), waiting.key())));
    }

    private record Superseding(String topic, @Nullable String key) {}

    @GuardedBy("this")
    private void countDropped(int count, long through) {
        dropped += count;
        droppedThrough = Math.max(droppedThrough, through);
    }

    /**
     * Moves what waits into {@code batch}, as much as it takes; decides, in the same step, whether the owner may park.
     *
     * @param batch    empty; filled when the answer is {@link Drained#FILLED}
     * @param position up to which the owner has given its client everything
     */
    synchronized Drained drain(Batch batch, long position) {
        waiting = false;
        if (reset) {
            if (!closed) {
                return Drained.RESET;
            }
            ring.clear();
        }
        given = position;
        if (behind && position < spilledThrough) {
            // On the way out nothing is read any more; what waits comes after what was not read, so it must not be written either.
            if (!closed && spilledThrough != NOT_JOINED) {
                return Drained.BEHIND;
            }
            ring.clear();
        } else {
            behind = false;
        }
        fill(batch, position);
        if (!batch.isEmpty()) {
            heartbeatDue = false;
            return Drained.FILLED;
        }
        if (closed) {
            return Drained.CLOSED;
        }
        if (heartbeatDue) {
            heartbeatDue = false;
            return Drained.HEARTBEAT;
        }
        waiting = true;
        owner = Thread.currentThread();
        return Drained.EMPTY;
    }

    /** Parks the owner, after {@link Drained#EMPTY}, until there is something to do. */
    void await() throws InterruptedException {
        while (waiting) {
            LockSupport.park(this);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }

    /** As {@link #await()}, for {@code nanos} at most. */
    void await(long nanos) throws InterruptedException {
        long end = System.nanoTime() + nanos;
        for (long left = nanos; waiting && left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(this, left);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }

    @GuardedBy("this")
    private void fill(Batch batch, long position) {
        boolean gapFirst = policy != OverflowPolicy.DROP_NEWEST;
        if (dropped > 0 && gapFirst) {
            // What conflation keeps may be older than what it dropped: then the client's position must stay where it is.
            long resumeAt = !ring.isEmpty() ? Math.min(droppedThrough, ring.first().sequence() - 1) : droppedThrough;
            batch.dropBefore(dropped, Math.max(position, resumeAt));
            forgetDropped();
        }
        while (!ring.isEmpty()) {
            Event event = ring.first();
            if (event.sequence() > position && !batch.add(event)) {
                return;
            }
            ring.removeFirst();
        }
        if (dropped > 0) {
            batch.dropAfter(dropped, droppedThrough);
            forgetDropped();
        }
    }

    @GuardedBy("this")
    private void forgetDropped() {
        dropped = 0;
        droppedThrough = 0;
    }

    /** Up to which position the owner reads the log before it drains on. */
    synchronized long spilledThrough() {
        return spilledThrough;
    }

    /** Whether all that was offered is drained, and all that comes will be: nothing waits, was dropped or was left to the log. */
    synchronized boolean isIdle() {
        return ring.isEmpty() && dropped == 0 && !behind && !closed && !reset;
    }

    /** Whether the stream is to end. */
    synchronized boolean isClosed() {
        return closed;
    }

    /** Wakes the owner for a sign of life, if it is parked. */
    void heartbeat() {
        @Nullable Thread wake;
        synchronized (this) {
            // Asked again before the owner woke, it is still due.
            heartbeatDue |= waiting;
            wake = takeWaiting();
        }
        wake(wake);
    }

    /**
     * Takes no more events and wakes the owner, which writes what waits and ends. The first reason stays; null, which may come after one,
     * says that there is nobody left to write to or to tell.
     */
    void close(@Nullable CloseReason reason) {
        @Nullable Thread wake;
        synchronized (this) {
            if (reason == null) {
                closeReason = null;
                ring.clear();
                forgetDropped();
            } else if (!closed) {
                closeReason = reason;
            }
            closed = true;
            wake = takeWaiting();
        }
        wake(wake);
    }

    /** Why the stream is to end; null where nobody is to be told. */
    synchronized @Nullable CloseReason closeReason() {
        return closeReason;
    }

    /** Whether the owner does nothing until it is woken. */
    boolean isAsleep() {
        return waiting;
    }

    /** How many events wait. */
    synchronized int size() {
        return ring.size();
    }

    /** For how many events there is a slot now. */
    synchronized int slots() {
        return ring.slots();
    }

    @GuardedBy("this")
    private @Nullable Thread takeWaiting() {
        if (!waiting) {
            return null;
        }
        waiting = false;
        return owner;
    }

    private static void wake(@Nullable Thread owner) {
        if (owner != null) {
            LockSupport.unpark(owner);
        }
    }

    @GuardedBy("this")
    private boolean isFull(Event next) {
        return ring.size() == limits.events() || ring.bytes() + next.frame().length() > limits.bytes();
    }

    /** Gives back the slots that a burst took, where they were not needed since the last call. Called every now and then, by anybody. */
    synchronized void shrink() {
        ring.shrink();
    }
}
