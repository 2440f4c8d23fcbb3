package dev.hark.log;

import static dev.hark.log.EngineTest.append;
import static dev.hark.log.EngineTest.bytes;
import static dev.hark.log.EngineTest.draft;
import static dev.hark.log.EngineTest.inParallel;
import static dev.hark.log.EngineTest.readAll;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Draft;
import dev.hark.event.Event;
import dev.hark.event.EventKind;
import dev.hark.event.Filters;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What an engine promises that has {@link Capability#CLASSES} of the last events of topics. */
public interface EndsContract extends EngineTest {
    private static Draft end(String topic) {
        return new Draft(new Topic(topic), Draft.DEFAULT_TYPE, null, bytes("end"), null, EventKind.END);
    }

    private static long ended(EventLog log, String topic) {
        return log.tail().era().ended().of(topic);
    }

    @Test
    default void knowsWhichTopicsHaveEnded() throws Exception {
        EventLog log = open();
        long start = log.tail().bounds().newest();
        long first = append(log, draft("a", "1"), end("a"), draft("b", "2")).get(1);
        assertThat(ended(log, "a")).isEqualTo(first);
        assertThat(ended(log, "b")).isEqualTo(EndedTopics.OPEN);
        assertThat(readAll(log, start, Filters.ALL)).extracting(Event::kind)
                .containsExactly(EventKind.PLAIN, EventKind.END, EventKind.PLAIN);
        append(log, draft("b", "3"));
        assertThat(ended(log, "a")).isEqualTo(first);
        append(log, draft("a", "anew"));
        assertThat(ended(log, "a")).isEqualTo(EndedTopics.OPEN);
        append(log, end("a"), draft("a", "anew"), end("b"));
        assertThat(ended(log, "a")).isEqualTo(EndedTopics.OPEN);
        assertThat(log.tail().era().ended().size()).isEqualTo(1);
    }

    @Test
    default void tellsAnEndFromAnotherEventOfItsKey() throws Exception {
        EventLog log = open();
        var plain = new Draft(new Topic("a"), Draft.DEFAULT_TYPE, null, bytes("x"), "key");
        var last = new Draft(new Topic("a"), Draft.DEFAULT_TYPE, null, bytes("x"), "key", EventKind.END);
        append(log, plain);
        assertThat(log.append(List.of(last))).isEqualTo(new Append.KeyReused(0));
        assertThat(ended(log, "a")).isEqualTo(EndedTopics.OPEN);
    }

    @Test
    default void forgetsEndsThatRetentionRemoves() throws Exception {
        var kept = new Retention(3, LONG, 1L << 40);
        EventLog log = open(new LogConfig(
                TopicClasses.of(
                        List.of(
                                new TopicClasses.Rule(new TopicFilter("short/*"), new Keep(kept)),
                                new TopicClasses.Rule(new TopicFilter("live/*"), Keep.NOTHING)),
                        new Retention(100, Duration.ofSeconds(10), 1L << 40)),
                new HotLimits(8, 1 << 20), KEYS, LogConfig.DEFAULT_STALL));
        append(log, end("short/1"), end("live/1"), end("a"));
        append(log, draft("short/2", "1"), draft("short/2", "2"));
        log.maintain();
        assertThat(log.tail().era().ended().size()).isEqualTo(3);
        append(log, draft("short/2", "3"));
        log.maintain();
        assertThat(ended(log, "short/1")).isEqualTo(EndedTopics.OPEN);
        assertThat(ended(log, "live/1")).isNotEqualTo(EndedTopics.OPEN);
        append(log, draft("short/2", "4"), draft("short/2", "5"), draft("short/2", "6"), draft("short/2", "7"));
        assertThat(ended(log, "live/1")).as("it has left the hot events").isEqualTo(EndedTopics.OPEN);
        assertThat(ended(log, "a")).isNotEqualTo(EndedTopics.OPEN);
        clock().advance(Duration.ofSeconds(11));
        append(log, draft("c", "8"));
        log.maintain();
        assertThat(log.tail().era().ended().size()).isZero();
    }

    /** Each topic has a publisher of its own, and another that ends it: whatever came last holds. */
    @Test
    default void knowsWhatCameLastWhereBothComeAtOnce() throws Exception {
        EventLog log = open();
        long start = log.tail().bounds().newest();
        var publisher = new AtomicInteger();
        inParallel(4, () -> {
            int self = publisher.getAndIncrement();
            for (int i = 0; i < 200; i++) {
                String topic = "t/" + i % 10;
                append(log, self % 2 == 0 ? end(topic) : draft(topic, "x"));
            }
        });
        List<Event> events = readAll(log, start, Filters.ALL);
        for (int i = 0; i < 10; i++) {
            String topic = "t/" + i;
            Event last = events.stream().filter(event -> event.topic().value().equals(topic)).reduce((a, b) -> b).orElseThrow();
            assertThat(ended(log, topic)).as(topic)
                    .isEqualTo(last.kind() == EventKind.END ? last.sequence() : EndedTopics.OPEN);
        }
    }
}
