package dev.hark.fanout;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** What a wake-up pays for not owning a batch: borrowing one and giving it back, beside making one. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class BatchPoolBenchmark {
    private final BatchPool pool = new BatchPool();

    @Benchmark
    public int borrow() {
        Batch batch = pool.borrow();
        int count = batch.count();
        pool.giveBack(batch);
        return count;
    }

    @Benchmark
    @Threads(2)
    public int borrowContended() {
        return borrow();
    }

    @Benchmark
    public Object make() {
        return new Batch();
    }
}
