package dev.hark.app.source.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.Program;
import dev.hark.app.config.SourceSettings.After;
import dev.hark.app.crash.DurableServer;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * A hub and the database of its source, both killed again and again while services write: every committed row is in the log exactly once,
 * and those of each service are in the order in which it wrote them. {@code -Dhark.seed=…} repeats a seed's choices.
 */
@DisabledIfSystemProperty(named = "hark.test.access", matches = "true", disabledReason = "its hubs have a configuration of their own")
class OutboxCrashIT {
    private static final int WRITERS = 3;
    private static final int MIN_LIFE_MILLIS = 50;
    private static final int MAX_LIFE_MILLIS = 700;

    /** Of ten kills, how many hit the database. */
    private static final int OF_DATABASE = 4;

    @TempDir
    private Path folder;

    private final long seed = Long.getLong("hark.seed", System.nanoTime());
    private final Random random = new Random(seed);

    @Test
    void eightKillsDoubleAndLoseNothing() throws Exception {
        run(8, After.KEEP);
    }

    @Test
    @Tag("long")
    void fortyKillsDoubleAndLoseNothing() throws Exception {
        run(40, After.KEEP);
    }

    @Test
    @Tag("long")
    void fortyKillsDoubleAndLoseNothingOfWhatIsDeleted() throws Exception {
        run(40, After.DELETE);
    }

    @Test
    void sixKillsWithMariaDbDoubleAndLoseNothing() throws Exception {
        run(MariaDbServer.start(), 6, After.KEEP);
    }

    @Test
    @Tag("long")
    void thirtyKillsWithMariaDbDoubleAndLoseNothing() throws Exception {
        run(MariaDbServer.start(), 30, After.KEEP);
    }

    @Test
    @Tag("long")
    void thirtyKillsWithMariaDbDoubleAndLoseNothingOfWhatIsDeleted() throws Exception {
        run(MariaDbServer.start(), 30, After.DELETE);
    }

    private void run(int kills, After after) throws Exception {
        run(PostgresServer.start(), kills, after);
    }

    private void run(OutboxDatabase started, int kills, After after) throws Exception {
        try (OutboxDatabase database = started; var server = new DurableServer(folder)) {
            database.makeTable();
            List<OutboxWriter> writers = IntStream.range(0, WRITERS).mapToObj(i -> new OutboxWriter(database, i, seed)).toList();
            List<Thread> threads = writers.stream().map(writer -> Thread.ofPlatform().name("writer").start(writer)).toList();
            try {
                Program hub = start(server, database, after);
                for (int i = 0; i < kills; i++) {
                    int life = MIN_LIFE_MILLIS + random.nextInt(MAX_LIFE_MILLIS - MIN_LIFE_MILLIS);
                    assertThat(hub.process().waitFor(life, TimeUnit.MILLISECONDS)).as(hub.err()).isFalse();
                    if (random.nextInt(10) < OF_DATABASE) {
                        database.kill();
                        database.startAgain();
                    } else {
                        DurableServer.kill(hub);
                        hub = start(server, database, after);
                    }
                }
                writers.forEach(OutboxWriter::end);
                for (Thread thread : threads) {
                    thread.join();
                }
                OutboxJudge.judge(hub.awaitUri(), database, writers, after, seed);
            } finally {
                writers.forEach(OutboxWriter::end);
            }
        }
    }

    private Program start(DurableServer server, OutboxDatabase database, After after) {
        Program hub = server.start("sources.0.name=outbox", "sources.0.jdbc.url=" + database.url(),
                "sources.0.jdbc.user=" + database.user(), "sources.0.jdbc.poll=PT0.02S",
                "sources.0.jdbc.after=" + after.configName(), "sources.0.batch=20");
        hub.awaitUri();
        return hub;
    }
}
