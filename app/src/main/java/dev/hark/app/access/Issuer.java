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
import dev.hark.app.access.Explanation.Granted;
import dev.hark.app.access.Explanation.Notes;
import dev.hark.app.access.Explanation.Use;
import dev.hark.app.config.FilterTemplate;
import dev.hark.app.config.IssuerSettings;
import dev.hark.app.config.Rights;
import dev.hark.event.InvalidEventException;
import dev.hark.event.TopicFilter;
import java.net.URI;
import java.nio.file.Path;
import java.security.Key;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
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
    private final DefaultJWTProcessor<Tried> processor = new DefaultJWTProcessor<>();

    /** With which keys a token is checked. */
    private static final class Tried implements SecurityContext {
        List<Key> keys = List.of();
    }

    /** @param tokenAge how long a token can be used at most */
    Issuer(IssuerSettings settings, KeySource keys, Duration tokenAge, InstantSource clock) {
        this.settings = settings;
        this.keys = keys;
        this.clock = clock;
        this.tokenAge = tokenAge;
        settings.algorithms().forEach(name -> algorithms.add(JWSAlgorithm.parse(name)));
        processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(TYPES));
        processor.setJWSKeySelector((header, tried) -> {
            tried.keys = keysFor(header);
            return tried.keys;
        });
        processor.setJWSVerifierFactory(new Ed25519Verifiers());
        processor.setJWTClaimsSetVerifier((claims, context) -> requireForHereAndNow(claims));
    }

    String name() {
        return settings.name();
    }

    /** Whether a token that one of {@code signers} has signed may go on with what it has opened. */
    boolean mayHaveSigned(List<Key> signers) {
        return keys.keeps(signers);
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
            var tried = new Tried();
            JWTClaimsSet claims = processor.process(token, tried);
            StrictClaims.require(token.getHeader().toBase64URL().decode(), token.getPayload().toBytes());
            var caller = new Caller.Bearer(settings.name(), Objects.requireNonNullElse(claims.getSubject(), ""),
                    Optional.ofNullable(claims.getJWTID()), Optional.ofNullable(claims.getIssueTime()).map(Date::toInstant));
            return new Grant(caller, rights(claims), claims.getExpirationTime().toInstant(), 0, tried.keys);
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
        List<String> faults = faults(claims, clock.instant());
        if (!faults.isEmpty()) {
            throw new BadJWTException(faults.getFirst());
        }
    }

    /** What is wrong with {@code claims} here and now: all of it. */
    private List<String> faults(JWTClaimsSet claims, Instant now) {
        var faults = new ArrayList<String>();
        if (!settings.issuer().equals(claims.getIssuer())) {
            faults.add("iss is " + claims.getIssuer());
        }
        if (!claims.getAudience().contains(settings.audience())) {
            faults.add("aud is " + claims.getAudience() + ", without " + settings.audience());
        }
        Instant from = instant(claims.getNotBeforeTime());
        if (from != null && now.plus(SKEW).isBefore(from)) {
            faults.add("it holds from " + from + " on");
        }
        Instant issued = instant(claims.getIssueTime());
        if (issued != null && now.plus(SKEW).isBefore(issued)) {
            faults.add("it was issued at " + issued + ", which is to come");
        }
        Instant until = instant(claims.getExpirationTime());
        if (until == null) {
            faults.add("it has no exp");
            return faults;
        }
        if (!now.isBefore(until)) {
            faults.add("it expired at " + until);
        }
        if (Duration.between(issued == null ? now : issued, until).compareTo(tokenAge) > 0) {
            faults.add("it expires at " + until + ", later than auth.token-age allows");
        }
        return faults;
    }

    private static @Nullable Instant instant(@Nullable Date date) {
        return date == null ? null : date.toInstant();
    }

    private Rights rights(JWTClaimsSet claims) {
        List<Granted> granted = granted(claims);
        return new Rights(of(Use.PUBLISH, granted), of(Use.SUBSCRIBE, granted));
    }

    private static List<TopicFilter> of(Use use, List<Granted> granted) {
        return granted.stream().filter(each -> each.use() == use).map(Granted::filter).toList();
    }

    private List<Granted> granted(JWTClaimsSet claims) {
        var granted = new ArrayList<>(filled(Use.PUBLISH, settings.publish(), claims));
        granted.addAll(filled(Use.SUBSCRIBE, settings.subscribe(), claims));
        switch (claims.getClaim(settings.claim())) {
            case null -> {
                // It has no rights of its own.
            }
            case Map<?, ?> own -> {
                for (Map.Entry<?, ?> member : own.entrySet()) {
                    Use use = switch (String.valueOf(member.getKey())) {
                        case "publish" -> Use.PUBLISH;
                        case "subscribe" -> Use.SUBSCRIBE;
                        default -> throw invalid("its claim " + settings.claim() + " has the member " + member.getKey());
                    };
                    filters(member.getValue()).forEach(filter -> granted.add(new Granted(use, filter, "its claim " + settings.claim())));
                }
            }
            case Object other -> throw invalid("its claim " + settings.claim() + " is no object with publish and subscribe");
        }
        return granted;
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

    private List<Granted> filled(Use use, List<FilterTemplate> templates, JWTClaimsSet claims) {
        return templates.stream()
                .flatMap(template -> fill(template, claims).map(filter -> new Granted(use, filter, by(use, template))).stream())
                .toList();
    }

    private static Optional<TopicFilter> fill(FilterTemplate template, JWTClaimsSet claims) {
        return template.fill(name -> Optional.ofNullable(claims.getClaim(name))
                .filter(value -> value instanceof String || value instanceof Long || value instanceof Integer).map(String::valueOf));
    }

    private String by(Use use, FilterTemplate template) {
        return "grants." + use.name().toLowerCase(Locale.ROOT) + " of " + name() + ", " + template;
    }

    /** Notes what {@link #grant} looks at in {@code token}: all of it, where that stops at what is wrong first. */
    void explain(SignedJWT token, Notes notes) throws ParseException {
        JWSHeader header = token.getHeader();
        JWTClaimsSet claims = token.getJWTClaimsSet();
        notes.add("issuer", name() + ", " + settings.issuer());
        notes.add("algorithm", header.getAlgorithm()
                + (algorithms.contains(header.getAlgorithm()) ? "" : ", and " + name() + " signs with " + settings.algorithms()));
        notes.add("key", keyInWords(header));
        notes.add("signature", signatureInWords(token));
        Instant now = clock.instant();
        notes.add("audience", claims.getAudience() + (claims.getAudience().contains(settings.audience())
                ? "" : ", without " + settings.audience()));
        notes.add("subject", Objects.requireNonNullElse(claims.getSubject(), "none"));
        notes.add("token id", Objects.requireNonNullElse(claims.getJWTID(), "none: it can be revoked with all of its subject's alone"));
        note(notes, "issued", claims.getIssueTime(), now);
        note(notes, "holds from", claims.getNotBeforeTime(), now);
        note(notes, claims.getExpirationTime() == null || now.isBefore(claims.getExpirationTime().toInstant()) ? "expires" : "expired",
                claims.getExpirationTime(), now);
        faults(claims, now).forEach(fault -> notes.add("wrong", fault));
        for (Use use : Use.values()) {
            for (FilterTemplate template : use == Use.PUBLISH ? settings.publish() : settings.subscribe()) {
                if (fill(template, claims).isEmpty()) {
                    notes.add("not given", by(use, template) + ": the token has no such claim, or not one segment of a topic there");
                }
            }
        }
        notes.addAll(granted(claims));
    }

    private static void note(Notes notes, String about, @Nullable Date time, Instant now) {
        if (time != null) {
            notes.add(about, Explanation.when(time.toInstant(), now));
        }
    }

    private String keyInWords(JWSHeader header) {
        String place = settings.keys().file().map(Path::toString).orElseGet(() -> settings.keys().jwks().map(URI::toString).orElse(""));
        String id = header.getKeyID() == null ? "no kid" : "kid " + header.getKeyID();
        try {
            int fitting = keysFor(header).size();
            return id + ": " + (fitting == 1 ? "one key fits" : fitting + " keys fit") + ", in " + place;
        } catch (AccessException e) {
            return id + ": " + e.why() + ", in " + place + (keys.ids().isEmpty() ? "" : ", which has the kids " + keys.ids());
        }
    }

    private String signatureInWords(SignedJWT token) {
        try {
            processor.process(token, new Tried());
            return "holds";
        } catch (BadJWTException e) {
            // The claims are looked at once the signature holds.
            return "holds";
        } catch (BadJOSEException | JOSEException e) {
            return "does not hold: " + e.getMessage();
        } catch (AccessException e) {
            return "not looked at, without a key";
        }
    }

    private static AccessException invalid(String why) {
        return new AccessException(Kind.INVALID, Tokens.INVALID, why);
    }
}
