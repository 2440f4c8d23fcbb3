package dev.hark.log.jetstream;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Whom a node trusts to be a server of NATS: by authority, and by the name that it was connected to, which the client does not look at. */
public final class Tls {
    private Tls() {}

    /**
     * @param authorities certificates in PEM; null for those that Java trusts
     * @param own         the node's own keys, where servers ask for certificates; null for none
     * @throws IOException if they cannot be read
     */
    public static SSLContext trusting(@Nullable Path authorities, KeyManager @Nullable [] own) throws IOException {
        try {
            var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(authorities == null ? null : read(authorities));
            X509ExtendedTrustManager trusted = Stream.of(factory.getTrustManagers())
                    .filter(X509ExtendedTrustManager.class::isInstance)
                    .map(X509ExtendedTrustManager.class::cast)
                    .findFirst()
                    .orElseThrow(() -> new IOException("this Java trusts nobody"));
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(own, new X509ExtendedTrustManager[] {new ByName(trusted)}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("certificates cannot be read" + (authorities == null ? "" : ": " + authorities), e);
        }
    }

    private static KeyStore read(Path authorities) throws IOException, GeneralSecurityException {
        Collection<? extends Certificate> certificates;
        try (InputStream in = Files.newInputStream(authorities)) {
            certificates = CertificateFactory.getInstance("X.509").generateCertificates(in);
        }
        if (certificates.isEmpty()) {
            throw new IOException("no certificate in " + authorities);
        }
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        int i = 0;
        for (Certificate certificate : certificates) {
            store.setCertificateEntry("authority-" + i++, certificate);
        }
        return store;
    }

    /** Has the name compared as well. The parameters of a socket are read when its certificates are looked at, so here is early enough. */
    private static final class ByName extends X509ExtendedTrustManager {
        private final X509ExtendedTrustManager trusted;

        ByName(X509ExtendedTrustManager trusted) {
            this.trusted = trusted;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) throws CertificateException {
            if (!(socket instanceof SSLSocket encrypted)) {
                throw new CertificateException("no encrypted socket");
            }
            SSLParameters parameters = encrypted.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            encrypted.setSSLParameters(parameters);
            trusted.checkServerTrusted(chain, authType, socket);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) throws CertificateException {
            throw new CertificateException("only sockets are looked at");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            throw new CertificateException("only sockets are looked at");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) throws CertificateException {
            throw new CertificateException("this is a client");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) throws CertificateException {
            throw new CertificateException("this is a client");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            throw new CertificateException("this is a client");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return trusted.getAcceptedIssuers();
        }
    }
}
