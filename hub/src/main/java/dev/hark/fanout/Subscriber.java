package dev.hark.fanout;

import static dev.hark.fanout.DeliveryCounters.counterFor;

import dev.hark.event.CloseReason;
import dev.hark.event.ControlFrames;
import dev.hark.event.Event;
import dev.hark.event.EventId;
import dev.hark.event.EventKind;
import dev.hark.event.Filters;
import dev.hark.event.Frame;
import dev.hark.event.Gap;
import dev.hark.event.GapReason;
import dev.hark.log.Era;
import dev.hark.log.EventLog;
import dev.hark.log.HeldPage;
import dev.hark.log.Page;
import dev.hark.log.Patience;
import dev.hark.log.UnusableLogException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One stream, served by the virtual thread that calls {@link #run}.
 *
 * <pre>
 * state      what the thread does                                leaves it when
 * SEARCHING  looks for the position to start from                it has found it                                 → REPLAYING
 *                                                                it is to give the newest events first           → SNAPSHOT
 * SNAPSHOT   writes the newest event of each topic and key       it has read them, as of its position            → REPLAYING
 * REPLAYING  writes pages of the log                             it has read up to what its mailbox holds        → LIVE
 * LIVE       writes what its mailbox holds, parks when empty     the mailbox ran over under `replay`             → REPLAYING
 *                                                                the mailbox was closed                          → CLOSING
 * CLOSING    writes what still waits, and hark.close             always
 * </pre>
 *
 * Where its filters are one topic, the last event of that ends it: {@code hark.close} comes right behind, and nothing else.
 *
 * It is ended in one of two ways. {@link #close} has it write what waits, and then {@code hark.close}. A cut has it write nothing more of
 * any event: {@link #cut(CloseReason)} still lets it say why, {@link #cut()} does not.
 *
 * SEARCHING, SNAPSHOT and REPLAYING wait for the log, and give signs of life meanwhile. Where the log gets another history, all that waits
 * is void: the client is told {@code reset}, and SNAPSHOT or REPLAYING begins anew.
 *
 * From every state it ends at once when the client is gone, a write is overdue, the log cannot be read or the thread is
 * interrupted. The state is the mailbox's: what {@link Mailbox#drain} answers says what to do next. Confined to its thread, but
 * for the methods that say otherwise.
 */
public final class Subscriber {
    private static final System.Logger LOGGER = System.getLogger(Subscriber.class.getName());

    /** Between the pages of a long search: as short as can be. */
    private static final long PAUSE_NANOS = 1;

    /** How long a subscriber that reads another history than its own waits to be told of it. */
    private static final long RESET_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** How long a subscriber waits for the log before it looks whether its client is still there. */
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Subscription subscription;
    private final Filters filters;
    private final OverflowPolicy policy;
    private final Mailbox mailbox;
    private final Seat seat;
    private final Lane lane;
    private final Surroundings shared;
    private final long heartbeatNanos;

    // Confined to the subscriber's thread.
    private @Nullable Opening opening;
    private final Progress progress;

    private final Outlet outlet;
    private final EventWriter writer;

    /**
     * @param opening where to start; null where that has to be searched for
     * @param era     the history that it was found in, or will be
     */
    Subscriber(Subscription subscription, @Nullable Opening opening, Era era, TopicRule rule, Lane lane, Surroundings shared) {
        this.subscription = subscription;
        this.filters = subscription.filters();
        this.opening = opening;
        this.policy = rule.overflow();
        this.lane = lane;
        this.shared = shared;
        this.mailbox = new Mailbox(rule.mailbox(), policy, era, subscription.start().wantsSnapshots());
        this.seat = new Seat(filters, mailbox, shared.counters().spills);
        long heartbeat = shared.settings().heartbeat().toNanos();
        // Never later than configured, and not all at once.
        this.heartbeatNanos = heartbeat - ThreadLocalRandom.current().nextLong(heartbeat / 5 + 1);
        this.outlet = new Outlet(shared);
        this.progress = new Progress(subscription, shared, era.epoch());
        this.writer = new EventWriter(subscription, shared, outlet, progress, this::cut);
    }

    /** Writes the stream until it ends. Called once, by the thread that is the subscriber's from then on. */
    StreamEnd run(StreamOutput out) {
        outlet.open(out);
        StreamEnd end = StreamEnd.CLIENT_GONE;
        try {
            end = deliver(out);
        } catch (EventWriter.MustClose e) {
            end = closeNow(out);
        } catch (IOException e) {
            // How a client's departure shows: nobody is left to tell.
            end = abruptEnd();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            end = abruptEnd();
        } catch (UnusableLogException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "a stream ends after event " + progress.position(), e);
            end = endUnreadable(out);
        } finally {
            seat.abandon();
            mailbox.close(null);
            lane.submit(seat);
            counterFor(shared.counters().ended, end).increment();
            if (!end.isTold()) {
                // What a client has not taken by now it never will, or must not.
                out.cut();
            }
            outlet.close();
        }
        return end;
    }

    private StreamEnd endUnreadable(StreamOutput out) {
        outlet.farewell();
        try {
            writeLast(out, CloseReason.UNREADABLE);
            return StreamEnd.UNREADABLE;
        } catch (IOException e) {
            return abruptEnd();
        }
    }

    private StreamEnd closeNow(StreamOutput out) {
        try {
            return close(out);
        } catch (IOException e) {
            return abruptEnd();
        }
    }

    /** What this stream does while it waits for the log. */
    private final class Waiting implements Patience {
        private final StreamOutput out;

        Waiting(StreamOutput out) {
            this.out = out;
        }

        @Override
        public long nanos() {
            return outlet.isLeft() || mailbox.isClosed() ? 0 : Math.min(LOOK_NANOS, untilHeartbeat());
        }

        @Override
        public void ranOut(long searched) throws IOException {
            if (outlet.isLeft()) {
                throw new IOException("the client has gone");
            }
            if (mailbox.isClosed()) {
                throw new EventWriter.MustClose();
            }
            if (untilHeartbeat() <= 0) {
                writeSignOfLife(out);
            }
        }
    }

    private long untilHeartbeat() {
        return outlet.lastWriteNanos() + heartbeatNanos - shared.nanoTime().getAsLong();
    }

    private StreamEnd abruptEnd() {
        StreamEnd cut = outlet.cutAs();
        if (cut != null) {
            return cut;
        }
        return Thread.currentThread().isInterrupted() && !outlet.isLeft() ? StreamEnd.INTERRUPTED : StreamEnd.CLIENT_GONE;
    }

    private StreamEnd deliver(StreamOutput out) throws IOException, InterruptedException {
        var waiting = new Waiting(out);
        writeOpening(out, waiting);
        @Nullable Batch batch = null;
        try {
            while (true) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                if (progress.isWithinSnapshot()) {
                    writeSnapshot(out, waiting);
                }
                if (progress.hasEnded()) {
                    return close(out, CloseReason.ENDED);
                }
                if (batch == null) {
                    batch = shared.batches().borrow();
                }
                switch (mailbox.drain(batch, progress.position())) {
                    case FILLED -> {
                        @Nullable Event only = batch.only();
                        if (only == null) {
                            writeBatch(out, batch);
                            batch.clear();
                        } else {
                            // It may block here for as long as the write timeout, and thousands with it: a batch is not needed for that.
                            shared.batches().giveBack(batch);
                            batch = null;
                            writer.event(out, only);
                        }
                    }
                    case BEHIND -> {
                        shared.batches().giveBack(batch);
                        batch = null;
                        replay(out, waiting);
                    }
                    case RESET -> reset(out);
                    case HEARTBEAT -> writeHeartbeat(out);
                    case EMPTY -> {
                        shared.batches().giveBack(batch);
                        batch = null;
                        mailbox.await();
                    }
                    case CLOSED -> {
                        return close(out);
                    }
                }
            }
        } finally {
            if (batch != null) {
                shared.batches().giveBack(batch);
            }
        }
    }

    private void writeOpening(StreamOutput out, Patience patience) throws IOException, InterruptedException {
        Opening start = opening == null ? Opening.search(subscription, shared, patience) : opening;
        opening = null;
        progress.begin(start);
        Frame gap = start.gap() == null ? null : gap(start.gap(), start.after(), progress.position(), null);
        writer.frame(out, ControlFrames.opening(shared.settings().retry().toMillis(), progress.id(), gap));
        progress.announce();
    }

    /** What is left of the snapshot at its position. The position, which comes behind, tells the client that it has all of it. */
    private void writeSnapshot(StreamOutput out, Patience patience) throws IOException, InterruptedException {
        while (progress.lacksOfSnapshot()) {
            try (HeldPage held = shared.history().latest(progress.id(), filters, patience)) {
                Page page = held.page();
                if (!page.epoch().equals(progress.epoch())) {
                    // The lane is about to say so.
                    progress.abandonSnapshot();
                    return;
                }
                if (page.damaged()) {
                    writeGap(out, GapReason.DAMAGE);
                }
                writePage(out, page.events());
                shared.counters().snapshotEvents.add(page.events().size());
                progress.passWithin(page.through());
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            if (mailbox.isClosed()) {
                // What is left of it, the client has when it comes back.
                throw new EventWriter.MustClose();
            }
        }
        progress.finishSnapshot();
        if (progress.misses()) {
            writer.frame(out, gap(GapReason.RETENTION, null, progress.position(), null));
        }
        writer.frame(out, ControlFrames.position(progress.id()));
        progress.isToldOfSnapshot();
    }

    /** All that the client was given is of another history: it is told so, and given all of this one. */
    private void reset(StreamOutput out) throws IOException {
        beginAnew(out, mailbox.takeReset(), GapReason.RESET, progress.announced());
    }

    private void beginAnew(StreamOutput out, Era era, GapReason reason, EventId before) throws IOException {
        progress.begin(era);
        writer.frame(out, gap(reason, before, progress.position(), null));
        progress.announce();
    }

    private void writeBatch(StreamOutput out, Batch batch) throws IOException {
        if (batch.droppedBefore() > 0) {
            writeOverflow(out, batch.droppedBefore(), batch.resumedBefore());
        }
        writer.events(out, batch);
        if (batch.droppedAfter() > 0 && !progress.hasEnded()) {
            writeOverflow(out, batch.droppedAfter(), batch.resumedAfter());
        }
    }

    private void writeOverflow(StreamOutput out, long dropped, long resumedAt) throws IOException {
        writer.frame(out, gap(GapReason.OVERFLOW, progress.id(), resumedAt, dropped));
        counterFor(shared.counters().dropped, policy).add(dropped);
        progress.announce(resumedAt);
        progress.skip(resumedAt);
    }

    private void replay(StreamOutput out, Patience patience) throws IOException, InterruptedException {
        try (HeldPage held = shared.history().read(progress.epoch(), progress.position(), filters, patience)) {
            replay(out, held.page(), held.lost());
        }
    }

    private void replay(StreamOutput out, Page page, long lost) throws IOException {
        if (!page.epoch().equals(progress.epoch())) {
            // The lane is about to say so. Not before: what it offered until then is of the other history.
            LockSupport.parkNanos(this, RESET_NANOS);
            return;
        }
        if (progress.needsSnapshot(page, lost)) {
            Era now = shared.log().tail().era();
            if (now.epoch().equals(progress.epoch())) {
                beginAnew(out, now, GapReason.RETENTION, progress.id());
            } else {
                // Of another history only behind the lane's word: what it offered until then is of this one.
                LockSupport.parkNanos(this, RESET_NANOS);
            }
            return;
        }
        if (page.from() > progress.position()) {
            if (page.damaged() || !progress.knowsOf(Math.max(page.from(), lost))) {
                GapReason reason = page.damaged() ? GapReason.DAMAGE : GapReason.RETENTION;
                writer.frame(out, gap(reason, progress.id(), page.from(), null));
                progress.announce(page.from());
            }
            progress.skip(page.from());
            progress.tell(lost);
        } else if (progress.misses(lost)) {
            // Some of what comes is gone, and what other classes of topics have kept follows.
            writeGap(out, GapReason.RETENTION);
            progress.announce();
            progress.tell(lost);
        }
        if (progress.hasEnded()) {
            return;
        }
        List<Event> events = throughEnd(page.events());
        writePage(out, events);
        shared.counters().replayedEvents.add(events.size());
        if (progress.hasEnded()) {
            return;
        }
        progress.pass(page.through());
        if (untilHeartbeat() <= 0) {
            // A long search that finds nothing: its client, and every proxy on the way, hears how far it has come.
            writeSignOfLife(out);
        }
        if (page.events().size() < EventLog.MAX_PAGE_EVENTS && progress.position() < mailbox.spilledThrough()) {
            // A long search that finds little never blocks, and nobody preempts a virtual thread that only computes. A yield would put it
            // before all who are new to the scheduler, a pause puts it behind them.
            LockSupport.parkNanos(this, PAUSE_NANOS);
        }
    }

    /** What comes up to the last event of the one topic that the client asked for, or all. */
    private List<Event> throughEnd(List<Event> events) {
        if (filters.areOneTopic()) {
            for (int i = 0; i < events.size(); i++) {
                if (events.get(i).kind() == EventKind.END) {
                    return events.subList(0, i + 1);
                }
            }
        }
        return events;
    }

    private void writePage(StreamOutput out, List<Event> events) throws IOException {
        Batch batch = shared.batches().borrow();
        try {
            for (Event event : events) {
                if (!batch.add(event)) {
                    writer.events(out, batch);
                    batch.clear();
                    batch.add(event);
                    if (mailbox.isClosed()) {
                        // What is still to be replayed, the client has when it comes back.
                        throw new EventWriter.MustClose();
                    }
                }
            }
            writer.events(out, batch);
        } finally {
            shared.batches().giveBack(batch);
        }
    }

    /** A comment, or the position where the log has moved on past what this stream was given: then a client that resumes skips less. */
    private void writeHeartbeat(StreamOutput out) throws IOException {
        // The order matters: what the lane had walked past before the mailbox was found idle has been drained.
        long walked = lane.walked();
        if (mailbox.isIdle()) {
            progress.pass(walked);
        }
        writeSignOfLife(out);
    }

    private void writeSignOfLife(StreamOutput out) throws IOException {
        writer.frame(out, signOfLife());
        if (progress.isAhead()) {
            progress.announce();
        }
        shared.counters().heartbeats.increment();
    }

    private Frame signOfLife() {
        if (!progress.hasBegun()) {
            // There is no id to give.
            return ControlFrames.heartbeat();
        }
        String event = shared.settings().heartbeatEvent();
        if (!event.isEmpty()) {
            return ControlFrames.heartbeat(event, progress.id());
        }
        return progress.isAhead() ? ControlFrames.position(progress.id()) : ControlFrames.heartbeat();
    }

    private StreamEnd close(StreamOutput out) throws IOException {
        CloseReason reason = mailbox.closeReason();
        return reason == null ? abruptEnd() : close(out, reason);
    }

    private StreamEnd close(StreamOutput out, CloseReason reason) throws IOException {
        outlet.farewell();
        writeLast(out, reason);
        counterFor(shared.counters().closed, reason).increment();
        return StreamEnd.CLOSED;
    }

    private void writeLast(StreamOutput out, CloseReason reason) throws IOException {
        Frame closing = closing(reason, shared.settings(), progress.last());
        outlet.write(out, closing.array(0), closing.offset(0), closing.length(), true);
    }

    /**
     * The end of a stream, which tells clients to come back at different times: one to two times {@code delivery.retry} from now.
     *
     * @param position where its client is to resume; null where that is not known
     */
    static Frame closing(CloseReason reason, DeliverySettings settings, @Nullable EventId position) {
        long retry = settings.retry().toMillis();
        return ControlFrames.close(reason, retry + ThreadLocalRandom.current().nextLong(retry), position);
    }

    /** Something is missing from here on, and what is not follows. */
    private void writeGap(StreamOutput out, GapReason reason) throws IOException {
        writer.frame(out, gap(reason, progress.id(), progress.position(), null));
    }

    private Frame gap(GapReason reason, @Nullable EventId after, long resumedAt, @Nullable Long dropped) {
        counterFor(shared.counters().gaps, reason).increment();
        shared.watch().gap(filters, reason);
        return ControlFrames.gap(new Gap(reason, after, progress.id(resumedAt), dropped));
    }

    /** Says that nobody reads the stream any more: it ends at once. Thread-safe. */
    public void clientGone() {
        outlet.leave();
        mailbox.close(null);
    }

    /** Has the stream end with {@code hark.close}, after what waits for it now. Thread-safe. */
    public void close(CloseReason reason) {
        mailbox.close(reason);
    }

    /**
     * Has the stream end with nothing more of any event, in the middle of a replay too: with {@code hark.close}, or without it where a
     * write of events is under way that its client does not take within a second. Thread-safe.
     */
    public void cut(CloseReason reason) {
        outlet.bar();
        mailbox.close(reason);
    }

    /** Has the stream end at once and without a word; what its client has not taken is thrown away. Thread-safe. */
    public void cut() {
        outlet.cut(StreamEnd.CUT);
        mailbox.close(null);
    }

    /** Cuts the stream where a write is overdue or its lease is over, and wakes it where a heartbeat is due. Called by the sweeper. */
    void onSweep(long nowNanos) {
        CloseReason over = subscription.lease().over(shared.clock());
        if (over != null) {
            cut(over);
        }
        if (!outlet.sweep(nowNanos) && nowNanos - outlet.lastWriteNanos() >= heartbeatNanos) {
            mailbox.heartbeat();
        }
    }

    /** Gives back what a burst made it take. Called by the sweeper. */
    void shrink() {
        mailbox.shrink();
    }

    /** Where the lane finds this subscriber; the lane's alone. */
    Seat seat() {
        return seat;
    }

    Filters filters() {
        return filters;
    }

    int waiting() {
        return mailbox.size();
    }

    /** Whether its thread does nothing until it is woken. */
    boolean sleeps() {
        return mailbox.isAsleep();
    }

    /** For how many events its mailbox has a slot now. */
    int slots() {
        return mailbox.slots();
    }
}
