package dev.hark.log;

import static dev.hark.log.EngineTest.append;
import static dev.hark.log.EngineTest.draft;
import static dev.hark.log.EngineTest.readAll;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Event;
import dev.hark.event.Filters;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an engine promises that has {@link Capability#DURABLE}. */
public interface DurableContract extends EngineTest {
    /** The log that was opened last, after it was closed. */
    EventLog reopen(LogConfig config) throws Exception;

    @Test
    default void knowsAfterARestartWhatItAnsweredFor() throws Exception {
        var config = new LogConfig(KEEPS_ALL, HOT, KEYS);
        EventLog log = open(config);
        long start = log.tail().bounds().newest();
        List<Long> sequences = append(log, draft("a", "1", "key"), draft("b", "2"));
        List<byte[]> frames = frames(log, start);
        Bounds bounds = log.tail().bounds();
        log.close();

        EventLog again = reopen(config);
        assertThat(again.tail().epoch()).isEqualTo(log.tail().epoch());
        assertThat(again.tail().bounds()).isEqualTo(bounds);
        assertThat(readAll(again, start, Filters.ALL)).extracting(Event::sequence).isEqualTo(sequences);
        assertThat(frames(again, start)).usingRecursiveComparison().isEqualTo(frames);
        assertThat(again.append(List.of(draft("a", "1", "key")))).as("a key that is repeated")
                .isEqualTo(new Append.Stored(List.of(new Append.Entry(log.tail().epoch(), sequences.getFirst(), true))));
        assertThat(append(again, draft("a", "3")).getFirst()).isGreaterThan(bounds.newest());
    }

    private static List<byte[]> frames(EventLog log, long start) {
        return readAll(log, start, Filters.ALL).stream().map(event -> event.frame().bytes()).toList();
    }
}
