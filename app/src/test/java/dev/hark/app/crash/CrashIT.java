package dev.hark.app.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.Program;
import dev.hark.app.crash.History.Outcome;
import dev.hark.app.crash.ServerRuns.ServerRun;
import java.net.URI;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
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
    private static final int ABSENT = 7;
    private static final String NOT_CLOSED = "was not closed";

    @TempDir
    private Path folder;

    private final long seed = Long.getLong("hark.seed", System.nanoTime());
    private final Random random = new Random(seed);

    @Test
    void twentyKillsBreakNoPromise() throws Exception {
        run(20);
    }

    @Test
    @Tag("long")
    void twoHundredKillsBreakNoPromise() throws Exception {
        run(200);
    }

    private void run(int kills) throws Exception {
        try (var server = new DurableServer(folder);
                var witnesses = new Witnesses(
                        PUBLISHERS, PublishingClient.TOPICS.getFirst(), run -> run.last() || run.number() % ABSENT == 1, seed)) {
            for (int i = 0; i < kills; i++) {
                liveAndDie(witnesses, server.start());
            }
            drainUnderLoad(witnesses, server.start());

            Program last = server.start();
            URI uri = last.awaitUri();
            assertThat(last.err()).as("after SIGTERM").doesNotContain(NOT_CLOSED, "lost");
            witnesses.begin(uri, true);
            assertThat(last.process().waitFor(MAX_LIFE_MILLIS, TimeUnit.MILLISECONDS)).isFalse();
            judge(witnesses.endJudged(last), kills);
        }
    }

    private void liveAndDie(Witnesses witnesses, Program program) throws InterruptedException {
        int choice = random.nextInt(8);
        if (choice == 0) {
            // Perhaps in the middle of its recovery.
            program.process().waitFor(random.nextInt(MAX_START_MILLIS), TimeUnit.MILLISECONDS);
        } else {
            ServerRun run = witnesses.begin(program.awaitUri(), false);
            if (choice > 1) {
                witnesses.awaitAnswer(run);
            }
            int millis = MIN_LIFE_MILLIS + random.nextInt(MAX_LIFE_MILLIS - MIN_LIFE_MILLIS);
            assertThat(program.process().waitFor(millis, TimeUnit.MILLISECONDS)).as("ended by itself: " + program.err()).isFalse();
        }
        DurableServer.kill(program);
        assertThat(program.err()).as("seed " + seed).doesNotContain("lost", "SEVERE", "Exception");
    }

    private void drainUnderLoad(Witnesses witnesses, Program program) throws InterruptedException {
        witnesses.begin(program.awaitUri(), false);
        assertThat(program.process().waitFor(MAX_LIFE_MILLIS, TimeUnit.MILLISECONDS)).isFalse();
        program.terminate();
        assertThat(program.awaitExit()).isZero();
        assertThat(program.err()).contains(NOT_CLOSED, "stopped");
    }

    private void judge(History history, int kills) {
        long unknown = history.attempts().stream().filter(attempt -> attempt.outcome() instanceof Outcome.Unknown).count();
        assertThat(unknown).as("kills that met a publisher").isGreaterThan(kills / 2);
        assertThat(history.readBack().blocks().size()).as("events").isGreaterThan(kills * 10);
        System.getLogger(CrashIT.class.getName()).log(System.Logger.Level.INFO, "seed " + seed + ": " + kills + " kills, "
                + history.attempts().size() + " requests, " + unknown + " of them of unknown fate, "
                + history.readBack().blocks().size() + " events");
    }
}
