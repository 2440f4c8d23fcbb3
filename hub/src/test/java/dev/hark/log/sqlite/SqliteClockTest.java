package dev.hark.log.sqlite;

import static dev.hark.log.sqlite.Logs.ALL;
import static dev.hark.log.sqlite.Logs.append;
import static dev.hark.log.sqlite.Logs.draft;
import static dev.hark.log.sqlite.Logs.readAll;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Event;
import dev.hark.log.Append;
import dev.hark.log.FakeClock;
import dev.hark.log.Retention;
import dev.hark.log.Since;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A log whose clock is set by two days: it keeps events for three, and idempotency keys for an hour. */
@Timeout(60)
class SqliteClockTest {
    private static final Duration TWO_DAYS = Duration.ofDays(2);

    @TempDir
    Path folder;

    private final FakeClock clock = new FakeClock();
    private SqliteLog log;

    @BeforeEach
    void open() {
        log = Logs.open(folder.resolve("hark.db"), new Retention(1_000_000, Duration.ofDays(3), 1L << 40), clock);
    }

    @AfterEach
    void close() {
        log.close();
    }

    @Test
    void knowsKeysAndTimesThatLieAhead() {
        long first = append(log, draft("a", "one", "key")).getFirst();
        long time = clock.millis();
        clock.advance(TWO_DAYS.negated());
        log.maintain();
        assertThat(log.append(List.of(draft("a", "one", "key")))).isEqualTo(Logs.stored(log, first, true));
        assertThat(log.append(List.of(draft("a", "other", "key")))).isEqualTo(new Append.KeyReused(0));
        append(log, draft("a", "two"));
        assertThat(readAll(log, 0, ALL)).extracting(Event::timeMillis).containsExactly(time, time);
        assertThat(log.since(clock.millis())).as("all of it").isEqualTo(new Since(0, false));
        assertThat(log.since(time + 1)).as("none of it").isEqualTo(new Since(2, false));

        clock.advance(TWO_DAYS.plusHours(1));
        log.maintain();
        assertThat(((Append.Stored) log.append(List.of(draft("a", "other", "key")))).entries().getFirst().replayed()).isFalse();
        assertThat(readAll(log, 0, ALL)).extracting(Event::timeMillis).containsExactly(time, time, clock.millis());
        assertThat(log.since(clock.millis())).isEqualTo(new Since(2, false));
    }

    @Test
    void keepsWhatWasStoredWhileTheClockWasAhead() {
        append(log, draft("a", "before"));
        clock.advance(TWO_DAYS);
        append(log, draft("a", "ahead"));
        log.maintain();
        clock.advance(TWO_DAYS.negated());
        append(log, draft("a", "after"));
        log.maintain();
        assertThat(readAll(log, 0, ALL)).hasSize(3).extracting(Event::timeMillis).isSorted();

        clock.advance(Duration.ofDays(3).plusMillis(1));
        log.maintain();
        assertThat(log.tail().bounds().floor()).as("by age only what is old by its own time").isEqualTo(1);
        assertThat(log.since(0)).isEqualTo(new Since(1, true));
    }
}
