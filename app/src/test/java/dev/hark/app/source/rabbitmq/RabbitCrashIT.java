package dev.hark.app.source.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.Program;
import dev.hark.app.crash.DurableServer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * A hub and the broker of its source, both killed again and again while services publish: every message that the broker confirmed is in the
 * log exactly once, and those of each service are in the order in which it published them. {@code -Dhark.seed=…} repeats a seed's choices.
 */
@DisabledIfSystemProperty(named = "hark.test.access", matches = "true", disabledReason = "its hubs have a configuration of their own")
class RabbitCrashIT {
    private static final String QUEUE = "hark";
    private static final String TOPIC = "queue";

    /** Every other one gives its messages ids. */
    private static final int PUBLISHERS = 4;

    private static final int MIN_LIFE_MILLIS = 50;
    private static final int MAX_LIFE_MILLIS = 600;

    /** Of so many kills one hits the broker, and every other one of those the hub as well. */
    private static final int OF_BROKER = 4;

    @TempDir
    private Path folder;

    private final long seed = Long.getLong("hark.seed", System.nanoTime());
    private final Random random = new Random(seed);

    @Test
    void sixKillsDoubleAndLoseNothing() throws Exception {
        run(6, Map.of());
    }

    @Tag("long")
    @Test
    void fortyKillsDoubleAndLoseNothing() throws Exception {
        run(40, Map.of());
    }

    @Tag("long")
    @Test
    void twentyKillsDoubleAndLoseNothingOfAQuorumQueue() throws Exception {
        run(20, Map.of("x-queue-type", "quorum", "x-single-active-consumer", true));
    }

    private void run(int kills, Map<String, Object> arguments) throws Exception {
        try (RabbitServer rabbit = RabbitServer.start(); var server = new DurableServer(folder)) {
            rabbit.queue(QUEUE, arguments);
            List<RabbitPublisher> publishers = IntStream.range(0, PUBLISHERS)
                    .mapToObj(i -> new RabbitPublisher(rabbit, QUEUE, i, i % 2 == 0, seed))
                    .toList();
            List<Thread> threads = publishers.stream().map(each -> Thread.ofPlatform().name("publisher").start(each)).toList();
            try {
                Program hub = start(server, rabbit);
                for (int i = 1; i <= kills; i++) {
                    int life = MIN_LIFE_MILLIS + random.nextInt(MAX_LIFE_MILLIS - MIN_LIFE_MILLIS);
                    assertThat(hub.process().waitFor(life, TimeUnit.MILLISECONDS)).as(hub.err()).isFalse();
                    boolean isBroker = i % OF_BROKER == 0;
                    CompletableFuture<Void> broker = CompletableFuture.completedFuture(null);
                    if (isBroker) {
                        rabbit.kill();
                        broker = CompletableFuture.runAsync(rabbit::startAgain);
                    }
                    if (!isBroker || i / OF_BROKER % 2 == 0) {
                        DurableServer.kill(hub);
                        hub = start(server, rabbit);
                    }
                    broker.join();
                }
                publishers.forEach(RabbitPublisher::end);
                for (Thread thread : threads) {
                    thread.join();
                }
                RabbitJudge.judge(hub.awaitUri(), TOPIC, rabbit, QUEUE, publishers, seed);
                hub.terminate();
                hub.awaitExit();
                assertThat(rabbit.waiting(QUEUE)).as("all was acknowledged (seed %d)", seed).isZero();
            } finally {
                publishers.forEach(RabbitPublisher::end);
            }
        }
    }

    private Program start(DurableServer server, RabbitServer rabbit) {
        Program hub = server.start("sources.0.name=queue", "sources.0.rabbitmq.uri=" + rabbit.uri(), "sources.0.rabbitmq.queue=" + QUEUE,
                "sources.0.rabbitmq.topic=" + TOPIC, "sources.0.rabbitmq.prefetch=60", "sources.0.batch=20");
        hub.awaitUri();
        return hub;
    }
}
