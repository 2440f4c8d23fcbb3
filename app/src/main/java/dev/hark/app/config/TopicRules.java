package dev.hark.app.config;

import dev.hark.event.TopicFilter;
import dev.hark.fanout.TopicRule;
import dev.hark.log.Retention;
import dev.hark.log.TopicClass;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the rules of a configuration make of topics, in words.
 *
 * @param config  what holds
 * @param origins where each of its values comes from, as {@link ConfigSource#origins} has it
 */
public record TopicRules(HarkConfig config, Map<String, String> origins) {
    private static final String IN_MEMORY = "memory";

    public TopicRules {
        origins = Map.copyOf(origins);
    }

    /**
     * A bound of what is kept, or what is kept beyond the others.
     *
     * @param name    {@code events}, {@code age}, {@code bytes} or {@code latest}
     * @param value   a number, a time in ISO-8601, or true
     * @param inWords the same as people write it
     * @param by      the key that says so, and where that stands
     */
    public record Bound(String name, Object value, String inWords, String by) {}

    /**
     * How one rule treats its topics and those who subscribe to them.
     *
     * @param number     which rule, from 0
     * @param keptBy     the key that says what is kept, and where that stands
     * @param bounds     what is kept; empty where nothing is
     * @param durability what a publisher is told
     */
    public record Treatment(
            int number, TopicRule rule, String topicClass, String keptBy, List<Bound> bounds, String durability) {
        public Treatment {
            bounds = List.copyOf(bounds);
        }

        /** The rule's place in the configuration. */
        public String place() {
            return "topics." + number;
        }

        public String match() {
            return rule.match().value();
        }

        /** Whether the newest event of each topic and key stays. */
        public boolean keepsLatest() {
            return bounds.stream().anyMatch(bound -> bound.name().equals("latest"));
        }

        public String overflow() {
            return rule.overflow().configName();
        }

        public int mailboxEvents() {
            return rule.mailbox().events();
        }

        public long mailboxBytes() {
            return rule.mailbox().bytes();
        }

        public Duration lingerTime() {
            return rule.linger();
        }

        /** The bounds of a mailbox. */
        public String mailbox() {
            return String.format(Locale.ROOT, "%,d events, %s", mailboxEvents(), ByteSize.print(mailboxBytes()));
        }

        /** How long an event may wait. */
        public String linger() {
            return rule.linger().isZero() ? "none" : TimeSpan.print(rule.linger());
        }
    }

    /** That of the rule under which a subscription to {@code filter} falls: the first that covers it whole. */
    public Treatment ofSubscription(TopicFilter filter) {
        int number = 0;
        while (!config.hub().topics().get(number).match().covers(filter)) {
            number++;
        }
        return treatment(number);
    }

    /** Those of all rules under which topics may fall that {@code filter} matches, in their order. */
    public List<Treatment> ofTopicsIn(TopicFilter filter) {
        List<Treatment> found = new ArrayList<>();
        List<TopicRule> rules = config.hub().topics();
        for (int number = 0; number < rules.size(); number++) {
            TopicFilter match = rules.get(number).match();
            if (match.overlaps(filter)) {
                found.add(treatment(number));
            }
            if (match.covers(filter)) {
                break;
            }
        }
        return found;
    }

    private Treatment treatment(int number) {
        TopicRule rule = config.hub().topics().get(number);
        var classes = config.log().config().classes();
        TopicClass of = classes.all().get(classes.assignments().get(number).number());
        Retention retention = of.keep().retention();
        String keep = "topics." + number + ".keep";
        String durability = retention == null ? IN_MEMORY : config.log().durabilityName();
        if (retention == null) {
            return new Treatment(number, rule, of.name(), withOrigin(keep), List.of(), durability);
        }
        List<Bound> bounds = new ArrayList<>(List.of(
                new Bound("events", retention.events(), String.format(Locale.ROOT, "%,d events", retention.events()),
                        by(keep, "events")),
                new Bound("age", retention.age().toString(), TimeSpan.print(retention.age()), by(keep, "age")),
                new Bound("bytes", retention.bytes(), ByteSize.print(retention.bytes()), by(keep, "bytes"))));
        if (of.keep().latest()) {
            bounds.add(new Bound("latest", true, "newest of each key", withOrigin(keep + ".latest")));
        }
        return new Treatment(number, rule, of.name(), of.number() == 0 ? "log.retention" : keep, bounds, durability);
    }

    /** The key that says the bound {@code name}: the rule's own, or that of the whole log. */
    private String by(String keep, String name) {
        String own = keep + '.' + name;
        boolean given = origins.containsKey(own) && !origins.get(own).startsWith(Settings.INHERITED);
        return withOrigin(given ? own : "log.retention." + name);
    }

    private String withOrigin(String key) {
        return key + " (" + origins.getOrDefault(key, Settings.DEFAULT) + ')';
    }
}
