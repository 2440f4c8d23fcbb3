package dev.hark.app.access;

import dev.hark.app.config.Rights;
import java.time.Instant;

/**
 * What a caller was found to be, what it may do, and until when.
 *
 * @param caller      who it is
 * @param rights      what it may do
 * @param until       when that ends by itself; {@link Instant#MAX} where it does not
 * @param publishRate how many events it may publish in a second; 0 where {@code limits.publish-rate} says that
 */
public record Grant(Caller caller, Rights rights, Instant until, int publishRate) {
    /** One that does not end by itself, and has no rate of its own. */
    static Grant endless(Caller caller, Rights rights) {
        return new Grant(caller, rights, Instant.MAX, 0);
    }
}
