package dev.hark.log;

import static dev.hark.log.EngineTest.append;
import static dev.hark.log.EngineTest.draft;
import static dev.hark.log.EngineTest.publishInParallel;
import static dev.hark.log.EngineTest.readAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hark.event.Event;
import dev.hark.event.Filters;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an engine promises that has {@link Capability#WHOLE_BATCHES}. */
public interface WholeBatchesContract extends EngineTest {
    @Test
    default void keepsBatchesTogether() throws Exception {
        EventLog log = open();
        long start = log.tail().bounds().newest();
        List<List<Long>> answered = publishInParallel(log);
        List<Long> order = readAll(log, start, Filters.ALL).stream().map(Event::sequence).toList();
        for (List<Long> batch : answered) {
            int between = order.indexOf(batch.getLast()) - order.indexOf(batch.getFirst());
            assertThat(between).as("nothing stands between the events of one batch").isEqualTo(batch.size() - 1);
        }
    }

    /** What refuses a batch in its middle is a key. */
    @Test
    default void storesAllOfABatchOrNothing() throws Exception {
        EventLog log = open();
        assumeTrue(log.capabilities().has(Capability.KEY_WINDOW));
        append(log, draft("a", "x", "key"));
        Bounds before = log.tail().bounds();
        assertThat(log.append(List.of(draft("a", "1"), draft("a", "2", "fresh"), draft("a", "other", "key"), draft("a", "3"))))
                .isEqualTo(new Append.KeyReused(2));
        assertThat(log.tail().bounds()).isEqualTo(before);
        assertThat(log.tail().era().hot().bounds().newest()).isEqualTo(before.newest());
        // What was refused is not remembered either.
        assertThat(((Append.Stored) log.append(List.of(draft("a", "another body", "fresh")))).entries().getFirst().replayed()).isFalse();
    }

}
