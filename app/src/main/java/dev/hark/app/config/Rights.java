package dev.hark.app.config;

import dev.hark.event.Filters;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import java.util.List;
import java.util.Optional;

/**
 * What somebody may do.
 *
 * @param publish   which topics may be published to
 * @param subscribe which filters may be subscribed to: those that one of these covers as a whole
 */
public record Rights(List<TopicFilter> publish, List<TopicFilter> subscribe) {
    /** To do nothing. */
    public static final Rights NONE = new Rights(List.of(), List.of());

    /** To do everything. */
    public static final Rights ALL = new Rights(List.of(TopicFilter.ALL), List.of(TopicFilter.ALL));

    public Rights {
        publish = List.copyOf(publish);
        subscribe = List.copyOf(subscribe);
    }

    public boolean mayPublish(Topic topic) {
        return publish.stream().anyMatch(filter -> filter.matches(topic));
    }

    /**
     * The first of {@code filters} that may not be subscribed to; empty where all may. Several granted filters never add up to one that is
     * wider than each of them: whoever writes rights sees what they are.
     */
    public Optional<TopicFilter> refused(Filters filters) {
        return refused(filters.asList());
    }

    /** The same of filters that need not be a subscription's. */
    public Optional<TopicFilter> refused(List<TopicFilter> filters) {
        return filters.stream().filter(wanted -> subscribe.stream().noneMatch(granted -> granted.covers(wanted))).findFirst();
    }
}
