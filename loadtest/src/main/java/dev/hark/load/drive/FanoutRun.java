package dev.hark.load.drive;

import dev.hark.load.drive.FanoutResult.Ending;
import dev.hark.load.drive.Tally.Count;
import dev.hark.load.ledger.Attendance;
import dev.hark.load.ledger.Publications;
import dev.hark.load.ledger.Schedule;
import dev.hark.load.ledger.Share;
import dev.hark.load.ledger.Traffic;
import dev.hark.load.measure.Mark;
import dev.hark.load.measure.Measurements;
import dev.hark.load.measure.Metric;
import dev.hark.load.measure.Second;
import dev.hark.load.measure.ServerProbe;
import dev.hark.load.measure.Slopes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * A fan-out run from the first connection to the audit.
 *
 * <p>{@link #run} is for one thread, once; {@link #interrupt} and {@link #progress} are safe from any thread.
 */
public final class FanoutRun {
    private static final long LOOK_NANOS = 1_000_000;

    /** From the decision to start publishing to the first event, so that it is not late already. */
    private static final long LEAD_NANOS = 50_000_000;

    /** After the last delivery that was waited for: a duplicate comes later than what it repeats. */
    private static final long AFTERMATH_NANOS = 300_000_000;

    /** Where the number of deliveries to come is not known, so long without any is the end of them. */
    private static final long QUIET_NANOS = 1_000_000_000;

    private final FanoutPlan plan;
    private final Rendezvous rendezvous;
    private final Traffic traffic;
    private final Failures failures = new Failures();
    private final Attendance attendance;
    private final Publications publications;
    private final ReaderThreads readers;
    private final PublishLoop publisher;
    private final Thread publishing;
    private final Optional<ServerProbe> server;
    private final CostWatch cost;
    private final Optional<FailoverWatch> failover;
    private final List<Mark> marks = new ArrayList<>();
    private final Measurements measured = new Measurements();
    private long startedNanos;
    private long measuringNanos;
    private List<Long> streamsBefore = List.of();
    private List<Long> streamsAfter = List.of();
    private volatile boolean interrupted;
    private volatile Phase phase = Phase.CONNECTING;

    /** What a run is doing. */
    public enum Phase {
        CONNECTING,
        SETTLING,
        WARMING_UP,
        MEASURING,
        DRAINING,
        OVER
    }

    public FanoutRun(FanoutPlan plan) throws IOException {
        this(plan, Share.WHOLE, ThreadLocalRandom.current().nextInt(), Rendezvous.ALONE);
    }

    /**
     * A run that may be part of a larger one.
     *
     * @param plan this part's
     * @param share which part this is
     * @param run the number that stands in every event of the larger run
     * @param rendezvous where it waits for the others
     */
    public FanoutRun(FanoutPlan plan, Share share, int run, Rendezvous rendezvous) throws IOException {
        this.plan = plan;
        this.rendezvous = rendezvous;
        traffic = plan.traffic(share);
        attendance = new Attendance(plan.streams().subscribers());
        publications = new Publications(traffic.events());
        List<String> topics = plan.topicNames();
        readers = new ReaderThreads(plan.target(), plan.streams(), traffic, topics, run, attendance, failures);
        readers.joinFrom(plan.startStreams(), attendance);
        publisher = new PublishLoop(plan.target(), plan.publish(), traffic, topics, run, publications, failures);
        publishing = Thread.ofPlatform().name("publisher").unstarted(publisher);
        server = plan.server().probe();
        List<ServerProbe> probes = plan.server().probes();
        if (probes.stream().anyMatch(probe -> probe.sample().isEmpty())) {
            throw new IllegalArgumentException("the server cannot be seen: " + plan.server().missing());
        }
        cost = new CostWatch(server, plan.target().nodes().size() > 1 ? probes : List.of(), plan.streams(), readers);
        failover = plan.outage().isNone() ? Optional.empty() : Optional.of(new FailoverWatch(readers, plan.outage()));
    }

    /** Asks the run to end early; it closes its streams and still audits what it has. */
    public void interrupt() {
        interrupted = true;
    }

    /** What the run is doing. */
    public Phase phase() {
        return phase;
    }

    /** The sum of a counter over all threads, as of now. */
    public long progress(Count count) {
        return readers.sum(count) + publisher.tally().get(count);
    }

    /** Runs to the end. */
    public FanoutResult run() {
        return run(second -> {});
    }

    /** Runs to the end, showing each second to an observer, who is called on another thread and should not take long. */
    public FanoutResult run(Consumer<Second> observer) {
        cost.onEmpty();
        var sampler = new Sampler(readers, publisher.tally(), this::phase, server, observer);
        long started = System.nanoTime();
        startedNanos = started;
        Schedule schedule = new Schedule(started, plan.pace(), plan.warmupEvents(), traffic.events());
        // Another generator may publish a moment before this one is told to begin.
        expect(schedule);
        readers.start();
        publishing.start();
        Ending ending;
        try {
            boolean hasStreams = connect(started);
            attendance.onReady(System.nanoTime());
            if (!rendezvous.onConnected(hasStreams) || interrupted) {
                ending = interrupted ? Ending.INTERRUPTED : Ending.NOT_STARTED;
            } else {
                cost.onConnected();
                if (plan.streams().late() > 0) {
                    mark(Mark.Kind.MADE, "late streams have left");
                }
                pause(plan.phases().settle().toNanos());
                cost.onSettled(readers.sum(Count.CONFIRMED), measured);
                schedule = new Schedule(System.nanoTime() + LEAD_NANOS, plan.pace(), plan.warmupEvents(), traffic.events());
                ending = publish(schedule);
            }
        } finally {
            phase = Phase.OVER;
            sampler.close();
            publisher.close();
            join(publishing);
            readers.close();
        }
        Reckoning.Findings found = new Reckoning(plan, traffic, readers, publisher, publications, attendance)
                .into(measured, schedule, started, ending == Ending.COMPLETE);
        Slopes.into(measured, sampler.seconds(), sampler.growth());
        marks.addAll(Mark.seenIn(sampler.seconds()));
        marks.sort(Comparator.comparingDouble(Mark::at));
        var timeline = new Timeline(sampler.seconds(), sampler.intervals(), found.seconds(), marks);
        failover.ifPresent(watch -> watch.into(measured));
        List<String> doubts = failover.flatMap(FailoverWatch::problem).stream().toList();
        return new FanoutResult(
                ending, measured, failures.entries(), found.lossExample(), timeline, readers.laggards(), nodes(), doubts);
    }

    /** What there was of each node, where there are several. */
    private List<NodeResult> nodes() {
        List<Node> all = plan.target().nodes();
        if (all.size() == 1) {
            return List.of();
        }
        return IntStream.range(0, all.size()).mapToObj(node -> new NodeResult(
                all.get(node).authority(),
                streamsBefore.isEmpty() ? 0 : streamsBefore.get(node),
                streamsAfter.isEmpty() ? 0 : streamsAfter.get(node),
                readers.deliveries().stream().mapToLong(each -> each.nodes().lost(node)).sum(),
                readers.deliveries().stream().mapToLong(each -> each.nodes().delivered(node)).sum(),
                cost.nodeCores(node),
                cost.nodeBytes(node))).toList();
    }

    /** True if there is something to go on with. */
    private boolean connect(long startedNanos) {
        int all = plan.startStreams();
        long timeout = plan.streams().connectTimeout().toNanos();
        waitFor(() -> readers.sum(Count.CONFIRMED) + readers.sum(Count.FAILED) >= all, timeout);
        long confirmed = readers.sum(Count.CONFIRMED);
        measured.put(Metric.CONNECT_ALL, System.nanoTime() - startedNanos);
        long silentOnes = all - confirmed - readers.sum(Count.FAILED);
        for (long i = 0; i < silentOnes && !interrupted; i++) {
            failures.add(Failure.TIMEOUT, silentOnes + " streams did not start within " + plan.streams().connectTimeout());
        }
        // Without descriptors nothing else would work either: the run ends here, and says why.
        boolean hasStreams = (confirmed > 0 || all == 0) && !failures.entries().containsKey(Failure.NO_DESCRIPTORS);
        boolean canPublish = !hasStreams || traffic.events() == 0 || waitFor(() -> publisher.connected() > 0, timeout);
        phase = Phase.SETTLING;
        return hasStreams && canPublish && !interrupted;
    }

    private Ending publish(Schedule schedule) {
        expect(schedule);
        phase = Phase.WARMING_UP;
        publisher.begin(schedule);
        long measureFrom = schedule.startNanos() + plan.phases().warmup().toNanos();
        long measureEnd = measureFrom + plan.phases().measure().toNanos();
        waitUntil(measureFrom);
        phase = Phase.MEASURING;
        measuringNanos = measureFrom;
        mark(Mark.Kind.PHASE, "measuring");
        streamsBefore = readers.streamsByNode(plan.target().nodes().size());
        cost.onMeasureBegin(publisher.tally());
        if (plan.streams().dropsAll()) {
            waitUntil(measureFrom + plan.phases().measure().toNanos() / 2);
            if (!interrupted) {
                dropAll(measureEnd + plan.phases().drain().toNanos());
            }
        }
        if (failover.isPresent()) {
            waitUntil(measureFrom + plan.phases().measure().toNanos() / 2);
            if (!interrupted) {
                failover.get().run(measureEnd, measureEnd + plan.phases().drain().toNanos(), () -> interrupted,
                        text -> mark(Mark.Kind.MADE, text));
            }
        }
        waitUntil(measureFrom + plan.phases().measure().toNanos() / 100 * StreamPlan.LATE_PERCENT);
        if (plan.streams().late() > 0 && !interrupted) {
            mark(Mark.Kind.MADE, "late streams come back");
            readers.rejoin();
        }
        waitUntil(measureEnd);
        raise(Long.MAX_VALUE);
        phase = Phase.DRAINING;
        mark(Mark.Kind.PHASE, "draining");
        boolean measuredAny = !interrupted && plan.phases().measure().isPositive();
        if (measuredAny) {
            cost.onMeasureEnd(publisher.tally(), measured);
        }
        if (!interrupted) {
            drain(measureEnd);
        }
        streamsAfter = readers.streamsByNode(plan.target().nodes().size());
        if (interrupted) {
            return Ending.INTERRUPTED;
        }
        boolean unanswered = IntStream.range(0, traffic.events()).anyMatch(traffic::isOwn)
                && publisher.tally().get(Count.ACKNOWLEDGED) == 0;
        return unanswered ? Ending.NOT_STARTED : Ending.COMPLETE;
    }

    private void mark(Mark.Kind kind, String text) {
        if (interrupted) {
            return;
        }
        marks.add(new Mark((System.nanoTime() - startedNanos) / 1e9, kind, text));
    }

    private void expect(Schedule schedule) {
        for (Deliveries each : readers.deliveries()) {
            each.expect(schedule);
        }
    }

    private void dropAll(long untilNanos) {
        long droppedBefore = readers.sum(Count.DROPPED);
        long resumed = readers.sum(Count.RESUMED);
        long dropped = System.nanoTime();
        mark(Mark.Kind.MADE, "all streams cut");
        readers.dropAll();
        boolean done = waitFor(() -> readers.isBackSince(droppedBefore, resumed), untilNanos - dropped);
        // Where none was up, none came back.
        if (done && readers.sum(Count.DROPPED) > droppedBefore) {
            measured.put(Metric.RECONNECT_ALL, System.nanoTime() - dropped);
            mark(Mark.Kind.MADE, "all are back");
        }
    }

    private void drain(long measureEnd) {
        long drainNanos = plan.phases().drain().toNanos();
        boolean done = waitFor(publisher::isDone, measureEnd + drainNanos - System.nanoTime());
        int down = plan.publish().connections() - publisher.connected();
        if (!done && down > 0) {
            measured.put(Metric.PUBLISHERS_AWAY, down);
        }
        if (!done) {
            // What is unanswered by now stays so: its fate is read next, and must not change meanwhile.
            publisher.close();
            join(publishing);
        }
        long until = rendezvous.onPublished(traffic, publications) ? System.nanoTime() + drainNanos : measureEnd + drainNanos;
        if (plan.stages().streams().isEmpty()) {
            long expected = expectedDeliveries();
            waitFor(() -> readers.sum(Count.DELIVERED) >= expected, until - System.nanoTime());
        } else {
            // Who came when is the reader threads' to know while they run, so nobody can say how many deliveries are to come.
            waitUntilQuiet(until);
        }
        pause(AFTERMATH_NANOS);
        attendance.onAllPublished(System.nanoTime());
    }

    private void waitUntilQuiet(long untilNanos) {
        long delivered = -1;
        long since = System.nanoTime();
        while (!interrupted && System.nanoTime() - untilNanos < 0 && System.nanoTime() - since < QUIET_NANOS) {
            long now = readers.sum(Count.DELIVERED);
            if (now != delivered) {
                delivered = now;
                since = System.nanoTime();
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    private long expectedDeliveries() {
        long[] perTopic = new long[traffic.topics()];
        for (int s = 0; s < plan.streams().subscribers(); s++) {
            if (!attendance.isExcused(s)) {
                perTopic[traffic.topicOfSubscriber(s)]++;
            }
        }
        long expected = 0;
        for (int event = 0; event < traffic.events(); event++) {
            if (publications.fate(event) == Publications.Fate.ACKNOWLEDGED) {
                expected += perTopic[traffic.topicOf(event)];
            }
        }
        return expected;
    }

    private boolean waitFor(BooleanSupplier condition, long timeoutNanos) {
        long until = System.nanoTime() + timeoutNanos;
        while (!condition.getAsBoolean()) {
            if (interrupted || System.nanoTime() - until >= 0) {
                return false;
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
        return true;
    }

    private void waitUntil(long nanos) {
        while (!interrupted && System.nanoTime() - nanos < 0) {
            if (phase == Phase.MEASURING) {
                raise(System.nanoTime() - measuringNanos);
            }
            LockSupport.parkNanos(Math.min(nanos - System.nanoTime(), 20 * LOOK_NANOS));
        }
    }

    /** Lets as many streams begin as there are to be so long after measuring began. */
    private void raise(long nanos) {
        if (!plan.stages().streams().isEmpty()) {
            readers.allow(plan.stages().streamsAt(nanos));
        }
    }

    private void pause(long nanos) {
        waitUntil(System.nanoTime() + nanos);
    }

    private static void join(Thread thread) {
        boolean wasInterrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                wasInterrupted = true;
            }
        }
        if (wasInterrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
