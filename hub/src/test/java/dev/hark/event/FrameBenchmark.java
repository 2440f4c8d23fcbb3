package dev.hark.event;

import static java.nio.charset.StandardCharsets.UTF_8;

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
import org.openjdk.jmh.annotations.Warmup;

/** What an event costs once, whoever many read it: its encoding as a frame. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class FrameBenchmark {
    private static final String EPOCH = "0123abcd";

    @Param({"100", "4096"})
    int bytes;

    private Draft draft = draft(1);

    @Setup
    public void makeData() {
        draft = draft(bytes);
    }

    private static Draft draft(int bytes) {
        return new Draft(new Topic("users/42/orders"), Draft.DEFAULT_TYPE, null, "x".repeat(bytes).getBytes(UTF_8), null);
    }

    @Benchmark
    public Object encode() {
        return Event.of(EPOCH, 1_000_000, 0, draft);
    }
}
