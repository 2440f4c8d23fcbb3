package dev.hark.fanout;

import dev.hark.event.Filters;
import dev.hark.event.TopicFilter;
import java.util.List;

/** The rules of the configuration, and which one a subscription falls under. Immutable. */
final class TopicRules {
    private final List<TopicRule> rules;

    /** @param rules at least one; the last matches everything */
    TopicRules(List<TopicRule> rules) {
        this.rules = List.copyOf(rules);
    }

    /**
     * The rule for a subscription, which has one mailbox and so one policy. A filter falls under the first rule that covers all its topics;
     * where several filters fall under several rules, the policy that misses least and the larger bounds hold.
     */
    TopicRule ruleFor(Filters filters) {
        TopicRule chosen = ruleFor(filters.asList().getFirst());
        for (TopicFilter filter : filters.asList()) {
            TopicRule other = ruleFor(filter);
            OverflowPolicy policy = chosen.overflow().compareTo(other.overflow()) <= 0 ? chosen.overflow() : other.overflow();
            chosen = new TopicRule(chosen.match(), policy, chosen.mailbox().max(other.mailbox()));
        }
        return chosen;
    }

    private TopicRule ruleFor(TopicFilter filter) {
        for (TopicRule rule : rules) {
            if (rule.match().covers(filter)) {
                return rule;
            }
        }
        return rules.getLast();
    }
}
