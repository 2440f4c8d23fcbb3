package dev.hark.fanout;

import dev.hark.event.CloseReason;
import dev.hark.event.EventId;
import dev.hark.event.Frame;
import dev.hark.event.InvalidEventException;
import dev.hark.event.Shapes;
import dev.hark.event.Topic;
import dev.hark.log.Era;
import dev.hark.log.EventLog;
import dev.hark.log.History;
import dev.hark.log.TopicClasses;
import dev.hark.thread.VitalThreads;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All the streams of a node: the lanes that feed them, the sweeper that watches them, and their admission. Thread-safe.
 */
public final class Fanout implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(Fanout.class.getName());
    private static final long BETWEEN_LINES_NANOS = Duration.ofMinutes(1).toNanos();
    private static final long NEVER = Long.MIN_VALUE;

    /** How long lanes may take, before streams are told to end, to offer what is published. */
    private static final Duration LAST_OFFERS = Duration.ofMillis(500);

    /** How long streams that were told to end may take to do so. */
    private static final Duration LAST_WRITES = Duration.ofSeconds(2);

    /** How long the threads may that were told to end. */
    private static final Duration LAST_STEPS = Duration.ofSeconds(2);

    private final EventLog log;
    private final TopicRules rules;
    private final int maxSubscribers;
    private final IndexBudget index;
    private final Surroundings shared;
    private final List<Lane> lanes;
    private final Sweeper sweeper;
    private final VitalThreads vital;

    private final Set<Subscriber> subscribers = ConcurrentHashMap.newKeySet();

    /** The pages that wait for something to be in them. */
    private final Set<Poll> polls = ConcurrentHashMap.newKeySet();

    /** How many have a place among the streams. */
    private final AtomicInteger admitted = new AtomicInteger();
    private final AtomicInteger nextLane = new AtomicInteger();

    /** When the log was told of streams that were refused. */
    private final AtomicLong toldOfRefusals = new AtomicLong(NEVER);

    /** Why nobody is admitted any more; null as long as somebody is. */
    private volatile @Nullable CloseReason ending;

    /** Whether streams were told to end, which they then have time for. */
    private volatile boolean awaited;

    /** Written by who closes. */
    private volatile @Nullable String leftBehind;

    /** With {@link IndexLimits#DEFAULT}. */
    Fanout(
            EventLog log,
            DeliverySettings settings,
            List<TopicRule> rules,
            int maxSubscribers,
            InstantSource clock,
            LongSupplier nanoTime,
            VitalThreads vital) {
        this(log, settings, rules, maxSubscribers, IndexLimits.DEFAULT, clock, nanoTime, vital, StreamWatch.NOBODY);
    }

    /**
     * @param clock    by which the log's events bear their times
     * @param vital    what the lanes and the sweeper are among
     * @param nanoTime the time that streams live in
     * @param watch    who is told of them
     */
    public Fanout(
            EventLog log,
            DeliverySettings settings,
            List<TopicRule> rules,
            int maxSubscribers,
            IndexLimits indexLimits,
            InstantSource clock,
            LongSupplier nanoTime,
            VitalThreads vital,
            StreamWatch watch) {
        this.index = new IndexBudget(indexLimits);
        this.log = log;
        this.vital = vital;
        this.rules = new TopicRules(rules);
        this.maxSubscribers = maxSubscribers;
        this.shared = new Surroundings(
                log, new History(log, nanoTime), settings, new DeliveryCounters(), new BatchPool(), new Shapes(), clock, nanoTime, watch);
        var made = new ArrayList<Lane>();
        for (int i = 0; i < settings.lanes(); i++) {
            made.add(new Lane("hark-lane-" + i, log, index, new Lingers(rules, shared.counters(), nanoTime), vital));
        }
        this.lanes = List.copyOf(made);
        this.sweeper = new Sweeper(settings, subscribers, polls, lanes, nanoTime, vital);
    }

    /** Starts the threads; not done by the constructor, which must not let `this` escape. */
    public void start() {
        for (Lane lane : lanes) {
            lane.start();
            log.tail().follow(lane::signal);
        }
        sweeper.start();
    }

    /**
     * @throws InvalidEventException if {@code subscription} alone takes more of the index than one may, so that it is never admitted, or
     *                               wants the newest events of topics that they are not kept of
     */
    public void requireFits(Subscription subscription) {
        TopicClasses classes = log.tail().classes();
        if (subscription.start().isCurrent() && (classes.latest() & classes.touchedBy(subscription.filters())) == 0) {
            throw new InvalidEventException("since is current, and no rule with keep.latest has a topic that this subscription matches:"
                    + " the newest events stay of no others");
        }
        index.requireFits(subscription.filters());
    }

    /**
     * A subscriber, which some thread must then {@link #serve}; refused when the node is ending or full. There is none for a client that
     * has all of a topic that has ended.
     *
     * @throws InvalidEventException as {@link #requireFits}
     */
    public Admission admit(Subscription subscription) {
        requireFits(subscription);
        if (Opening.isAtEnd(subscription, log.tail().era())) {
            // That takes no place, and is true of a node that ends as well.
            return ended();
        }
        Refusal refusal = takePlace(subscription);
        if (refusal != null) {
            return refuse(subscription, refusal);
        }
        Lane lane = nextLane();
        Subscriber subscriber = null;
        try {
            Era era = log.tail().era();
            Opening opening = Opening.at(subscription.start(), subscription.filters(), era, shared);
            if (Opening.isAtEnd(subscription, era)) {
                // Another node had given the id, and this one has come as far now.
                return ended();
            }
            subscriber = new Subscriber(subscription, opening, era, rules.ruleFor(subscription.filters()), lane, shared);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return refuse(subscription, new Refusal(CloseReason.DRAINING, "the hub is ending"));
        } finally {
            if (subscriber == null) {
                // Nobody is going to serve this one, and so to give its place back.
                admitted.decrementAndGet();
                index.giveBack(subscription.filters());
            }
        }
        subscribers.add(subscriber);
        lane.submit(subscriber.seat());
        shared.counters().opened.increment();
        shared.watch().came(subscription.filters());
        CloseReason since = ending;
        if (since != null) {
            // It came in while the others were being closed.
            subscriber.close(since);
        }
        return new Admission.Admitted(subscriber);
    }

    private Admission ended() {
        shared.counters().endedAnswers.increment();
        return new Admission.Ended();
    }

    /** Why there is no place among the streams, in a word and in a sentence. */
    private record Refusal(CloseReason reason, String detail) {}

    /** Takes a place for {@code subscription}, and what it takes of the index; or nothing, and says why. */
    private @Nullable Refusal takePlace(Subscription subscription) {
        CloseReason refused = ending;
        if (refused != null) {
            return new Refusal(refused, "the hub is " + refused.wireName());
        }
        if (admitted.incrementAndGet() > maxSubscribers) {
            admitted.decrementAndGet();
            return new Refusal(
                    CloseReason.OVERLOADED, "the hub holds " + maxSubscribers + " streams, which is the limit (limits.subscribers)");
        }
        Optional<String> noRoom = index.take(subscription.filters());
        if (noRoom.isPresent()) {
            admitted.decrementAndGet();
            return new Refusal(CloseReason.OVERLOADED, noRoom.get());
        }
        return null;
    }

    private Lane nextLane() {
        return lanes.get(Math.floorMod(nextLane.getAndIncrement(), lanes.size()));
    }

    private Admission refuse(Subscription subscription, Refusal refusal) {
        count(refusal);
        // The id that the client came with goes back to it: some forget it on an answer without one.
        EventId id = subscription.start() instanceof Start.After(String given, boolean current) ? EventId.parse(given).orElse(null) : null;
        Frame closing = Subscriber.closing(refusal.reason(), shared.settings(), id);
        return new Admission.Refused(refusal.reason(), closing, refusal.detail());
    }

    /**
     * Answers {@code request}, at once or when there is something. One that may wait takes a place among the streams.
     *
     * @param client told once, before its answer is waited for
     * @throws InvalidEventException as {@link #requireFits}
     * @throws dev.hark.log.UnusableLogException if the log cannot be read
     */
    public PageAnswer page(PageRequest request, ClientWatch client) throws InterruptedException {
        return page(request, client, shared);
    }

    /** The same for the hub itself: counted as nobody's. */
    public PageAnswer look(PageRequest request) throws InterruptedException {
        return page(request, gone -> {}, shared.uncounted());
    }

    private PageAnswer page(PageRequest request, ClientWatch client, Surroundings around) throws InterruptedException {
        Subscription subscription = request.subscription();
        requireFits(subscription);
        Refusal refusal = request.waits() ? takePlace(subscription) : null;
        if (refusal != null) {
            count(refusal);
            return new PageAnswer.Refused(refusal.reason(), refusal.detail());
        }
        Poll poll = null;
        if (request.waits()) {
            around.watch().came(subscription.filters());
        }
        try {
            poll = new Poll(request, around, nextLane(), client, this::waits);
            return poll.run();
        } finally {
            if (poll != null) {
                polls.remove(poll);
            }
            if (request.waits()) {
                around.watch().left(subscription.filters());
                admitted.decrementAndGet();
                if (poll == null || !poll.hasJoined()) {
                    index.giveBack(subscription.filters());
                }
            }
        }
    }

    private void waits(Poll poll) {
        polls.add(poll);
        if (ending != null) {
            // It came in while the others were being ended.
            poll.end();
        }
    }

    private void count(Refusal refusal) {
        shared.counters().refused.increment();
        if (refusal.reason() == CloseReason.OVERLOADED) {
            tellOfRefusals(refusal.detail());
        }
    }

    /** Once a minute at most: a hub that is full is asked again and again. */
    private void tellOfRefusals(String detail) {
        long now = shared.nanoTime().getAsLong();
        long last = toldOfRefusals.get();
        if ((last == NEVER || now - last >= BETWEEN_LINES_NANOS) && toldOfRefusals.compareAndSet(last, now)) {
            LOGGER.log(System.Logger.Level.INFO, "streams are refused: " + detail + "; " + shared.counters().refused.sum() + " so far");
        }
    }

    /** Writes the stream of {@code subscriber} until it ends. Called once, by a virtual thread, which is the subscriber's. */
    public StreamEnd serve(Subscriber subscriber, StreamOutput out) {
        try {
            return subscriber.run(out);
        } finally {
            subscribers.remove(subscriber);
            admitted.decrementAndGet();
            shared.watch().left(subscriber.filters());
        }
    }

    /**
     * Admits nobody any more, answers the pages that wait, and closes all streams one by one over {@code window}; returns when all have
     * ended. Those that have not taken their last word 2 s after the window are cut.
     */
    public void drain(Duration window) throws InterruptedException {
        // A node that ends because a part of it died may come here before it has come to fail().
        CloseReason reason = end(vital.death().isPresent() ? CloseReason.FAILED : CloseReason.DRAINING);
        polls.forEach(Poll::end);
        // Where a part of the node died, lanes may have ended.
        long waited = reason == CloseReason.DRAINING ? awaitOffers() : 0;
        var toClose = new ArrayList<>(subscribers);
        Collections.shuffle(toClose);
        long start = shared.nanoTime().getAsLong();
        for (int i = 0; i < toClose.size(); i++) {
            long due = start + window.toNanos() / toClose.size() * i;
            while (due > shared.nanoTime().getAsLong()) {
                TimeUnit.NANOSECONDS.sleep(due - shared.nanoTime().getAsLong());
            }
            toClose.get(i).close(reason);
        }
        awaitEnds(LAST_WRITES.toNanos() - waited);
        subscribers.forEach(Subscriber::cut);
    }

    /** Admits nobody any more, and closes all streams at once, because a part of the node died; waits a moment for their ends. */
    public void fail() {
        end(CloseReason.FAILED);
        polls.forEach(Poll::end);
        subscribers.forEach(subscriber -> subscriber.close(CloseReason.FAILED));
        awaitEnds(LAST_WRITES.toNanos());
    }

    /** Why nobody is admitted any more: {@code reason}, or what was the reason before. */
    private synchronized CloseReason end(CloseReason reason) {
        CloseReason first = ending == null ? reason : ending;
        ending = first;
        return first;
    }

    /**
     * Until streams have been offered what is published already: who is closed writes what waits.
     *
     * @return for how many nanoseconds it has waited
     */
    private long awaitOffers() {
        long newest = shared.log().tail().bounds().newest();
        long start = System.nanoTime();
        while (lanes.stream().anyMatch(lane -> lane.isBefore(newest)) && System.nanoTime() - start < LAST_OFFERS.toNanos()
                && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(this, TimeUnit.MILLISECONDS.toNanos(1));
        }
        return System.nanoTime() - start;
    }

    private void awaitEnds(long nanos) {
        awaited = true;
        // Not by the streams' time: in the end it is the real one that passes.
        long deadline = System.nanoTime() + nanos;
        while (streams() > 0 && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(this, TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    /** Whether nobody is admitted any more. */
    public boolean isEnding() {
        return ending != null;
    }

    /** Why streams do not get what they should get in time: a sentence; empty where they do. */
    public Optional<String> trouble(Duration stall) {
        for (Lane lane : lanes) {
            if (lane.lag().compareTo(stall) > 0) {
                return Optional.of("a delivery thread is " + lane.lag().toSeconds() + " s and " + lane.backlog() + " events behind");
            }
        }
        Duration late = sweeper.late();
        return late.compareTo(stall.plus(Sweeper.LONGEST)) > 0
                ? Optional.of("the thread that looks after streams has not come by for " + late.toSeconds() + " s")
                : Optional.empty();
    }

    /** How many streams on this node an event of {@code topic} is for; one with several filters that match it counts as many times. */
    public int count(Topic topic) {
        int count = 0;
        for (Lane lane : lanes) {
            count += lane.count(topic);
        }
        return count;
    }

    /** How many streams are open, pages that wait included. */
    public int streams() {
        return subscribers.size() + polls.size();
    }

    /** How many pages wait. */
    public int waitingPages() {
        return polls.size();
    }

    /** The events' other shapes. */
    public Shapes shapes() {
        return shared.shapes();
    }

    /** How many events wait in mailboxes, over all streams. */
    public long waiting() {
        return subscribers.stream().mapToLong(Subscriber::waiting).sum();
    }

    /** How many positions of the log the slowest lane has not offered yet. */
    public long laneBacklog() {
        return lanes.stream().mapToLong(Lane::backlog).max().orElse(0);
    }

    /** How long events wait for the slowest lane. */
    public Duration laneLag() {
        return lanes.stream().map(Lane::lag).max(Duration::compareTo).orElse(Duration.ZERO);
    }

    /** How many streams wait for their turn to read the log. */
    public int waitingReads() {
        return shared.history().waiting();
    }

    /** How many subscribers the lanes hold: those that are open, but for the moments of coming and going. */
    public int indexed() {
        return lanes.stream().mapToInt(Lane::subscribers).sum();
    }

    /** What the subscriptions take of the lanes' indexes, as it is reckoned. */
    public long indexBytes() {
        return index.bytes();
    }

    /** How many subscriptions were refused for what they alone would take of the index. */
    public long subscriptionsTooLarge() {
        return index.tooLarge();
    }

    /** How many streams were refused because the index has no room for them. */
    public long indexRefusals() {
        return index.refused();
    }

    public DeliveryCounters counters() {
        return shared.counters();
    }

    /** Stops the threads. Streams that are still open get nothing more; {@link #leftBehind} says so. */
    @Override
    public void close() {
        end(CloseReason.DRAINING);
        polls.forEach(Poll::end);
        // First all are told, and then all are waited for.
        List<Thread> told = Stream.concat(Stream.of(sweeper.stop()), lanes.stream().map(Lane::stop)).toList();
        List<String> left = stillThere(told);
        if (awaited) {
            // Who was told, or cut, a moment ago may be about to end.
            awaitEnds(LAST_STEPS.toNanos());
        }
        int streams = subscribers.size();
        if (streams > 0) {
            left.add(streams + (streams == 1 ? " stream does" : " streams do") + " not end, and may not have been told");
        }
        leftBehind = left.isEmpty() ? null : String.join("; ", left);
    }

    /** Those of {@code threads} that do not come back, each in a sentence. Through interrupts: it takes no time where all is well. */
    private static List<String> stillThere(List<Thread> threads) {
        var left = new ArrayList<String>();
        boolean interrupted = false;
        long deadline = System.nanoTime() + LAST_STEPS.toNanos();
        for (Thread thread : threads) {
            while (thread.isAlive() && deadline - System.nanoTime() > 0) {
                try {
                    thread.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (thread.isAlive()) {
                left.add(thread.getName() + " does not come back");
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return left;
    }

    /** After {@link #close}: what did not end in order, a sentence; empty where all did. */
    public Optional<String> leftBehind() {
        return Optional.ofNullable(leftBehind);
    }
}
