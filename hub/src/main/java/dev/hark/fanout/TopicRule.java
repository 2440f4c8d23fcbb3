package dev.hark.fanout;

import dev.hark.event.TopicFilter;

/**
 * How the subscribers of some topics are treated.
 *
 * @param match    the topics
 * @param overflow what happens when a mailbox is full
 * @param mailbox  when it is full
 */
public record TopicRule(TopicFilter match, OverflowPolicy overflow, MailboxLimits mailbox) {}
