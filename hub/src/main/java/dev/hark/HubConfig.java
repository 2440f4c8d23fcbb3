package dev.hark;

import dev.hark.event.TopicFilter;
import dev.hark.fanout.DeliverySettings;
import dev.hark.fanout.IndexLimits;
import dev.hark.fanout.TopicRule;
import dev.hark.log.HotLimits;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.Retention;
import java.util.List;

/**
 * What a hub is told at its start.
 *
 * @param retention      how much of the log stays readable
 * @param hot            how much of it stays in memory
 * @param idempotency    how long idempotency keys are remembered
 * @param delivery       how streams are served
 * @param topics         how the subscribers of which topics are treated: the first match wins, and the last one matches everything
 * @param maxSubscribers how many streams at once, at least 1
 * @param index          what their filters may cost
 */
public record HubConfig(
        Retention retention,
        HotLimits hot,
        IdempotencyLimits idempotency,
        DeliverySettings delivery,
        List<TopicRule> topics,
        int maxSubscribers,
        IndexLimits index) {

    /** With {@link IndexLimits#DEFAULT}. */
    public HubConfig(
            Retention retention,
            HotLimits hot,
            IdempotencyLimits idempotency,
            DeliverySettings delivery,
            List<TopicRule> topics,
            int maxSubscribers) {
        this(retention, hot, idempotency, delivery, topics, maxSubscribers, IndexLimits.DEFAULT);
    }

    /** @throws IllegalArgumentException naming the setting that is out of range */
    public HubConfig {
        topics = List.copyOf(topics);
        if (topics.isEmpty() || !topics.getLast().match().equals(TopicFilter.ALL)) {
            throw new IllegalArgumentException("the last of the topics must match '**', so that every topic has a rule");
        }
        if (maxSubscribers < 1) {
            throw new IllegalArgumentException("limits.subscribers is " + maxSubscribers + "; at least 1 is needed");
        }
    }
}
