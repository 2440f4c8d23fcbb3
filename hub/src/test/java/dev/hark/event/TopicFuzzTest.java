package dev.hark.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Topics, topic filters and event ids, one a line of the input, held against each other. */
public final class TopicFuzzTest {
    private static final int MOST_LINES = 16;

    @Test
    void holdsForWhatIsKept() {
        FuzzInputs.each(TopicFuzzTest.class, TopicFuzzTest::fuzzerTestOneInput);
    }

    /** The fuzzer's way in. */
    public static void fuzzerTestOneInput(byte[] input) {
        FuzzInputs.bounded(input, TopicFuzzTest::look);
    }

    private static void look(byte[] input) {
        List<String> lines = List.of(FuzzInputs.text(input).split("\n", MOST_LINES));
        var topics = new ArrayList<Topic>();
        var filters = new ArrayList<TopicFilter>();
        for (String line : lines) {
            topic(line).ifPresent(topics::add);
            filter(line).ifPresent(filters::add);
            id(line);
        }
        // Every topic is a filter, of nothing but itself.
        assertThat(filters).extracting(TopicFilter::value).containsAll(topics.stream().map(Topic::value).toList());
        filters.forEach(filter -> topics.forEach(topic ->
                assertThat(filter.matches(topic)).as("%s matches %s", filter, topic).isEqualTo(model(filter, topic))));
        for (TopicFilter one : filters) {
            for (TopicFilter other : filters) {
                both(one, other, topics);
            }
        }
        if (!filters.isEmpty()) {
            all(filters, topics);
        }
    }

    private static Optional<Topic> topic(String text) {
        try {
            var topic = new Topic(text);
            assertThat(new Topic(topic.value())).isEqualTo(topic);
            assertThat(String.join("/", topic.segments())).isEqualTo(text);
            assertThat(topic.segments()).hasSizeBetween(1, Topic.MAX_SEGMENTS).doesNotContain("*", "**");
            assertThat(new String(text.getBytes(UTF_8), UTF_8)).isEqualTo(text);
            assertThat(topic.bytes()).isBetween(1, Topic.MAX_BYTES);
            assertThat(topic.isOwn()).isFalse();
            assertThat(text.codePoints()).noneMatch(point -> Character.isISOControl(point) || Character.isSpaceChar(point)
                    || Character.getType(point) == Character.FORMAT);
            return Optional.of(topic);
        } catch (InvalidEventException e) {
            FuzzInputs.requireReadable(e);
            return Optional.empty();
        }
    }

    private static Optional<TopicFilter> filter(String text) {
        try {
            var filter = new TopicFilter(text);
            assertThat(new TopicFilter(filter.value())).isEqualTo(filter);
            assertThat(filter.covers(filter)).isTrue();
            assertThat(filter.overlaps(filter)).isTrue();
            assertThat(TopicFilter.ALL.covers(filter)).isTrue();
            assertThat(filter.isExact()).isEqualTo(filter.segments().stream().noneMatch(each -> each.equals("*") || each.equals("**")));
            return Optional.of(filter);
        } catch (InvalidEventException e) {
            FuzzInputs.requireReadable(e);
            return Optional.empty();
        }
    }

    private static void both(TopicFilter one, TopicFilter other, List<Topic> topics) {
        assertThat(one.overlaps(other)).isEqualTo(other.overlaps(one));
        if (one.covers(other)) {
            assertThat(one.overlaps(other)).as("%s covers %s", one, other).isTrue();
            assertThat(other.covers(one)).as("%s and %s cover each other", one, other).isEqualTo(one.equals(other) || same(one, other));
        }
        for (Topic topic : topics) {
            boolean both = one.matches(topic) && other.matches(topic);
            if ((one.covers(other) && other.matches(topic) && !both) || (both && !one.overlaps(other))) {
                throw new AssertionError(one + " and " + other + " with " + topic);
            }
        }
    }

    /** Two that cover each other are written alike, or one is not: no two texts mean the same but where this says so. */
    private static boolean same(TopicFilter one, TopicFilter other) {
        return one.segments().equals(other.segments());
    }

    private static void all(List<TopicFilter> filters, List<Topic> topics) {
        Filters together = Filters.of(filters);
        assertThat(Filters.of(together.asList())).isEqualTo(together);
        filters.forEach(filter -> assertThat(together.covers(filter)).as("%s of %s", filter, together).isTrue());
        topics.forEach(topic ->
                assertThat(together.matches(topic)).isEqualTo(filters.stream().anyMatch(filter -> filter.matches(topic))));
    }

    private static void id(String text) {
        EventId.parse(text).ifPresent(id -> {
            assertThat(id).hasToString(text);
            assertThat(EventId.parse(id.toString())).contains(id);
            assertThat(id.compareTo(new EventId(id.epoch(), id.sequence()))).isEqualTo(id.isWithinSnapshot() ? -1 : 0);
        });
    }

    /** The rule word by word: * is one segment, ** is the rest, and at least one. */
    private static boolean model(TopicFilter filter, Topic topic) {
        List<String> pattern = filter.segments();
        List<String> segments = topic.segments();
        for (int i = 0; i < pattern.size(); i++) {
            if (i == segments.size()) {
                return false;
            }
            if (pattern.get(i).equals("**")) {
                return true;
            }
            if (!pattern.get(i).equals("*") && !pattern.get(i).equals(segments.get(i))) {
                return false;
            }
        }
        return pattern.size() == segments.size();
    }
}
