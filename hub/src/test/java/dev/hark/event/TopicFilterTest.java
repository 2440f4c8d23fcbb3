package dev.hark.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicFilterTest {
    @ParameterizedTest
    @ValueSource(strings = {"a", "*", "**", "a/*", "a/**", "*/*/**", "*/b", "a/*/c", "https://*", "https://**", "***", "a/***/b", "a*/b"})
    void accepts(String value) {
        assertThat(new TopicFilter(value)).hasToString(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"**/a", "a/**/b", "**/**", "**/*"})
    void refusesRestBeforeItsEnd(String value) {
        refuses(value, "only the last segment may be '**'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "a//b", "a/", "/*", "hark.gap", "hark.*", "$SYS/**", "a b", "a/\u200B", "a\nb", "\uD800"})
    void refusesWhatATopicMayNotHold(String value) {
        refuses(value, "topic filter");
    }

    @Test
    void isAtMost512BytesLong() {
        assertThat(new TopicFilter("a".repeat(510) + "/*").value()).hasSize(512);
        refuses("a".repeat(511) + "/*", "513 bytes long; the limit is 512");
    }

    @Test
    void hasAtMost32Segments() {
        String most = "*/".repeat(31) + "**";
        assertThat(new TopicFilter(most).segments()).hasSize(32);
        refuses("*/" + most, "topic filter has 33 segments; the limit is 32");
    }

    @Property(tries = 2_000)
    void leavesOutWhatAnotherCovers(@ForAll("lists") List<String> values) {
        List<TopicFilter> filters = values.stream().map(TopicFilter::new).toList();
        List<TopicFilter> expected = filters.stream()
                .distinct()
                .filter(filter -> filters.stream().noneMatch(other -> !other.equals(filter) && other.covers(filter)))
                .toList();
        assertThat(TopicFilter.withoutCovered(filters)).isEqualTo(expected);
    }

    /** Two texts may have one hash: ")I" has that of "**", "Aa" that of "BB". */
    @Test
    void leavesOutNothingForItsHashAlone() {
        List<TopicFilter> filters = Stream.of("a/)I", "a/Aa", "a/BB", ")I", "a/b/**").map(TopicFilter::new).toList();
        assertThat(TopicFilter.withoutCovered(filters)).isEqualTo(filters);
        var all = new TopicFilter("a/**");
        assertThat(TopicFilter.withoutCovered(List.of(new TopicFilter("a/)I"), all))).containsExactly(all);
    }

    @ParameterizedTest
    @CsvSource({
        "a, a, true",
        "a, b, false",
        "a, a/b, false",
        "a/b, a, false",
        "*, a, true",
        "*, a/b, false",
        "**, a, true",
        "**, a/b/c, true",
        "a/*, a/b, true",
        "a/*, a, false",
        "a/*, a/b/c, false",
        "a/**, a, false",
        "a/**, a/b, true",
        "a/**, a/b/c, true",
        "a/**, ab/c, false",
        "*/b, a/b, true",
        "*/b, b, false",
        "*/**, a, false",
        "*/**, a/b, true",
        "a/*/c, a/b/c, true",
        "a/*/c, a/c, false",
        "ab, a, false",
        "a, ab, false",
        "a*, ab, false",
        "a*, a*, true",
        "***, a, false",
        "https://*, https://a, true",
        "https://*, https://a/b, false",
        "https://**, https://a/b, true",
        "https:/**, https://a, true"
    })
    void matches(String filter, String topic, boolean expected) {
        assertThat(new TopicFilter(filter).matches(new Topic(topic))).isEqualTo(expected);
    }

    @Property(tries = 5_000)
    void matchesAsTheRulesSay(@ForAll("filters") String filter, @ForAll("topics") String topic) {
        assertThat(new TopicFilter(filter).matches(new Topic(topic)))
                .isEqualTo(naiveMatch(List.of(filter.split("/")), List.of(topic.split("/"))));
    }

    @Property(tries = 3_000)
    void coversWhatMatchesNoMoreThanItself(@ForAll("filters") String wide, @ForAll("filters") String narrow) {
        // Four segments of two letters and one that no filter names: enough to tell any two of these filters apart.
        boolean everyTopic = UNIVERSE.stream()
                .allMatch(topic -> !naiveMatch(List.of(narrow.split("/")), topic) || naiveMatch(List.of(wide.split("/")), topic));
        assertThat(new TopicFilter(wide).covers(new TopicFilter(narrow))).isEqualTo(everyTopic);
    }

    @Property
    void coversItself(@ForAll("filters") String filter) {
        assertThat(new TopicFilter(filter).covers(new TopicFilter(filter))).isTrue();
        assertThat(TopicFilter.ALL.covers(new TopicFilter(filter))).isTrue();
    }

    @Property
    void isExactWithoutWildcards(@ForAll("filters") String filter) {
        assertThat(new TopicFilter(filter).isExact()).isEqualTo(!filter.contains("*"));
    }

    @Provide
    Arbitrary<String> topics() {
        return Arbitraries.of("a", "b", "z").list().ofMinSize(1).ofMaxSize(4).map(segments -> String.join("/", segments));
    }

    @Provide
    Arbitrary<String> filters() {
        return Arbitraries.of("a", "b", "*").list().ofMaxSize(3).flatMap(segments -> Arbitraries.of("a", "b", "*", "**").map(last -> {
            var all = new ArrayList<>(segments);
            all.add(last);
            return String.join("/", all);
        }));
    }

    @Provide
    Arbitrary<List<String>> lists() {
        return filters().list().ofMinSize(1).ofMaxSize(12);
    }

    private static final List<List<String>> UNIVERSE = universe();

    private static List<List<String>> universe() {
        var all = new ArrayList<List<String>>();
        var longest = List.of(List.<String>of());
        for (int length = 1; length <= 5; length++) {
            var next = new ArrayList<List<String>>();
            for (List<String> start : longest) {
                for (String segment : List.of("a", "b", "z")) {
                    var topic = new ArrayList<>(start);
                    topic.add(segment);
                    next.add(List.copyOf(topic));
                }
            }
            all.addAll(next);
            longest = List.copyOf(next);
        }
        return all;
    }

    /** http.md, word by word. */
    private static boolean naiveMatch(List<String> filter, List<String> topic) {
        if (filter.isEmpty() || topic.isEmpty()) {
            return filter.isEmpty() && topic.isEmpty();
        }
        String first = filter.getFirst();
        if (first.equals("**")) {
            return true;
        }
        return (first.equals("*") || first.equals(topic.getFirst()))
                && naiveMatch(filter.subList(1, filter.size()), topic.subList(1, topic.size()));
    }

    private static void refuses(String value, String why) {
        assertThatExceptionOfType(InvalidEventException.class).isThrownBy(() -> new TopicFilter(value)).withMessageContaining(why);
    }
}
