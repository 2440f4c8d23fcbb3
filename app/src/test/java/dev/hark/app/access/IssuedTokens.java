package dev.hark.app.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.hark.log.SteadyClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** An issuer whose tokens a hub takes, and a clock that both go by. Thread-safe. */
public final class IssuedTokens {
    public static final String ISSUER = "https://shop.example.com";

    private final ECKey key = JwksServer.key("shop");
    private final Path keyFile;
    private final AtomicLong millis = new AtomicLong(Instant.parse("2026-09-21T13:33:20Z").toEpochMilli());

    /** @param folder where its key is put */
    public IssuedTokens(Path folder) {
        try {
            keyFile = Files.writeString(folder.resolve("shop.json"), key.toPublicJWK().toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a hub is told of it, and {@code more}. */
    public String[] settings(String... more) {
        return Stream.concat(
                Stream.of("auth.issuers.0.name=shop", "auth.issuers.0.issuer=" + ISSUER, "auth.issuers.0.key-file=" + keyFile,
                        "auth.issuers.0.algorithms.0=ES256", "auth.issuers.0.grants.subscribe.0=users/{sub}/**",
                        "auth.issuers.0.grants.publish.0=users/**"),
                Stream.of(more)).toArray(String[]::new);
    }

    /** Stands still unless time {@link #pass passes}. */
    public SteadyClock clock() {
        return new SteadyClock(() -> Instant.ofEpochMilli(millis.get()), () -> Duration.ofMillis(millis.get()).toNanos());
    }

    public void pass(Duration time) {
        millis.addAndGet(time.toMillis());
    }

    public Instant now() {
        return Instant.ofEpochMilli(millis.get());
    }

    /** A token that holds for {@code age}. */
    public String sign(String subject, Duration age) {
        return sign(new JWTClaimsSet.Builder().issuer(ISSUER).audience(List.of("hark")).subject(subject)
                .expirationTime(Date.from(now().plus(age))).build());
    }

    private String sign(JWTClaimsSet claims) {
        try {
            var token = new SignedJWT(new JWSHeader(JWSAlgorithm.ES256), claims);
            token.sign(new ECDSASigner(key));
            return token.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }
}
