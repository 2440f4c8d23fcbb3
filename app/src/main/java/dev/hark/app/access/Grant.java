package dev.hark.app.access;

import dev.hark.app.config.Rights;
import java.security.Key;
import java.time.Instant;
import java.util.List;

/**
 * What a caller was found to be, what it may do, and until when.
 *
 * @param caller      who it is
 * @param rights      what it may do
 * @param until       when that ends by itself; {@link Instant#MAX} where it does not
 * @param publishRate how many events it may publish in a second; 0 where {@code limits.publish-rate} says that
 * @param signers     of a token, the keys of its issuer one of which has signed it; none of others
 */
public record Grant(Caller caller, Rights rights, Instant until, int publishRate, List<Key> signers) {
    public Grant {
        signers = List.copyOf(signers);
    }

    /** One that is of no token. */
    public Grant(Caller caller, Rights rights, Instant until, int publishRate) {
        this(caller, rights, until, publishRate, List.of());
    }

    /** One that does not end by itself, and has no rate of its own. */
    static Grant endless(Caller caller, Rights rights) {
        return new Grant(caller, rights, Instant.MAX, 0);
    }

    /** Without the keys, of which some are secrets. */
    @Override
    public String toString() {
        return "Grant[" + caller + " until " + until + ": " + rights + ']';
    }
}
