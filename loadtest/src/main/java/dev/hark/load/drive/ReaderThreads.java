package dev.hark.load.drive;

import dev.hark.load.drive.Tally.Count;
import dev.hark.load.ledger.Attendance;
import dev.hark.load.ledger.Receipts;
import dev.hark.load.ledger.Traffic;
import dev.hark.load.measure.Laggard;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/**
 * The reader threads of a run, each with its share of the subscribers.
 *
 * <p>Confined to the run's thread, but for {@link #sum}.
 */
final class ReaderThreads implements AutoCloseable {
    private final List<StreamLoop> loops = new ArrayList<>();
    private final List<Deliveries> deliveries = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    ReaderThreads(
            Target target, StreamPlan plan, Traffic traffic, List<String> topics, int run, Attendance attendance, Failures failures)
            throws IOException {
        int count = Math.max(1, Math.min(plan.loops(), plan.subscribers()));
        for (int i = 0; i < count; i++) {
            int first = (int) ((long) plan.subscribers() * i / count);
            int end = (int) ((long) plan.subscribers() * (i + 1) / count);
            var each = new Deliveries(new Receipts(traffic, run, first, end - first), target.isHark(), target.nodes().size());
            deliveries.add(each);
            loops.add(new StreamLoop(target, plan, new Subscribers(first, end - first, traffic, topics, attendance), each, failures));
        }
        for (int s = 0; s < plan.subscribers(); s++) {
            if (plan.isStalled(s)) {
                attendance.excuse(s);
            } else if (plan.isLate(s)) {
                attendance.comesLate(s);
            }
        }
    }

    /** Only so many streams begin at first; the others come while events are published already. To be called before the start. */
    void joinFrom(int streams, Attendance attendance) {
        allow(streams);
        for (StreamLoop loop : loops) {
            loop.joinBeyondAllowed(attendance);
        }
    }

    /** Lets so many streams begin, in all. Safe from any thread; what was allowed stays so. */
    void allow(int streams) {
        int left = streams;
        for (int i = 0; i < loops.size(); i++) {
            // Evenly, and the last ones take what did not fit before.
            left -= loops.get(i).allow(Math.ceilDiv(left, loops.size() - i));
        }
        for (int i = 0; left > 0 && i < loops.size(); i++) {
            left -= loops.get(i).allowMore(left);
        }
    }

    void start() {
        for (int i = 0; i < loops.size(); i++) {
            threads.add(Thread.ofPlatform().name("reader-" + i).start(loops.get(i)));
        }
    }

    List<Deliveries> deliveries() {
        return deliveries;
    }

    List<Receipts> receipts() {
        return deliveries.stream().map(Deliveries::receipts).toList();
    }

    /** A counter over all threads. Safe from any thread. */
    long sum(Count count) {
        long sum = 0;
        for (StreamLoop loop : loops) {
            sum += loop.tally().get(count);
        }
        return sum;
    }

    /** How many streams are at each node. Safe from any thread. */
    List<Long> streamsByNode(int nodes) {
        return IntStream.range(0, nodes).mapToObj(node -> deliveries.stream().mapToLong(each -> each.nodes().live(node)).sum()).toList();
    }

    /** Adds the slowest delivery of each stream, when all threads have ended. */
    void addSlowest(Histogram slowest) {
        loops.forEach(loop -> loop.addSlowest(slowest));
    }

    /** The slowest of all streams, when all threads have ended. */
    List<Laggard> laggards() {
        return Laggard.slowestOf(loops.stream().flatMap(loop -> loop.laggards().stream()));
    }

    /** Cuts all streams that are up; they resume at once. */
    void dropAll() {
        loops.forEach(StreamLoop::dropAll);
    }

    /** Brings the late streams back. */
    void rejoin() {
        loops.forEach(StreamLoop::rejoin);
    }

    /** Whether a cut is made, and every stream that it hit is back. */
    boolean isBackSince(long droppedBefore, long resumedBefore) {
        return loops.stream().noneMatch(StreamLoop::isDropping) && sum(Count.RESUMED) - resumedBefore >= sum(Count.DROPPED) - droppedBefore;
    }

    /** Per thread, how long it has been at work. */
    List<Long> busyNanos() {
        return loops.stream().map(loop -> loop.tally().get(Count.BUSY_NANOS)).toList();
    }

    long longestRoundNanos() {
        return loops.stream().mapToLong(loop -> loop.tally().get(Count.LONGEST_ROUND_NANOS)).max().orElse(0);
    }

    /** Ends all threads and waits for them. */
    @Override
    public void close() {
        loops.forEach(StreamLoop::close);
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
