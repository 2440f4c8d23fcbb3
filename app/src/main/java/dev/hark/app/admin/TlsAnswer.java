package dev.hark.app.admin;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Whether a listener with TLS answers: with a whole handshake and a response, or with a refusal of TLS's own. The hub asks itself, so
 * nobody's certificate is looked at. Stateless.
 */
final class TlsAnswer {
    /** What the JDK says of a refusal that came from the other side, in contrast to a connection that just ended. */
    private static final String REFUSED = "Received fatal alert";

    private TlsAnswer() {}

    /** Whether who listens at {@code address} answers {@code request} on {@code socket}, which is connected to it, and is closed. */
    static boolean of(Socket socket, InetSocketAddress address, byte[] request) throws IOException {
        try (var tls = (SSLSocket) Anybody.TRUSTED.getSocketFactory()
                .createSocket(socket, address.getHostString(), address.getPort(), true)) {
            tls.startHandshake();
            tls.getOutputStream().write(request);
            return tls.getInputStream().read() >= 0;
        } catch (SSLException e) {
            if (String.valueOf(e.getMessage()).contains(REFUSED)) {
                return true;
            }
            throw e;
        }
    }

    /** Made at the first use: most hubs have no TLS. */
    private static final class Anybody extends X509ExtendedTrustManager {
        static final SSLContext TRUSTED = context();

        private static SSLContext context() {
            try {
                SSLContext context = SSLContext.getInstance("TLS");
                context.init(null, new TrustManager[] {new Anybody()}, new SecureRandom());
                return context;
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("every Java has TLS", e);
            }
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
