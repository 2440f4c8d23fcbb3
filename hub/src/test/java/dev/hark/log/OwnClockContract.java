package dev.hark.log;

import static dev.hark.log.EngineTest.append;
import static dev.hark.log.EngineTest.draft;
import static dev.hark.log.EngineTest.readAll;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Event;
import dev.hark.event.Filters;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an engine promises that has {@link Capability#OWN_CLOCK}. */
public interface OwnClockContract extends EngineTest {
    @Test
    default void findsThePositionOfATime() throws Exception {
        EventLog log = open();
        long start = log.tail().bounds().newest();
        long first = append(log, draft("a", "1")).getFirst();
        long firstTime = clock().millis();
        clock().advance(Duration.ofSeconds(10));
        List<Long> second = append(log, draft("a", "2"), draft("a", "3"));
        long secondTime = clock().millis();
        assertThat(log.since(firstTime - 1)).isEqualTo(new Since(start, false));
        assertThat(log.since(firstTime)).isEqualTo(new Since(start, false));
        assertThat(log.since(firstTime + 1)).isEqualTo(new Since(first, false));
        assertThat(log.since(secondTime)).isEqualTo(new Since(first, false));
        assertThat(log.since(secondTime + 1)).isEqualTo(new Since(second.getLast(), false));
        assertThat(log.since(Long.MIN_VALUE)).isEqualTo(new Since(start, false));
        assertThat(log.since(Long.MAX_VALUE)).isEqualTo(new Since(second.getLast(), false));
    }

    @Test
    default void givesAnEventTheTimeOfItsClock() throws Exception {
        EventLog log = open();
        long start = log.tail().bounds().newest();
        append(log, draft("a", "1"));
        clock().advance(Duration.ofSeconds(10));
        append(log, draft("a", "2"));
        assertThat(readAll(log, start, Filters.ALL))
                .extracting(Event::timeMillis).containsExactly(clock().millis() - 10_000, clock().millis());
    }
}
