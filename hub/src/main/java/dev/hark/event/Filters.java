package dev.hark.event;

import java.util.List;

/**
 * The topic filters of one subscription, of which a topic has to match one. A filter that another one covers is left out. Immutable.
 */
public final class Filters {
    /** How many filters a subscription may have. */
    public static final int MAX = 100;

    /** Match every topic but the hub's own. */
    public static final Filters ALL = new Filters(List.of(TopicFilter.ALL), false);

    /** Match every topic, the hub's own too: for those who look after the log. */
    public static final Filters EVERYTHING = new Filters(List.of(TopicFilter.ALL), true);

    private final List<TopicFilter> each;
    private final boolean everything;
    private final boolean oneTopic;
    private final int hash;

    private Filters(List<TopicFilter> each, boolean everything) {
        this.each = List.copyOf(each);
        this.everything = everything;
        this.oneTopic = this.each.size() == 1 && this.each.getFirst().isExact();
        // Pages of a replay are shared by those who ask for the same filters, so this is asked for with each of them.
        this.hash = this.each.hashCode();
    }

    /** @throws InvalidEventException if there are more than {@value #MAX}, or none */
    public static Filters of(List<TopicFilter> filters) {
        if (filters.isEmpty() || filters.size() > MAX) {
            throw new InvalidEventException("a subscription has " + filters.size() + " topic filters; 1 to " + MAX + " are allowed");
        }
        return new Filters(TopicFilter.withoutCovered(filters), false);
    }

    /** @throws InvalidEventException as {@link #of(List)}, or as {@link TopicFilter} */
    public static Filters of(String... filters) {
        return of(List.of(filters).stream().map(TopicFilter::new).toList());
    }

    /** Whether {@code topic} matches one of them. Allocates nothing: replays ask it of every event that they pass. */
    public boolean matches(Topic topic) {
        return matches(topic.value());
    }

    /** As {@link #matches(Topic)}, of a topic that was checked when it was stored. */
    public boolean matches(String topic) {
        if (everything) {
            return true;
        }
        for (int i = 0; i < each.size(); i++) {
            if (each.get(i).matches(topic)) {
                return true;
            }
        }
        return false;
    }

    /** Whether one of them matches every topic that {@code other} matches. */
    public boolean covers(TopicFilter other) {
        return each.stream().anyMatch(filter -> filter.covers(other));
    }

    /** Whether these match every topic that {@code others} match, filter by filter. */
    public boolean covers(Filters others) {
        return others.each.stream().allMatch(this::covers);
    }

    /** Whether every one of them is a topic, spelled out. */
    public boolean areExact() {
        return each.stream().allMatch(TopicFilter::isExact);
    }

    /** Whether they are one topic, spelled out. Costs nothing: a stream asks it with each write. */
    public boolean areOneTopic() {
        return oneTopic;
    }

    /** Whether they match every topic, the hub's own too. */
    public boolean matchAll() {
        return everything;
    }

    public int size() {
        return each.size();
    }

    /** The filters, at least one, in the order in which they were given. */
    public List<TopicFilter> asList() {
        return each;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Filters filters && hash == filters.hash && everything == filters.everything && each.equals(filters.each);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return each.toString();
    }
}
