package dev.hark.app.access;

import dev.hark.app.config.TimeSpan;
import dev.hark.event.TopicFilter;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Why a credential lets do what it does, or nothing: for people, and never for a caller of the hub. None of it is a secret.
 *
 * @param facts   what was found, in the order in which it is looked at
 * @param granted what it lets do, and who says so; empty where it is refused
 * @param grant   what the hub makes of it; empty where it is refused
 * @param refusal why it is refused, as the hub's log says; empty where it is not
 */
public record Explanation(List<Fact> facts, List<Granted> granted, Optional<Grant> grant, String refusal) {
    public Explanation {
        facts = List.copyOf(facts);
        granted = List.copyOf(granted);
    }

    /**
     * One thing that was looked at.
     *
     * @param about in a word
     * @param words what was found
     */
    public record Fact(String about, String words) {}

    /** What a right is for. */
    public enum Use {
        PUBLISH,
        SUBSCRIBE
    }

    /**
     * A right.
     *
     * @param by who gives it: a key of the configuration, or a claim
     */
    public record Granted(Use use, TopicFilter filter, String by) {}

    /** One that is being gathered. Confined to one thread. */
    static final class Notes {
        private final List<Fact> facts = new ArrayList<>();
        private final List<Granted> granted = new ArrayList<>();

        void add(String about, String words) {
            facts.add(new Fact(about, words));
        }

        void add(Use use, List<TopicFilter> filters, String by) {
            filters.forEach(filter -> granted.add(new Granted(use, filter, by)));
        }

        void addAll(List<Granted> more) {
            granted.addAll(more);
        }

        Explanation allowed(Grant grant) {
            return new Explanation(facts, granted, Optional.of(grant), "");
        }

        Explanation refused(String why) {
            return new Explanation(facts, List.of(), Optional.empty(), why);
        }
    }

    /** How far {@code then} is from {@code now}: {@code 3m12s ago}, {@code in 1h}. */
    static String when(Instant then, Instant now) {
        boolean past = then.isBefore(now);
        String time = TimeSpan.print(rounded(past ? Duration.between(then, now) : Duration.between(now, then)));
        return (past ? time + " ago" : "in " + time) + " (" + then + ')';
    }

    private static Duration rounded(Duration time) {
        return time.truncatedTo(time.toDays() > 0 ? ChronoUnit.HOURS : time.toHours() > 0 ? ChronoUnit.MINUTES : ChronoUnit.SECONDS);
    }
}
