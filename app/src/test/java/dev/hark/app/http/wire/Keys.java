package dev.hark.app.http.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A certificate for localhost, and clients that trust it alone. */
record Keys(Path store, SSLContext trusting) {
    private static final String PASSWORD = "changeit";

    static Keys create(Path folder) throws Exception {
        Path store = folder.resolve("hark.p12");
        Process keytool = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-alias", "hark",
                "-keyalg", "EC", "-dname", "CN=localhost", "-storetype", "PKCS12", "-keystore", store.toString(), "-storepass", PASSWORD)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("keytool.txt").toFile())
                .start();
        assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
        KeyStore own = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            own.load(in, PASSWORD.toCharArray());
        }
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("hark", own.getCertificate("hark"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return new Keys(store, context);
    }

    /** For a hub that has the certificate. */
    String[] settings() {
        return new String[] {"server.tls.private-key.keystore.resource.path=" + store,
            "server.tls.private-key.keystore.passphrase=" + PASSWORD, "server.tls.private-key.keystore.key.alias=hark"};
    }

    Socket connect(URI uri) throws IOException {
        return trusting.getSocketFactory().createSocket(uri.getHost(), uri.getPort());
    }
}
