package dev.hark.fanout;

import dev.hark.event.InvalidEventException;
import dev.hark.event.TopicFilter;
import java.util.List;

/**
 * What a subscriber asks for.
 *
 * @param filters which topics, 1 to {@value #MAX_FILTERS}; a filter that another one covers is left out
 * @param start   from where on
 */
public record Subscription(List<TopicFilter> filters, Start start) {
    public static final int MAX_FILTERS = 100;

    /** @throws InvalidEventException if there are too many filters, or none */
    public Subscription {
        if (filters.isEmpty() || filters.size() > MAX_FILTERS) {
            throw new InvalidEventException("a subscription has " + filters.size() + " topic filters; 1 to " + MAX_FILTERS + " are allowed");
        }
        filters = TopicFilter.withoutCovered(filters);
    }
}
