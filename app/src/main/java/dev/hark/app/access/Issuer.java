package dev.hark.app.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.BadJWTException;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import dev.hark.app.access.AccessException.Kind;
import dev.hark.app.config.FilterTemplate;
import dev.hark.app.config.IssuerSettings;
import dev.hark.app.config.Rights;
import dev.hark.event.InvalidEventException;
import dev.hark.event.TopicFilter;
import java.security.Key;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One who makes tokens: says of a token with its name whether it made it, for this hub and for now, and what it lets do. Thread-safe. */
final class Issuer {
    /** By how much the issuer's clock may be ahead. */
    static final Duration SKEW = Duration.ofSeconds(60);

    /** RFC 7519, section 5.1, and RFC 9068, section 4; as a whole media type too (RFC 7515, section 4.1.9), or none. */
    private static final Set<JOSEObjectType> TYPES = new HashSet<>(Arrays.asList(
            JOSEObjectType.JWT, new JOSEObjectType("application/jwt"),
            new JOSEObjectType("at+jwt"), new JOSEObjectType("application/at+jwt"), null));

    private final IssuerSettings settings;
    private final Set<JWSAlgorithm> algorithms = new HashSet<>();
    private final KeySource keys;
    private final InstantSource clock;
    private final Duration tokenAge;
    private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();

    /** @param tokenAge how long a token can be used at most */
    Issuer(IssuerSettings settings, KeySource keys, Duration tokenAge, InstantSource clock) {
        this.settings = settings;
        this.keys = keys;
        this.clock = clock;
        this.tokenAge = tokenAge;
        settings.algorithms().forEach(name -> algorithms.add(JWSAlgorithm.parse(name)));
        processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(TYPES));
        processor.setJWSKeySelector((header, context) -> keysFor(header));
        processor.setJWSVerifierFactory(new Ed25519Verifiers());
        processor.setJWTClaimsSetVerifier((claims, context) -> requireForHereAndNow(claims));
    }

    String name() {
        return settings.name();
    }

    /** Has its keys be fetched anew where that is due. */
    void keepFresh() {
        keys.keepFresh();
    }

    /**
     * What {@code token}, which says that it is of this issuer, lets do.
     *
     * @throws AccessException if it does not hold
     */
    Grant grant(SignedJWT token) {
        try {
            JWTClaimsSet claims = processor.process(token, null);
            StrictClaims.require(token.getPayload().toBytes());
            var caller = new Caller.Bearer(settings.name(), Objects.requireNonNullElse(claims.getSubject(), ""),
                    Optional.ofNullable(claims.getJWTID()), Optional.ofNullable(claims.getIssueTime()).map(Date::toInstant));
            return new Grant(caller, rights(claims), claims.getExpirationTime().toInstant(), 0);
        } catch (BadJOSEException | JOSEException e) {
            throw invalid("the token of " + settings.name() + " does not hold: " + e.getMessage());
        }
    }

    private List<Key> keysFor(JWSHeader header) {
        if (!algorithms.contains(header.getAlgorithm())) {
            throw invalid("it is signed with " + header.getAlgorithm() + ", and " + name() + " signs with " + settings.algorithms());
        }
        if (header.getCriticalParams() != null) {
            throw invalid("its header has crit " + header.getCriticalParams() + ", of which nothing is understood");
        }
        if (!header.isBase64URLEncodePayload()) {
            // RFC 7797, section 7; without crit, others would read another payload than was signed.
            throw invalid("its header has b64 false, which no token may have");
        }
        List<Key> found = keys.keys(header);
        if (found.isEmpty()) {
            throw invalid("none of the keys of " + name() + " is for " + header.getAlgorithm() + " and the kid " + header.getKeyID());
        }
        return found;
    }

    private void requireForHereAndNow(JWTClaimsSet claims) throws BadJWTException {
        Instant now = clock.instant();
        if (!settings.issuer().equals(claims.getIssuer())) {
            throw new BadJWTException("iss is " + claims.getIssuer());
        }
        if (!claims.getAudience().contains(settings.audience())) {
            throw new BadJWTException("aud is " + claims.getAudience() + ", without " + settings.audience());
        }
        Instant until = instant(claims.getExpirationTime());
        if (until == null) {
            throw new BadJWTException("it has no exp");
        }
        if (!now.isBefore(until)) {
            throw new BadJWTException("it expired at " + until);
        }
        Instant from = instant(claims.getNotBeforeTime());
        if (from != null && now.plus(SKEW).isBefore(from)) {
            throw new BadJWTException("it holds from " + from + " on");
        }
        Instant issued = instant(claims.getIssueTime());
        if (issued != null && now.plus(SKEW).isBefore(issued)) {
            throw new BadJWTException("it was issued at " + issued + ", which is to come");
        }
        if (Duration.between(issued == null ? now : issued, until).compareTo(tokenAge) > 0) {
            throw new BadJWTException("it expires at " + until + ", later than auth.token-age allows");
        }
    }

    private static @Nullable Instant instant(@Nullable Date date) {
        return date == null ? null : date.toInstant();
    }

    private Rights rights(JWTClaimsSet claims) {
        var publish = new ArrayList<>(filled(settings.publish(), claims));
        var subscribe = new ArrayList<>(filled(settings.subscribe(), claims));
        switch (claims.getClaim(settings.claim())) {
            case null -> {
                // It has no rights of its own.
            }
            case Map<?, ?> own -> {
                for (Map.Entry<?, ?> member : own.entrySet()) {
                    switch (String.valueOf(member.getKey())) {
                        case "publish" -> publish.addAll(filters(member.getValue()));
                        case "subscribe" -> subscribe.addAll(filters(member.getValue()));
                        default -> throw invalid("its claim " + settings.claim() + " has the member " + member.getKey());
                    }
                }
            }
            case Object other -> throw invalid("its claim " + settings.claim() + " is no object with publish and subscribe");
        }
        return new Rights(publish, subscribe);
    }

    private List<TopicFilter> filters(@Nullable Object value) {
        if (!(value instanceof List<?> list)) {
            throw invalid("its claim " + settings.claim() + " has something else than lists of topic filters");
        }
        try {
            return list.stream().map(each -> {
                if (each instanceof String text) {
                    return new TopicFilter(text);
                }
                throw invalid("its claim " + settings.claim() + " has something else than topic filters");
            }).toList();
        } catch (InvalidEventException e) {
            throw invalid("its claim " + settings.claim() + " has a topic filter that is none: " + e.getMessage());
        }
    }

    private static List<TopicFilter> filled(List<FilterTemplate> templates, JWTClaimsSet claims) {
        return templates.stream()
                .map(template -> template.fill(name -> Optional.ofNullable(claims.getClaim(name))
                        .filter(value -> value instanceof String || value instanceof Long || value instanceof Integer)
                        .map(String::valueOf)))
                .flatMap(Optional::stream).toList();
    }

    private static AccessException invalid(String why) {
        return new AccessException(Kind.INVALID, Tokens.INVALID, why);
    }
}
