package dev.hark.log;

import dev.hark.event.Event;
import dev.hark.event.EventId;
import dev.hark.event.Filters;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The log as streams read it: from the hot events where they reach back far enough, otherwise from the engine, a few questions at a time,
 * each of which costs at most {@link EventLog#MAX_SCAN_EVENTS} rows.
 *
 * <p>Whoever waits here, for its turn or for the answer, does what its {@link Patience} says, so that a stream gives signs of life, and
 * stops waiting when its client has gone. Whoever asks for what another is reading is given the same page, and so is who asks a moment
 * later. Thread-safe; callers are subscribers' virtual threads.
 */
public final class History {
    /* After a restart thousands come back at once with much the same id. Those whose filters are a few topics, spelled out, ask
       for those topics: those who are together share a read, and those who follow find the page that it left. All others share
       pages of every topic, of which each takes what is its own: however many different wildcards there are, the log is read once
       for those who are near each other.

       The engine is asked on a thread of its own, which keeps the turn until it has the answer: a question that takes long counts as one
       of the few that are asked at once even where nobody waits for it any more, and what it finds is kept for others. */

    /** How many questions the engine answers at once. More would take the disk and the processors from live delivery. */
    private static final int CONCURRENT_READS = 4;

    /** For how many topics an index is asked; with more, all is read. */
    private static final int MAX_TOPICS = 8;

    /** How far back the hot events are searched for what an index finds at once: it is most often among the newest. */
    private static final int MAX_HOT_LOOK = 1_000;

    /** After so many comparisons of events with filters the page is cut, or others may run: nobody preempts a virtual thread. */
    private static final int MAX_COMPARISONS = 20_000;

    /** How many events a page of a snapshot holds that all share: few enough that the first ones come soon. */
    private static final int SNAPSHOT_PAGE_EVENTS = 1_000;

    /** For how long a crowd that wants a snapshot is given the same one. What was published since, they are given right behind it. */
    private static final long MOMENT_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    /** How long a commit that has begun takes to its end at most, unless its thread died. */
    private static final long HOT_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** How many are no crowd yet: each is given the newest. */
    private static final int FEW = 4;

    static final long NO_SNAPSHOT = -1;

    /** As short as can be: a yield would put the thread before all who are new to the scheduler, a pause puts it behind them. */
    private static final long PAUSE_NANOS = 1;

    private static final System.Logger LOGGER = System.getLogger(History.class.getName());

    private final EventLog log;
    private final LongSupplier nanoTime;
    private final boolean indexed;
    private final Turns turns = new Turns(CONCURRENT_READS);
    private final PageBudget held = new PageBudget();
    private final AtomicReference<Shared> shared;

    /** Where the last snapshot was begun. */
    private final AtomicReference<@Nullable Moment> moment = new AtomicReference<>();

    /**
     * A question to the engine.
     *
     * @param snapshot the position of the snapshot that it is about; {@link #NO_SNAPSHOT} where it is about the log itself
     */
    record Query(String epoch, long snapshot, long after, Filters filters) {
        /** One about the log itself. */
        Query(String epoch, long after, Filters filters) {
            this(epoch, NO_SNAPSHOT, after, filters);
        }

        boolean isOfSnapshot() {
            return snapshot != NO_SNAPSHOT;
        }
    }

    /**
     * What those share who read in one era. Another may have the same name, as where a copy from before is applied again, and other events.
     *
     * @param reads the pages that are being read: at most one for each waiting stream
     */
    private record Shared(Era era, KeptPages kept, ConcurrentMap<Query, CompletableFuture<Page>> reads) {
        static Shared of(Era era) {
            return new Shared(era, new KeptPages(), new ConcurrentHashMap<>());
        }
    }

    /**
     * A while in which snapshots are asked for.
     *
     * @param position of the snapshot that was begun last
     * @param nanos    when it began
     * @param begun    how many snapshots were begun in it
     */
    private record Moment(Era era, long position, long nanos, int begun) {}

    public History(EventLog log) {
        this(log, System::nanoTime);
    }

    /** @param nanoTime a monotonic clock, in nanoseconds, by which a crowd comes within a moment */
    public History(EventLog log, LongSupplier nanoTime) {
        this.log = log;
        this.nanoTime = nanoTime;
        this.indexed = log.capabilities().has(Capability.TOPIC_INDEX);
        this.shared = new AtomicReference<>(Shared.of(log.tail().era()));
    }

    /**
     * As {@link EventLog#read}, of the history with {@code epoch}; a page of another epoch says that it is over. Where streams hold much
     * already, the page is short.
     *
     * @return to be closed by who has let go of it
     * @throws IOException from {@code patience}
     */
    public HeldPage read(String epoch, long after, Filters filters, Patience patience) throws IOException, InterruptedException {
        long classes = log.tail().classes().touchedBy(filters);
        Era era = log.tail().era();
        if (era.epoch().equals(epoch) && era.hot().covers(after)) {
            Page page = era.hot().read(epoch, after, filters, EventLog.MAX_PAGE_EVENTS);
            if (page.from() == after) {
                return held.lend(page, era.lostHot(classes));
            }
        }
        Page page = find(epoch, after, filters, patience);
        Era now = log.tail().era();
        if (!now.epoch().equals(page.epoch())) {
            return held.lend(page, 0);
        }
        long lost = page.lost().highest(classes);
        if (!now.isUnstored(classes)) {
            return held.lend(page.from(page.lost().lowest(classes)), lost);
        }
        long gone = now.hotLost();
        return held.lend(withoutHot(page, gone), Math.max(lost, gone));
    }

    /** Where a snapshot of {@code era} is made now: at the same position for a crowd, which shares its pages then. */
    public long snapshotPosition(Era era) {
        long now = nanoTime.getAsLong();
        long newest = era.bounds().newest();
        Moment last = moment.get();
        Moment begun = new Moment(era, newest, now, 1);
        if (last != null && last.era() == era && now - last.nanos() < MOMENT_NANOS && era.hot().covers(last.position())) {
            if (last.begun() == FEW) {
                return last.position();
            }
            begun = new Moment(era, newest, last.nanos(), last.begun() + 1);
        }
        // Of those who come at once the first one decides.
        return moment.compareAndSet(last, begun) ? begun.position() : snapshotPosition(era);
    }

    /**
     * What follows {@code from} of the snapshot in which that is, as {@link EventLog#latest}: its events bear ids of the snapshot. It is at
     * its end where the page ends at the snapshot's position.
     *
     * @return to be closed by who has let go of it
     * @throws IOException from {@code patience}
     */
    public HeldPage latest(EventId from, Filters filters, Patience patience) throws IOException, InterruptedException {
        boolean lookUp = canLookUp(filters);
        var query = new Query(from.epoch(), from.sequence(), from.within(), lookUp ? filters : Filters.EVERYTHING);
        Page page = shared(query, patience);
        return held.lend(lookUp ? page : matching(page, from.within(), filters), 0);
    }

    /** What {@code page} holds up to {@code position}: from there on, more than the engine has is found among the hot events. */
    private static Page withoutHot(Page page, long position) {
        if (page.through() <= position) {
            return page;
        }
        long through = Math.max(page.from(), position);
        List<Event> events = page.events().stream().filter(event -> event.sequence() <= through).toList();
        return page.first(events, through);
    }

    private Page find(String epoch, long after, Filters filters, Patience patience) throws IOException, InterruptedException {
        boolean lookUp = canLookUp(filters);
        var query = new Query(epoch, after, lookUp ? filters : Filters.EVERYTHING);
        Page page = shared(query, patience);
        return lookUp ? page : matching(page, after, filters);
    }

    /** Whether the engine's index finds what they match. */
    private boolean canLookUp(Filters filters) {
        return indexed && filters.size() <= MAX_TOPICS && filters.areExact();
    }

    /** The wanted events of {@code page} after {@code after}; of a first part of it, where there are many or much is to be compared. */
    private static Page matching(Page page, long after, Filters filters) {
        var events = new ArrayList<Event>();
        int comparisons = 0;
        long bytes = 0;
        for (Event event : page.events()) {
            if (event.sequence() <= after) {
                continue;
            }
            if (comparisons >= MAX_COMPARISONS || events.size() == EventLog.MAX_PAGE_EVENTS || bytes > PageBudget.PAGE_BYTES) {
                return part(page, after, events, event.sequence() - 1);
            }
            comparisons += filters.size();
            if (filters.matches(event.topic())) {
                events.add(event);
                bytes += event.frame().length();
            }
        }
        return part(page, after, events, page.through());
    }

    private static Page part(Page page, long after, List<Event> events, long through) {
        return new Page(page.epoch(), Math.max(page.from(), after), events, through, page.damaged(), page.lost());
    }

    private Page shared(Query query, Patience patience) throws IOException, InterruptedException {
        while (true) {
            Era era = log.tail().era();
            Shared in = sharedIn(era);
            Page page = in.kept().find(query, era.bounds().floor(), era.retained().floors());
            if (page != null) {
                return page;
            }
            var mine = new CompletableFuture<Page>();
            CompletableFuture<Page> other = in.reads().putIfAbsent(query, mine);
            if (other == null) {
                return readFor(query, in, mine, patience);
            }
            try {
                return await(other, query.after(), patience);
            } catch (NotRead e) {
                // Whoever read for others failed or gave up: each tries for itself.
                LOGGER.log(System.Logger.Level.DEBUG, "a read for others came to nothing", e);
            }
        }
    }

    private Shared sharedIn(Era era) {
        Shared last = shared.get();
        if (last.era() == era) {
            return last;
        }
        Shared begun = Shared.of(era);
        // Of those who come at once the first one decides.
        return shared.compareAndSet(last, begun) ? begun : sharedIn(era);
    }

    /** Says to those who wait for what another reads that they have to read it themselves. */
    private static final class NotRead extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NotRead(@Nullable Throwable cause) {
            super(cause);
        }
    }

    private Page readFor(Query query, Shared in, CompletableFuture<Page> result, Patience patience)
            throws IOException, InterruptedException {
        int limit = query.filters().matchAll() ? EventLog.MAX_SCAN_EVENTS : EventLog.MAX_PAGE_EVENTS;
        CompletableFuture<Page> answer;
        try {
            answer = ask(query.after(), patience, () -> query.isOfSnapshot()
                    ? latest(query) : log.read(query.after(), query.filters(), limit));
        } catch (IOException | InterruptedException | RuntimeException | Error e) {
            in.reads().remove(query, result);
            result.completeExceptionally(new NotRead(e));
            throw e;
        }
        // Whether or not this one still waits then.
        CompletableFuture<Page> told = answer.whenComplete((page, failure) -> {
            if (failure == null) {
                in.kept().keep(query, page);
            }
            in.reads().remove(query, result);
            if (failure == null) {
                result.complete(page);
            } else {
                result.completeExceptionally(new NotRead(failure));
            }
        });
        return await(told, query.after(), patience);
    }

    private Page latest(Query query) {
        Page page = log.latest(query.after(), query.snapshot(), query.filters(), SNAPSHOT_PAGE_EVENTS);
        // Encoded here, once for all who are given the page.
        return page.first(
                page.events().stream().map(event -> event.inSnapshot(page.epoch(), query.snapshot())).toList(), page.through());
    }

    /** As {@link EventLog#since}. */
    public Since since(long timeMillis, Patience patience) throws IOException, InterruptedException {
        long newest = log.tail().bounds().newest();
        return await(ask(newest, patience, () -> log.since(timeMillis)), newest, patience);
    }

    /**
     * The position from which the last {@code count} retained events that match any of {@code filters}
     * follow; all of them if there are fewer.
     *
     * @throws IOException from {@code patience}
     */
    public long last(Filters filters, int count, Patience patience) throws IOException, InterruptedException {
        Era era = log.tail().era();
        long newest = era.bounds().newest();
        awaitHot(era, newest, patience);
        long classes = log.tail().classes().touchedBy(filters);
        // What is hot alone no index knows.
        boolean goOn = era.isUnstored(classes);
        Back search = amongHot(era.hot(), new Back(newest, count, count == 0), filters, canLookUp(filters) && !goOn, patience);
        if (search.left() > 0 && !era.areUnstored(classes)) {
            // Not all of them are hot. From the beginning: an index knows better than to go on from here.
            search = goOn ? new Back(search.position(), search.left(), false) : new Back(newest, count, false);
            while (!search.ended()) {
                Back current = search;
                search = await(ask(newest, patience, () -> log.back(current, filters)), newest, patience);
            }
        }
        // Retention may keep less than what is hot; but what is hot alone it does not count.
        return Math.max(search.position(), era.areUnstored(classes) ? era.hotLost() : era.bounds().floor());
    }

    /** What is being committed is hot in a moment: until then a search would begin before it. */
    private void awaitHot(Era era, long newest, Patience patience) throws IOException, InterruptedException {
        long start = nanoTime.getAsLong();
        while (era.hot().bounds().newest() < newest && log.tail().era() == era && nanoTime.getAsLong() - start < HOT_NANOS) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            pause(newest, patience);
        }
    }

    /**
     * What the hot events hold of {@code search}; something may be left.
     *
     * @param looksUp whether an index finds the rest, so that a short look is enough
     */
    private Back amongHot(EventRing hot, Back whole, Filters filters, boolean looksUp, Patience patience) throws IOException {
        if (looksUp) {
            return whole.ended() ? whole : hot.back(whole, filters, MAX_HOT_LOOK);
        }
        Back search = whole;
        while (!search.ended()) {
            search = hot.back(search, filters);
            if (!search.ended()) {
                pause(search.position(), patience);
            }
        }
        return search;
    }

    private void pause(long position, Patience patience) throws IOException {
        LockSupport.parkNanos(this, PAUSE_NANOS);
        if (patience.nanos() <= 0) {
            patience.ranOut(position);
        }
    }

    /** Asks the engine, in turn with all who do; returns when its turn has come. */
    private <T> CompletableFuture<T> ask(long position, Patience patience, Supplier<T> question) throws IOException, InterruptedException {
        Turns.Turn turn = turns.ask();
        boolean asked = false;
        try {
            while (!turn.await(Math.max(0, patience.nanos()))) {
                patience.ranOut(position);
            }
            if (patience.nanos() <= 0) {
                patience.ranOut(position);
            }
            var answer = new CompletableFuture<T>();
            Thread.ofVirtual().name("hark-read").start(() -> answer(question, turn, answer));
            asked = true;
            return answer;
        } finally {
            if (!asked) {
                turn.close();
            }
        }
    }

    private static <T> void answer(Supplier<T> question, Turns.Turn turn, CompletableFuture<T> answer) {
        T found;
        try (turn) {
            found = question.get();
        } catch (RuntimeException | Error e) {
            answer.completeExceptionally(e);
            return;
        }
        answer.complete(found);
    }

    /** Waits for {@code answer}, which is that to a question about what follows {@code position}. */
    private static <T> T await(CompletableFuture<T> answer, long position, Patience patience) throws IOException, InterruptedException {
        while (true) {
            try {
                return answer.get(Math.max(0, patience.nanos()), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                patience.ranOut(position);
            } catch (ExecutionException e) {
                switch (e.getCause()) {
                    case RuntimeException failure -> throw failure;
                    case Error defect -> throw defect;
                    case null, default -> throw new IllegalStateException(e);
                }
            }
        }
    }

    /** How many bytes streams hold of pages that are larger than one write. */
    public long held() {
        return held.held();
    }

    /** How many wait for their turn. */
    public int waiting() {
        return turns.waiting();
    }
}
