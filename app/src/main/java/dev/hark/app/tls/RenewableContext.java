package dev.hark.app.tls;

import dev.hark.app.config.TlsSettings.ClientCertificates;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.security.KeyManagementException;
import java.security.SecureRandom;
import java.util.function.Predicate;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;

/**
 * A context whose handshakes are each done with the material of the moment at which they begin. Thread-safe.
 */
final class RenewableContext extends SSLContext {
    /* Helidon asks a context for its factory at each connection, and the factory for a socket over the one that it has accepted; it passes
       over all that its own settings say about the socket where it does not use NIO, client certificates among them. So they are set here.

       A context of its own for each material, where Helidon would exchange the key in the same one, leaves sessions behind that were begun
       with the old one: who resumes a session shows no certificate, and would be let in by an authority that is trusted no more. */

    /** @param isOwn whether an accepted connection is one of the hub's own, which has no certificate to show */
    RenewableContext(Supplier<TlsMaterial> material, Predicate<Socket> isOwn) {
        super(new Current(material, isOwn), material.get().context().getProvider(), material.get().context().getProtocol());
    }

    private static final class Current extends SSLContextSpi {
        private final Supplier<TlsMaterial> material;
        private final Predicate<Socket> isOwn;

        Current(Supplier<TlsMaterial> material, Predicate<Socket> isOwn) {
            this.material = material;
            this.isOwn = isOwn;
        }

        private SSLContext context() {
            return material.get().context();
        }

        @Override
        protected void engineInit(KeyManager[] keys, TrustManager[] trusted, SecureRandom random) throws KeyManagementException {
            throw new KeyManagementException("its keys are renewed by a reload alone");
        }

        @Override
        protected SSLSocketFactory engineGetSocketFactory() {
            TlsMaterial now = material.get();
            return new Sockets(now.context().getSocketFactory(), now.clients(), isOwn);
        }

        @Override
        protected SSLServerSocketFactory engineGetServerSocketFactory() {
            return context().getServerSocketFactory();
        }

        @Override
        protected SSLEngine engineCreateSSLEngine() {
            return asking(context().createSSLEngine());
        }

        @Override
        protected SSLEngine engineCreateSSLEngine(String host, int port) {
            return asking(context().createSSLEngine(host, port));
        }

        private SSLEngine asking(SSLEngine engine) {
            engine.setUseClientMode(false);
            switch (material.get().clients()) {
                case NONE -> {}
                case OPTIONAL -> engine.setWantClientAuth(true);
                case REQUIRED -> engine.setNeedClientAuth(true);
            }
            return engine;
        }

        @Override
        protected SSLSessionContext engineGetServerSessionContext() {
            return context().getServerSessionContext();
        }

        @Override
        protected SSLSessionContext engineGetClientSessionContext() {
            return context().getClientSessionContext();
        }

        @Override
        protected SSLParameters engineGetDefaultSSLParameters() {
            return context().getDefaultSSLParameters();
        }

        @Override
        protected SSLParameters engineGetSupportedSSLParameters() {
            return context().getSupportedSSLParameters();
        }
    }

    /** Makes sockets that ask clients for what they are to show. */
    private static final class Sockets extends SSLSocketFactory {
        private final SSLSocketFactory sockets;
        private final ClientCertificates clients;
        private final Predicate<Socket> isOwn;

        Sockets(SSLSocketFactory sockets, ClientCertificates clients, Predicate<Socket> isOwn) {
            this.sockets = sockets;
            this.clients = clients;
            this.isOwn = isOwn;
        }

        /** The listener's side of an accepted connection. */
        @Override
        public Socket createSocket(Socket accepted, InputStream consumed, boolean autoClose) throws IOException {
            var socket = (SSLSocket) sockets.createSocket(accepted, consumed, autoClose);
            switch (isOwn.test(accepted) ? ClientCertificates.NONE : clients) {
                case NONE -> {}
                case OPTIONAL -> socket.setWantClientAuth(true);
                case REQUIRED -> socket.setNeedClientAuth(true);
            }
            return socket;
        }

        @Override
        public String[] getDefaultCipherSuites() {
            return sockets.getDefaultCipherSuites();
        }

        @Override
        public String[] getSupportedCipherSuites() {
            return sockets.getSupportedCipherSuites();
        }

        @Override
        public Socket createSocket(Socket connected, String host, int port, boolean autoClose) throws IOException {
            return sockets.createSocket(connected, host, port, autoClose);
        }

        @Override
        public Socket createSocket(String host, int port) throws IOException {
            return sockets.createSocket(host, port);
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress local, int localPort) throws IOException {
            return sockets.createSocket(host, port, local, localPort);
        }

        @Override
        public Socket createSocket(InetAddress host, int port) throws IOException {
            return sockets.createSocket(host, port);
        }

        @Override
        public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) throws IOException {
            return sockets.createSocket(host, port, local, localPort);
        }
    }
}
