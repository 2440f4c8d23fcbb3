package dev.hark.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsSettingsIT {
    @TempDir
    Path folder;

    @Test
    void readsAKeystoreAsApplicationYamlShowsIt() throws Exception {
        Path keys = folder.resolve("hark.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-alias", "hark",
                        "-keyalg", "EC", "-dname", "CN=localhost",
                        "-storetype", "PKCS12", "-keystore", keys.toString(), "-storepass", "changeit")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("keytool.txt").toFile())
                .start();
        assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();

        Configured file = Configured.file(
                "server: {tls: {private-key: {keystore: {passphrase: changeit, key: {alias: hark}, resource: {path: '" + keys + "'}}}}}");
        assertThat(file.load().server().tls().orElseThrow().tls().enabled()).isTrue();

        TlsSettings wrong = file.with("server.tls.private-key.keystore.passphrase", "wrong").load().server().tls().orElseThrow();
        assertThatExceptionOfType(ConfigException.class).isThrownBy(wrong::tls).withMessageStartingWith("server.tls cannot be used: ");
        TlsSettings misspelt = new TlsSettings(Map.of("privat-key.keystore.resource.path", keys.toString()));
        assertThatExceptionOfType(ConfigException.class).isThrownBy(misspelt::tls).withMessageContaining("no private key");
        assertThat(new TlsSettings(Map.of("enabled", "false")).tls().enabled()).isFalse();
    }

    @Test
    void isAbsentWhereNothingIsSaid() {
        assertThat(Configured.file("server: {tls: {}}").load().server().tls()).isEmpty();
        assertThat(new TlsSettings(Map.of()).values()).isEmpty();
    }
}
