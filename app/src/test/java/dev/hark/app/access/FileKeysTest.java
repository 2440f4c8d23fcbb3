package dev.hark.app.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import dev.hark.app.TlsKeys;
import dev.hark.app.config.ConfigException;
import dev.hark.app.config.IssuerSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.NoSuchAlgorithmException;
import java.security.cert.Certificate;
import java.security.interfaces.ECPublicKey;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a key-file may hold, and what is said of one that holds something else. */
class FileKeysTest {
    private static final KeyPair RSA = pair("RSA", 2_048);
    private static final KeyPair ED25519 = pair("Ed25519", 255);
    private static final ECKey EC = ec(Curve.P_256, "ec");
    private static final String SECRET = "0123456789abcdef0123456789abcdef";

    @TempDir
    private Path folder;

    private static KeyPair pair(String kind, int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(kind);
            generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ECKey ec(Curve curve, String kid) {
        try {
            return new ECKeyGenerator(curve).keyID(kid).generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Key publicOf(ECKey key) {
        try {
            return key.toECPublicKey();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + label
                + "-----\n";
    }

    private static String pem(Key key) {
        return pem("PUBLIC KEY", key.getEncoded());
    }

    private FileKeys read(byte[] content, String... algorithms) {
        try {
            return read(Files.write(folder.resolve("key"), content), algorithms);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private FileKeys read(String content, String... algorithms) {
        return read(content.getBytes(StandardCharsets.UTF_8), algorithms);
    }

    private static FileKeys read(Path file, String... algorithms) {
        return FileKeys.read(file, new IssuerSettings("shop", "https://shop.example.com", "hark", List.of(algorithms),
                new IssuerSettings.Keys(Optional.empty(), Optional.of(file)), "hark", List.of(), List.of()));
    }

    private void assertRefused(String sentence, String content, String... algorithms) {
        assertThatThrownBy(() -> read(content, algorithms)).as(content).isInstanceOf(ConfigException.class)
                .hasMessageContaining("auth.issuers").hasMessageContaining("'shop'").hasMessageContaining(sentence)
                .message().doesNotContain(SECRET.substring(0, 8));
    }

    private static List<Key> find(FileKeys keys, String algorithm, @Nullable String kid) {
        return keys.keys(new JWSHeader.Builder(JWSAlgorithm.parse(algorithm)).keyID(kid).build());
    }

    @Test
    void aPublicKeyInPem() {
        assertThat(find(read(pem(publicOf(EC)), "ES256"), "ES256", "any")).containsExactly(publicOf(EC));
        assertThat(find(read(pem(RSA.getPublic()), "RS256", "PS512"), "PS512", "any")).containsExactly(RSA.getPublic());
        assertThat(find(read(pem(ED25519.getPublic()), "EdDSA"), "EdDSA", "any")).containsExactly(ED25519.getPublic());
        assertThat(find(read("Subject: shop\r\n" + pem(publicOf(EC)).replace("\n", "\r\n"), "ES256"), "ES256", "any"))
                .as("RFC 7468, section 5.2: text before it").hasSize(1);
        assertThat(find(read("\ufeff" + pem(publicOf(EC)), "ES256"), "ES256", "any")).as("an editor's mark").hasSize(1);
    }

    @Test
    void aCertificateOrAChainOfThem() throws Exception {
        Certificate certificate = certificate();
        String algorithm = "ES" + ((ECPublicKey) certificate.getPublicKey()).getParams().getCurve().getField().getFieldSize();
        String pem = pem("CERTIFICATE", certificate.getEncoded());
        for (String content : List.of(pem, pem + pem)) {
            assertThat(find(read(content, algorithm), algorithm, "any")).containsExactly(certificate.getPublicKey());
        }
    }

    private Certificate certificate() throws Exception {
        KeyStore store = KeyStore.getInstance(TlsKeys.make(folder).store().toFile(), "changeit".toCharArray());
        return store.getCertificate("hark");
    }

    @Test
    void aKeyInJson() {
        FileKeys keys = read(EC.toPublicJWK().toString(), "ES256");
        assertThat(find(keys, "ES256", "ec")).containsExactly(publicOf(EC));
        assertThat(find(keys, "ES256", null)).hasSize(1);
        assertThat(find(keys, "ES256", "other")).isEmpty();
    }

    @Test
    void aSetOfKeys() {
        ECKey other = ec(Curve.P_384, "schlüssel");
        FileKeys keys = read(new JWKSet(List.of(other, EC)).toString(true), "ES256", "ES384");
        assertThat(find(keys, "ES256", null)).containsExactly(publicOf(EC));
        assertThat(find(keys, "ES384", "schlüssel")).as("JSON is UTF-8").containsExactly(publicOf(other));
        assertThat(find(keys, "ES384", "ec")).isEmpty();
    }

    @Test
    void aSecret() {
        assertThat(find(read(SECRET, "HS256"), "HS256", "any").getFirst().getEncoded()).isEqualTo(SECRET.getBytes(StandardCharsets.UTF_8));
        assertThat(find(read(SECRET + "\r\n", "HS256"), "HS256", "any").getFirst().getEncoded()).hasSize(SECRET.length());
        byte[] random = new byte[64];
        random[0] = (byte) 0x80;
        assertThat(find(read(random, "HS512"), "HS512", "any").getFirst().getEncoded()).as("any bytes").isEqualTo(random);
        String inJson = new OctetSequenceKey.Builder(random).keyID("s").build().toString();
        assertThat(find(read(inJson, "HS256"), "HS256", "s").getFirst().getEncoded()).isEqualTo(random);
        assertThat(find(read(inJson, "HS256"), "HS256", "other")).isEmpty();
    }

    @Test
    void aSecretThatIsTooShort() {
        assertRefused("cannot be used for HS256", SECRET.substring(1), "HS256");
        assertRefused("cannot be used for HS512", SECRET, "HS256", "HS512");
        assertRefused("cannot be used for HS256", new OctetSequenceKey.Builder(new byte[31]).build().toString(), "HS256");
    }

    /** With which whoever knows it could sign. */
    @Test
    void aPublicKeyIsNoSecret() throws Exception {
        assertRefused("so no secret", pem(RSA.getPublic()), "HS256");
        assertRefused("so no secret", "\ufeff" + pem(RSA.getPublic()), "HS256");
        assertRefused("so no secret", "Subject: shop\n" + pem(RSA.getPublic()), "HS256");
        byte[] certificate = certificate().getEncoded();
        assertRefused("so no secret", pem("CERTIFICATE", certificate), "HS256");
        assertThatThrownBy(() -> read(certificate, "HS256")).hasMessageContaining("so no secret");
        assertThatThrownBy(() -> read(RSA.getPublic().getEncoded(), "HS256")).hasMessageContaining("so no secret");
        assertThatThrownBy(() -> read(publicOf(EC).getEncoded(), "HS256")).hasMessageContaining("so no secret");
        assertRefused("has no key for HS256", EC.toPublicJWK().toString(), "HS256");
        assertRefused("has no key for HS256", new JWKSet(EC.toPublicJWK()).toString(), "HS256");
    }

    @Test
    void aPrivateKeyIsNotTaken() {
        assertRefused("has PRIVATE KEY; PUBLIC KEY and CERTIFICATE are allowed",
                pem("PRIVATE KEY", RSA.getPrivate().getEncoded()), "RS256");
        assertRefused("has EC PARAMETERS", pem("EC PARAMETERS", new byte[10]) + pem("EC PRIVATE KEY", new byte[10]), "ES256");
        assertRefused("has a private key", EC.toString(), "ES256");
        assertRefused("has a private key", new JWKSet(List.of(EC, ec(Curve.P_384, "x").toPublicJWK())).toString(false), "ES384");
    }

    @Test
    void aKeyForAnotherAlgorithm() throws Exception {
        assertRefused("cannot be used for ES256", pem(publicOf(ec(Curve.P_384, "x"))), "ES256");
        assertRefused("cannot be used for ES384", pem(publicOf(EC)), "ES256", "ES384");
        assertRefused("has no key for ES256", ec(Curve.P_384, "x").toPublicJWK().toString(), "ES256");
        assertRefused("has no key for RS256", pem(publicOf(EC)), "RS256");
        assertRefused("has no key for EdDSA", pem(RSA.getPublic()), "EdDSA");
        assertRefused("less than 2048 bits", pem(pair("RSA", 1_024).getPublic()), "RS256");
        assertRefused("has no key for RS256", new OctetSequenceKey.Builder(new byte[64]).build().toString(), "RS256");
        assertRefused("no EC, RSA or Ed25519 key", pem(KeyPairGenerator.getInstance("Ed448").generateKeyPair().getPublic()), "EdDSA");
    }

    @Test
    void aFileThatHoldsNoKey() {
        for (String algorithm : List.of("ES256", "HS256")) {
            assertRefused("is empty", "", algorithm);
            assertRefused("is empty", " \n\n", algorithm);
        }
        assertRefused("neither PEM nor a JWK", SECRET, "ES256");
        assertRefused("no JWK", "{\"kty\":\"EC\"", "ES256");
        assertRefused("no JWK", "{\"k\":\"" + SECRET + "\"}", "HS256");
        assertRefused("PEM is damaged", "-----BEGIN PUBLIC KEY-----\nAAAA", "ES256");
        assertRefused("no EC, RSA or Ed25519 key", pem("PUBLIC KEY", new byte[20]), "ES256");
        assertRefused("no CERTIFICATE", pem("CERTIFICATE", new byte[20]), "ES256");
        assertRefused("more than one key", pem(publicOf(EC)) + pem(publicOf(ec(Curve.P_256, "x"))), "ES256");
        assertRefused("larger than any key", "x".repeat((1 << 20) + 1), "HS256");
    }

    @Test
    void aPlaceWhereNoFileIs() {
        assertThatThrownBy(() -> read(folder.resolve("nowhere"), "ES256")).isInstanceOf(ConfigException.class)
                .hasMessageContaining("is not there");
        assertThatThrownBy(() -> read(folder, "ES256")).isInstanceOf(ConfigException.class).hasMessageContaining("is no file");
        assertThatThrownBy(() -> read(Path.of("/dev/zero"), "HS256")).isInstanceOf(ConfigException.class)
                .hasMessageContaining("is no file");
    }
}
