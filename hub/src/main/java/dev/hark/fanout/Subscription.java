package dev.hark.fanout;

import dev.hark.event.Filters;

/**
 * What a subscriber asks for.
 *
 * @param filters which topics
 * @param start   from where on
 */
public record Subscription(Filters filters, Start start) {}
