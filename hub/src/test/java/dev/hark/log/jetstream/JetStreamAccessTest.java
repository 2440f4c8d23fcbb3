package dev.hark.log.jetstream;

import static dev.hark.log.jetstream.TestServers.PATIENCE;
import static dev.hark.log.jetstream.TestServers.bytes;
import static dev.hark.log.jetstream.TestServers.open;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hark.log.replicated.Journal.Appended;
import dev.hark.nats.NatsServer;
import dev.hark.thread.VitalThreads;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who a node is to the servers, and they to it. */
class JetStreamAccessTest {
    /** From the documentation of NATS: a seed and the public key that belongs to it. */
    private static final String SEED = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY";
    private static final String PUBLIC = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4";

    @TempDir
    Path folder;

    private NatsServer server(String... more) throws IOException, InterruptedException {
        return NatsServer.start(NatsServer.newest(), folder.resolve("server"), 1, List.of(more));
    }

    private static void works(JetStreamSettings settings) throws IOException, InterruptedException {
        try (var journal = open(settings)) {
            assertThat(journal.append("id", bytes("group"), PATIENCE)).isInstanceOf(Appended.At.class);
        }
    }

    @Test
    void usersPasswordsAndKeys() throws Exception {
        Path seed = Files.writeString(folder.resolve("seed"), SEED + "\n");
        try (var server = server("authorization { users: [{user: hub, password: s3cret-word}, {nkey: " + PUBLIC + "}] }")) {
            JetStreamSettings settings = TestServers.settings(server, 1);
            works(settings.withAccess(new Access.User("hub", "s3cret-word")));
            works(settings.withAccess(new Access.SeedFile(seed)));
            JetStreamSettings wrong = settings.withAccess(new Access.User("hub", "wr0ng-word"));
            assertThatThrownBy(() -> open(wrong))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("NATS does not take these credentials")
                    .hasMessageNotContaining("wr0ng-word");
            assertThat(wrong.toString()).doesNotContain("wr0ng-word");
        }
    }

    @Test
    void tokens() throws Exception {
        try (var server = server("authorization { token: t0ken-word }")) {
            JetStreamSettings settings = TestServers.settings(server, 1);
            works(settings.withAccess(new Access.Token("t0ken-word")));
            assertThat(settings.withAccess(new Access.Token("t0ken-word")).toString()).doesNotContain("t0ken-word");
        }
    }

    @Test
    void comesBackWhenItsCredentialsAreTakenAgain() throws Exception {
        Path access = Files.writeString(folder.resolve("access.conf"), "authorization { token: t0ken-word }");
        try (var server = server("include \"" + folder.relativize(access).resolveSibling("../access.conf") + "\"");
                var journal = open(TestServers.settings(server, 1).withAccess(new Access.Token("t0ken-word")))) {
            server.kill(0);
            Files.writeString(access, "authorization { token: an0ther-word }");
            server.restart(0);
            // The client gives up when it is refused twice.
            await().atMost(Duration.ofSeconds(10)).until(() -> journal.trouble().orElse("").contains("Authorization Violation"));
            server.kill(0);
            Files.writeString(access, "authorization { token: t0ken-word }");
            server.restart(0);
            assertThat(journal.append("id", bytes("group"), PATIENCE)).isInstanceOf(Appended.At.class);
        }
    }

    @Test
    void aKeySignsAsItsPublicHalfProves() throws Exception {
        Path seed = Files.writeString(folder.resolve("seed"), SEED);
        SigningKey key = SigningKey.ofSeed(seed);
        assertThat(new String(key.getID())).isEqualTo(PUBLIC);
        Path credentials = Files.writeString(folder.resolve("hub.creds"), """
                -----BEGIN NATS USER JWT-----
                eyJ0eXAiOiJKV1QifQ.e30.c2ln
                ------END NATS USER JWT------

                ************************* IMPORTANT *************************
                NKEY Seed printed below can be used to sign and prove identity.

                -----BEGIN USER NKEY SEED-----
                %s
                ------END USER NKEY SEED------
                """.formatted(SEED));
        SigningKey withJwt = SigningKey.ofCredentials(credentials);
        assertThat(new String(withJwt.getJWT())).isEqualTo("eyJ0eXAiOiJKV1QifQ.e30.c2ln");
        assertThat(withJwt.getID()).isNull();
        byte[] nonce = "nonce".getBytes(StandardCharsets.US_ASCII);
        assertThat(withJwt.sign(nonce)).isEqualTo(key.sign(nonce)).hasSize(64);
        assertThat(withJwt.toString()).doesNotContain(SEED).doesNotContain("eyJ0");

        Path mistyped = Files.writeString(folder.resolve("mistyped"), SEED.replace("SUAC", "SUAD"));
        assertThatThrownBy(() -> SigningKey.ofSeed(mistyped))
                .hasMessageContaining("no seed of a user's key")
                .hasMessageNotContaining("SUAD");
        Path none = Files.writeString(folder.resolve("none"), PUBLIC);
        assertThatThrownBy(() -> SigningKey.ofSeed(none)).hasMessageContaining("no seed of a user's key");
        assertThatThrownBy(() -> SigningKey.ofCredentials(seed))
                .hasMessageContaining("is no credentials file")
                .hasMessageNotContaining(SEED);
    }

    @Test
    void encryptedByWhomItTrustsAndByName() throws Exception {
        Path key = folder.resolve("key.pem");
        Path certificate = folder.resolve("certificate.pem");
        certify(key, certificate, "dns:localhost");
        try (var server = server("tls { cert_file: \"" + certificate + "\", key_file: \"" + key + "\" }")) {
            JetStreamSettings byAddress = TestServers.settings(server, 1);
            JetStreamSettings byName = JetStreamSettings.of(List.of("tls://localhost:" + server.port(0)), byAddress.stream(), 1);
            SSLContext trusting = Tls.trusting(certificate, null);
            works(byName.withTls(trusting));
            assertThatThrownBy(() -> JetStreamJournal.open(byAddress.withTls(trusting), new VitalThreads(), Duration.ofMillis(300)))
                    .hasMessageContaining("No subject alternative names matching IP address 127.0.0.1 found");
            assertThatThrownBy(() -> JetStreamJournal.open(byName, new VitalThreads(), Duration.ofMillis(300)))
                    .hasMessageContaining("unable to find valid certification path");
        }
        assertThatThrownBy(() -> Tls.trusting(key, null)).hasMessage("certificates cannot be read: " + key);
    }

    private void certify(Path key, Path certificate, String whom) throws Exception {
        Path store = folder.resolve("keys.p12");
        Process keytool = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-alias", "it", "-keyalg", "EC",
                "-dname", "CN=it", "-ext", "SAN=" + whom, "-storetype", "PKCS12", "-keystore", store.toString(), "-storepass", "changeit")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("keytool.txt").toFile())
                .start();
        assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, "changeit".toCharArray());
        }
        Files.writeString(key, pem("PRIVATE KEY", keys.getKey("it", "changeit".toCharArray()).getEncoded()));
        Files.writeString(certificate, pem("CERTIFICATE", keys.getCertificate("it").getEncoded()));
    }

    private static String pem(String what, byte[] content) {
        String lines = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(content);
        return "-----BEGIN " + what + "-----\n" + lines + "\n-----END " + what + "-----\n";
    }
}
