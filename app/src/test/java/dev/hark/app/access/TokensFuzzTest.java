package dev.hark.app.access;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.hark.app.FuzzInputs;
import dev.hark.app.config.AuthSettings;
import dev.hark.app.config.FilterTemplate;
import dev.hark.app.config.IssuerSettings;
import dev.hark.app.config.Rights;
import dev.hark.event.TopicFilter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/**
 * Tokens: one that holds is signed, and says what a strict reader finds in it; all others are refused as such. Of the input, the first line
 * is what {@code Authorization} has; the second and third are a header and claims, which are signed as their issuer would.
 */
public final class TokensFuzzTest {
    private static final byte[] SECRET = "a secret of the tests, of 256 bits or more".getBytes(UTF_8);
    private static final Instant NOW = Instant.parse("2026-09-21T13:33:20Z");
    private static final Duration TOKEN_AGE = Duration.ofDays(1);
    private static final AccessControl ACCESS = access();
    private static final JsonMapper JSON = JsonMapper.builder(
                    JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private static AccessControl access() {
        try {
            Path secret = Files.write(Files.createTempFile("hark-fuzz", ".secret"), SECRET);
            secret.toFile().deleteOnExit();
            var issuer = new IssuerSettings("shop", IssuedTokens.ISSUER, "hark", List.of("HS256"),
                    new IssuerSettings.Keys(Optional.empty(), Optional.of(secret)), "hark", List.of(),
                    List.of(new FilterTemplate("users/{sub}/**")));
            return new AccessControl(new AuthSettings(false, Rights.NONE, List.of(issuer), List.of(), "", false, Duration.ofMinutes(1),
                    TOKEN_AGE), () -> NOW);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void holdsForWhatIsKept() {
        FuzzInputs.each(TokensFuzzTest.class, TokensFuzzTest::fuzzerTestOneInput);
    }

    /** The fuzzer's way in. */
    public static void fuzzerTestOneInput(byte[] input) {
        FuzzInputs.bounded(input, TokensFuzzTest::look);
    }

    private static void look(byte[] input) {
        byte[][] lines = lines(input);
        identify(new String(lines[0], ISO_8859_1));
        String signed = base64(lines[1]) + '.' + base64(lines[2]);
        identify("Bearer " + signed + '.' + base64(mac(signed)));
    }

    /** Three of them, the last with all that is left. */
    private static byte[][] lines(byte[] input) {
        byte[][] lines = {input, {}, {}};
        for (int i = 0; i < 2; i++) {
            int end = 0;
            while (end < lines[i].length && lines[i][end] != '\n') {
                end++;
            }
            lines[i + 1] = end == lines[i].length ? new byte[0] : Arrays.copyOfRange(lines[i], end + 1, lines[i].length);
            lines[i] = Arrays.copyOf(lines[i], end);
        }
        return lines;
    }

    private static void identify(String authorization) {
        Credentials credentials = Credentials.of(List.of(authorization));
        Grant grant;
        try {
            grant = ACCESS.identify(credentials);
        } catch (AccessException e) {
            FuzzInputs.requireReadable(e);
            assertThat(e.kind()).isIn(AccessException.Kind.INVALID, AccessException.Kind.MALFORMED);
            return;
        }
        assertThat(authorization).startsWithIgnoringCase("bearer ");
        String token = authorization.substring("bearer ".length()).strip();
        requireSigned(token, grant);
        assertThat(ACCESS.explain(token).toString()).isNotEmpty();
    }

    private static void requireSigned(String token, Grant grant) {
        String[] parts = token.split("\\.", -1);
        assertThat(parts).hasSize(3);
        assertThat(MessageDigest.isEqual(Base64.getUrlDecoder().decode(parts[2]), mac(parts[0] + '.' + parts[1]))).as("signed").isTrue();
        JsonNode header = json(parts[0]);
        assertThat(header.path("alg").textValue()).isEqualTo("HS256");
        assertThat(header.has("crit")).isFalse();
        assertThat(header.path("b64").asBoolean(true)).isTrue();
        JsonNode claims = json(parts[1]);
        assertThat(claims.path("iss").textValue()).isEqualTo(IssuedTokens.ISSUER);
        JsonNode audience = claims.path("aud");
        assertThat(audience.isTextual() ? audience.textValue().equals("hark")
                : audience.valueStream().anyMatch(each -> each.asText().equals("hark"))).as("aud %s", audience).isTrue();
        BigDecimal until = claims.path("exp").decimalValue();
        assertThat(until).isGreaterThan(BigDecimal.valueOf(NOW.getEpochSecond()))
                .isLessThan(BigDecimal.valueOf(NOW.plus(TOKEN_AGE).plus(AccessControl.SKEW).getEpochSecond() + 1));
        assertThat(grant.until()).isBetween(NOW, NOW.plus(TOKEN_AGE).plus(AccessControl.SKEW));
        assertThat(claims.path("nbf").decimalValue()).isLessThanOrEqualTo(
                BigDecimal.valueOf(NOW.plus(AccessControl.SKEW).getEpochSecond() + 1));
        String subject = claims.path("sub").asText();
        // What its own claim has, word by word; and of its issuer's templates what one segment fills.
        for (TopicFilter filter : grant.rights().subscribe()) {
            assertThat(filter.value().equals("users/" + subject + "/**") || holds(claims.path("hark").path("subscribe"), filter))
                    .as("%s of %s", filter, claims).isTrue();
        }
        for (TopicFilter filter : grant.rights().publish()) {
            assertThat(holds(claims.path("hark").path("publish"), filter)).as("%s of %s", filter, claims).isTrue();
        }
    }

    private static boolean holds(JsonNode list, TopicFilter filter) {
        return list.valueStream().anyMatch(each -> each.isTextual() && each.textValue().equals(filter.value()));
    }

    private static JsonNode json(String part) {
        try {
            return JSON.readTree(Base64.getUrlDecoder().decode(part));
        } catch (IOException e) {
            throw new UncheckedIOException("taken, and no JSON that can be read in one way only", e);
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static byte[] mac(String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(SECRET, "HMAC"));
            return mac.doFinal(text.getBytes(ISO_8859_1));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
