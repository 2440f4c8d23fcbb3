package dev.hark.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.TopicFilter;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LogConfigTest {
    private static final Retention DAY = new Retention(1_000, Duration.ofDays(1), 1 << 20);
    private static final Retention HOUR = new Retention(1_000, Duration.ofHours(1), 1 << 20);
    private static final HotLimits HOT = new HotLimits(1_000, 1 << 20);
    private static final IdempotencyLimits KEYS = new IdempotencyLimits(1_000, Duration.ofHours(1));

    private static TopicClasses classes(TopicClasses.Rule... rules) {
        return TopicClasses.of(List.of(rules), DAY);
    }

    private static TopicClasses.Rule rule(String match, Keep keep) {
        return new TopicClasses.Rule(new TopicFilter(match), keep);
    }

    private static LogConfig config(TopicClasses classes) {
        return new LogConfig(classes, HOT, KEYS, 10, Duration.ofSeconds(1));
    }

    @Test
    void theFingerprintTellsApartWhatNodesMustHaveInCommon() {
        TopicClasses.Rule prices = rule("prices/**", new Keep(HOUR, true));
        TopicClasses.Rule ticks = rule("ticks/**", Keep.NOTHING);
        List<LogConfig> different = List.of(
                config(classes()),
                config(TopicClasses.one(HOUR)),
                config(classes(prices, ticks)),
                config(classes(ticks, prices)),
                config(classes(prices)),
                config(classes(rule("prices/**", new Keep(HOUR, false)), ticks)),
                config(classes(rule("price/**", new Keep(HOUR, true)), ticks)),
                new LogConfig(classes(prices, ticks), HOT, new IdempotencyLimits(1_000, Duration.ofHours(2)), 10, Duration.ofSeconds(1)),
                new LogConfig(classes(prices, ticks), HOT, KEYS, 11, Duration.ofSeconds(1)));
        Set<String> all = new LinkedHashSet<>();
        different.forEach(each -> all.add(each.fingerprint()));
        assertThat(all).hasSize(different.size()).allMatch(each -> each.matches("[0-9a-f]{8}"));
    }

    @Test
    void theFingerprintSaysNothingOfWhatIsANodesOwn() {
        assertThat(new LogConfig(classes(), new HotLimits(5, 5_000), KEYS, 10, Duration.ofSeconds(9)).fingerprint())
                .isEqualTo(config(classes()).fingerprint());
    }
}
