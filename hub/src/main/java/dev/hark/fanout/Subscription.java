package dev.hark.fanout;

import dev.hark.event.Filters;
import dev.hark.event.Format;

/**
 * What a subscriber asks for.
 *
 * @param filters which topics
 * @param start   from where on
 * @param format  in which shape
 * @param lease   until when
 */
public record Subscription(Filters filters, Start start, Format format, Lease lease) {
    /** One that nothing ends but its client and the hub. */
    public Subscription(Filters filters, Start start, Format format) {
        this(filters, start, format, Lease.endless());
    }

    /** One that is given the events' own data. */
    public Subscription(Filters filters, Start start) {
        this(filters, start, Format.DATA);
    }

    /** The same, for as long as {@code other} says. */
    public Subscription under(Lease other) {
        return new Subscription(filters, start, format, other);
    }
}
