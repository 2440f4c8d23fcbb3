package dev.hark.log.sqlite;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.hark.event.Draft;
import dev.hark.event.Topic;
import dev.hark.log.Append;
import dev.hark.log.HotLimits;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.LogConfig;
import dev.hark.log.Retention;
import dev.hark.thread.VitalThreads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Single events of 100 bytes, stored for as many publishers as wait at once, without any HTTP: what the log and its disk allow a hub.
 * Publishers are virtual threads, as in the hub. Appends a second, all publishers together.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(value = 1, jvmArgsAppend = {"-Djmh.executor=VIRTUAL", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 3, time = 4)
@Measurement(iterations = 3, time = 4)
@SuppressWarnings("NullAway.Init") // JMH sets the parameter, and calls what is for setting up
public class SqliteAppendBenchmark {
    @Param({"FSYNC", "WRITE"})
    SqliteSettings.Durability durability;

    private final List<Draft> one = List.of(new Draft(new Topic("news"), Draft.DEFAULT_TYPE, null, "x".repeat(100).getBytes(UTF_8), null));
    private Path folder;
    private SqliteLog log;

    @Setup
    public void open() throws IOException {
        folder = Files.createTempDirectory("hark-append");
        var settings = new SqliteSettings(
                folder.resolve("hark.db"),
                durability,
                new LogConfig(
                        new Retention(1_000_000, Duration.ofDays(1), 1L << 30),
                        new HotLimits(10_000, 64L << 20),
                        new IdempotencyLimits(1_000_000, Duration.ofDays(1))));
        log = SqliteLog.open(settings, InstantSource.system(), new Random(1), new VitalThreads());
    }

    @TearDown
    public void close() throws IOException {
        log.close();
        try (var files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        }
    }

    @Benchmark
    @Threads(16)
    public Append publishers16() {
        return log.append(one);
    }

    @Benchmark
    @Threads(64)
    public Append publishers64() {
        return log.append(one);
    }

    @Benchmark
    @Threads(256)
    public Append publishers256() {
        return log.append(one);
    }
}
