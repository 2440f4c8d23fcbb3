package dev.hark;

import dev.hark.event.TopicFilter;
import dev.hark.fanout.DeliverySettings;
import dev.hark.fanout.IndexLimits;
import dev.hark.fanout.TopicRule;
import java.time.Duration;
import java.util.List;

/**
 * What a hub is told at its start.
 *
 * @param delivery       how streams are served
 * @param topics         how the subscribers of which topics are treated: the first match wins, and the last one matches everything
 * @param maxSubscribers how many streams at once, at least 1
 * @param index          what their filters may cost
 * @param stall          how late delivery may be before the hub is not ready, positive
 */
public record HubConfig(DeliverySettings delivery, List<TopicRule> topics, int maxSubscribers, IndexLimits index, Duration stall) {

    /** @throws IllegalArgumentException naming the setting that is out of range */
    public HubConfig {
        topics = List.copyOf(topics);
        if (topics.isEmpty() || !topics.getLast().match().equals(TopicFilter.ALL)) {
            throw new IllegalArgumentException("the last of the topics must match '**', so that every topic has a rule");
        }
        if (maxSubscribers < 1) {
            throw new IllegalArgumentException("limits.subscribers is " + maxSubscribers + "; at least 1 is needed");
        }
        if (stall.isNegative() || stall.isZero()) {
            throw new IllegalArgumentException("health.stall is " + stall + "; it must be positive");
        }
    }
}
