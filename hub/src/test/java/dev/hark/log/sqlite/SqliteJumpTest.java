package dev.hark.log.sqlite;

import static dev.hark.log.sqlite.Logs.ALL;
import static dev.hark.log.sqlite.Logs.append;
import static dev.hark.log.sqlite.Logs.draft;
import static dev.hark.log.sqlite.Logs.readAll;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Event;
import dev.hark.log.Append;
import dev.hark.log.FakeClock;
import dev.hark.log.HotLimits;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.LogConfig;
import dev.hark.log.Retention;
import dev.hark.log.Since;
import dev.hark.log.SteadyClock;
import dev.hark.thread.VitalThreads;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A log that keeps events and keys for a day, on a machine whose clock leaps, and comes back or not. */
@Timeout(60)
class SqliteJumpTest {
    private static final Duration DAY = Duration.ofDays(1);

    @TempDir
    Path folder;

    private final FakeClock wall = new FakeClock();
    private final AtomicLong nanos = new AtomicLong();
    private SqliteLog log;

    @BeforeEach
    void open() {
        var clock = new SteadyClock(wall, nanos::get);
        var config = new LogConfig(new Retention(1_000_000, DAY, 1L << 40), new HotLimits(4, 1 << 20), new IdempotencyLimits(1_000, DAY));
        log = SqliteLog.open(new SqliteSettings(folder.resolve("hark.db"), SqliteSettings.Durability.FSYNC, config), clock, new Random(1),
                new VitalThreads());
    }

    @AfterEach
    void close() {
        log.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {2, 400, -2, -400})
    void forgetsNothingForAJumpThatPasses(long days) {
        long first = append(log, draft("a", "one", "key")).getFirst();
        long started = wall.millis();
        pass(Duration.ofMinutes(10));
        wall.advance(Duration.ofDays(days));
        for (int i = 0; i < 59; i++) {
            log.maintain();
            pass(Duration.ofSeconds(30));
            append(log, draft("b", "during"));
        }
        assertThat(log.append(List.of(draft("a", "one", "key")))).isEqualTo(Logs.stored(log, first, true));
        wall.advance(Duration.ofDays(-days));
        log.maintain();
        long later = append(log, draft("a", "later")).getFirst();

        assertThat(log.append(List.of(draft("a", "one", "key")))).isEqualTo(Logs.stored(log, first, true));
        List<Event> events = readAll(log, 0, ALL);
        assertThat(events).as("nothing is gone").hasSize(61);
        assertThat(events).extracting(Event::timeMillis).isSorted()
                .allSatisfy(time -> assertThat(time).as("a time that was").isBetween(started, wall.millis()));
        assertThat(events.getLast().timeMillis()).isEqualTo(wall.millis());
        pass(Duration.ofMinutes(5));
        long newest = append(log, draft("a", "newest")).getFirst();
        assertThat(log.since(wall.millis() - Duration.ofMinutes(1).toMillis())).isEqualTo(new Since(later, false));
        assertThat(newest).isEqualTo(later + 1);

        pass(DAY.minus(Duration.ofMinutes(20)));
        log.maintain();
        assertThat(log.tail().bounds().floor()).as("what is old by the time that passed").isGreaterThanOrEqualTo(first).isLessThan(newest);
    }

    @ParameterizedTest
    @ValueSource(longs = {2, 400})
    void believesAClockThatStays(long days) {
        append(log, draft("a", "one", "key"));
        wall.advance(Duration.ofDays(days));
        log.maintain();
        assertThat(readAll(log, 0, ALL)).hasSize(1);
        pass(SteadyClock.DOUBT);
        log.maintain();
        assertThat(log.tail().bounds().floor()).as("it was right: the event is that old").isEqualTo(1);
        append(log, draft("a", "two"));
        assertThat(readAll(log, 1, ALL)).extracting(Event::timeMillis).containsExactly(wall.millis());
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
        wall.advance(time);
    }
}
