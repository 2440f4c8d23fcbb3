package dev.hark.app.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.util.Base64URL;
import java.math.BigInteger;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeysTest {
    private static final BigInteger USUAL = BigInteger.valueOf(65_537);

    /** Every token that does not say which key it is of would fail with them. */
    @Test
    void leavesOutRsaKeysThatNobodyCanMake() throws Exception {
        var generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2_048);
        BigInteger modulus = ((RSAPublicKey) generator.generateKeyPair().getPublic()).getModulus();
        for (String odd : List.of(
                rsa(modulus, BigInteger.ZERO), rsa(modulus, BigInteger.ONE), rsa(modulus, modulus),
                rsa(BigInteger.ONE.shiftLeft(17_000).add(BigInteger.ONE), USUAL))) {
            Keys keys = Keys.publicOf(Keys.parse("{\"keys\":[" + odd + ',' + rsa(modulus, USUAL) + "]}"));
            assertThat(keys.matching(new JWSHeader(JWSAlgorithm.RS256)))
                    .satisfiesExactly(key -> assertThat(((RSAPublicKey) key).getPublicExponent()).isEqualTo(USUAL));
        }
    }

    @Test
    void knowsWhatIsNoSet() {
        for (String text : List.of("null", "null,{}", "[]", "7", "{}", "{\"keys\":null}", "")) {
            assertThatExceptionOfType(ParseException.class).as(text).isThrownBy(() -> Keys.parse(text));
        }
    }

    private static String rsa(BigInteger modulus, BigInteger exponent) {
        return "{\"kty\":\"RSA\",\"n\":\"" + Base64URL.encode(modulus) + "\",\"e\":\"" + Base64URL.encode(exponent) + "\"}";
    }
}
