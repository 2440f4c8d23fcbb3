package dev.hark.log;

import dev.hark.event.Filters;
import dev.hark.event.TopicFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which topics the log keeps how: a class of topics for each rule that says so, and class 0 for all others. The first rule that matches a
 * topic decides. A set of classes is a {@code long} with a bit for each. Immutable.
 */
public final class TopicClasses {
    /** How many classes there may be. */
    public static final int MAX = Long.SIZE;

    /** The set of class 0 alone. */
    public static final long DEFAULT_ONLY = 1;

    private final List<Rule> rules;
    private final List<TopicClass> classes;
    private final long unstored;
    private final long latest;

    /**
     * What one rule says of its topics.
     *
     * @param keep null where they are kept as by default
     */
    public record Rule(TopicFilter match, @Nullable Keep keep) {}

    /** Which class the topics of a rule belong to, unless an earlier rule matches them. */
    public record Assignment(TopicFilter match, int number) {}

    private final List<Assignment> assignments;

    private TopicClasses(List<Rule> rules, Retention byDefault) {
        this.rules = List.copyOf(rules);
        var made = new ArrayList<TopicClass>();
        var assigned = new ArrayList<Assignment>();
        made.add(new TopicClass(0, TopicClass.DEFAULT, new Keep(byDefault)));
        long none = 0;
        for (Rule rule : rules) {
            int number = 0;
            if (rule.keep() != null) {
                number = made.size();
                made.add(new TopicClass(number, rule.match().value(), rule.keep()));
                none |= rule.keep().isStored() ? 0 : 1L << number;
            }
            assigned.add(new Assignment(rule.match(), number));
        }
        if (made.size() > MAX) {
            throw new IllegalArgumentException(
                    made.size() - 1 + " rules have a `keep` of their own; at most " + (MAX - 1) + " may have one");
        }
        this.classes = List.copyOf(made);
        this.assignments = List.copyOf(assigned);
        this.unstored = none;
        this.latest = made.stream().filter(each -> each.keep().latest()).mapToLong(each -> 1L << each.number()).sum();
    }

    /** @throws IllegalArgumentException if there are more than {@value #MAX} classes */
    public static TopicClasses of(List<Rule> rules, Retention byDefault) {
        return new TopicClasses(rules, byDefault);
    }

    /** One class for all topics. */
    public static TopicClasses one(Retention retention) {
        return new TopicClasses(List.of(), retention);
    }

    /** The class of {@code topic}. */
    public TopicClass of(String topic) {
        return classes.get(numberOf(topic));
    }

    /** The number of the class of {@code topic}. Allocates nothing. */
    public int numberOf(String topic) {
        if (classes.size() > 1) {
            for (int i = 0; i < assignments.size(); i++) {
                if (assignments.get(i).match().matches(topic)) {
                    return assignments.get(i).number();
                }
            }
        }
        return 0;
    }

    /** The set of classes that topics may belong to which {@code filters} match: never one too few. */
    public long touchedBy(Filters filters) {
        if (classes.size() == 1) {
            return DEFAULT_ONLY;
        }
        long touched = 0;
        for (TopicFilter filter : filters.asList()) {
            touched |= touchedBy(filter);
        }
        return touched;
    }

    private long touchedBy(TopicFilter filter) {
        long touched = 0;
        for (Assignment rule : assignments) {
            if (rule.match().overlaps(filter)) {
                touched |= 1L << rule.number();
            }
            if (rule.match().covers(filter)) {
                return touched;
            }
        }
        return touched | DEFAULT_ONLY;
    }

    /** Those of which nothing is stored. */
    public long unstored() {
        return unstored;
    }

    /** Those of which the newest event of each topic and key stays. */
    public long latest() {
        return latest;
    }

    /** Whether there is any class but the default. */
    public boolean areSeveral() {
        return classes.size() > 1;
    }

    /** All classes, by number. */
    public List<TopicClass> all() {
        return classes;
    }

    /** Which topics belong to which class, in the order in which that is decided. */
    public List<Assignment> assignments() {
        return assignments;
    }


    @Override
    public boolean equals(Object other) {
        return other instanceof TopicClasses same && rules.equals(same.rules) && classes.equals(same.classes);
    }

    @Override
    public int hashCode() {
        return Objects.hash(rules, classes);
    }

    @Override
    public String toString() {
        return classes.toString();
    }
}
