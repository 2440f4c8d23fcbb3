package dev.hark.load.drive;

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
 */
public record FanoutPlan(
        Target target, StreamPlan streams, PublishPlan publish, String topic, int topics, Phases phases, ServerWatch server) {
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
        if (publish.batch() > 1 && !target.isHark()) {
            throw new IllegalArgumentException(
                    "events cannot be published in batches to target 'generic': that is a promise of 'hark' only");
        }
        if (publish.batch() > 1 && target.batchPath() == null) {
            throw new IllegalArgumentException("--publish-path says where single events go: with --batch " + publish.batch()
                    + " nothing would be sent there, so leave it out, or the batches");
        }
        target.requireRoomFor(topics);
        double seconds = phases.warmup().plus(phases.measure()).toNanos() / 1e9;
        double fill = publish.batch() * publish.connections() / publish.perSecond();
        if (publish.batch() > 1 && publish.perSecond() > 0 && fill > seconds) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "a batch of %d events on each of %d connections takes %.1f s to fill at %s/s, longer than the run of %.1f s",
                    publish.batch(), publish.connections(), fill, publish.perSecond(), seconds));
        }
        // Said here, before a thousand connections are opened.
        new Traffic(topics, publish.connections(), events(publish, phases));
    }

    private static int events(PublishPlan publish, Phases phases) {
        double seconds = phases.warmup().plus(phases.measure()).toNanos() / 1e9;
        return (int) Math.min(Integer.MAX_VALUE, Math.ceil(publish.perSecond() * seconds));
    }

    /** One generator's part: its streams and its publishing connections; the rate stays that of all together. */
    public FanoutPlan partOf(Share share) {
        int connections = (publish.connections() + share.of() - 1) / share.of();
        return new FanoutPlan(target, streams.partOf(share), publish.withConnections(connections), topic, topics, phases, server);
    }

    /** The same, with the server's cost seen in another way. */
    public FanoutPlan watching(ServerWatch watch) {
        return new FanoutPlan(target, streams, publish, topic, topics, phases, watch);
    }

    /** The traffic of all generators, when this is the part of one of them. */
    Traffic traffic(Share share) {
        return new Traffic(topics, streams.spread(), publish.connections() * share.of(), events(publish, phases), share, publish.batch());
    }

    int warmupEvents() {
        return (int) Math.min(events(publish, phases), Math.ceil(publish.perSecond() * phases.warmup().toNanos() / 1e9));
    }

    List<String> topicNames() {
        return topics == 1 ? List.of(topic) : IntStream.range(0, topics).mapToObj(i -> topic + "/" + i).toList();
    }
}
