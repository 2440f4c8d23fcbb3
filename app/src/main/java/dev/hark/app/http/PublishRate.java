package dev.hark.app.http;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.hark.app.access.Caller;
import dev.hark.app.access.Grant;
import dev.hark.app.listen.ListenCounters;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TokensInheritanceStrategy;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * How many events one publisher may publish in a second: a token bucket each, for those that published last. Who has a credential is one
 * publisher wherever it comes from; others are by their addresses. Thread-safe.
 */
final class PublishRate {
    /** How many publishers are remembered; the one that was silent longest is forgotten first, and then starts with a full bucket. */
    private static final int MAX_PUBLISHERS = 10_000;

    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final ListenCounters counters;

    /** In the order of their last use. */
    @GuardedBy("itself")
    private final Map<String, Allowance> allowances = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Allowance> eldest) {
            return size() > MAX_PUBLISHERS;
        }
    };

    private record Allowance(int eventsPerSecond, Bucket bucket) {}

    PublishRate(ListenCounters counters) {
        this.counters = counters;
    }

    /**
     * Takes {@code events} from the allowance of who has {@code grant} and comes from {@code address}. What publishers have used of an old
     * rate they have used of the new one.
     *
     * @param usualRate events a second, of publishers whose grants say nothing else; 0: no limit
     * @throws ProblemException with {@code Retry-After} where it is used up, or where a batch is larger than it ever is
     */
    void take(Grant grant, String address, int events, int usualRate) {
        Caller caller = grant.caller();
        int eventsPerSecond = grant.publishRate() == 0 ? usualRate : grant.publishRate();
        if (eventsPerSecond == 0) {
            return;
        }
        String publisher = caller.isNamed() ? caller.toString() : address;
        if (events > eventsPerSecond) {
            throw new ProblemException(
                    ProblemType.TOO_LARGE,
                    "batch has " + events + " events; " + publisher + " may publish " + eventsPerSecond + " a second");
        }
        ConsumptionProbe probe =
                bucket(caller.isNamed() ? caller.id() : address, eventsPerSecond).tryConsumeAndReturnRemaining(events);
        if (!probe.isConsumed()) {
            counters.publishBeyondRate();
            throw new ProblemException(
                    ProblemType.RATE_LIMITED,
                    publisher + " publishes more than " + eventsPerSecond + " events a second, which is the limit",
                    Map.of("Retry-After", Long.toString(Math.ceilDiv(probe.getNanosToWaitForRefill(), SECOND_NANOS))));
        }
    }

    /** The bucket of {@code publisher}, who may have had another rate until now. */
    private Bucket bucket(String publisher, int eventsPerSecond) {
        synchronized (allowances) {
            Allowance known = allowances.get(publisher);
            if (known != null && known.eventsPerSecond() == eventsPerSecond) {
                return known.bucket();
            }
            BucketConfiguration rate = BucketConfiguration.builder()
                    .addLimit(limit -> limit.capacity(eventsPerSecond).refillGreedy(eventsPerSecond, Duration.ofSeconds(1)))
                    .build();
            Bucket bucket;
            if (known == null) {
                bucket = Bucket.builder().addLimit(rate.getBandwidths()[0]).build();
            } else {
                bucket = known.bucket();
                bucket.replaceConfiguration(rate, TokensInheritanceStrategy.PROPORTIONALLY);
            }
            allowances.put(publisher, new Allowance(eventsPerSecond, bucket));
            return bucket;
        }
    }
}
