package dev.hark.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
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

    /** The two files that certbot and most authorities make. */
    @Test
    void readsPemFilesAsApplicationYamlShowsThem() throws Exception {
        Path keys = folder.resolve("hark.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-alias", "hark",
                        "-keyalg", "EC", "-dname", "CN=localhost",
                        "-storetype", "PKCS12", "-keystore", keys.toString(), "-storepass", "changeit")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("keytool.txt").toFile())
                .start();
        assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
        KeyStore store = KeyStore.getInstance(keys.toFile(), "changeit".toCharArray());
        Path key = pem("privkey.pem", "PRIVATE KEY", store.getKey("hark", "changeit".toCharArray()).getEncoded());
        Path chain = pem("fullchain.pem", "CERTIFICATE", store.getCertificate("hark").getEncoded());

        Configured file = Configured.file(
                "server: {tls: {private-key: {pem: {key: {resource: {path: '" + key + "'}}, cert-chain: {resource: {path: '" + chain
                        + "'}}}}}}");
        assertThat(file.load().server().tls().orElseThrow().tls().enabled()).isTrue();
    }

    private Path pem(String name, String kind, byte[] bytes) throws IOException {
        String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
        return Files.writeString(folder.resolve(name), "-----BEGIN " + kind + "-----\n" + lines + "\n-----END " + kind + "-----\n");
    }

    @Test
    void isAbsentWhereNothingIsSaid() {
        assertThat(Configured.file("server: {tls: {}}").load().server().tls()).isEmpty();
        assertThat(new TlsSettings(Map.of()).values()).isEmpty();
    }
}
