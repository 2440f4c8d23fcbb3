package dev.hark.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Filters;
import dev.hark.event.InvalidEventException;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Containment against brute force: all filters and topics of a small alphabet. */
class RightsTest {
    private static final int MAX_SEGMENTS = 3;

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

    private static List<TopicFilter> filters() {
        var filters = new ArrayList<TopicFilter>();
        for (String path : paths("a", "b", "*", "**")) {
            try {
                filters.add(new TopicFilter(path));
            } catch (InvalidEventException e) {
                // ** in the middle.
            }
        }
        return filters;
    }

    /** One segment longer, and with one that no filter names: what ** and * match, and others do not. */
    private static List<Topic> topics() {
        List<String> paths = paths("a", "b", "c");
        return Stream.concat(paths.stream(), paths.stream().map(path -> path + "/c")).distinct().map(Topic::new).toList();
    }

    @Test
    void mayBeSubscribedToWhatOneGrantedFilterCoversAsAWhole() {
        List<TopicFilter> filters = filters();
        List<Topic> topics = topics();
        int granted = 0;
        for (TopicFilter right : filters) {
            Rights rights = new Rights(List.of(), List.of(right));
            for (TopicFilter wanted : filters) {
                boolean contained = topics.stream().filter(wanted::matches).allMatch(right::matches);
                assertThat(rights.refused(Filters.of(wanted.value())).isEmpty()).as("%s, with %s", wanted, right).isEqualTo(contained);
                granted += contained ? 1 : 0;
            }
        }
        assertThat(granted).isGreaterThan(filters.size());
    }

    /** Two rights, and a subscription of two filters: all of what it is given is covered, and nothing that one right covers is refused. */
    @Test
    void severalRightsGiveWhatEachOfThemGives() {
        List<TopicFilter> filters = filters();
        List<Topic> topics = topics();
        int allowed = 0;
        for (TopicFilter first : filters) {
            for (TopicFilter second : filters) {
                Rights rights = new Rights(List.of(), List.of(first, second));
                for (TopicFilter wanted : filters) {
                    boolean byOne = topics.stream().filter(wanted::matches).allMatch(first::matches)
                            || topics.stream().filter(wanted::matches).allMatch(second::matches);
                    boolean isAllowed = rights.refused(Filters.of(wanted.value())).isEmpty();
                    assertThat(isAllowed).as("%s, with %s and %s", wanted, first, second).isEqualTo(byOne);
                    Filters both = Filters.of(wanted.value(), first.value());
                    assertThat(rights.refused(both).isEmpty()).as("%s, with %s and %s", both, first, second).isEqualTo(byOne);
                    allowed += isAllowed ? 1 : 0;
                }
            }
        }
        assertThat(allowed).isGreaterThan(filters.size() * filters.size());
    }

    @Test
    void theHubsOwnTopicsAreNobodys() {
        TopicFilter own = TopicFilter.stored("$hark/revocations");
        assertThat(Rights.ALL.refused(Filters.of(List.of(own)))).contains(own);
        assertThat(Rights.ALL.mayPublish(Topic.stored("$hark/revocations"))).isFalse();
    }

    @Test
    void isRefusedAsAWholeWhereOneOfSeveralIsNotCovered() {
        var rights = new Rights(List.of(), List.of(new TopicFilter("a/*"), new TopicFilter("b/**")));
        assertThat(rights.refused(Filters.of("a/b", "b/b/b"))).isEmpty();
        assertThat(rights.refused(Filters.of("a/b", "c"))).contains(new TopicFilter("c"));
        assertThat(rights.refused(Filters.of("*/b"))).as("no filter of its own covers it").isPresent();
    }

    @Test
    void maybePublishedToWhatAFilterMatches() {
        var rights = new Rights(List.of(new TopicFilter("orders/**")), List.of());
        assertThat(rights.mayPublish(new Topic("orders/1"))).isTrue();
        assertThat(rights.mayPublish(new Topic("order"))).isFalse();
        assertThat(rights.refused(Filters.of("orders/1"))).as("publishing is not reading").isPresent();
        assertThat(Rights.NONE.mayPublish(new Topic("a"))).isFalse();
        assertThat(Rights.ALL.mayPublish(new Topic("a"))).isTrue();
    }
}
