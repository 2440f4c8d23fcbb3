package dev.hark.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Draft;
import dev.hark.event.Event;
import dev.hark.event.EventKind;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import dev.hark.log.EndedTopics.End;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EndedTopicsTest {
    private static final Retention KEEPS_ALL = new Retention(1_000, Duration.ofDays(1), 1 << 20);
    private static final TopicClasses CLASSES = TopicClasses.of(
            List.of(
                    new TopicClasses.Rule(new TopicFilter("short/*"), new Keep(KEEPS_ALL)),
                    new TopicClasses.Rule(new TopicFilter("live/*"), Keep.NOTHING)),
            KEEPS_ALL);

    private final EndedTopics ended = new EndedTopics(CLASSES, 3);
    private final List<Long> forgotten = new ArrayList<>();

    EndedTopicsTest() {
        ended.onForgotten(forgotten::add);
    }

    @Test
    void knowsTheLastEventUntilTheTopicIsPublishedToAgain() {
        assertThat(ended.of("a")).isEqualTo(EndedTopics.OPEN);
        ended.take(List.of(end("a", 3), plain("b", 4)));
        assertThat(ended.of("a")).isEqualTo(3);
        assertThat(ended.of("b")).isEqualTo(EndedTopics.OPEN);
        ended.take(List.of(plain("b", 5), end("a", 6)));
        assertThat(ended.of("a")).as("it may end again").isEqualTo(6);
        assertThat(ended.size()).isEqualTo(1);
        ended.take(List.of(end("b", 7), plain("a", 8), plain("b", 9), end("b", 10)));
        assertThat(ended.of("a")).isEqualTo(EndedTopics.OPEN);
        assertThat(ended.of("b")).isEqualTo(10);
        assertThat(forgotten).as("each was ended or opened anew").isEmpty();
    }

    @Test
    void forgetsWhatEachClassHasLost() {
        ended.take(List.of(end("a", 1), end("short/1", 2), end("live/1", 3)));
        ended.forgetLost(Floors.of(0, 1, 9), 2);
        assertThat(ended.size()).isEqualTo(3);
        ended.forgetLost(Floors.of(0, 2, 9), 2);
        assertThat(ended.of("short/1")).isEqualTo(EndedTopics.OPEN);
        assertThat(ended.size()).as("what is not stored is lost with the hot events").isEqualTo(2);
        ended.forgetLost(Floors.of(0, 2, 0), 3);
        assertThat(ended.of("live/1")).isEqualTo(EndedTopics.OPEN);
        assertThat(ended.of("a")).isEqualTo(1);
        assertThat(forgotten).containsExactly(2L, 3L);
    }

    @Test
    void doesNotForgetAnEndThatCameAfterTheLostOne() {
        ended.take(List.of(end("a", 1), plain("a", 2), end("a", 3)));
        ended.forgetLost(Floors.of(2, 0, 0), 0);
        assertThat(ended.of("a")).isEqualTo(3);
        assertThat(forgotten).isEmpty();
    }

    @Test
    void forgetsTheOldestBeyondItsBound() {
        ended.take(List.of(end("short/1", 1), end("a", 2), end("live/1", 3)));
        assertThat(ended.size()).isEqualTo(3);
        ended.take(List.of(end("b", 4), end("c", 5)));
        assertThat(ended.size()).isEqualTo(3);
        assertThat(forgotten).containsExactly(1L, 2L);
        assertThat(ended.of("live/1")).isEqualTo(3);
        assertThat(ended.of("short/1")).isEqualTo(EndedTopics.OPEN);
    }

    @Test
    void takesInWhatWasKnownBefore() {
        ended.load(List.of(new End("a", 1), new End("b", 2), new End("a", 3)));
        assertThat(ended.of("a")).isEqualTo(3);
        assertThat(ended.of("b")).isEqualTo(2);
        assertThat(forgotten).as("the one that is no longer true").containsExactly(1L);
    }

    private static Event plain(String topic, long sequence) {
        return event(topic, sequence, EventKind.PLAIN);
    }

    private static Event end(String topic, long sequence) {
        return event(topic, sequence, EventKind.END);
    }

    private static Event event(String topic, long sequence, EventKind kind) {
        return Event.of("7k3q9x2m", sequence, 0, new Draft(new Topic(topic), "message", null, "x".getBytes(UTF_8), null, kind));
    }
}
