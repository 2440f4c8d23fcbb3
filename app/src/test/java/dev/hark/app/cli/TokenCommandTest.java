package dev.hark.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.SignedJWT;
import dev.hark.app.access.ApiKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.text.ParseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code hark token}, without a hub. */
class TokenCommandTest {
    private static final String SECRET = "a secret of more than 32 characters, for tests";
    private static final String KEY = ApiKey.create();

    @TempDir
    Path folder;

    @BeforeEach
    void writeConfiguration() throws IOException {
        Files.writeString(folder.resolve("dev.secret"), SECRET + "\n");
        configure("HS256", folder.resolve("dev.secret"));
    }

    private void configure(String algorithm, Path keyFile) throws IOException {
        Files.writeString(folder.resolve("application.yaml"), """
                auth:
                  issuers:
                    - name: dev
                      issuer: https://dev.example
                      algorithms: [%s]
                      key-file: %s
                      grants: {subscribe: ["users/{sub}/**", "tenants/{tenant}/*"], publish: []}
                  keys:
                    - name: shop
                      hash: "sha256:%s"
                      publish: ["orders/**"]
                """.formatted(algorithm, keyFile, ApiKey.hash(KEY)));
    }

    private String made(String... options) {
        TestShell hark = TestShell.in(folder);
        var args = new ArrayList<>(List.of("token", "new"));
        args.addAll(List.of(options));
        assertThat(hark.run(args.toArray(String[]::new))).as(hark::err).isZero();
        assertThat(hark.out()).as("for a shell's $(…)").matches("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\n");
        return hark.out().strip();
    }

    private TestShell explained(int code, String token, String... options) {
        TestShell hark = new TestShell(token, false, folder, Map.of());
        var args = new ArrayList<>(List.of("token", "explain", "-"));
        args.addAll(List.of(options));
        assertThat(hark.run(args.toArray(String[]::new))).as(() -> hark.out() + hark.err()).isEqualTo(code);
        int signature = token.lastIndexOf('.') + 1;
        assertThat(hark.out() + hark.err()).doesNotContain(token.substring(signature));
        return hark;
    }

    @Test
    void makesATokenOfTheOnlyIssuer() throws ParseException {
        String token = made("--subject", "alice", "--publish", "chat/*", "--subscribe", "news/**", "--subscribe", "a",
                "--expires-in", "PT15M", "--claim", "tenant=4711");

        SignedJWT read = SignedJWT.parse(token);
        assertThat(read.getHeader().getAlgorithm()).isEqualTo(JWSAlgorithm.HS256);
        assertThat(read.getJWTClaimsSet().getClaims())
                .containsEntry("iss", "https://dev.example").containsEntry("sub", "alice").containsEntry("tenant", "4711")
                .containsEntry("hark", Map.of("publish", List.of("chat/*"), "subscribe", List.of("news/**", "a")));
        assertThat(read.getJWTClaimsSet().getAudience()).containsExactly("hark");
        assertThat(read.getJWTClaimsSet().getExpirationTime().toInstant())
                .isEqualTo(read.getJWTClaimsSet().getIssueTime().toInstant().plus(Duration.ofMinutes(15)));
        assertThat(made()).as("each has an id of its own").isNotEqualTo(made());
    }

    @Test
    void saysWhatATokenLetsDoAndWhoSaysSo() {
        String token = made("--subject", "alice", "--publish", "chat/*");

        String words = explained(0, token, "--subscribe", "users/alice/inbox/*", "--publish", "chat/4").out();
        assertThat(words.lines().map(line -> line.replaceAll("\\s+", " "))).contains(
                "issuer dev, https://dev.example", "algorithm HS256", "signature holds", "audience [hark]", "subject alice",
                "key no kid: one key fits, in " + folder.resolve("dev.secret"),
                "may subscribe users/alice/** by grants.subscribe of dev, users/{sub}/**",
                "not given grants.subscribe of dev, tenants/{tenant}/*: the token has no such claim, or not one segment of a topic there",
                "may publish chat/* by its claim hark",
                "subscribe users/alice/inbox/*: allowed, by users/alice/**", "publish chat/4: allowed, by chat/*");
        assertThat(words).containsPattern("expires +in (1h|59m)");
    }

    @Test
    void namesTheNearestRightOfWhatIsRefused() {
        String token = made("--subject", "alice", "--subscribe", "news/**");

        assertThat(explained(2, token, "--subscribe", "users/bob/**", "--subscribe", "news/today", "--publish", "chat/4").out()).contains(
                "users/bob/**: refused; the nearest is users/alice/**\n", "news/today: allowed", "chat/4: refused\n",
                "may publish    nowhere");
        assertThat(explained(2, token, "--subscribe", "users/*/inbox").out()).contains("refused; the nearest is users/alice/**");
    }

    @Test
    void saysAllThatIsWrongWithATokenOfAnotherHub() throws IOException {
        String token = made("--subject", "alice");
        Path file = folder.resolve("application.yaml");
        Files.writeString(file, Files.readString(file).replace("algorithms", "audience: other\n      algorithms") + "  token-age: 1m\n");

        assertThat(explained(2, token).out()).contains("audience       [hark], without other",
                "wrong          aud is [hark], without other",
                "later than auth.token-age allows", "signature      holds", "refused        the token of dev does not hold: aud is [hark]");
        Files.writeString(folder.resolve("dev.secret"), SECRET + "!");
        assertThat(explained(2, token).out()).contains("signature      does not hold", "refused  ");
        Files.writeString(file, Files.readString(file).replace("https://dev.example", "https://other.example"));
        assertThat(explained(2, token).out()).contains("issuer         none of auth.issuers, which has [https://other.example]");
        assertThat(explained(2, "nonsense").out()).contains("refused        it is neither a signed token nor a key");
    }

    @Test
    void explainsKeysAndHubsThatAreOpen() throws IOException {
        assertThat(explained(0, KEY, "--publish", "orders/1").out())
                .contains("key            key shop", "orders/**   by auth.keys", "orders/1: allowed, by orders/**").doesNotContain(KEY);
        assertThat(explained(2, ApiKey.create()).out()).contains("refused        no key of the configuration has this hash");
        Files.writeString(folder.resolve("application.yaml"), "auth: {open: true}\n");
        assertThat(explained(0, "whatever", "--publish", "a", "--subscribe", "**").out()).contains("open to all", "**: allowed");
    }

    @Test
    void takesTheTokenFromWhereItIs() {
        String token = made();
        TestShell variable = new TestShell("", false, folder, Map.of("HARK_TOKEN", token));
        TestShell header = TestShell.in(folder);
        TestShell nothing = TestShell.in(folder);

        assertThat(variable.run("token", "explain")).isZero();
        assertThat(header.run("token", "explain", "Bearer", token)).isZero();
        assertThat(nothing.run("token", "explain")).isEqualTo(1);
        assertThat(nothing.err()).contains("there is no token").hasLineCount(1);
    }

    @Test
    void signsWithPrivateKeysOfAllKinds() throws IOException, GeneralSecurityException, JOSEException {
        var ec = KeyPairGenerator.getInstance("EC");
        ec.initialize(new ECGenParameterSpec("secp384r1"));
        signsWith("ES384", ec.generateKeyPair());
        signsWith("EdDSA", KeyPairGenerator.getInstance("Ed25519").generateKeyPair());
        var rsa = KeyPairGenerator.getInstance("RSA");
        rsa.initialize(2_048);
        signsWith("PS256", rsa.generateKeyPair());

        var jwk = new ECKeyGenerator(Curve.P_256).keyID("2026").generate();
        configure("ES256", Files.writeString(folder.resolve("public"), jwk.toPublicJWK().toJSONString()));
        Files.writeString(folder.resolve("private"), jwk.toJSONString());
        assertThat(explained(0, made("--signing-key", "private")).out()).contains("kid 2026: one key fits");
    }

    private void signsWith(String algorithm, KeyPair pair) throws IOException {
        configure(algorithm, pem("PUBLIC KEY", pair.getPublic()));
        pem("PRIVATE KEY", pair.getPrivate());
        assertThat(explained(0, made("--signing-key", "PRIVATE KEY")).out()).contains("algorithm      " + algorithm);
    }

    private Path pem(String label, Key key) throws IOException {
        return Files.writeString(folder.resolve(label), "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder().encodeToString(key.getEncoded()) + "\n-----END " + label + "-----\n");
    }

    @Test
    void refusesToSignWithAnotherKeyThanTheHubKnows() throws IOException, GeneralSecurityException {
        KeyPairGenerator pairs = KeyPairGenerator.getInstance("Ed25519");
        configure("EdDSA", pem("PUBLIC KEY", pairs.generateKeyPair().getPublic()));
        pem("PRIVATE KEY", pairs.generateKeyPair().getPrivate());

        assertThat(refused("token new --signing-key=PRIVATE~KEY")).contains("would refuse it");
        assertThat(refused("token new")).contains("--signing-key is missing: dev signs with [EdDSA]");
        assertThat(refused("token new --signing-key=PUBLIC~KEY")).contains("PRIVATE KEY is allowed");
        assertThat(refused("token new --signing-key=missing")).contains("which is not there");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "token new --issuer other | --issuer is 'other'; one of [dev] is allowed",
        "token new --expires-in never | --expires-in is 'never'",
        "token new --expires-in 0s | --expires-in is '0s'",
        "token new --expires-in 99999999999999999s | --expires-in is '99999999999999999s'",
        "token new --expires-in 2000d | later than auth.token-age allows",
        "token new --subscribe a//b | --subscribe: topic filter",
        "token new --claim exp=1 | not free: --expires-in says it",
        "token new --claim hark=1 | not free: --publish and --subscribe say it",
        "token explain x --publish a/* | --publish: topic",
        "token new --set auth.issuers.0.key-file=/nowhere | which is not there",
    })
    void refusesAWrongCommandLineInOneLine(String line, String words) {
        assertThat(refused(line)).contains(words);
    }

    private String refused(String line) {
        TestShell hark = TestShell.in(folder);
        String[] args = line.strip().split(" ");
        for (int i = 0; i < args.length; i++) {
            args[i] = args[i].replace('~', ' ');
        }
        assertThat(hark.run(args)).isEqualTo(1);
        assertThat(hark.out()).isEmpty();
        assertThat(hark.err()).startsWith("hark: ").hasLineCount(1);
        return hark.err();
    }
}
