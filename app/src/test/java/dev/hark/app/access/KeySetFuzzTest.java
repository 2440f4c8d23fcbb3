package dev.hark.app.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.util.Base64URL;
import dev.hark.app.FuzzInputs;
import dev.hark.app.config.IssuerSettings;
import java.security.Key;
import java.security.PublicKey;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an issuer's address answers: of whatever it is, nothing but public keys are kept, and each can be used. The input is the answer. */
public final class KeySetFuzzTest {
    private static final byte[] SIGNED = {1, 2, 3};

    @Test
    void holdsForWhatIsKept() {
        FuzzInputs.each(KeySetFuzzTest.class, KeySetFuzzTest::fuzzerTestOneInput);
    }

    /** The fuzzer's way in. */
    public static void fuzzerTestOneInput(byte[] input) {
        FuzzInputs.bounded(input, KeySetFuzzTest::look);
    }

    private static void look(byte[] input) {
        List<JWK> published;
        try {
            published = Keys.parse(new String(input, UTF_8));
        } catch (ParseException e) {
            return;
        }
        Keys keys = Keys.publicOf(published);
        assertThat(keys.set().getKeys()).noneMatch(JWK::isPrivate);
        assertThat(keys.ids()).doesNotContainNull();
        for (String name : IssuerSettings.ALGORITHMS) {
            JWSAlgorithm algorithm = JWSAlgorithm.parse(name);
            use(keys, new JWSHeader(algorithm));
            keys.ids().forEach(id -> use(keys, new JWSHeader.Builder(algorithm).keyID(id).build()));
        }
    }

    /** Nobody has signed anything, so nothing holds, whatever key it is. */
    private static void use(Keys keys, JWSHeader header) {
        for (Key key : keys.matching(header)) {
            assertThat(key).isInstanceOf(PublicKey.class);
            if (key instanceof RSAPublicKey rsa) {
                assertThat(rsa.getModulus().bitLength()).isBetween(2_048, 16_384);
            }
            try {
                assertThat(new Ed25519Verifiers().createJWSVerifier(header, key)
                        .verify(header, SIGNED, Base64URL.encode(SIGNED))).isFalse();
            } catch (JOSEException e) {
                assertThat(e.getMessage()).isNotEmpty();
            }
        }
    }
}
