package dev.hark.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A key with its certificate for a hub that does TLS, and a client's side that trusts it.
 *
 * @param store the key store's file
 * @param trust for clients
 */
public record TlsKeys(Path store, SSLContext trust) {
    private static final String PASSPHRASE = "changeit";

    /** Makes them, in {@code folder}. */
    public static TlsKeys make(Path folder) throws Exception {
        Path keys = folder.resolve("hark.p12");
        Process keytool = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-alias", "hark",
                "-keyalg", "EC", "-dname", "CN=localhost", "-storetype", "PKCS12", "-keystore", keys.toString(), "-storepass", PASSPHRASE)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("keytool.txt").toFile())
                .start();
        assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
        KeyStore store = load(keys);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("hark", store.getCertificate("hark"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, trust.getTrustManagers(), null);
        return new TlsKeys(keys, tls);
    }

    /** The key in PEM, as servers of others take it. */
    public String key() throws IOException, GeneralSecurityException {
        return pem("PRIVATE KEY", load(store).getKey("hark", PASSPHRASE.toCharArray()).getEncoded());
    }

    /** The certificate in PEM. */
    public String certificate() throws IOException, GeneralSecurityException {
        return pem("CERTIFICATE", load(store).getCertificate("hark").getEncoded());
    }

    private static KeyStore load(Path keys) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keys)) {
            store.load(in, PASSPHRASE.toCharArray());
        }
        return store;
    }

    private static String pem(String what, byte[] encoded) {
        String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded);
        return "-----BEGIN %1$s-----%n%2$s%n-----END %1$s-----%n".formatted(what, lines);
    }

    /** What a hub is told of them: {@code key=value}. */
    public List<String> settings() {
        return List.of("server.tls.keystore=" + store, "server.tls.password=" + PASSPHRASE);
    }
}
