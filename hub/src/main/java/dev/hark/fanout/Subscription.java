package dev.hark.fanout;

import dev.hark.event.Filters;
import dev.hark.event.Format;

/**
 * What a subscriber asks for.
 *
 * @param filters which topics
 * @param start   from where on
 * @param format  in which shape
 */
public record Subscription(Filters filters, Start start, Format format) {
    /** One that is given the events' own data. */
    public Subscription(Filters filters, Start start) {
        this(filters, start, Format.DATA);
    }
}
