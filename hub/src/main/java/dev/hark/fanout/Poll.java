package dev.hark.fanout;

import static dev.hark.fanout.DeliveryCounters.counterFor;

import dev.hark.event.CloseReason;
import dev.hark.event.Event;
import dev.hark.event.EventId;
import dev.hark.event.Filters;
import dev.hark.event.Gap;
import dev.hark.event.GapReason;
import dev.hark.log.Era;
import dev.hark.log.HeldPage;
import dev.hark.log.Page;
import dev.hark.log.Patience;
import dev.hark.log.Tail;
import dev.hark.log.UnusableLogException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One request for a page, answered by the virtual thread that calls {@link #run}.
 *
 * <pre>
 * state      what the thread does                                    leaves it when
 * SEARCHING  looks for the position to start from                    it has found it                            → READING
 * READING    takes pages of a snapshot, and of the log               there is enough, or nothing more           → answered
 *                                                                    there is nothing, and it may wait          → WAITING
 * WAITING    parks, with a mailbox that its lane offers events to    something matches, or the time is over     → answered
 *                                                                    the log has to be asked again              → READING
 * </pre>
 *
 * It is answered at once when it is told to {@link #end}. Where its client leaves, nothing is waited for any more; but what is being looked
 * for is still found, if that does not take too long: a client that only closes its sending half looks the same.
 *
 * <p>What is missing from the log is told in the page where it comes first; where events come first, the page ends before it, and the next
 * one begins with it. Confined to its thread, but for {@link #end}.
 */
final class Poll {
    /* `next` is exact because the position only moves past what was found or passed: to the last event that is given, to where a page of
       the log ends, or to where the lane had walked when the mailbox was found without anything.

       Nothing that waits is dropped. The mailbox keeps the first events that come, and drops those that do not fit; they are in the log,
       and come after the last that is given, so they are in the next page. Reading the log for them here would be wrong twice: it may be a
       long way back to the position, and whoever waits wants the first event, now. */

    /** How long the log is searched where nothing is found, and nothing is to be waited for. */
    private static final long SEARCH_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** How long it is searched for more where something is found. */
    private static final long MORE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** How many bytes of frames a page has, its last event excepted: as many as a replay takes at once. */
    static final int PAGE_BYTES = 128 << 10;

    /** How long it waits for the log before it looks whether it is to end. */
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** How long it waits for its lane to take it in, or to say that the history is another one, before it looks again. */
    private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

    /** How long the engine takes at most to tell of what can be read already, where it is alive. */
    private static final Duration TELLS_WITHIN = Duration.ofSeconds(1);

    private final PageRequest request;
    private final Subscription subscription;
    private final Filters filters;
    private final Surroundings shared;
    private final Lane lane;
    private final ClientWatch client;
    private final Consumer<Poll> waits;
    private final long begunNanos;
    private final Patience patience = new Searching();

    // Confined to its thread.
    private Era era;
    private long position;

    /** Up to where the client need not be told that retention has removed something. */
    private long told;
    /** Up to where it has found the snapshot at its position, as in {@link EventId}. */
    private long within = EventId.WHOLE;

    private boolean toldOfEvicted;
    private @Nullable Gap gap;
    private final List<Event> events = new ArrayList<>();
    private final List<HeldPage> held = new ArrayList<>();
    private long bytes;
    private boolean watched;

    /** Whether it is known where the page begins: until then there is no page to give. */
    private boolean begun;

    /** When the search has begun: for where the page begins, and then for what is in it. */
    private long searchBegunNanos;

    /** Where the lane finds it, once it waits. */
    private @Nullable Seat seat;

    // Written by its thread.
    private volatile @Nullable Mailbox mailbox;

    // Written by whoever ends it.
    private volatile boolean ended;

    // Written by whoever watches its client.
    private volatile boolean left;

    /**
     * @param lane  which offers it events while it waits
     * @param waits told once, before it waits
     */
    Poll(PageRequest request, Surroundings shared, Lane lane, ClientWatch client, Consumer<Poll> waits) {
        this.request = request;
        this.subscription = request.subscription();
        this.filters = subscription.filters();
        this.shared = shared;
        this.lane = lane;
        this.client = client;
        this.waits = waits;
        this.era = shared.log().tail().era();
        this.begunNanos = now();
        this.searchBegunNanos = begunNanos;
    }

    /**
     * Finds the page. Called once.
     *
     * @throws UnusableLogException if the log cannot be read, and there is nothing else to give
     */
    PageAnswer run() throws InterruptedException {
        boolean given = false;
        try {
            if (!begin()) {
                return notBegun();
            }
            find();
            awaitTold();
            given = true;
            return new PageAnswer.Given(page());
        } finally {
            leave();
            if (!given) {
                held.forEach(HeldPage::close);
            }
        }
    }

    private PageAnswer notBegun() {
        return ended
                ? new PageAnswer.Refused(CloseReason.DRAINING, "the hub ends before it is known where the page begins")
                : new PageAnswer.Refused(CloseReason.OVERLOADED, "where the page begins was not found in "
                        + TimeUnit.NANOSECONDS.toSeconds(SEARCH_NANOS) + " s, and its client sends nothing more");
    }

    /** The engine lets an event be read a moment before it tells: who comes back at once would come with an id that nobody knows. */
    private void awaitTold() throws InterruptedException {
        Tail tail = shared.log().tail();
        if (tail.era() == era && position > newest()) {
            tail.awaitPosition(position, TELLS_WITHIN);
        }
    }

    private EventPage page() {
        shared.counters().pages.increment();
        shared.counters().pageEvents.add(events.size());
        if (gap != null) {
            counterFor(shared.counters().gaps, gap.reason()).increment();
            shared.watch().gap(filters, gap.reason());
        }
        return new EventPage(events, id(position), gap, held, shared.shapes());
    }

    /** Says that the hub does not wait for it any more: it is answered at once. Thread-safe. */
    void end() {
        ended = true;
        wake();
    }

    /** Says that there is nobody to wait for it, as far as is known. */
    private void clientLeft() {
        left = true;
        wake();
    }

    private void wake() {
        Mailbox parked = mailbox;
        if (parked != null) {
            parked.heartbeat();
        }
    }

    /** Ends it where its lease is over. Called by the sweeper. */
    void onSweep() {
        if (subscription.lease().isOver(shared.clock())) {
            end();
        }
    }

    /** Whether it was in the lane, which then gives back what it took of the index. */
    boolean hasJoined() {
        return seat != null;
    }

    private void leave() {
        Mailbox box = mailbox;
        if (box != null && seat != null) {
            seat.abandon();
            box.close(null);
            lane.submit(seat);
        }
    }

    // ---- what it does while it waits for the log

    /** While it waits for the log. */
    private final class Searching implements Patience {
        @Override
        public long nanos() {
            watch();
            return Math.min(LOOK_NANOS, searchNanos());
        }

        @Override
        public void ranOut(long searched) throws IOException {
            if (searchNanos() <= 0) {
                throw new Over();
            }
        }
    }

    /** Says, to a thread that waits for the log, that it is to answer. */
    private static final class Over extends IOException {
        private static final long serialVersionUID = 1L;
    }

    /** For how long it may go on to search; not positive where that is over. A client that has not left may wait for the beginning. */
    private long searchNanos() {
        if (ended) {
            return 0;
        }
        if (!begun && !left) {
            return LOOK_NANOS;
        }
        long wait = left ? 0 : begunNanos + request.longestWait().toNanos() - searchBegunNanos;
        return searchBegunNanos + Math.max(SEARCH_NANOS, wait) - now();
    }

    private void watch() {
        if (!watched) {
            watched = true;
            client.begin(this::clientLeft);
        }
    }

    // ---- where it begins

    /** Whether that is known. */
    private boolean begin() throws InterruptedException {
        try {
            Opening opening;
            do {
                era = shared.log().tail().era();
                Opening known = Opening.at(subscription.start(), filters, era, shared);
                opening = known == null ? Opening.search(subscription, shared, patience) : known;
                // A position means something in one history alone.
            } while (era != shared.log().tail().era());
            position = opening.position();
            told = opening.told();
            within = opening.within();
            if (within == 0) {
                // Not where a crowd of streams has begun: one that publishes, and reads the page then, finds what it published.
                position = opening.after() == null ? newest() : position;
                shared.counters().snapshots.increment();
            }
            toldOfEvicted = opening.gap() == GapReason.RETENTION;
            gap = opening.gap() == null ? null : new Gap(opening.gap(), opening.after(), id(position));
            begun = true;
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    // ---- what is there, and what comes

    private void find() throws InterruptedException {
        try {
            read();
            while (isEmpty() && isWaitedFor() && waitsOn()) {
                read();
            }
        } catch (IOException e) {
            // It has taken long enough: what was found until then is a page.
        } catch (UnusableLogException e) {
            if (isEmpty()) {
                throw e;
            }
        }
    }

    private boolean isEmpty() {
        return events.isEmpty() && gap == null;
    }

    /** Takes what the log has from the position on, up to where it ends now, or as much as a page has. */
    private void read() throws IOException, InterruptedException {
        long start = now();
        searchBegunNanos = start;
        long end = newest();
        while (position < end || within != EventId.WHOLE) {
            if (within != EventId.WHOLE) {
                if (!takeSnapshot() || isFull()) {
                    return;
                }
                continue;
            }
            Era before = era;
            long from = position;
            if (!take(shared.history().read(era.epoch(), position, filters, patience))) {
                return;
            }
            if (searchNanos() <= 0 || (!isEmpty() && now() - start >= MORE_NANOS)) {
                return;
            }
            if (era != before) {
                end = newest();
            } else if (position == from) {
                // What is being committed is not hot yet.
                LockSupport.parkNanos(this, PAUSE_NANOS);
            }
        }
    }

    /** Takes what is left of the snapshot at its position, or as much as a page has; whether that was all of it. */
    private boolean takeSnapshot() throws IOException, InterruptedException {
        while (within < position) {
            if (isFull() || searchNanos() <= 0) {
                return false;
            }
            HeldPage found = shared.history().latest(id(position), filters, patience);
            held.add(found);
            Page page = found.page();
            if (!page.epoch().equals(era.epoch())) {
                // What follows says so.
                break;
            }
            if (page.damaged()) {
                if (!events.isEmpty()) {
                    return false;
                }
                gap = gap == null ? new Gap(GapReason.DAMAGE, id(position), id(position)) : gap;
            }
            for (Event event : page.events()) {
                if (isFull()) {
                    return false;
                }
                events.add(event);
                shared.counters().snapshotEvents.increment();
                bytes += event.frame().length();
                within = event.sequence();
            }
            within = Math.max(within, page.through());
        }
        if (!toldOfEvicted && Opening.evicted(shared.log().tail().classes().touchedBy(filters), shared.log())) {
            if (!events.isEmpty()) {
                // At the beginning of the next page, which is about what is left: nothing.
                return false;
            }
            gap = gap == null ? new Gap(GapReason.RETENTION, null, id(position)) : gap;
        }
        within = EventId.WHOLE;
        return true;
    }

    private long newest() {
        return era.bounds().newest();
    }

    /** Takes {@code found}, or a first part of it; whether there is room for more. */
    private boolean take(HeldPage found) {
        boolean keep = false;
        try {
            Page page = found.page();
            if (!page.epoch().equals(era.epoch())) {
                return changeHistory();
            }
            if (page.from() > position) {
                if (!events.isEmpty()) {
                    return false;
                }
                if (page.damaged() || Math.max(page.from(), found.lost()) > told) {
                    GapReason reason = page.damaged() ? GapReason.DAMAGE : GapReason.RETENTION;
                    gap = gap == null ? new Gap(reason, id(position), id(page.from())) : gap.until(id(page.from()));
                }
                position = page.from();
                told = Math.max(told, found.lost());
            } else if (found.lost() > Math.max(position, told)) {
                // Some of what comes is gone, and what other classes of topics have kept follows.
                if (!events.isEmpty()) {
                    return false;
                }
                gap = gap == null ? new Gap(GapReason.RETENTION, id(position), id(position)) : gap;
                told = found.lost();
            }
            keep = !page.events().isEmpty();
            for (Event event : page.events()) {
                if (isFull()) {
                    return false;
                }
                take(event);
            }
            position = Math.max(position, page.through());
            return !isFull();
        } finally {
            if (keep) {
                held.add(found);
            } else {
                found.close();
            }
        }
    }

    private void take(Event event) {
        events.add(event);
        bytes += event.frame().length();
        position = event.sequence();
    }

    private boolean isFull() {
        return events.size() == request.limit() || bytes > PAGE_BYTES;
    }

    /** All that the client was given is of another history: it is told so, first of all; whether this page can do it. */
    private boolean changeHistory() {
        if (!events.isEmpty()) {
            return false;
        }
        Era changed = shared.log().tail().era();
        if (changed == era) {
            // The engine reads from the new one before it tells.
            LockSupport.parkNanos(this, PAUSE_NANOS);
            return true;
        }
        EventId before = gap == null ? id(position) : gap.after();
        era = changed;
        if (subscription.start().wantsSnapshots()) {
            Opening begunAnew = Opening.snapshot(filters, changed, shared);
            position = begunAnew.position();
            told = begunAnew.told();
            within = begunAnew.within();
            shared.counters().snapshots.increment();
        } else {
            position = changed.bounds().floor();
            told = changed.lostStored(shared.log().tail().classes().touchedBy(filters));
        }
        gap = new Gap(GapReason.RESET, before, id(position));
        return true;
    }

    /** Waits; whether the log is to be asked again. */
    private boolean waitsOn() throws InterruptedException {
        Mailbox box = join();
        while (true) {
            switch (drain(box)) {
                case FILLED -> {
                    return false;
                }
                case BEHIND -> {
                    if (box.spilledThrough() == Mailbox.NOT_JOINED) {
                        LockSupport.parkNanos(this, PAUSE_NANOS);
                    }
                    return true;
                }
                case RESET -> {
                    box.takeReset();
                    changeHistory();
                    return true;
                }
                case EMPTY -> {
                    // In this order: whoever ends it afterwards finds it waiting.
                    if (!isWaitedFor()) {
                        passSilence(box);
                        return false;
                    }
                    box.await(Math.max(1, untilTimeout()));
                }
                // Somebody has ended it.
                case HEARTBEAT -> {}
                case CLOSED -> throw new IllegalStateException("only its own thread closes the mailbox");
            }
        }
    }

    /** Takes what waits, as much as there is room for; what comes behind is in the log. It holds no batch while it waits. */
    private Mailbox.Drained drain(Mailbox box) {
        Batch batch = shared.batches().borrow();
        try {
            Mailbox.Drained drained = box.drain(batch, position);
            for (int i = 0; i < batch.count() && !isFull(); i++) {
                take(batch.event(i));
            }
            return drained;
        } finally {
            shared.batches().giveBack(batch);
        }
    }

    private Mailbox join() {
        Mailbox box = mailbox;
        if (box == null) {
            watch();
            box = new Mailbox(new MailboxLimits(request.limit(), PAGE_BYTES), OverflowPolicy.DROP_NEWEST, era);
            mailbox = box;
            seat = new Seat(filters, box, shared.counters().spills);
            waits.accept(this);
            lane.submit(seat);
        }
        return box;
    }

    /** Nothing came that matches: a client that follows skips what the lane has walked past. */
    private void passSilence(Mailbox box) {
        // The order matters: what the lane had walked past before the mailbox was found idle has been drained.
        long walked = lane.walked();
        if (box.isIdle()) {
            position = Math.max(position, walked);
        }
    }

    private boolean isWaitedFor() {
        return !ended && !left && untilTimeout() > 0;
    }

    private long untilTimeout() {
        return begunNanos + request.longestWait().toNanos() - now();
    }

    private long now() {
        return shared.nanoTime().getAsLong();
    }

    private EventId id(long sequence) {
        return new EventId(era.epoch(), sequence, within);
    }
}
