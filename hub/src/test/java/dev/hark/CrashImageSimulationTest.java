package dev.hark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.TestHub.Setup;
import dev.hark.event.Draft;
import dev.hark.event.Event;
import dev.hark.event.EventStreamParser;
import dev.hark.event.EventStreamParser.Message;
import dev.hark.event.Filters;
import dev.hark.fanout.OverflowPolicy;
import dev.hark.fanout.Start;
import dev.hark.log.EventLog;
import dev.hark.log.LogConfig;
import dev.hark.log.sqlite.Logs;
import dev.hark.log.sqlite.SqliteLog;
import dev.hark.log.sqlite.SqliteSettings;
import dev.hark.thread.VitalThreads;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What followers were given up to a moment, compared with what a restart finds on the disk as it was at that moment: a beginning of it.
 * What the tests decide is seeded, and the seed is in every failure; threads are real.
 */
@Timeout(120)
class CrashImageSimulationTest {
    private static final long SEED = Long.getLong("hark.seed", 20261128L);
    private static final int IMAGES = 15;
    private static final int PUBLISHERS = 3;
    private static final List<String> TOPICS = List.of("t/0", "t/1", "u");
    private static final List<String> FILTERS = List.of("**", "t/*", "u");

    /** For followers to be given what they must not be given yet. */
    private static final long MOMENT_NANOS = 20_000_000;

    /** For how long a database was not changed that nobody is changing, by the clock of its file system. */
    private static final long QUIET_MILLIS = 30;

    @TempDir
    Path folder;

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final AtomicInteger events = new AtomicInteger();
    private Path database = Path.of("not started");
    private volatile boolean publishing = true;

    /** A permit for each batch: the log must not grow faster than it is looked at. */
    private final Semaphore allowance = new Semaphore(0);

    /** A permit for each time that the writer is to be held in the middle of a transaction. */
    private final Semaphore holds = new Semaphore(0);

    private final Semaphore held = new Semaphore(0);
    private final Semaphore release = new Semaphore(0);

    @Test
    void followersHaveSeenABeginningOfWhatIsOnTheDiskAtAnyMoment() throws Exception {
        try (TestHub test = start()) {
            List<TestStream> followers = follow(test);
            List<Thread> publishers = IntStream.range(0, PUBLISHERS)
                    .mapToObj(i -> Thread.ofVirtual().start(() -> publishOn(test, new SplittableRandom(SEED + i))))
                    .toList();
            for (int image = 0; image < IMAGES; image++) {
                int before = events.get();
                int more = random.nextInt(60);
                allowance.release(60);
                TestHub.await("some are published", () -> events.get() >= before + more);
                requireBeginning(views(followers), "at image " + image);
            }
            publishing = false;
            allowance.release(PUBLISHERS);
            for (Thread publisher : publishers) {
                publisher.join();
            }
            Map<String, List<Message>> stored = restart(image());
            for (int i = 0; i < FILTERS.size(); i++) {
                List<Message> all = stored.getOrDefault(FILTERS.get(i), List.of());
                assertThat(followers.get(i).awaitMessages(all.size()).messages()).as("in the end").isEqualTo(all);
            }
        }
    }

    /** The writer has put events into its transaction, and does not go on: nobody may have seen them, for a restart would not. */
    @Test
    void followersHaveSeenNothingOfATransactionThatIsNotCommitted() throws Exception {
        try (TestHub test = start()) {
            List<TestStream> followers = follow(test);
            test.publish("u", "first", null);
            followers.getFirst().awaitMessages(1);
            holds.release();
            List<Thread> waiting = new ArrayList<>(List.of(Thread.ofVirtual().start(test::maintain)));
            for (int round = 0; round < IMAGES; round++) {
                held.acquire();
                // Those that wait now are stored with the next upkeep.
                String data = "of round " + round;
                int count = 1 + random.nextInt(5);
                for (int i = 0; i < count; i++) {
                    String topic = TOPICS.get(random.nextInt(TOPICS.size()));
                    waiting.add(Thread.ofVirtual().start(() -> test.publish(topic, data, null)));
                }
                holds.release();
                waiting.add(Thread.ofVirtual().start(test::maintain));
                LockSupport.parkNanos(MOMENT_NANOS);
                requireBeginning(views(followers), "in round " + round);
                release.release();
            }
            held.acquire();
            release.release(2 * IMAGES);
            for (Thread each : waiting) {
                each.join();
            }
        }
    }

    private TestHub start() {
        return TestHub.start(this::open, Setup.USUAL.policy(OverflowPolicy.REPLAY, 64, 1 << 20));
    }

    private EventLog open(Path hubFolder, LogConfig config, InstantSource clock, VitalThreads vital) {
        database = hubFolder.resolve("hark.db");
        var settings = new SqliteSettings(database, SqliteSettings.Durability.FSYNC, config);
        return SqliteLog.open(settings, new Holding(clock), new Random(SEED), vital);
    }

    /** Time that is asked for when the log removes what is too old: in the middle of a transaction, after its events, before the commit. */
    private final class Holding implements InstantSource {
        private final InstantSource clock;

        Holding(InstantSource clock) {
            this.clock = clock;
        }

        @Override
        public Instant instant() {
            boolean removing = StackWalker.getInstance()
                    .walk(frames -> frames.anyMatch(frame -> frame.getMethodName().equals("oldestToKeep")));
            if (removing && holds.tryAcquire()) {
                held.release();
                release.acquireUninterruptibly();
            }
            return clock.instant();
        }
    }

    private static List<TestStream> follow(TestHub test) {
        List<TestStream> followers = FILTERS.stream()
                .map(filter -> TestStream.open(test.hub, new Start.Earliest(), filter).awaitOpen())
                .toList();
        TestHub.await("all are offered events", () -> test.read(HubMeter.STREAMS_INDEXED) == FILTERS.size());
        return followers;
    }

    private void publishOn(TestHub test, SplittableRandom choices) {
        allowance.acquireUninterruptibly();
        while (publishing) {
            int count = 1 + choices.nextInt(3);
            test.publish(IntStream.range(0, count).mapToObj(i -> choose(choices)).toArray(Draft[]::new));
            allowance.acquireUninterruptibly();
        }
    }

    private Draft choose(SplittableRandom choices) {
        String data = "event " + events.incrementAndGet() + "x".repeat(choices.nextInt(900));
        return TestHub.draft(TOPICS.get(choices.nextInt(TOPICS.size())), data, null);
    }

    private static Map<String, List<Message>> views(List<TestStream> followers) {
        var views = new HashMap<String, List<Message>>();
        for (int i = 0; i < FILTERS.size(); i++) {
            views.put(FILTERS.get(i), followers.get(i).messages());
        }
        return views;
    }

    /** Whether what was seen, before the disk was looked at, is what a restart gives first. */
    private void requireBeginning(Map<String, List<Message>> views, String when) throws Exception {
        Map<String, List<Message>> stored = restart(image());
        views.forEach((filter, seen) -> {
            List<Message> all = stored.getOrDefault(filter, List.of());
            assertThat(all.subList(0, Math.min(all.size(), seen.size()))).as("seed %s, %s, %s", SEED, when, filter).isEqualTo(seen);
        });
    }

    /**
     * The files as they are at one moment: the mark first, so that it does not know of more than the rest. The WAL only grows, but while it
     * is moved into the database: then anew.
     */
    private Path image() throws Exception {
        for (int attempt = 0; attempt < 1_000; attempt++) {
            FileTime changed = Files.getLastModifiedTime(database);
            if (System.currentTimeMillis() - changed.toMillis() > QUIET_MILLIS) {
                Path image = Files.createTempDirectory(folder, "image").resolve("hark.db");
                for (String suffix : List.of("-mark", "", "-wal")) {
                    Files.copy(database.resolveSibling("hark.db" + suffix), image.resolveSibling("hark.db" + suffix));
                }
                if (Files.getLastModifiedTime(database).equals(changed)) {
                    return image;
                }
            }
            LockSupport.parkNanos(MOMENT_NANOS);
        }
        throw new AssertionError("the database is changed all the time");
    }

    private static Map<String, List<Message>> restart(Path image) {
        var given = new HashMap<String, List<Message>>();
        try (SqliteLog log = Logs.open(image)) {
            for (String filter : FILTERS) {
                var parser = new EventStreamParser();
                for (Event event : Logs.readAll(log, 0, Filters.of(filter))) {
                    parser.feed(event.frame().bytes(), 0, event.frame().length());
                }
                given.put(filter, List.copyOf(parser.messages()));
            }
        }
        return given;
    }
}
