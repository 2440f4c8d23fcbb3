package dev.hark.app.access;

import dev.hark.app.access.AccessException.Kind;
import dev.hark.app.config.AuthSettings;
import dev.hark.app.config.KeySettings;
import dev.hark.app.config.Rights;
import dev.hark.event.Filters;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The one place that decides who may do what. Immutable. */
public final class AccessControl {
    private static final String BEARER = "bearer ";
    private static final Grant EVERYTHING = Grant.endless(new Caller.Anybody(), Rights.ALL);

    private final boolean letsAll;
    private final Grant anonymous;
    private final Map<String, KeySettings> keys;

    /** @param keys by their hashes */
    private AccessControl(boolean letsAll, Grant anonymous, Map<String, KeySettings> keys) {
        this.letsAll = letsAll;
        this.anonymous = anonymous;
        this.keys = keys;
    }

    public static AccessControl of(AuthSettings settings) {
        Map<String, KeySettings> byHash =
                settings.keys().stream().collect(Collectors.toUnmodifiableMap(KeySettings::hash, Function.identity()));
        return new AccessControl(settings.letsAll(), Grant.endless(new Caller.Anonymous(), settings.anonymous()), byHash);
    }

    /**
     * Who a request comes from.
     *
     * @param authorization the values of its {@code Authorization} headers (RFC 6750, section 2.1)
     * @throws AccessException if it has a credential that is none: also where it would need none
     */
    public Grant identify(List<String> authorization) {
        if (letsAll) {
            return EVERYTHING;
        }
        @Nullable String credential = bearer(authorization);
        if (credential == null) {
            return anonymous;
        }
        // By its hash: how long a look-up takes says nothing of the key.
        KeySettings key = keys.get(ApiKey.hash(credential));
        if (key == null) {
            throw new AccessException(Kind.INVALID, "the credential is not valid", "no key of the configuration has this hash");
        }
        return new Grant(new Caller.Service(key.name()), key.rights(), Instant.MAX, key.publishRate());
    }

    private static @Nullable String bearer(List<String> authorization) {
        List<String> distinct = authorization.stream().distinct().toList();
        if (distinct.isEmpty()) {
            return null;
        }
        if (distinct.size() > 1) {
            throw new AccessException(Kind.MALFORMED, "the request has two Authorization headers; one is allowed", "two credentials");
        }
        String given = distinct.getFirst();
        if (!given.regionMatches(true, 0, BEARER, 0, BEARER.length()) || given.length() == BEARER.length()) {
            throw new AccessException(Kind.INVALID, "Authorization is not 'Bearer' and a token or a key", "another scheme than Bearer");
        }
        return given.substring(BEARER.length()).strip();
    }

    /** @throws AccessException if {@code grant} does not let publish to {@code topic} */
    public void requirePublish(Grant grant, Topic topic) {
        if (!grant.rights().mayPublish(topic)) {
            throw refused(grant, "publish to '" + topic.value() + "'");
        }
    }

    /** @throws AccessException if {@code grant} does not let subscribe to all of {@code filters}; never fewer are given instead */
    public void requireSubscribe(Grant grant, Filters filters) {
        Optional<TopicFilter> refused = grant.rights().refused(filters);
        if (refused.isPresent()) {
            throw refused(grant, "subscribe to '" + refused.get().value() + "'");
        }
    }

    private AccessException refused(Grant grant, String what) {
        // Without a credential, one might help; with one, another one would have to be asked for.
        return grant.caller() instanceof Caller.Anonymous
                ? new AccessException(Kind.MISSING, "a token or a key is needed to " + what, "no credential")
                : new AccessException(Kind.FORBIDDEN, "this credential does not let " + what, grant.caller() + " may not " + what);
    }
}
