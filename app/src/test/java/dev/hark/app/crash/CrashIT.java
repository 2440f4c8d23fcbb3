package dev.hark.app.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.app.Program;
import dev.hark.app.Wire;
import dev.hark.app.crash.History.Attempt;
import dev.hark.app.crash.History.Follower;
import dev.hark.app.crash.History.Outcome;
import dev.hark.app.crash.History.Sent;
import dev.hark.app.crash.Lives.Life;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server on the durable log that is killed again and again while clients publish and follow: nothing acknowledged is lost, nothing comes
 * twice, no number is used again (G1 to G5), and nothing is announced that did not happen. {@code -Dhark.seed=…} repeats a seed's choices.
 */
class CrashIT {
    private static final int PUBLISHERS = 4;
    private static final int MIN_LIFE_MILLIS = 20;
    private static final int MAX_LIFE_MILLIS = 400;
    private static final int MAX_START_MILLIS = 1_500;
    private static final Duration POLL = Duration.ofMillis(5);
    private static final int ABSENT = 7;
    private static final String NOT_CLOSED = "was not closed";

    @TempDir
    private Path folder;

    private final long seed = Long.getLong("hark.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final Lives lives = new Lives();
    private final AtomicLong clock = new AtomicLong();

    @Test
    void thirtyKillsBreakNoPromise() throws Exception {
        run(30);
    }

    @Test
    @Tag("long")
    void twoHundredKillsBreakNoPromise() throws Exception {
        run(200);
    }

    private void run(int kills) throws Exception {
        try (var server = new DurableServer(folder);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<Attempt>>> publishers = IntStream.range(0, PUBLISHERS)
                    .mapToObj(i -> threads.submit(new PublishingClient("p" + i, lives, clock, seed + i)))
                    .toList();
            List<FollowingClient> clients = List.of(
                    new FollowingClient("everything", History.EVERYTHING, lives, life -> true),
                    new FollowingClient("topic", PublishingClient.TOPICS.getFirst(), lives, life -> true),
                    new FollowingClient("seldom there", History.EVERYTHING, lives, life -> life.last() || life.number() % ABSENT == 1));
            List<Future<Follower>> followers = clients.stream().map(threads::submit).toList();
            try {
                server.train();
                for (int i = 0; i < kills; i++) {
                    liveAndDie(server.start());
                }
                drainUnderLoad(server.start());

                Program last = server.start();
                URI uri = last.awaitUri();
                assertThat(last.err()).as("after SIGTERM").doesNotContain(NOT_CLOSED, "lost");
                lives.begin(uri, true);
                assertThat(last.process().waitFor(MAX_LIFE_MILLIS, TimeUnit.MILLISECONDS)).isFalse();
                lives.stopPublishing();
                List<Attempt> attempts = new ArrayList<>();
                for (Future<List<Attempt>> publisher : publishers) {
                    attempts.addAll(publisher.get(Wire.PATIENCE.toSeconds(), TimeUnit.SECONDS));
                }
                var end = new PublishingClient("end", lives, clock, seed);
                for (String topic : PublishingClient.TOPICS.reversed()) {
                    end.publish(uri, List.of(new Sent(topic, "end of " + topic, null)));
                }
                attempts.addAll(end.attempts());
                // The first topic's is the newest event of all.
                String newest = "end of " + PublishingClient.TOPICS.getFirst();
                await("the end").atMost(Wire.PATIENCE).until(() -> clients.stream().allMatch(client -> client.lastData().equals(newest)));
                Follower readBack = FollowingClient.readAll(uri, newest);
                lives.end();
                last.terminate();
                assertThat(last.awaitExit()).isZero();

                List<Follower> followed = new ArrayList<>();
                for (Future<Follower> follower : followers) {
                    followed.add(follower.get(Wire.PATIENCE.toSeconds(), TimeUnit.SECONDS));
                }
                judge(new History(attempts, followed, readBack), kills);
            } finally {
                lives.stopPublishing();
                lives.end();
                threads.shutdownNow();
            }
        }
    }

    private void liveAndDie(Program program) throws InterruptedException {
        int choice = random.nextInt(8);
        if (choice == 0) {
            // Perhaps in the middle of its recovery.
            program.process().waitFor(random.nextInt(MAX_START_MILLIS), TimeUnit.MILLISECONDS);
        } else {
            Life life = lives.begin(program.awaitUri(), false);
            if (choice > 1) {
                // A young JVM takes its time over its first requests.
                await("an answer").atMost(Wire.PATIENCE).pollDelay(Duration.ZERO).pollInterval(POLL)
                        .until(() -> lives.answered() == life.number());
            }
            int millis = MIN_LIFE_MILLIS + random.nextInt(MAX_LIFE_MILLIS - MIN_LIFE_MILLIS);
            assertThat(program.process().waitFor(millis, TimeUnit.MILLISECONDS)).as("ended by itself: " + program.err()).isFalse();
        }
        DurableServer.kill(program);
        assertThat(program.err()).as("seed " + seed).doesNotContain("lost", "SEVERE", "Exception");
    }

    private void drainUnderLoad(Program program) throws InterruptedException {
        lives.begin(program.awaitUri(), false);
        assertThat(program.process().waitFor(MAX_LIFE_MILLIS, TimeUnit.MILLISECONDS)).isFalse();
        program.terminate();
        assertThat(program.awaitExit()).isZero();
        assertThat(program.err()).contains(NOT_CLOSED, "stopped");
    }

    private void judge(History history, int kills) {
        List<Verdict> verdicts = HistoryChecker.judge(history);
        assertThat(verdicts.stream().limit(20)).as("seed " + seed + ": " + verdicts.size() + " promises broken").isEmpty();
        long unknown = history.attempts().stream().filter(attempt -> attempt.outcome() instanceof Outcome.Unknown).count();
        assertThat(unknown).as("kills that met a publisher").isGreaterThan(kills / 2);
        assertThat(history.readBack().blocks().size()).as("events").isGreaterThan(kills * 10);
        System.getLogger(CrashIT.class.getName()).log(System.Logger.Level.INFO, "seed " + seed + ": " + kills + " kills, "
                + history.attempts().size() + " requests, " + unknown + " of them of unknown fate, "
                + history.readBack().blocks().size() + " events");
    }
}
