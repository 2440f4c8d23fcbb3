package dev.hark.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.EventId;
import dev.hark.event.Filters;
import dev.hark.log.Bounds;
import dev.hark.log.History;
import dev.hark.log.HotLimits;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.LogConfig;
import dev.hark.log.Retention;
import dev.hark.log.memory.MemoryLog;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The id that a stream's last word bears, where it ends in the middle of something. */
class ProgressTest {
    private static final Duration LONG = Duration.ofDays(1);
    private static final String OLD = "7k3q9x2m";
    private static final String NEW = "00000001";

    private final MemoryLog log = new MemoryLog(
            OLD, new LogConfig(new Retention(1_000, LONG, 1 << 30), new HotLimits(100, 1 << 20), new IdempotencyLimits(10, LONG)),
            Clock.systemUTC());
    private final DeliverySettings settings = new DeliverySettings(1, LONG, "", Duration.ofSeconds(2), LONG);
    private final Surroundings shared =
            new Surroundings(log, new History(log), settings, new DeliveryCounters(), new BatchPool(), Clock.systemUTC(), System::nanoTime);
    private final Progress progress = new Progress(new Subscription(Filters.of("t"), new Start.Latest()), shared, OLD);

    @Test
    void isNoneBeforeItHasBegun() {
        progress.begin(new Opening(3, null, null, 3));
        assertThat(progress.last()).isNull();
    }

    /** Its client would come back as one that knows the new history, and never hear that all that it has is of another one. */
    @Test
    void isOfTheLastHistoryUntilTheClientIsTold() {
        progress.begin(new Opening(3, null, null, 3));
        progress.announce();
        log.tail().reset(NEW, new Bounds(5, 5));
        progress.begin(log.tail().era());
        assertThat(progress.id()).as("what it goes on after").isEqualTo(new EventId(NEW, 5));
        assertThat(progress.last()).isEqualTo(new EventId(OLD, 3));
        progress.announce();
        assertThat(progress.last()).isEqualTo(new EventId(NEW, 5));
    }

    /** Whoever came back with the position itself would never hear that the snapshot was not whole. */
    @Test
    void isWithinTheSnapshotUntilTheClientIsToldThatItHasAllOfIt() {
        progress.begin(new Opening(3, null, null, 3, 0));
        progress.announce();
        progress.passWithin(3);
        progress.finishSnapshot();
        assertThat(progress.last()).isEqualTo(new EventId(OLD, 3, 3));
        progress.isToldOfSnapshot();
        assertThat(progress.last()).isEqualTo(new EventId(OLD, 3));
    }
}
