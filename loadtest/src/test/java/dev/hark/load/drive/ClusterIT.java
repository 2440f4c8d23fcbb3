package dev.hark.load.drive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.load.drive.Sabotage.Kind;
import dev.hark.load.measure.Measurements;
import dev.hark.load.measure.Metric;
import dev.hark.load.measure.ServerWatch;
import dev.hark.load.measure.Timing;
import dev.hark.load.nullhub.Chunk;
import dev.hark.load.nullhub.Delivery;
import dev.hark.load.nullhub.NullHub;
import dev.hark.load.nullhub.SharedOrder;
import dev.hark.load.scenario.Scenario;
import dev.hark.load.scenario.Setting;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Three fakes that share an order, one ledger for all of them; what one of them does wrong is caught, whatever node it came from. */
@Timeout(120)
class ClusterIT {
    private static final int STREAMS = 12;

    private final SharedOrder order = new SharedOrder();
    private final List<NullHub> hubs = new ArrayList<>();

    @AfterEach
    void end() {
        hubs.forEach(NullHub::close);
    }

    private String[] urls(Delivery... deliveries) throws IOException {
        for (Delivery each : deliveries) {
            hubs.add(NullHub.start(each, 0, order));
        }
        return hubs.stream().map(NullHub::url).toArray(String[]::new);
    }

    private static Scenario scenario(String... urls) {
        return Scenario.named("cluster").urls(urls).streams(STREAMS).rate("200/s").warmup("0s").measure("600ms")
                .with(Setting.SETTLE, "50ms").with(Setting.DRAIN, "3s").with(Setting.CONNECTIONS, "3");
    }

    private static FanoutResult run(Scenario scenario) throws IOException {
        return new FanoutRun(scenario.plan(ServerWatch.NONE)).run();
    }

    private static double errors(Measurements measured) {
        return measured.orZero(Metric.SILENT_LOSS) + measured.orZero(Metric.DECLARED_LOSS) + measured.orZero(Metric.DUPLICATES)
                + measured.orZero(Metric.DISORDER) + measured.orZero(Metric.CORRUPT) + measured.orZero(Metric.WRONG_ID)
                + measured.orZero(Metric.WRONG_RECIPIENT) + measured.orZero(Metric.FOREIGN) + measured.orZero(Metric.AMBIGUOUS);
    }

    /** An event is owed to every stream, wherever it was published. */
    @Test
    void dividesStreamsAndPublishesAmongNodes() throws IOException {
        var published = new AtomicInteger[] {new AtomicInteger(), new AtomicInteger(), new AtomicInteger()};
        FanoutResult result = run(scenario(urls(counting(published[0]), counting(published[1]), counting(published[2]))));
        Measurements measured = result.measurements();
        assertThat(measured.orZero(Metric.ACKNOWLEDGED)).isEqualTo(120);
        assertThat(measured.orZero(Metric.OWED)).isEqualTo(120 * STREAMS);
        assertThat(measured.orZero(Metric.DELIVERED)).isEqualTo(120 * STREAMS);
        assertThat(errors(measured)).isZero();
        assertThat(result.nodes()).extracting(NodeResult::streams).containsExactly(4L, 4L, 4L);
        assertThat(result.nodes()).extracting(NodeResult::streamsAtEnd).containsExactly(4L, 4L, 4L);
        assertThat(result.nodes()).extracting(NodeResult::delivered).containsExactly(480L, 480L, 480L);
        assertThat(published).extracting(AtomicInteger::get).as("three connections, a node each").containsExactly(40, 40, 40);
    }

    private static Delivery counting(AtomicInteger published) {
        return new Delivery() {
            @Override
            public boolean breaksAfter(long sequence) {
                published.incrementAndGet();
                return false;
            }
        };
    }

    @Test
    void publishesWhereItIsTold() throws IOException {
        String[] urls = urls(Delivery.FAITHFUL, Delivery.FAITHFUL, Delivery.FAITHFUL);
        Measurements measured = run(scenario(urls[0], urls[1]).publishUrls(urls[2])).measurements();
        assertThat(measured.orZero(Metric.DELIVERED)).isEqualTo(120 * STREAMS);
        assertThat(errors(measured)).isZero();
    }

    /** What only one node does wrong, to one of its eight streams. */
    @ParameterizedTest
    @EnumSource(value = Kind.class, names = {"DROP", "DECLARED_DROP", "DUPLICATE", "SWAP", "CORRUPT", "WRONG_ID"})
    void catchesWhatOneNodeDoesWrong(Kind kind) throws IOException {
        Measurements measured = run(scenario(urls(
                Delivery.FAITHFUL, new Sabotage(EnumSet.of(kind), 7, 8), Delivery.FAITHFUL)).streams(24)).measurements();
        Metric metric = switch (kind) {
            case DROP -> Metric.SILENT_LOSS;
            case DECLARED_DROP -> Metric.DECLARED_LOSS;
            case DUPLICATE, DUPLICATE_ON_RESUME -> Metric.DUPLICATES;
            case SWAP, STALL -> Metric.DISORDER;
            case CORRUPT -> Metric.CORRUPT;
            case WRONG_ID -> Metric.WRONG_ID;
        };
        assertThat(measured.orZero(metric)).isEqualTo(1);
        assertThat(errors(measured)).as("nothing else").isEqualTo(1);
    }

    /** Two nodes that disagree about what an event is called have two orders. */
    @Test
    void catchesANodeThatCountsForItself() throws IOException {
        var ownCount = new Delivery() {
            @Override
            public void deliver(int stream, long sequence, ByteBuffer frame, Out out) {
                out.send(Chunk.of(Chunk.text(frame).replace("id: null-" + sequence + "\n", "id: null-" + (sequence + 5) + "\n")));
            }
        };
        Measurements measured = run(scenario(urls(Delivery.FAITHFUL, ownCount, Delivery.FAITHFUL))).measurements();
        assertThat(measured.orZero(Metric.WRONG_ID)).isEqualTo(4 * 120);
        assertThat(measured.orZero(Metric.SILENT_LOSS)).isZero();
    }

    /** URLs of hubs that know nothing of each other: every stream misses what was published elsewhere. */
    @Test
    void catchesNodesThatAreNoCluster() throws IOException {
        try (NullHub one = NullHub.start(Delivery.FAITHFUL, 0); NullHub other = NullHub.start(Delivery.FAITHFUL, 0)) {
            Measurements measured = run(scenario(one.url(), other.url()).with(Setting.CONNECTIONS, "2")).measurements();
            assertThat(measured.orZero(Metric.SILENT_LOSS)).isEqualTo(60 * STREAMS);
        }
    }

    @Test
    void comesBackToTheNextNode() throws IOException {
        FanoutResult result = run(scenario(urls(Delivery.FAITHFUL, Delivery.FAITHFUL, Delivery.FAITHFUL)).streams(13).dropAll());
        assertThat(errors(result.measurements())).isZero();
        assertThat(result.measurements().orZero(Metric.STREAMS_RESUMED)).isEqualTo(13);
        assertThat(result.nodes()).extracting(NodeResult::streams).containsExactly(5L, 4L, 4L);
        assertThat(result.nodes()).extracting(NodeResult::streamsAtEnd).containsExactly(4L, 5L, 4L);
        assertThat(result.measurements().get(Timing.RESUME).getTotalCount()).isEqualTo(13);
    }

    @Test
    void catchesWhatIsLostAndRepeatedFromNodeToNode() throws IOException {
        assertThat(run(scenario(urls(new Forgetting(), new Forgetting(), new Forgetting())).dropAll()).measurements()
                .orZero(Metric.SILENT_LOSS)).as("one for each that resumed").isEqualTo(STREAMS);
        end();
        hubs.clear();
        Measurements twice = run(scenario(urls(new Repeating(), new Repeating(), new Repeating())).dropAll()).measurements();
        assertThat(twice.orZero(Metric.DUPLICATES)).isEqualTo(STREAMS);
        assertThat(twice.orZero(Metric.SILENT_LOSS)).isZero();
    }

    /** Keeps the first event from each stream beyond the first four, which are those that come back. */
    private static final class Forgetting implements Delivery {
        private final Set<Integer> hit = new HashSet<>();

        @Override
        public void deliver(int stream, long sequence, ByteBuffer frame, Out out) {
            if (stream < STREAMS / 3 || !hit.add(stream)) {
                out.send(frame);
            }
        }
    }

    /** Gives who comes back the last event again. */
    private static final class Repeating implements Delivery {
        @Override
        public long resumeFrom(int stream, long lastSequence) {
            return stream < STREAMS / 3 ? lastSequence + 1 : lastSequence;
        }
    }

    /** Stored, and not answered: the retry elsewhere is the same event, and comes once. */
    @Test
    void sendsAgainWhatBrokeUnderTheSameKey() throws IOException {
        FanoutResult result = run(scenario(urls(breakingAt(20, true), Delivery.FAITHFUL, Delivery.FAITHFUL)).retry());
        Measurements measured = result.measurements();
        assertThat(measured.orZero(Metric.PUBLISH_ERRORS)).isEqualTo(1);
        assertThat(measured.orZero(Metric.PUBLISH_RETRIES)).isEqualTo(1);
        assertThat(measured.orZero(Metric.UNANSWERED)).isZero();
        assertThat(measured.orZero(Metric.ACKNOWLEDGED)).isEqualTo(120);
        assertThat(measured.orZero(Metric.PUBLISHED)).as("as one event").isEqualTo(120);
        assertThat(measured.orZero(Metric.DELIVERED)).isEqualTo(120 * STREAMS);
        assertThat(errors(measured)).isZero();
    }

    @Test
    void sendsABatchAgainUnderTheSameKeys() throws IOException {
        Measurements measured = run(scenario(urls(breakingAt(20, true), Delivery.FAITHFUL, Delivery.FAITHFUL)).batch(10).retry())
                .measurements();
        assertThat(measured.orZero(Metric.PUBLISH_ERRORS)).isEqualTo(1);
        assertThat(measured.orZero(Metric.PUBLISH_RETRIES)).isEqualTo(10);
        assertThat(measured.orZero(Metric.ACKNOWLEDGED)).isEqualTo(120);
        assertThat(measured.orZero(Metric.DELIVERED)).isEqualTo(120 * STREAMS);
        assertThat(errors(measured)).isZero();
    }

    @Test
    void catchesAClusterThatForgetsKeys() throws IOException {
        Delivery forgetful = breakingAt(20, false);
        Measurements measured = run(scenario(urls(forgetful, forgetful, forgetful)).retry()).measurements();
        assertThat(measured.orZero(Metric.PUBLISH_RETRIES)).isEqualTo(1);
        assertThat(measured.orZero(Metric.DUPLICATES)).isEqualTo(STREAMS);
    }

    @Test
    void doesNotKnowWhatBecameOfWhatBrokeWithoutRetries() throws IOException {
        Measurements measured = run(scenario(urls(breakingAt(20, true), Delivery.FAITHFUL, Delivery.FAITHFUL))
                .with(Setting.PIPELINE, "1")).measurements();
        assertThat(measured.orZero(Metric.UNANSWERED)).isEqualTo(1);
        assertThat(measured.get(Metric.PUBLISH_RETRIES)).isEmpty();
    }

    /** Breaks the first publisher whose event is that far. */
    private static Delivery breakingAt(long from, boolean knowsKeys) {
        var broken = new AtomicBoolean();
        return new Delivery() {
            @Override
            public boolean breaksAfter(long sequence) {
                return sequence >= from && broken.compareAndSet(false, true);
            }

            @Override
            public boolean knowsKeys() {
                return knowsKeys;
            }
        };
    }

    /** What is lost while a node is away has taken as long there, too, as it was waited for. */
    @Test
    void countsWhatIsLostDuringAnOutage() throws IOException {
        var dropsLate = new Delivery() {
            @Override
            public void deliver(int stream, long sequence, ByteBuffer frame, Out out) {
                // The outage begins after two seconds, and this one is due two seconds later.
                if (sequence != 790) {
                    out.send(frame);
                }
            }
        };
        try (NullHub hub = NullHub.start(dropsLate, 0)) {
            FanoutPlan plan = SmallRun.plan(hub.url(), 2, 1, 200, 800, 1).with(new Outage(OptionalLong.empty(), Optional.of("true")));
            Measurements measured = new FanoutRun(plan).run().measurements();
            assertThat(measured.orZero(Metric.SILENT_LOSS)).isEqualTo(2);
            assertThat(measured.get(Timing.DELIVERY_DURING).getMaxValue()).isGreaterThanOrEqualTo(SmallRun.DRAIN.toNanos() * 999 / 1000);
        }
    }
}
