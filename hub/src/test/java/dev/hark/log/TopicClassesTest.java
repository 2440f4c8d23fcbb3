package dev.hark.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hark.event.Filters;
import dev.hark.event.TopicFilter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicClassesTest {
    private static final Retention RETENTION = new Retention(1, Duration.ofDays(1), 1);
    private static final Keep KEEP = new Keep(RETENTION);

    private static TopicClasses classes(String... matches) {
        return TopicClasses.of(
                java.util.Arrays.stream(matches)
                        .map(match -> new TopicClasses.Rule(new TopicFilter(match.replace("!", "")), match.endsWith("!") ? null : KEEP))
                        .toList(),
                RETENTION);
    }

    @Test
    void letsTheFirstRuleDecide() {
        // A rule without a `keep` of its own takes its topics from those that follow.
        TopicClasses classes = classes("prices/old/**!", "prices/**", "*/eurusd");
        assertThat(classes.of("prices/old/eurusd").number()).isZero();
        assertThat(classes.of("prices/eurusd").name()).isEqualTo("prices/**");
        assertThat(classes.of("rates/eurusd").name()).isEqualTo("*/eurusd");
        assertThat(classes.of("rates/gbpusd").name()).isEqualTo(TopicClass.DEFAULT);
        assertThat(classes.touchedBy(Filters.of("prices/eurusd"))).isEqualTo(0b010);
        assertThat(classes.touchedBy(Filters.of("prices/*"))).isEqualTo(0b010);
        assertThat(classes.touchedBy(Filters.of("prices/**"))).isEqualTo(0b011);
        assertThat(classes.touchedBy(Filters.of("rates/*"))).isEqualTo(0b101);
        assertThat(classes.touchedBy(Filters.of("rates/eurusd", "prices/x"))).isEqualTo(0b110);
        assertThat(classes.touchedBy(Filters.ALL)).isEqualTo(0b111);
    }

    @Test
    void touchesNeverOneClassTooFew() {
        var random = new SplittableRandom(7);
        List<String> segments = List.of("a", "b", "*");
        List<String> topics = new ArrayList<>();
        for (String one : List.of("a", "b", "c")) {
            topics.add(one);
            for (String two : List.of("a", "b", "c")) {
                topics.add(one + "/" + two);
                for (String three : List.of("a", "b", "c")) {
                    topics.add(one + "/" + two + "/" + three);
                }
            }
        }
        for (int round = 0; round < 2_000; round++) {
            TopicClasses classes = classes(IntStream.range(0, random.nextInt(1, 5))
                    .mapToObj(i -> filter(random, segments) + (random.nextInt(4) == 0 ? "!" : "")).toArray(String[]::new));
            Filters filters = Filters.of(filter(random, segments), filter(random, segments));
            long touched = classes.touchedBy(filters);
            for (String topic : topics) {
                if (filters.matches(topic)) {
                    assertThat(touched >>> classes.numberOf(topic) & 1).as("%s of %s for %s", topic, classes.assignments(), filters)
                            .isOne();
                }
            }
            if (filters.areExact()) {
                assertThat(Long.bitCount(touched)).as("topics that are spelled out touch their own classes alone")
                        .isLessThanOrEqualTo(filters.size());
            }
        }
    }

    private static String filter(SplittableRandom random, List<String> segments) {
        var filter = new ArrayList<String>();
        for (int i = random.nextInt(0, 3); i >= 0; i--) {
            filter.add(segments.get(random.nextInt(segments.size())));
        }
        if (random.nextInt(3) == 0) {
            filter.set(filter.size() - 1, "**");
        }
        return String.join("/", filter);
    }

    @ParameterizedTest
    @CsvSource({
        "a, a, true", "a, b, false", "a/*, */b, true", "a/*, b/*, false", "a/**, a/b/c, true", "a/**, a, false", "**, a, true",
        "a/**, */*/c, true", "a/b/**, a/*, false", "*/b, a/b/c, false", "*, **, true"
    })
    void knowsWhichFiltersOverlap(String one, String other, boolean overlap) {
        assertThat(new TopicFilter(one).overlaps(new TopicFilter(other))).isEqualTo(overlap);
        assertThat(new TopicFilter(other).overlaps(new TopicFilter(one))).isEqualTo(overlap);
    }

    @Test
    void refusesMoreClassesThanASetHolds() {
        String[] most = IntStream.range(0, TopicClasses.MAX - 1).mapToObj(i -> "t" + i).toArray(String[]::new);
        assertThat(classes(most).all()).hasSize(TopicClasses.MAX);
        String[] more = IntStream.range(0, TopicClasses.MAX).mapToObj(i -> "t" + i).toArray(String[]::new);
        assertThatThrownBy(() -> classes(more)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("64 rules");
    }

    @Test
    void areTheSameWhereTheirRulesAre() {
        assertThat(classes("a", "b!")).isEqualTo(classes("a", "b!")).hasSameHashCodeAs(classes("a", "b!"))
                .isNotEqualTo(classes("b!", "a")).isNotEqualTo(classes("a", "b"));
        assertThat(classes("b!")).as("a rule that says nothing of it").isNotEqualTo(classes());
        assertThat(classes("a")).isNotEqualTo(TopicClasses.of(
                List.of(new TopicClasses.Rule(new TopicFilter("a"), KEEP)), new Retention(2, Duration.ofDays(1), 1)));
    }
}
