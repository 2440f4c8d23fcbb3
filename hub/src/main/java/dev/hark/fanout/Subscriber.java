package dev.hark.fanout;

import static dev.hark.fanout.DeliveryCounters.counterFor;

import dev.hark.event.CloseReason;
import dev.hark.event.ControlFrames;
import dev.hark.event.Event;
import dev.hark.event.EventId;
import dev.hark.event.EventKind;
import dev.hark.event.Filters;
import dev.hark.event.Format;
import dev.hark.event.Frame;
import dev.hark.event.Gap;
import dev.hark.event.GapReason;
import dev.hark.event.Margin;
import dev.hark.log.EndedTopics;
import dev.hark.log.Era;
import dev.hark.log.EventLog;
import dev.hark.log.HeldPage;
import dev.hark.log.Page;
import dev.hark.log.Patience;
import dev.hark.log.UnusableLogException;
import java.io.IOException;
import java.util.ArrayList;
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
 * SEARCHING, SNAPSHOT and REPLAYING wait for the log, and give signs of life meanwhile. Where the log gets another history, all that waits is void:
 * the client is told {@code reset}, and SNAPSHOT or REPLAYING begins anew.
 *
 * From every state it ends at once when the client is gone, a write is overdue, the log cannot be read or the thread is
 * interrupted. The state is the mailbox's: what {@link Mailbox#drain} answers says what to do next. Confined to its thread, but
 * for the methods that say otherwise.
 */
public final class Subscriber {
    private static final System.Logger LOGGER = System.getLogger(Subscriber.class.getName());
    private static final long NOTHING = -1;

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
    private String epoch;
    private long position;

    /** Up to where the client need not be told that retention has removed something. */
    private long told;

    /** Up to where it was given the snapshot at its position, as in {@link EventId}. */
    private long within = EventId.WHOLE;

    /** Whether it was told that a snapshot may not be whole. */
    private boolean toldOfEvicted;

    /** The last position that the client was given an id of. */
    private long announced = NOTHING;

    /** Whether the client has the last event of the one topic that it asked for, or was told that it misses it. */
    private boolean ended;

    private final Outlet outlet;

    /**
     * @param opening where to start; null where that has to be searched for
     * @param era     the history that it was found in, or will be
     */
    Subscriber(Subscription subscription, @Nullable Opening opening, Era era, TopicRule rule, Lane lane, Surroundings shared) {
        this.subscription = subscription;
        this.filters = subscription.filters();
        this.opening = opening;
        this.epoch = era.epoch();
        this.policy = rule.overflow();
        this.lane = lane;
        this.shared = shared;
        this.mailbox = new Mailbox(rule.mailbox(), policy, era);
        this.seat = new Seat(filters, mailbox, shared.counters().spills);
        long heartbeat = shared.settings().heartbeat().toNanos();
        // Never later than configured, and not all at once.
        this.heartbeatNanos = heartbeat - ThreadLocalRandom.current().nextLong(heartbeat / 5 + 1);
        this.outlet = new Outlet(shared);
    }

    /** Writes the stream until it ends. Called once, by the thread that is the subscriber's from then on. */
    StreamEnd run(StreamOutput out) {
        outlet.open(out);
        StreamEnd end = StreamEnd.CLIENT_GONE;
        try {
            end = deliver(out);
        } catch (MustClose e) {
            end = closeNow(out);
        } catch (IOException e) {
            // How a client's departure shows: nobody is left to tell.
            end = abruptEnd();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            end = abruptEnd();
        } catch (UnusableLogException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "a stream ends after event " + position, e);
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

    /** Says, to a thread that waits for the log, that its stream is to end with a word. */
    private static final class MustClose extends IOException {
        private static final long serialVersionUID = 1L;
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
                throw new MustClose();
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
                if (within != EventId.WHOLE) {
                    writeSnapshot(out, waiting);
                }
                if (ended) {
                    return close(out, CloseReason.ENDED);
                }
                if (batch == null) {
                    batch = shared.batches().borrow();
                }
                switch (mailbox.drain(batch, position)) {
                    case FILLED -> {
                        @Nullable Event only = batch.only();
                        if (only == null) {
                            writeBatch(out, batch);
                            batch.clear();
                        } else {
                            // It may block here for as long as the write timeout, and thousands with it: a batch is not needed for that.
                            shared.batches().giveBack(batch);
                            batch = null;
                            writeEvent(out, only);
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
        position = start.position();
        told = start.told();
        within = start.within();
        toldOfEvicted = start.gap() == GapReason.RETENTION;
        if (within == 0) {
            shared.counters().snapshots.increment();
        }
        Frame gap = start.gap() == null ? null : gap(start.gap(), start.after(), position, null);
        write(out, ControlFrames.opening(shared.settings().retry().toMillis(), id(position), gap));
        announced = position;
    }

    /** What is left of the snapshot at its position. The position, which comes behind, tells the client that it has all of it. */
    private void writeSnapshot(StreamOutput out, Patience patience) throws IOException, InterruptedException {
        while (within < position) {
            try (HeldPage held = shared.history().latest(id(position), filters, patience)) {
                Page page = held.page();
                if (!page.epoch().equals(epoch)) {
                    // The lane is about to say so.
                    within = EventId.WHOLE;
                    return;
                }
                if (page.damaged()) {
                    write(out, gap(GapReason.DAMAGE, id(position), position, null));
                }
                writePage(out, page.events());
                shared.counters().snapshotEvents.add(page.events().size());
                within = page.through();
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            if (mailbox.isClosed()) {
                // What is left of it, the client has when it comes back.
                throw new MustClose();
            }
        }
        within = EventId.WHOLE;
        long classes = shared.log().tail().classes().touchedBy(filters);
        if (!toldOfEvicted && Opening.evicted(classes, shared.log())) {
            write(out, gap(GapReason.RETENTION, null, position, null));
        }
        write(out, ControlFrames.position(id(position)));
        ended = hasEnded(position);
    }

    /** Whether the one topic that the client asked for has ended at or before {@code through}. */
    private boolean hasEnded(long through) {
        Era era = shared.log().tail().era();
        if (!filters.areOneTopic() || !era.epoch().equals(epoch)) {
            return false;
        }
        long end = era.ended().of(filters.asList().getFirst().value());
        return end != EndedTopics.OPEN && end <= through;
    }

    /** All that the client was given is of another history: it is told so, and given all of this one. */
    private void reset(StreamOutput out) throws IOException {
        EventId before = id(announced);
        Era era = mailbox.takeReset();
        epoch = era.epoch();
        if (subscription.start().isCurrent()) {
            Opening begun = Opening.snapshot(filters, era, shared);
            position = begun.position();
            told = begun.told();
            within = begun.within();
            shared.counters().snapshots.increment();
        } else {
            position = era.bounds().floor();
            told = era.lostStored(shared.log().tail().classes().touchedBy(filters));
        }
        write(out, gap(GapReason.RESET, before, position, null));
        announced = position;
    }

    private void writeBatch(StreamOutput out, Batch batch) throws IOException {
        if (batch.droppedBefore() > 0) {
            writeOverflow(out, batch.droppedBefore(), batch.resumedBefore());
        }
        writeEvents(out, batch);
        if (batch.droppedAfter() > 0 && !ended) {
            writeOverflow(out, batch.droppedAfter(), batch.resumedAfter());
        }
    }

    private void writeOverflow(StreamOutput out, long dropped, long resumedAt) throws IOException {
        write(out, gap(GapReason.OVERFLOW, id(position), resumedAt, dropped));
        counterFor(shared.counters().dropped, policy).add(dropped);
        announced = resumedAt;
        ended = skipsEnd(resumedAt);
        position = Math.max(position, resumedAt);
    }

    /** Whether the one topic that the client asked for ended behind its position and up to {@code through}, and goes on to be so. */
    private boolean skipsEnd(long through) {
        Era era = shared.log().tail().era();
        if (!filters.areOneTopic() || !era.epoch().equals(epoch)) {
            return false;
        }
        long end = era.ended().of(filters.asList().getFirst().value());
        return end > position && end <= through;
    }

    /** In one socket write, however many events there are. */
    private void writeEvents(StreamOutput out, Batch batch) throws IOException {
        if (batch.count() == 0) {
            return;
        }
        if (filters.areOneTopic()) {
            batch.cutBehindEnd();
        }
        int count = batch.count();
        Event last = batch.event(count - 1);
        if (count == 1) {
            writeEvent(out, last);
            return;
        }
        if (subscription.format() != Format.DATA) {
            writeShapes(out, batch);
            return;
        }
        write(out, batch.gather(), Margin.before(batch.bytes()), batch.bytes());
        delivered(last, count);
    }

    /** The same in another shape, whose bytes the batch did not reckon with: in as many writes as they take. */
    private void writeShapes(StreamOutput out, Batch batch) throws IOException {
        var frames = new ArrayList<Frame>(batch.count());
        int bytes = 0;
        for (int i = 0; i < batch.count(); i++) {
            Frame frame = shared.shapes().frame(batch.event(i), subscription.format());
            if (bytes > 0 && bytes + frame.length() > Batch.WRITE_BYTES) {
                writeFrames(out, batch, frames, bytes);
                delivered(batch.event(i - 1), frames.size());
                frames.clear();
                bytes = 0;
            }
            frames.add(frame);
            bytes += frame.length();
        }
        writeFrames(out, batch, frames, bytes);
        delivered(batch.event(batch.count() - 1), frames.size());
    }

    private void writeFrames(StreamOutput out, Batch batch, List<Frame> frames, int bytes) throws IOException {
        if (frames.size() == 1) {
            write(out, frames.getFirst());
        } else {
            write(out, batch.gather(frames, bytes), Margin.before(bytes), bytes);
        }
    }

    /** From the frame that all streams share. */
    private void writeEvent(StreamOutput out, Event event) throws IOException {
        write(out, shared.shapes().frame(event, subscription.format()));
        delivered(event, 1);
    }

    private void delivered(Event last, int count) {
        if (within != EventId.WHOLE) {
            within = last.sequence();
            shared.counters().deliveredEvents.add(count);
            return;
        }
        position = last.sequence();
        announced = position;
        ended = last.kind() == EventKind.END && filters.areOneTopic();
        shared.counters().deliveredEvents.add(count);
    }

    private void replay(StreamOutput out, Patience patience) throws IOException, InterruptedException {
        try (HeldPage held = shared.history().read(epoch, position, filters, patience)) {
            replay(out, held.page(), held.lost());
        }
    }

    private void replay(StreamOutput out, Page page, long lost) throws IOException {
        if (!page.epoch().equals(epoch)) {
            // The lane is about to say so. Not before: what it offered until then is of the other history.
            LockSupport.parkNanos(this, RESET_NANOS);
            return;
        }
        if (page.from() > position) {
            if (page.damaged() || page.from() > told) {
                write(out, gap(page.damaged() ? GapReason.DAMAGE : GapReason.RETENTION, id(position), page.from(), null));
                announced = page.from();
            }
            ended = skipsEnd(page.from());
            position = page.from();
            told = Math.max(told, lost);
        } else if (lost > Math.max(position, told)) {
            // Some of what comes is gone, and what other classes of topics have kept follows.
            write(out, gap(GapReason.RETENTION, id(position), position, null));
            announced = position;
            told = lost;
        }
        if (ended) {
            return;
        }
        List<Event> events = throughEnd(page.events());
        writePage(out, events);
        shared.counters().replayedEvents.add(events.size());
        if (ended) {
            return;
        }
        position = Math.max(position, page.through());
        if (untilHeartbeat() <= 0) {
            // A long search that finds nothing: its client, and every proxy on the way, hears how far it has come.
            writeSignOfLife(out);
        }
        if (page.events().size() < EventLog.MAX_PAGE_EVENTS && position < mailbox.spilledThrough()) {
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
                    writeEvents(out, batch);
                    batch.clear();
                    batch.add(event);
                    if (mailbox.isClosed()) {
                        // What is still to be replayed, the client has when it comes back.
                        throw new MustClose();
                    }
                }
            }
            writeEvents(out, batch);
        } finally {
            shared.batches().giveBack(batch);
        }
    }

    /** A comment, or the position where the log has moved on past what this stream was given: then a client that resumes skips less. */
    private void writeHeartbeat(StreamOutput out) throws IOException {
        // The order matters: what the lane had walked past before the mailbox was found idle has been drained.
        long walked = lane.walked();
        if (mailbox.isIdle() && walked > position) {
            position = walked;
        }
        writeSignOfLife(out);
    }

    private void writeSignOfLife(StreamOutput out) throws IOException {
        write(out, signOfLife());
        if (announced != NOTHING) {
            announced = Math.max(announced, position);
        }
        shared.counters().heartbeats.increment();
    }

    private Frame signOfLife() {
        if (announced == NOTHING) {
            // Before the start is known there is no id to give.
            return ControlFrames.heartbeat();
        }
        String event = shared.settings().heartbeatEvent();
        if (!event.isEmpty()) {
            return ControlFrames.heartbeat(event, id(position));
        }
        return position > announced ? ControlFrames.position(id(position)) : ControlFrames.heartbeat();
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
        Frame closing = closing(reason, shared.settings(), announced == NOTHING ? null : id(position));
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

    private Frame gap(GapReason reason, @Nullable EventId after, long resumedAt, @Nullable Long dropped) {
        counterFor(shared.counters().gaps, reason).increment();
        return ControlFrames.gap(new Gap(reason, after, id(resumedAt), dropped));
    }

    private EventId id(long sequence) {
        return new EventId(epoch, sequence, within);
    }

    /** A frame may be larger than the socket takes within the write timeout, even with a fast client: each part has that time. */
    private void write(StreamOutput out, Frame frame) throws IOException {
        for (int part = 0; part < frame.parts(); part++) {
            requireNotBarred(part);
            outlet.write(out, frame.array(part), frame.offset(part), frame.length(part), false);
        }
    }

    private void write(StreamOutput out, byte[] bytes, int offset, int length) throws IOException {
        requireNotBarred(0);
        outlet.write(out, bytes, offset, length, false);
    }

    private void requireNotBarred(int written) throws IOException {
        if (outlet.isBarred()) {
            if (written > 0) {
                // A word in the middle of an event would be taken for a part of it.
                outlet.cut(StreamEnd.CUT);
                throw new IOException("cut in the middle of an event");
            }
            throw new MustClose();
        }
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

    /** Cuts the stream where a write is overdue, and wakes it where a heartbeat is. Called by the sweeper. */
    void onSweep(long nowNanos) {
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
