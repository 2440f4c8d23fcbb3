package dev.hark.log;

import static dev.hark.log.EngineTest.append;
import static dev.hark.log.EngineTest.draft;
import static dev.hark.log.EngineTest.drafts;
import static dev.hark.log.EngineTest.filters;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Event;
import org.junit.jupiter.api.Test;

/** What an engine promises that has {@link Capability#TOPIC_INDEX}. */
public interface TopicIndexContract extends EngineTest {
    @Test
    default void findsTheEventsOfATopicInOneReadHoweverManyOthersThereAre() throws Exception {
        EventLog log = open();
        long start = log.tail().bounds().newest();
        long first = append(log, draft("rare", "1")).getFirst();
        append(log, drafts(2 * EventLog.MAX_SCAN_EVENTS));
        long second = append(log, draft("rarer", "2")).getFirst();
        append(log, drafts(EventLog.MAX_SCAN_EVENTS + 1));
        long newest = log.tail().bounds().newest();

        Page page = log.read(start, filters("rare", "rarer"), 10);
        assertThat(page.events()).extracting(Event::sequence).containsExactly(first, second);
        assertThat(page.through()).isEqualTo(newest);
        assertThat(log.read(start, filters("nobody"), 10).through()).isEqualTo(newest);
        assertThat(log.back(new Back(newest, 1, false), filters("rare"))).isEqualTo(new Back(first - 1, 0, true));
        assertThat(log.back(new Back(newest, 2, false), filters("rare", "rarer"))).isEqualTo(new Back(first - 1, 0, true));
    }
}
