package dev.hark;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Draft;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import dev.hark.fanout.DeliverySettings;
import dev.hark.fanout.IndexLimits;
import dev.hark.fanout.MailboxLimits;
import dev.hark.fanout.OverflowPolicy;
import dev.hark.fanout.TopicRule;
import dev.hark.log.Append;
import dev.hark.log.Epochs;
import dev.hark.log.EventLog;
import dev.hark.log.FakeClock;
import dev.hark.log.HotLimits;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.LogConfig;
import dev.hark.log.Retention;
import dev.hark.log.memory.MemoryLog;
import dev.hark.log.sqlite.FastFolder;
import dev.hark.log.sqlite.SqliteLog;
import dev.hark.log.sqlite.SqliteSettings;
import dev.hark.thread.VitalThreads;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A hub on a log of one of the engines, with a clock for events and one for streams that stand still until a test moves them. */
final class TestHub implements AutoCloseable {
    static final String EPOCH = "7k3q9x2m";
    static final Duration LONG = Duration.ofDays(1);
    static final Duration HEARTBEAT = Duration.ofMillis(100);
    static final Duration WRITE_TIMEOUT = Duration.ofMinutes(10);

    final FakeClock clock = new FakeClock();
    final Hub hub;
    private final AtomicLong nanos = new AtomicLong(1);
    /** How often the sweeper has asked for the time, which it does once in each round. */
    private final AtomicLong rounds = new AtomicLong();
    private final Path folder;

    /** What a test wants otherwise than usual. */
    record Setup(OverflowPolicy policy, MailboxLimits mailbox, Retention retention, HotLimits hot, int lanes,
            int maxSubscribers, String heartbeatEvent) {
        static final Setup USUAL = new Setup(
                OverflowPolicy.REPLAY,
                new MailboxLimits(64, 1 << 20),
                new Retention(1_000_000, LONG, 1L << 40),
                new HotLimits(10_000, 1 << 24),
                2,
                20_000,
                "");

        Setup policy(OverflowPolicy policy, int events, int bytes) {
            return new Setup(policy, new MailboxLimits(events, bytes), retention, hot, lanes, maxSubscribers, heartbeatEvent);
        }

        Setup retention(int events) {
            return retention(events, LONG);
        }

        Setup retention(int events, Duration age) {
            return new Setup(policy, mailbox, new Retention(events, age, 1L << 40), hot, lanes, maxSubscribers, heartbeatEvent);
        }

        Setup hot(int events) {
            return new Setup(policy, mailbox, retention, new HotLimits(events, 1L << 40), lanes, maxSubscribers, heartbeatEvent);
        }

        Setup maxSubscribers(int count) {
            return new Setup(policy, mailbox, retention, hot, lanes, count, heartbeatEvent);
        }

        Setup heartbeatEvent(String name) {
            return new Setup(policy, mailbox, retention, hot, lanes, maxSubscribers, name);
        }
    }

    private TestHub(Logs logs, Setup setup, boolean realTime) {
        var delivery = new DeliverySettings(setup.lanes(), HEARTBEAT, setup.heartbeatEvent(), Duration.ofSeconds(2), WRITE_TIMEOUT);
        var rules = List.of(new TopicRule(TopicFilter.ALL, setup.policy(), setup.mailbox()));
        var config = new HubConfig(delivery, rules, setup.maxSubscribers(), IndexLimits.DEFAULT, LONG);
        var vital = new VitalThreads();
        this.folder = FastFolder.create();
        EventLog log = logs.open(folder, config(setup), clock, vital);
        LongSupplier time = realTime ? System::nanoTime : nanos::get;
        this.hub = Hub.start(config, log, clock, () -> {
            if (Thread.currentThread().getName().equals("hark-sweeper")) {
                rounds.incrementAndGet();
            }
            return time.getAsLong();
        }, vital);
    }

    /** Has whoever asks {@link Epochs} for a name be given {@code epoch}. */
    private static RandomGenerator naming(String epoch) {
        Iterator<Integer> digits = epoch.chars().map(digit -> Character.digit(digit, Character.MAX_RADIX)).iterator();
        return new RandomGenerator() {
            @Override
            public long nextLong() {
                throw new UnsupportedOperationException();
            }

            @Override
            public int nextInt(int bound) {
                return digits.next();
            }
        };
    }

    /** Opens the log that a hub is to be on; what it keeps on disk is in a folder of the hub's own. */
    @FunctionalInterface
    interface Logs {
        EventLog open(Path folder, LogConfig config, FakeClock clock, VitalThreads vital);
    }

    /** The engines that hubs run on, the usual one first. */
    enum Engine implements Logs {
        SQLITE {
            @Override
            public EventLog open(Path folder, LogConfig config, FakeClock clock, VitalThreads vital) {
                var settings = new SqliteSettings(folder.resolve("hark.db"), SqliteSettings.Durability.FSYNC, config);
                return SqliteLog.open(settings, clock, naming(EPOCH), vital);
            }
        },
        MEMORY {
            @Override
            public EventLog open(Path folder, LogConfig config, FakeClock clock, VitalThreads vital) {
                return new MemoryLog(EPOCH, config, clock);
            }
        }
    }

    static LogConfig config(Setup setup) {
        return new LogConfig(setup.retention(), setup.hot(), new IdempotencyLimits(1_000, LONG));
    }

    static TestHub start(Logs logs, Setup setup) {
        return new TestHub(logs, setup, false);
    }

    static TestHub start(Logs logs) {
        return start(logs, Setup.USUAL);
    }

    /** With streams that live in real time, for what waits by it. */
    static TestHub startInRealTime(Logs logs, Setup setup) {
        return new TestHub(logs, setup, true);
    }

    /** Has the log remove what it does not retain, as it does about once a second. */
    void maintain() {
        hub.log().maintain();
    }

    /** Moves the time that streams live in. */
    void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    /** Waits until the sweeper has looked at every stream in the time that it is now. */
    void awaitSwept() {
        // The round that is under way may have begun before, and the next one has to end.
        long next = rounds.get() + 1;
        await("the sweeper has come by", () -> rounds.get() > next);
    }

    /** Publishes one event and answers its position. */
    long publish(String topic) {
        return publish(topic, "x", null);
    }

    long publish(String topic, String data, @Nullable String key) {
        return publish(draft(topic, data, key)).getFirst();
    }

    List<Long> publish(Draft... batch) {
        Append append = hub.publish(List.of(batch));
        assertThat(append).isInstanceOf(Append.Stored.class);
        return ((Append.Stored) append).entries().stream().map(Append.Entry::sequence).toList();
    }

    static Draft draft(String topic, String data, @Nullable String key) {
        return new Draft(new Topic(topic), Draft.DEFAULT_TYPE, key, data.getBytes(UTF_8), null);
    }

    long read(HubMeter meter) {
        return meter.read(hub);
    }

    void awaitMeter(HubMeter meter, long value) {
        await(meter + " is " + value, () -> read(meter) == value, () -> "it is " + read(meter));
    }

    /** Waits until the lanes have offered everything. */
    void awaitWalked() {
        // A lane that does not know its subscribers yet has nothing to do.
        await("the lanes know every stream", () -> read(HubMeter.STREAMS) == read(HubMeter.STREAMS_INDEXED));
        awaitMeter(HubMeter.LANE_BACKLOG, 0);
    }

    static void await(String what, BooleanSupplier condition) {
        await(what, condition, () -> "");
    }

    private static void await(String what, BooleanSupplier condition, Supplier<String> state) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited in vain until " + what + "; " + state.get());
            }
            LockSupport.parkNanos(100_000);
        }
    }

    @Override
    public void close() {
        hub.close();
        FastFolder.delete(folder);
    }
}
