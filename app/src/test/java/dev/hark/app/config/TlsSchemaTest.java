package dev.hark.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.config.TlsSettings.ClientCertificates;
import dev.hark.app.config.TlsSettings.Identity;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TlsSchemaTest {
    @Test
    void isAbsentWhereNothingIsSaid() {
        assertThat(Configured.file("").load().server().tls()).isEmpty();
        assertThat(Configured.file("server: {tls: {}}\nadmin: {tls:}").load().server().tls()).isEmpty();
        assertThat(Configured.file("admin: {tls:}").load().admin().tls()).isEmpty();
    }

    @Test
    void readsKeyAndCertificatesOfEitherListener() {
        HarkConfig config = Configured.file("server: {tls: {key: a.key, certificates: a.pem}}")
                .environment("HARK_ADMIN_TLS_KEY", "b.key")
                .with("admin.tls.certificates", "b.pem")
                .load();

        TlsSettings data = config.server().tls().orElseThrow();
        assertThat(data.clients()).isEqualTo(ClientCertificates.NONE);
        assertThat(data.identity()).isInstanceOfSatisfying(Identity.Pem.class, pem -> {
            assertThat(pem.key()).hasToString("server.tls.key is 'a.key'");
            assertThat(pem.certificates().path()).isEqualTo(Path.of("a.pem"));
        });
        assertThat(config.admin().tls().orElseThrow().identity()).isInstanceOfSatisfying(Identity.Pem.class, pem -> {
            assertThat(pem.key()).hasToString("admin.tls.key is 'b.key'");
            assertThat(pem.certificates()).hasToString("admin.tls.certificates is 'b.pem'");
        });
    }

    @Test
    void readsAKeystoreWhosePasswordNobodySees() {
        Configured given = Configured.file("server: {tls: {keystore: hark.p12, alias: hark, password: from-the-file}}")
                .environment("HARK_SERVER_TLS_PASSWORD", "s3cret");

        TlsSettings tls = given.load().server().tls().orElseThrow();
        assertThat(tls.identity()).isInstanceOfSatisfying(
                Identity.Keystore.class, keystore -> assertThat(keystore.alias()).contains("hark"));
        assertThat(tls.password().map(TlsSettings.Secret::text)).contains("s3cret");
        assertThat(tls.toString()).contains("server.tls.password").doesNotContain("s3cret");
        Configured.file("server: {tls: {keystore: a, pasword: s3cret}}").refusal()
                .startsWith("unknown key server.tls.pasword").contains("(not shown)", "did you mean server.tls.password?")
                .doesNotContain("s3cret");
        Configured.file("server: {tls: {keystore: a, password: {s3cret: x}}}").refusal().startsWith("server.tls.password is a section");
    }

    @Test
    void readsWhatEarlierVersionsWereTold() {
        TlsSettings keystore = Configured.file(
                "server: {tls: {private-key: {keystore: {passphrase: changeit, key: {alias: hark}, resource: {path: hark.p12}}}}}")
                .load().server().tls().orElseThrow();
        assertThat(keystore.identity()).isInstanceOfSatisfying(Identity.Keystore.class, store -> {
            assertThat(store.file()).hasToString("server.tls.private-key.keystore.resource.path is 'hark.p12'");
            assertThat(store.alias()).contains("hark");
        });
        assertThat(keystore.password().map(TlsSettings.Secret::text)).contains("changeit");

        TlsSettings pem = Configured.file("server: {tls: {private-key: {pem: {key: {resource: {path: privkey.pem}},"
                + " cert-chain: {resource: {path: fullchain.pem}}}}}}").load().server().tls().orElseThrow();
        assertThat(pem.identity()).isInstanceOfSatisfying(Identity.Pem.class, both -> {
            assertThat(both.key().path()).isEqualTo(Path.of("privkey.pem"));
            assertThat(both.certificates().path()).isEqualTo(Path.of("fullchain.pem"));
        });
        assertThat(pem.password()).isEmpty();
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        Configured.file("server: {tls: {keystore: a, trust-all: true}}").refusal()
                .startsWith("unknown key server.tls.trust-all")
                .endsWith("Allowed in server.tls: key, certificates, keystore, password, alias, client-certificates, client-authorities");
        Configured.file("admin: {tls: {private-key: {pem: {}}}}").refusal().startsWith("unknown key admin.tls.private-key");
        Configured.set("server.tls.client-certificates", "maybe").refusal()
                .startsWith("server.tls.client-certificates is 'maybe' (--set); none | optional | required is allowed");
        Configured.file("").environment("HARK_SERVER_TLS_CERTIFICATE", "a.pem").refusal()
                .contains("did you mean HARK_SERVER_TLS_CERTIFICATES?");
    }

    @Test
    void refusesHalves() {
        Configured.set("server.tls.key", "a").refusal().startsWith("server.tls.certificates is missing");
        Configured.set("admin.tls.certificates", "a").refusal().startsWith("admin.tls.key is missing");
        Configured.set("server.tls.password", "s3cret").refusal()
                .startsWith("server.tls has neither server.tls.key nor server.tls.keystore").doesNotContain("s3cret");
        Configured.set("server.tls.keystore", "a").with("server.tls.key", "b").refusal()
                .isEqualTo("server.tls.keystore is 'a' and server.tls.key is 'b'; either a keystore or key and certificates are allowed");
        Configured.set("server.tls.key", "a").with("server.tls.certificates", "b").with("server.tls.alias", "c").refusal()
                .startsWith("server.tls.alias is 'c', but there is no server.tls.keystore");
        Configured.set("server.tls.keystore", "a").with("server.tls.client-certificates", "required").refusal()
                .startsWith("server.tls.client-certificates is required, but server.tls.client-authorities is missing");
        Configured.set("server.tls.keystore", "a").with("server.tls.client-authorities", "b").refusal()
                .startsWith("server.tls.client-authorities is 'b', but nothing says whether clients show certificates");
    }

    @Test
    void saysWhichCertificatesClientsShow() {
        Configured keystore = Configured.set("server.tls.keystore", "a").with("server.tls.client-authorities", "b");
        for (ClientCertificates each : ClientCertificates.values()) {
            TlsSettings tls = keystore.with("server.tls.client-certificates", each.configName()).load().server().tls().orElseThrow();
            assertThat(tls.clients()).isEqualTo(each);
            assertThat(tls.authorities().map(TlsSettings.TlsFile::path)).isEqualTo(Optional.of(Path.of("b")));
        }
    }
}
