package dev.hark.app.access;

import com.nimbusds.jose.JWSHeader;
import java.security.Key;
import java.util.List;

/** The keys that an issuer signs with. */
interface KeySource extends AutoCloseable {
    /**
     * Those that may have signed a token with this header, whose algorithm is one of the issuer's. What the header says of where its key
     * is ({@code jku}, {@code x5u}, {@code jwk}, {@code x5c}) is never followed.
     *
     * @throws AccessException if they cannot be had now
     */
    List<Key> keys(JWSHeader header);

    /** Has them be fetched anew where that is due. Nobody waits. */
    default void keepFresh() {}

    /**
     * Whether what tokens have opened that one of {@code signers} has signed may stay. Keys that are published are rotated as a routine,
     * and theirs does; one that somebody has taken out of a file is not to hold any more.
     */
    default boolean keeps(List<Key> signers) {
        return true;
    }

    /** The ids of those that are known now and have one. */
    List<String> ids();

    /** Has {@code listener} be told after the keys have become others. */
    default void onChange(Runnable listener) {}

    @Override
    default void close() {}
}
