package dev.hark.app.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.app.config.SourceSettings.After;
import dev.hark.app.source.SourcedLog;
import dev.hark.app.source.jdbc.OutboxJudge;
import dev.hark.app.source.jdbc.OutboxWriter;
import dev.hark.app.source.jdbc.PostgresServer;
import dev.hark.app.source.rabbitmq.RabbitJudge;
import dev.hark.app.source.rabbitmq.RabbitPublisher;
import dev.hark.app.source.rabbitmq.RabbitServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * An outbox and a queue as sources of nodes that share a log: one node runs each, and another takes over, whatever dies or hangs. Every
 * committed row and every confirmed message is in the log of each node exactly once, and those of each service are in the order in which it
 * wrote them. {@code -Dhark.seed=…} repeats a seed's choices.
 */
@Timeout(600)
@DisabledIfSystemProperty(named = "hark.test.access", matches = "true", disabledReason = "its hubs have a configuration of their own")
class SourcesOfNodesIT {
    private static final String OUTBOX = "outbox";
    private static final String QUEUE = "queue";
    private static final List<String> SOURCES = List.of(OUTBOX, QUEUE);
    private static final int SERVICES = 3;

    /** Of what happens between two faults. */
    private static final int MAX_LIFE_MILLIS = 1_000;

    private static final int MIN_OUTAGE_MILLIS = 500;
    private static final int MAX_OUTAGE_MILLIS = 3_000;

    /** Longer than a turn, the start of a node, and what a broker takes to miss a consumer that hangs. */
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private static final Duration POLL = Duration.ofMillis(50);

    @TempDir
    private Path folder;

    private final long seed = Long.getLong("hark.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final List<SourceNode> nodes = new ArrayList<>();

    /** What happens to the node that runs a source, which another one takes over then. */
    private enum Fault {
        KILL,

        /** Until another has the outbox. In the meantime the server of NATS dies, and comes again. */
        HANG_WHILE_NATS_IS_AWAY,

        /** Until others have the queue as well: a broker gives it to nobody else before it misses the one that hangs. */
        HANG_UNTIL_THE_BROKER_NOTICES
    }

    @Test
    void nodesThatHangAndDieDoubleAndLoseNothing() throws Exception {
        run(2, List.of(Fault.HANG_WHILE_NATS_IS_AWAY, Fault.KILL));
    }

    @Tag("long")
    @Test
    void threeNodesThatHangAndDieAgainAndAgainDoubleAndLoseNothing() throws Exception {
        List<Fault> faults = new ArrayList<>(Collections.nCopies(2, Fault.KILL));
        faults.add(Fault.HANG_WHILE_NATS_IS_AWAY);
        faults.add(Fault.HANG_UNTIL_THE_BROKER_NOTICES);
        Collections.shuffle(faults, random);
        run(3, faults);
    }

    private void run(int count, List<Fault> faults) throws Exception {
        // One that is known to lose what it has acknowledged would be to blame for everything.
        NatsProgram.find();
        CompletableFuture<RabbitServer> starting = CompletableFuture.supplyAsync(SourcesOfNodesIT::startRabbit);
        try (NatsServer nats = NatsServer.start(folder.resolve("nats"));
                PostgresServer database = PostgresServer.start();
                RabbitServer rabbit = starting.join()) {
            database.makeTable();
            rabbit.queue(QUEUE, Map.of());
            List<OutboxWriter> writers = IntStream.range(0, SERVICES).mapToObj(i -> new OutboxWriter(database, i, seed)).toList();
            List<RabbitPublisher> publishers = IntStream.range(0, SERVICES)
                    .mapToObj(i -> new RabbitPublisher(rabbit, QUEUE, i, i % 2 == 0, seed)).toList();
            List<Thread> threads = new ArrayList<>();
            try {
                start(count, nats, database, rabbit);
                writers.forEach(each -> threads.add(Thread.ofPlatform().name("writer").start(each)));
                publishers.forEach(each -> threads.add(Thread.ofPlatform().name("publisher").start(each)));
                awaitGettingOn();
                for (Fault fault : faults) {
                    Thread.sleep(random.nextInt(MAX_LIFE_MILLIS));
                    happens(fault, nats);
                }
                writers.forEach(OutboxWriter::end);
                publishers.forEach(RabbitPublisher::end);
                for (Thread thread : threads) {
                    thread.join();
                }
                OutboxJudge.judge(nodes.getFirst().awaitUri(), database, writers, After.KEEP, seed);
                RabbitJudge.judge(nodes.getFirst().awaitUri(), QUEUE, rabbit, QUEUE, publishers, seed);
                requireAllShowTheSame();
                for (SourceNode node : nodes) {
                    node.terminate();
                    assertThat(node.said()).doesNotContain("a defect of the hub");
                }
                assertThat(rabbit.waiting(QUEUE)).as("all was acknowledged (seed %d)", seed).isZero();
            } finally {
                writers.forEach(OutboxWriter::end);
                publishers.forEach(RabbitPublisher::end);
                nodes.forEach(SourceNode::close);
            }
        }
    }

    private static RabbitServer startRabbit() {
        try {
            return RabbitServer.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void start(int count, NatsServer nats, PostgresServer database, RabbitServer rabbit) throws IOException {
        List<String> settings = List.of("log.servers.0=" + nats.url(),
                "sources.0.name=" + OUTBOX, "sources.0.jdbc.url=" + database.url(), "sources.0.jdbc.user=" + database.user(),
                "sources.0.jdbc.poll=PT0.02S", "sources.0.batch=100",
                "sources.1.name=" + QUEUE, "sources.1.rabbitmq.uri=" + rabbit.uri(), "sources.1.rabbitmq.queue=" + QUEUE,
                "sources.1.rabbitmq.topic=" + QUEUE, "sources.1.rabbitmq.prefetch=300", "sources.1.batch=100");
        for (int i = 0; i < count; i++) {
            nodes.add(new SourceNode(folder.resolve("node-" + i), settings));
        }
        nodes.forEach(SourceNode::start);
        nodes.forEach(SourceNode::awaitUri);
    }

    /** To the node that runs one of the sources; returns when others run what it ran, and it is back. */
    private void happens(Fault fault, NatsServer nats) throws Exception {
        switch (fault) {
            case KILL -> {
                SourceNode hit = runner(SOURCES.get(random.nextInt(SOURCES.size())));
                hit.kill();
                hit.start();
                hit.awaitUri();
            }
            case HANG_WHILE_NATS_IS_AWAY -> {
                SourceNode hit = runner(OUTBOX);
                hit.pause();
                nats.kill();
                Thread.sleep(random.nextInt(MIN_OUTAGE_MILLIS, MAX_OUTAGE_MILLIS));
                nats.launch();
                awaitTakenOver(List.of(OUTBOX), hit);
                Thread.sleep(random.nextInt(MAX_LIFE_MILLIS));
                hit.resume();
            }
            case HANG_UNTIL_THE_BROKER_NOTICES -> {
                SourceNode hit = runner(QUEUE);
                hit.pause();
                awaitTakenOver(SOURCES, hit);
                Thread.sleep(random.nextInt(MAX_LIFE_MILLIS));
                hit.resume();
            }
        }
        awaitGettingOn();
    }

    private static boolean runs(SourceNode node, String source) {
        return node.state(source).equals("running");
    }

    private SourceNode runner(String source) {
        await("who runs " + source).atMost(PATIENCE).pollInterval(POLL).until(() -> nodes.stream().anyMatch(node -> runs(node, source)));
        return nodes.stream().filter(node -> runs(node, source)).findFirst().orElseThrow();
    }

    private void awaitTakenOver(List<String> sources, SourceNode from) {
        List<SourceNode> others = nodes.stream().filter(node -> node != from).toList();
        for (String source : sources) {
            await(source + " at another node").atMost(PATIENCE).pollInterval(POLL).until(
                    () -> others.stream().anyMatch(node -> runs(node, source)));
        }
    }

    /** Waits until each source gets on at one node, and the others stand by. */
    private void awaitGettingOn() {
        for (String source : SOURCES) {
            long before = nodes.stream().mapToLong(node -> node.published(source)).max().orElseThrow();
            List<String> expected = new ArrayList<>(Collections.nCopies(nodes.size(), "standby"));
            expected.set(0, "running");
            await(source + " at one node").atMost(PATIENCE).pollInterval(POLL).until(
                    () -> nodes.stream().map(node -> node.state(source)).sorted().toList().equals(expected)
                            && nodes.stream().anyMatch(node -> runs(node, source) && node.published(source) > before));
        }
    }

    private void requireAllShowTheSame() throws Exception {
        for (String topic : List.of(OutboxWriter.TOPIC, QUEUE)) {
            List<String> first = new SourcedLog(nodes.getFirst().awaitUri(), topic).read();
            for (SourceNode node : nodes) {
                List<String> shown = new SourcedLog(node.awaitUri(), topic).readUntil(PATIENCE, log -> log.size() >= first.size());
                assertThat(shown).as("%s at each node (seed %d)", topic, seed).isEqualTo(first);
            }
        }
    }
}
