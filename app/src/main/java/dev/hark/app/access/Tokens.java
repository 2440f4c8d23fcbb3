package dev.hark.app.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.nimbusds.jwt.SignedJWT;
import dev.hark.app.access.AccessException.Kind;
import dev.hark.app.config.AuthSettings;
import dev.hark.app.config.IssuerSettings;
import java.net.URI;
import java.security.Key;
import java.text.ParseException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Says what a token (RFC 7519) lets do: by its issuer, whom it names. A token that holds is remembered until it ends, in a bounded map:
 * what it costs to check is paid once. Thread-safe.
 */
final class Tokens implements AutoCloseable {
    static final String INVALID = "the token or key is not valid, or not any more";

    /** Longer than tokens that fit in the headers of all proxies. */
    static final int MAX_CHARACTERS = 8 << 10;

    /** In characters, of all that are remembered. */
    private static final long MAX_REMEMBERED = 16L << 20;

    /** What remembering one costs beside its text, about. */
    private static final int ENTRY = 300;

    /** Compact serialization (RFC 7515, section 7.1): the library would pass over other characters. */
    private static final Pattern COMPACT = Pattern.compile("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+");

    /** By their {@code iss}. */
    private final Map<String, Issuer> issuers = new HashMap<>();

    private final List<KeySource> sources = new ArrayList<>();
    private final Map<URI, FetchedKeys> fetched = new HashMap<>();
    private final Cache<String, Remembered> remembered = Caffeine.newBuilder()
            .maximumWeight(MAX_REMEMBERED)
            .weigher((String token, Remembered grant) -> token.length() + ENTRY)
            .build();
    private final InstantSource clock;
    private final LongSupplier nanoTime;

    /** How often keys have changed. */
    private final AtomicInteger changes = new AtomicInteger();

    private record Remembered(Grant grant, Issuer issuer) {}

    /**
     * @param before whose fetched keys are taken over: an address that is away now need not be asked again; null where there are none
     * @throws dev.hark.app.config.ConfigException if the keys of an issuer are in a file that has none
     */
    Tokens(AuthSettings settings, InstantSource clock, @Nullable Tokens before) {
        this(settings, clock, System::nanoTime, before);
    }

    /** @param nanoTime by which fetched keys grow old */
    Tokens(AuthSettings settings, InstantSource clock, LongSupplier nanoTime, @Nullable Tokens before) {
        this.clock = clock;
        this.nanoTime = nanoTime;
        for (IssuerSettings issuer : settings.issuers()) {
            KeySource keys = issuer.keys().file().<KeySource>map(file -> FileKeys.read(file, issuer))
                    .orElseGet(() -> fetched(issuer.name(), issuer.keys().jwks().orElseThrow(), before));
            sources.add(keys);
            issuers.put(issuer.issuer(), new Issuer(issuer, keys, settings.tokenAge(), clock));
        }
    }

    private KeySource fetched(String name, URI address, @Nullable Tokens before) {
        FetchedKeys keys = before == null ? null : before.fetched.get(address);
        if (keys == null) {
            keys = new FetchedKeys(name, address, nanoTime);
        }
        fetched.put(address, keys);
        return keys;
    }

    /** Begins: from here on keys that change are heard of. */
    void start() {
        sources.forEach(keys -> keys.onChange(this::forget));
    }

    private void forget() {
        changes.incrementAndGet();
        remembered.invalidateAll();
    }

    /**
     * What {@code token} lets do.
     *
     * @throws AccessException if it does not hold
     */
    Grant grant(String token) {
        Remembered known = remembered.getIfPresent(token);
        if (known != null) {
            if (clock.instant().isBefore(known.grant().until())) {
                // What is remembered asks for no key, and nobody else may: a key that its issuer took away would hold on and on.
                known.issuer().keepFresh();
                return known.grant();
            }
            remembered.invalidate(token);
        }
        int before = changes.get();
        Remembered checked = check(token);
        remembered.put(token, checked);
        if (changes.get() != before) {
            // It may have been checked with a key that is gone.
            remembered.invalidate(token);
        }
        return checked.grant();
    }

    private Remembered check(String token) {
        SignedJWT parsed = parse(token);
        Issuer issuer = issuer(parsed);
        return new Remembered(issuer.grant(parsed), issuer);
    }

    private static SignedJWT parse(String token) {
        if (token.length() > MAX_CHARACTERS) {
            throw invalid("a token of " + token.length() + " characters");
        }
        if (!COMPACT.matcher(token).matches()) {
            throw invalid("it is neither a signed token nor a key of this hub");
        }
        try {
            return SignedJWT.parse(token);
        } catch (ParseException | RuntimeException e) {
            // Of a header that is no JSON at all the library may throw anything: a byte order mark alone is a null to it.
            throw unreadable(e);
        }
    }

    private Issuer issuer(SignedJWT token) {
        try {
            // Only to find who would have signed it; he is believed once the signature is.
            String issuer = token.getJWTClaimsSet().getIssuer();
            Issuer known = issuer == null ? null : issuers.get(issuer);
            if (known == null) {
                throw invalid("its iss is " + issuer + ", of which the configuration says nothing");
            }
            return known;
        } catch (ParseException e) {
            throw unreadable(e);
        }
    }

    /**
     * Notes what {@link #grant} looks at in {@code token}.
     *
     * @throws AccessException where there is nothing to look at
     */
    void explain(String token, Explanation.Notes notes) {
        SignedJWT parsed = parse(token);
        try {
            notes.add("token", "a JWT of " + token.length() + " characters, "
                    + (parsed.getHeader().getType() == null ? "without a type" : "of the type " + parsed.getHeader().getType()));
            String issuer = parsed.getJWTClaimsSet().getIssuer();
            if (issuer == null || !issuers.containsKey(issuer)) {
                notes.add("issuer", "none of auth.issuers, which has " + issuers.keySet().stream().sorted().toList());
            }
            issuer(parsed).explain(parsed, notes);
        } catch (ParseException e) {
            throw unreadable(e);
        }
    }

    private static AccessException unreadable(Exception e) {
        return invalid("it cannot be read: " + e.getMessage());
    }

    private static AccessException invalid(String why) {
        return new AccessException(Kind.INVALID, INVALID, why);
    }

    /** Whether the issuer called {@code name} still has all of {@code signers}, as far as that matters to what their tokens have opened. */
    boolean mayHaveSigned(String name, List<Key> signers) {
        return issuers.values().stream().filter(issuer -> issuer.name().equals(name)).allMatch(issuer -> issuer.mayHaveSigned(signers));
    }

    /** Ends what {@code next} has not taken over. */
    void closeUnlessIn(Tokens next) {
        sources.stream().filter(keys -> !next.sources.contains(keys)).forEach(KeySource::close);
    }

    @Override
    public void close() {
        sources.forEach(KeySource::close);
    }
}
