package dev.hark.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hark.event.InvalidEventException;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a claim makes of a template is never more than the template with {@code *} in its place. */
class FilterTemplateTest {
    private static final int MAX_SEGMENTS = 3;

    private static final List<String> CLAIMS = List.of("a", "b", "*", "**", "a/b", "/", "a/", "/a", "*/*", "a/**", "", " ", "a b", "\n",
            "\u0000", "\u202e", "\u00a0", "\ud800", "$x", "hark.x", "hark", "{x}", "{y}", "{sub}", "https:", "*a", "a*", "..", "%2F", "ä",
            "x".repeat(513));

    private static List<String> paths(String... segments) {
        var all = new ArrayList<String>();
        List<String> longest = List.of("");
        for (int i = 0; i < MAX_SEGMENTS; i++) {
            longest = longest.stream()
                    .flatMap(path -> Stream.of(segments).map(segment -> path.isEmpty() ? segment : path + '/' + segment)).toList();
            all.addAll(longest);
        }
        return all;
    }

    private static Optional<TopicFilter> filter(String text) {
        try {
            return Optional.of(new TopicFilter(text));
        } catch (InvalidEventException e) {
            return Optional.empty();
        }
    }

    private static Optional<TopicFilter> fill(String template, Map<String, String> claims) {
        return new FilterTemplate(template).fill(name -> Optional.ofNullable(claims.get(name)));
    }

    /** All templates of three segments, by all claims of the list, as topics of a small alphabet see them. */
    @Test
    void grantsNoMoreThanAnyClaimMight() {
        List<Topic> topics = paths("a", "b", "*a", "{y}", "https:").stream().map(path -> new Topic(path)).toList();
        int filled = 0;
        for (String template : paths("a", "*", "**", "{x}", "{y}")) {
            Optional<TopicFilter> widest = filter(template.replace("{x}", "*").replace("{y}", "*"));
            if (widest.isEmpty()) {
                assertThatThrownBy(() -> new FilterTemplate(template)).as(template).isInstanceOf(RuntimeException.class);
                continue;
            }
            for (String x : CLAIMS) {
                Optional<TopicFilter> filter = fill(template, Map.of("x", x, "y", "b"));
                if (filter.isPresent()) {
                    filled++;
                    assertThat(widest.get().covers(filter.get())).as("%s with %s", template, x).isTrue();
                    assertThat(topics.stream().filter(filter.get()::matches)).as("%s with %s", template, x).allMatch(widest.get()::matches);
                    assertThat(filter.get().segments()).hasSameSizeAs(template.split("/", -1));
                }
            }
        }
        assertThat(filled).isGreaterThan(1_000);
    }

    @Property
    void grantsNoMoreWhateverTheClaim(@ForAll @StringLength(max = 20) String claim, @ForAll @StringLength(max = 3) String other) {
        for (String template : List.of("{x}", "{x}/**", "users/{x}/**", "{x}/{y}", "{y}/*/{x}")) {
            TopicFilter widest = new TopicFilter(template.replace("{x}", "*").replace("{y}", "*"));
            fill(template, Map.of("x", claim, "y", other)).ifPresent(filter -> {
                assertThat(widest.covers(filter)).as("%s", filter).isTrue();
                assertThat(filter.covers(widest)).as("%s", filter).isFalse();
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "**", "a/b", "/", "", " ", "a b", "\n", "\u0000", "\u202e", "$x", "hark.x"})
    void aClaimThatIsNoSegmentGrantsNothing(String claim) {
        assertThat(fill("users/{sub}/**", Map.of("sub", claim))).isEmpty();
        assertThat(fill("{sub}", Map.of("sub", claim))).isEmpty();
    }

    @Test
    void aMissingClaimGrantsNothing() {
        assertThat(fill("users/{sub}/**", Map.of())).isEmpty();
        assertThat(fill("{a}/{b}", Map.of("a", "x"))).isEmpty();
        assertThat(fill("{a}/{b}", Map.of("a", "x", "b", "y"))).contains(new TopicFilter("x/y"));
        assertThat(fill("users/{sub}/**", Map.of("sub", "{sub}"))).as("is not filled again").contains(new TopicFilter("users/{sub}/**"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a//b", "users/{sub", "users/sub}", "users/{}", "users/x{sub}", "users/{sub}x", "{{sub}}", "{a}{b}",
        "**/{sub}", "$x/{sub}", "hark.x/{sub}", "a b/{sub}"})
    void whatIsNoTemplate(String text) {
        assertThatThrownBy(() -> new FilterTemplate(text)).isInstanceOf(RuntimeException.class);
    }
}
