package dev.hark.fanout;

import dev.hark.event.CloseReason;
import dev.hark.event.InvalidEventException;
import dev.hark.event.Topic;
import dev.hark.log.EventLog;
import dev.hark.log.UnusableLogException;
import dev.hark.log.History;
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
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * All the streams of a node: the lanes that feed them, the sweeper that watches them, and their admission. Thread-safe.
 */
public final class Fanout implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(Fanout.class.getName());

    /** How long streams that were told to end may take to do so. */
    private static final Duration LAST_WRITES = Duration.ofSeconds(2);

    private final EventLog log;
    private final InstantSource clock;
    private final TopicRules rules;
    private final int maxSubscribers;
    private final IndexBudget index;
    private final Surroundings shared;
    private final List<Lane> lanes;
    private final Sweeper sweeper;

    private final Set<Subscriber> subscribers = ConcurrentHashMap.newKeySet();
    private final AtomicInteger admitted = new AtomicInteger();
    private final AtomicInteger nextLane = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private volatile boolean draining;

    public Fanout(EventLog log, DeliverySettings settings, List<TopicRule> rules, int maxSubscribers, InstantSource clock, LongSupplier nanoTime) {
        this(log, settings, rules, maxSubscribers, IndexLimits.DEFAULT, clock, nanoTime);
    }

    public Fanout(
            EventLog log,
            DeliverySettings settings,
            List<TopicRule> rules,
            int maxSubscribers,
            IndexLimits indexLimits,
            InstantSource clock,
            LongSupplier nanoTime) {
        this.index = new IndexBudget(indexLimits);
        this.log = log;
        this.clock = clock;
        this.rules = new TopicRules(rules);
        this.maxSubscribers = maxSubscribers;
        this.shared = new Surroundings(log.epoch(), new History(log), settings, new DeliveryCounters(), new BatchPool(), nanoTime);
        var made = new ArrayList<Lane>();
        for (int i = 0; i < settings.lanes(); i++) {
            made.add(new Lane("hark-lane-" + i, log, index));
        }
        this.lanes = List.copyOf(made);
        this.sweeper = new Sweeper(settings, subscribers, nanoTime);
    }

    /** Starts the threads; not done by the constructor, which must not let `this` escape. */
    public void start() {
        Thread.UncaughtExceptionHandler onFailure = (thread, error) -> {
            failure.compareAndSet(null, error);
            LOGGER.log(System.Logger.Level.ERROR, thread.getName() + " died; this node delivers no more and should be restarted", error);
        };
        for (Lane lane : lanes) {
            lane.start(onFailure);
            log.hot().follow(lane::signal);
        }
        sweeper.start(onFailure);
    }

    /** @throws InvalidEventException if {@code subscription} alone takes more of the index than one may, so that it is never admitted */
    public void requireFits(Subscription subscription) {
        index.requireFits(subscription.filters());
    }

    /**
     * A subscriber, which some thread must then {@link #serve}; refused when the node is draining, full, or cannot read its log.
     *
     * @throws InvalidEventException as {@link #requireFits}
     */
    public Admission admit(Subscription subscription) {
        requireFits(subscription);
        if (draining) {
            return refuse(CloseReason.DRAINING, "the hub is draining");
        }
        if (admitted.incrementAndGet() > maxSubscribers) {
            admitted.decrementAndGet();
            return refuse(CloseReason.OVERLOADED, "the hub holds " + maxSubscribers + " streams, which is the limit (limits.subscribers)");
        }
        Optional<String> noRoom = index.take(subscription.filters());
        if (noRoom.isPresent()) {
            admitted.decrementAndGet();
            return refuse(CloseReason.OVERLOADED, noRoom.get());
        }
        Lane lane = lanes.get(Math.floorMod(nextLane.getAndIncrement(), lanes.size()));
        Opening opening = null;
        try {
            opening = Opening.of(subscription, log, clock);
        } catch (UnusableLogException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "a stream is refused, because its start cannot be found", e);
            return refuse(CloseReason.UNREADABLE, "the event log cannot be read, so the place to start from was not found");
        } finally {
            if (opening == null) {
                // Nobody is going to serve this one, and so to give its place back.
                admitted.decrementAndGet();
                index.giveBack(subscription.filters());
            }
        }
        var subscriber = new Subscriber(subscription, opening, rules.ruleFor(subscription.filters()), lane, shared);
        subscribers.add(subscriber);
        lane.submit(subscriber);
        shared.counters().opened.increment();
        if (draining) {
            // It came in while drain() was making its list.
            subscriber.close(CloseReason.DRAINING);
        }
        return new Admission.Admitted(subscriber);
    }

    private Admission refuse(CloseReason reason, String detail) {
        shared.counters().refused.increment();
        return new Admission.Refused(reason, Subscriber.closing(reason, shared.settings()), detail);
    }

    /** Writes the stream of {@code subscriber} until it ends. Called once, by a virtual thread, which is the subscriber's. */
    public StreamEnd serve(Subscriber subscriber, StreamOutput out) {
        try {
            return subscriber.run(out);
        } finally {
            subscribers.remove(subscriber);
            admitted.decrementAndGet();
        }
    }

    /** Admits nobody any more, and closes all streams one by one, spread over {@code window}; returns when all have ended, or at its end. */
    public void drain(Duration window) throws InterruptedException {
        draining = true;
        var toClose = new ArrayList<>(subscribers);
        Collections.shuffle(toClose);
        long start = shared.nanoTime().getAsLong();
        for (int i = 0; i < toClose.size(); i++) {
            long due = start + window.toNanos() / toClose.size() * i;
            while (due > shared.nanoTime().getAsLong()) {
                TimeUnit.NANOSECONDS.sleep(due - shared.nanoTime().getAsLong());
            }
            toClose.get(i).close(CloseReason.DRAINING);
        }
        long deadline = shared.nanoTime().getAsLong() + Math.max(window.toNanos(), LAST_WRITES.toNanos());
        while (!subscribers.isEmpty() && shared.nanoTime().getAsLong() < deadline) {
            LockSupport.parkNanos(this, TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    public boolean isDraining() {
        return draining;
    }

    /** How many streams on this node an event of {@code topic} is for; one with several filters that match it counts as many times. */
    public int count(Topic topic) {
        int count = 0;
        for (Lane lane : lanes) {
            count += lane.count(topic);
        }
        return count;
    }

    /** How many streams are open. */
    public int streams() {
        return subscribers.size();
    }

    /** How many events wait in mailboxes, over all streams. */
    public long waiting() {
        return subscribers.stream().mapToLong(Subscriber::waiting).sum();
    }

    /** How many positions of the log the slowest lane has not offered yet. */
    public long laneBacklog() {
        long newest = log.hot().ring().bounds().newest();
        return lanes.stream().mapToLong(lane -> Math.max(0, newest - lane.walked())).max().orElse(0);
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

    /** What killed a thread that every stream needs; empty as long as all is well. */
    public Optional<Throwable> failure() {
        return Optional.ofNullable(failure.get());
    }

    public DeliveryCounters counters() {
        return shared.counters();
    }

    /** Stops the threads. Streams that are still open get nothing more. */
    @Override
    public void close() {
        draining = true;
        try {
            sweeper.stop();
            for (Lane lane : lanes) {
                lane.stop();
            }
        } catch (InterruptedException e) {
            // They are daemons and were told to stop: who waits for them may stop waiting.
            Thread.currentThread().interrupt();
        }
    }
}
