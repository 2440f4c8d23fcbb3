package dev.hark;

import dev.hark.event.Draft;
import dev.hark.event.EventId;
import dev.hark.event.InvalidEventException;
import dev.hark.event.Topic;
import dev.hark.fanout.Admission;
import dev.hark.fanout.ClientWatch;
import dev.hark.fanout.Fanout;
import dev.hark.fanout.PageAnswer;
import dev.hark.fanout.PageRequest;
import dev.hark.fanout.StreamEnd;
import dev.hark.fanout.StreamOutput;
import dev.hark.fanout.StreamWatch;
import dev.hark.fanout.Subscriber;
import dev.hark.fanout.Subscription;
import dev.hark.log.Append;
import dev.hark.log.ClassUse;
import dev.hark.log.Era;
import dev.hark.log.EventLog;
import dev.hark.log.LogHealth;
import dev.hark.thread.Pulse;
import dev.hark.thread.VitalThreads;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A push hub: what is published goes to the log, and from there to every subscriber that asked for its topic.
 *
 * <p>Callers bring their own threads: a virtual one for each publish and each stream. Thread-safe.
 */
public final class Hub implements AutoCloseable {
    private static final Duration MAINTENANCE = Duration.ofSeconds(1);
    private static final String IN_MEMORY = "memory";

    private final EventLog log;
    private final Fanout fanout;
    private final Duration stall;
    private final VitalThreads vital;
    private final Pulse maintaining;
    private final Thread maintenance;
    private volatile boolean stopped;

    private final LongAdder publishedEvents = new LongAdder();
    private final LongAdder publishedBytes = new LongAdder();
    private final LongAdder replayedPublishes = new LongAdder();
    private final LongAdder conflictingPublishes = new LongAdder();
    private final LongAdder unavailablePublishes = new LongAdder();
    private final LongAdder unknownPublishes = new LongAdder();

    private Hub(
            HubConfig config, EventLog log, InstantSource clock, LongSupplier nanoTime, VitalThreads vital, StreamWatch watch) {
        this.log = log;
        this.stall = config.stall();
        this.vital = vital;
        this.fanout = new Fanout(
                log, config.delivery(), config.topics(), config.maxSubscribers(), config.index(), clock, nanoTime, vital, watch);
        this.maintaining = vital.pulse();
        this.maintenance = vital.unstarted("hark-maintenance", this::maintain);
    }

    /**
     * A running hub on {@code log}, which it closes when it is closed.
     *
     * @param clock by which the log's events bear their times
     * @param vital the threads that the hub's own and the log's join: when one of them dies, every stream is ended with {@code hark.close},
     *              and nobody is admitted any more
     */
    public static Hub start(HubConfig config, EventLog log, InstantSource clock, VitalThreads vital) {
        return start(config, log, clock, vital, StreamWatch.NOBODY);
    }

    /** The same where {@code watch} is told who comes and goes. */
    public static Hub start(HubConfig config, EventLog log, InstantSource clock, VitalThreads vital, StreamWatch watch) {
        return start(config, log, clock, System::nanoTime, vital, watch);
    }

    static Hub start(HubConfig config, EventLog log, InstantSource clock, LongSupplier nanoTime, VitalThreads vital) {
        return start(config, log, clock, nanoTime, vital, StreamWatch.NOBODY);
    }

    private static Hub start(
            HubConfig config, EventLog log, InstantSource clock, LongSupplier nanoTime, VitalThreads vital, StreamWatch watch) {
        var hub = new Hub(config, log, clock, nanoTime, vital, watch);
        vital.onDeath(hub.fanout::fail);
        hub.fanout.start();
        hub.maintenance.start();
        return hub;
    }

    /**
     * Stores all of {@code batch} in order, or none of it; returns when it is as durable as the log is. Delivery goes on by itself. What is
     * of the hub's own topics, without idempotency keys that are known, is not counted as published.
     */
    public Append publish(List<Draft> batch) {
        Append append = log.append(batch);
        switch (append) {
            case Append.Stored(List<Append.Entry> entries) -> {
                long own = batch.stream().filter(draft -> draft.topic().isOwn()).count();
                long replayed = entries.stream().filter(Append.Entry::replayed).count();
                replayedPublishes.add(replayed);
                publishedEvents.add(entries.size() - own - replayed);
                publishedBytes.add(batch.stream().filter(draft -> !draft.topic().isOwn()).mapToLong(draft -> draft.data().length).sum());
            }
            case Append.KeyReused reused -> conflictingPublishes.increment();
            case Append.KeyInFlight inFlight -> conflictingPublishes.increment();
            case Append.TooLarge tooLarge -> {
                // Its publisher's mistake, as what is larger than the limits, which the hub never sees.
            }
            case Append.Unavailable unavailable -> unavailablePublishes.increment();
            case Append.Unknown unknown -> unknownPublishes.increment();
        }
        return append;
    }

    /** Stores {@code batch} as {@link #publish} does: what a hub notes for itself, which is not counted as published. */
    public Append keep(List<Draft> batch) {
        return log.append(batch);
    }

    /** @throws InvalidEventException if {@code subscription} takes more of the index than one may */
    public void requireFits(Subscription subscription) {
        fanout.requireFits(subscription);
    }

    /**
     * Admits a subscriber; a thread must then call {@link #serve} for it.
     *
     * @throws InvalidEventException as {@link #requireFits}
     */
    public Admission subscribe(Subscription subscription) {
        return fanout.admit(subscription);
    }

    /** Writes the stream of {@code subscriber} until it ends. Called once, by a virtual thread, which is the subscriber's. */
    public StreamEnd serve(Subscriber subscriber, StreamOutput out) {
        return fanout.serve(subscriber, out);
    }

    /**
     * Answers {@code request} with a page, at once or when there is something to give. Called by a virtual thread, which may wait in it.
     *
     * @param client told once, before its answer is waited for
     * @throws InvalidEventException as {@link #requireFits}
     * @throws dev.hark.log.UnusableLogException if the log cannot be read
     */
    public PageAnswer page(PageRequest request, ClientWatch client) throws InterruptedException {
        return fanout.page(request, client);
    }

    /** The same for the hub itself: counted as nobody's. */
    public PageAnswer look(PageRequest request) throws InterruptedException {
        return fanout.look(request);
    }

    /**
     * How many streams on this node an event of {@code topic} is for; one with several filters that match it counts as many times. Costs
     * what matching an event costs, however many streams there are.
     */
    public int subscribers(Topic topic) {
        return fanout.count(topic);
    }

    /** The id up to which this node knows the log. */
    public EventId newest() {
        Era era = log.tail().era();
        return new EventId(era.epoch(), era.bounds().newest());
    }

    /** The id of the position {@code sequence}. */
    public EventId id(long sequence) {
        return new EventId(log.tail().epoch(), sequence);
    }

    /** What an acknowledgement means: {@code fsync}, {@code write} or {@code memory}. */
    public String durability() {
        return log.capabilities().durability();
    }

    /** The same of an event of {@code topic}: {@code memory} where nothing is stored of it. */
    public String durability(Topic topic) {
        return log.tail().classes().of(topic.value()).keep().isStored() ? durability() : IN_MEMORY;
    }

    /** Whether the newest event of {@code topic} stays, of each key: it can be taken back then. */
    public boolean keepsLatest(Topic topic) {
        return log.tail().classes().of(topic.value()).keep().latest();
    }

    /** What the log keeps of each class of topics now. */
    public List<ClassUse> kept() {
        return log.kept();
    }

    /** How many streams are open, pages that wait included. */
    public int streams() {
        return fanout.streams();
    }

    /** Admits no more streams, answers pages that wait, and ends the open streams, spread over {@code window}. Publishing goes on. */
    public void drain(Duration window) throws InterruptedException {
        fanout.drain(window);
    }

    /** Why this hub has to be started again: a sentence; empty as long as it lives. */
    public Optional<String> notLive() {
        return vital.death();
    }

    /** Why this hub should get no traffic now: a sentence; empty when it should. */
    public Optional<String> notReady() {
        if (notLive().isPresent()) {
            return notLive();
        }
        if (fanout.isEnding()) {
            return Optional.of("the hub is draining");
        }
        Optional<String> trouble = Optional.ofNullable(log.health().trouble()).or(() -> fanout.trouble(stall));
        return trouble.isEmpty() && maintaining.isStuck(stall.plus(stall))
                ? Optional.of("the upkeep of the log has not come to its end for " + maintaining.busy().toSeconds() + " s")
                : trouble;
    }

    /** Why nothing can be published here now: a sentence; empty where that works, also while the hub drains. */
    public Optional<String> notPublishing() {
        LogHealth health = log.health();
        return notLive().or(() -> Optional.ofNullable(health.trouble())).or(() -> Optional.ofNullable(health.refusal()));
    }

    /** What an operator must know though the hub works: sentences. */
    public List<String> alarms() {
        return log.health().alarms();
    }

    /** After {@link #close}: what could not be ended in order, a sentence; empty where all was. */
    public Optional<String> leftBehind() {
        String left = Stream.of(fanout.leftBehind(), Optional.ofNullable(log.health().trouble()))
                .flatMap(Optional::stream)
                .collect(Collectors.joining("; "));
        return left.isEmpty() ? Optional.empty() : Optional.of(left);
    }

    EventLog log() {
        return log;
    }

    Fanout fanout() {
        return fanout;
    }

    long publishedEvents() {
        return publishedEvents.sum();
    }

    long publishedBytes() {
        return publishedBytes.sum();
    }

    long replayedPublishes() {
        return replayedPublishes.sum();
    }

    long conflictingPublishes() {
        return conflictingPublishes.sum();
    }

    long unknownPublishes() {
        return unknownPublishes.sum();
    }

    long unavailablePublishes() {
        return unavailablePublishes.sum();
    }

    private void maintain() {
        while (!stopped) {
            maintaining.begin();
            log.maintain();
            maintaining.end();
            LockSupport.parkNanos(this, MAINTENANCE.toNanos());
        }
    }

    /** Stops everything at once; {@link #drain} first. */
    @Override
    public void close() {
        stopped = true;
        LockSupport.unpark(maintenance);
        try {
            fanout.close();
        } finally {
            log.close();
        }
    }
}
