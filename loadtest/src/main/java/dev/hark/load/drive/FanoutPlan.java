package dev.hark.load.drive;

import dev.hark.load.ledger.Pace;
import dev.hark.load.ledger.Share;
import dev.hark.load.ledger.Traffic;
import dev.hark.load.measure.ServerWatch;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * A fan-out run: streams first, then events at a steady rate.
 *
 * @param target the server
 * @param streams how streams are opened and read
 * @param publish how events are published
 * @param topic the topic's name, or with several topics what their names begin with
 * @param topics how many topics
 * @param phases how long each part takes
 * @param server how the server's cost is seen
 * @param stages how the load changes while it is measured
 * @param outage what takes a node away halfway through measuring
 */
public record FanoutPlan(
        Target target, StreamPlan streams, PublishPlan publish, String topic, int topics, Phases phases, ServerWatch server,
        Stages stages, Outage outage) {
    /**
     * How long each part of a run takes.
     *
     * @param settle quiet time between the last stream's start and the first event
     * @param warmup events that are sent and checked, but not timed
     * @param measure events that count
     * @param drain how long after the last event deliveries are waited for; a lost one counts as this
     */
    public record Phases(Duration settle, Duration warmup, Duration measure, Duration drain) {
        public Phases {
            if (settle.isNegative() || warmup.isNegative() || measure.isNegative()) {
                throw new IllegalArgumentException("settle, warm-up and measure may not be negative");
            }
            if (drain.isNegative() || drain.isZero()) {
                throw new IllegalArgumentException("drain is " + drain + "; it must be above 0");
            }
        }
    }

    public FanoutPlan {
        if ((streams.dropsAll() || streams.late() > 0) && !target.isHark()) {
            throw new IllegalArgumentException(
                    "streams of target 'generic' cannot be cut and resumed: resuming is a promise of 'hark' only");
        }
        if ((publish.retries() || !outage.isNone()) && !target.isHark()) {
            throw new IllegalArgumentException(
                    "target 'generic' promises neither to resume streams nor to know a retry again: retries, and nodes that are taken"
                            + " away, are for 'hark' only");
        }
        if (!outage.isNone() && (streams.dropsAll() || streams.late() > 0 || streams.stalled() > 0 || !stages.streams().isEmpty())) {
            throw new IllegalArgumentException("where a node is taken away, all streams stay and read until then: leave out --drop-all,"
                    + " --late, --stalled and --stages");
        }
        server.requireEachOf(target.nodes().size());
        if (publish.batch() > 1 && !target.isHark()) {
            throw new IllegalArgumentException(
                    "events cannot be published in batches to target 'generic': that is a promise of 'hark' only");
        }
        if (publish.batch() > 1 && target.batchPath() == null) {
            throw new IllegalArgumentException("--publish-path says where single events go: with --batch " + publish.batch()
                    + " nothing would be sent there, so leave it out, or the batches");
        }
        if (!stages.streams().isEmpty() && (streams.late() > 0 || streams.stalled() > 0 || streams.subscribers() != stages.mostStreams())) {
            throw new IllegalArgumentException(
                    "streams that come in stages cannot be late or stalled, and are as many as the last stage has");
        }
        if (!stages.isEmpty() && !stages.time().equals(phases.measure())) {
            throw new IllegalArgumentException("stages take %s, and %s are measured; these must be the same"
                    .formatted(stages.time(), phases.measure()));
        }
        target.requireRoomFor(topics);
        double seconds = phases.warmup().plus(phases.measure()).toNanos() / 1e9;
        double fill = publish.batch() * publish.connections() / publish.perSecond();
        if (publish.batch() > 1 && publish.perSecond() > 0 && stages.rates().isEmpty() && fill > seconds) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "a batch of %d events on each of %d connections takes %.1f s to fill at %s/s, longer than the run of %.1f s",
                    publish.batch(), publish.connections(), fill, publish.perSecond(), seconds));
        }
        // Said here, before a thousand connections are opened.
        new Traffic(topics, publish.connections(), eventsUntil(publish, phases, stages, phases.warmup().plus(phases.measure())));
    }

    /** A load that does not change. */
    public FanoutPlan(
            Target target, StreamPlan streams, PublishPlan publish, String topic, int topics, Phases phases, ServerWatch server) {
        this(target, streams, publish, topic, topics, phases, server, Stages.NONE, Outage.NONE);
    }

    /** The same, with a node taken away on the way. */
    public FanoutPlan with(Outage other) {
        return new FanoutPlan(target, streams, publish, topic, topics, phases, server, stages, other);
    }

    private static int eventsUntil(PublishPlan publish, Phases phases, Stages stages, Duration time) {
        return (int) Math.min(Integer.MAX_VALUE, Math.ceil(stages.pace(publish.perSecond(), phases.warmup()).events(time)));
    }

    private int events() {
        return eventsUntil(publish, phases, stages, phases.warmup().plus(phases.measure()));
    }

    /** When events are due. */
    Pace pace() {
        return stages.pace(publish.perSecond(), phases.warmup());
    }

    /** How many streams are opened before the first event. */
    int startStreams() {
        return stages.streams().isEmpty() ? streams.subscribers() : stages.startStreams();
    }

    /** One generator's part: its streams and its publishing connections; the rate stays that of all together. */
    public FanoutPlan partOf(Share share) {
        int connections = (publish.connections() + share.of() - 1) / share.of();
        return new FanoutPlan(target, streams.partOf(share), publish.withConnections(connections), topic, topics, phases, server,
                stages.partOf(share), outage);
    }

    /** The same, with the server's cost seen in another way. */
    public FanoutPlan watching(ServerWatch watch) {
        return new FanoutPlan(target, streams, publish, topic, topics, phases, watch, stages, outage);
    }

    /** The traffic of all generators, when this is the part of one of them. */
    Traffic traffic(Share share) {
        return new Traffic(topics, streams.spread(), publish.connections() * share.of(), events(), share, publish.batch());
    }

    int warmupEvents() {
        return Math.min(events(), eventsUntil(publish, phases, stages, phases.warmup()));
    }

    List<String> topicNames() {
        return topics == 1 ? List.of(topic) : IntStream.range(0, topics).mapToObj(i -> topic + "/" + i).toList();
    }
}
