package dev.hark.fanout;

import dev.hark.event.TopicFilter;
import java.time.Duration;

/**
 * How the subscribers of some topics are treated.
 *
 * @param match    the topics
 * @param overflow what happens when a mailbox is full
 * @param mailbox  when it is full
 * @param linger   how long an event of these topics may wait for others to the same stream, from 0 to {@link #MAX_LINGER}
 */
public record TopicRule(TopicFilter match, OverflowPolicy overflow, MailboxLimits mailbox, Duration linger) {
    /** Below the usual heartbeat: a stream is not silent because of it. */
    public static final Duration MAX_LINGER = Duration.ofSeconds(10);

    /** @throws IllegalArgumentException if {@code linger} is out of range */
    public TopicRule {
        if (linger.isNegative() || linger.compareTo(MAX_LINGER) > 0) {
            throw new IllegalArgumentException("topics[].linger is " + linger + "; from 0 to " + MAX_LINGER + " is allowed");
        }
    }

    /** One whose events go at once. */
    public TopicRule(TopicFilter match, OverflowPolicy overflow, MailboxLimits mailbox) {
        this(match, overflow, mailbox, Duration.ZERO);
    }
}
