package dev.hark.app.access;

import dev.hark.event.Filters;
import dev.hark.fanout.Lease;

/**
 * A right that is in use: by a stream, or by a page that waits.
 *
 * @param grant   from which it is
 * @param filters what it is for
 * @param lease   until when
 */
public record Held(Grant grant, Filters filters, Lease lease) {
    // Two of the same caller are two.
    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
