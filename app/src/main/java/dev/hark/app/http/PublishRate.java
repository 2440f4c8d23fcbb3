package dev.hark.app.http;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * How many events one address may publish in a second: a token bucket each, for the addresses that published last. Thread-safe.
 */
final class PublishRate {
    /** How many addresses are remembered; the one that was silent longest is forgotten first, and then starts with a full bucket. */
    private static final int MAX_PUBLISHERS = 10_000;

    private final int eventsPerSecond;

    /** In the order of their last use. */
    @GuardedBy("itself")
    private final Map<String, Bucket> buckets = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
            return size() > MAX_PUBLISHERS;
        }
    };

    /** @param eventsPerSecond 0: no limit */
    PublishRate(int eventsPerSecond) {
        this.eventsPerSecond = eventsPerSecond;
    }

    int eventsPerSecond() {
        return eventsPerSecond;
    }

    /**
     * Takes {@code events} from the allowance of {@code publisher}.
     *
     * @throws ProblemException with {@code Retry-After} where it is used up, or where a batch is larger than it ever is
     */
    void take(String publisher, int events) {
        if (eventsPerSecond == 0) {
            return;
        }
        if (events > eventsPerSecond) {
            throw new ProblemException(
                    ProblemType.TOO_LARGE,
                    "batch has " + events + " events; " + publisher + " may publish " + eventsPerSecond + " a second");
        }
        ConsumptionProbe probe = bucket(publisher).tryConsumeAndReturnRemaining(events);
        if (!probe.isConsumed()) {
            long seconds = Math.ceilDiv(probe.getNanosToWaitForRefill(), TimeUnit.SECONDS.toNanos(1));
            throw new ProblemException(
                    ProblemType.RATE_LIMITED,
                    publisher + " publishes more than " + eventsPerSecond + " events a second, which is the limit",
                    Map.of("Retry-After", Long.toString(seconds)));
        }
    }

    private Bucket bucket(String publisher) {
        synchronized (buckets) {
            return buckets.computeIfAbsent(publisher, address -> Bucket.builder()
                    .addLimit(limit -> limit.capacity(eventsPerSecond).refillGreedy(eventsPerSecond, Duration.ofSeconds(1)))
                    .build());
        }
    }
}
