package dev.hark.app.http;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.channels.ClosedChannelException;
import java.util.Optional;
import java.util.logging.Logger;

/**
 * An address that clients connect to, from when it is bound until it is closed. Thread-safe.
 */
public final class Listener implements AutoCloseable {
    /** Held, as the JDK forgets a logger, and its filter, that nobody holds. */
    private static final Logger ACCEPTS = Logger.getLogger("io.helidon.webserver.ServerListener");

    static {
        // A listener that is closed between two accepts is closed all the same: Helidon takes that for an error. Only closing does this.
        ACCEPTS.setFilter(record -> !(record.getThrown() instanceof ClosedChannelException));
    }

    private final String host;
    private final WebServer web;

    private Listener(String host, WebServer web) {
        this.host = host;
        this.web = web;
    }

    /**
     * Listens on {@code host} and {@code port}; 0 is a free one.
     *
     * @param section of the configuration, for what is said where that cannot be
     * @throws IllegalStateException if it cannot be listened on; nothing runs then
     */
    public static Listener start(String section, String host, int port, WebServerConfig.Builder server) {
        InetAddress address = new InetSocketAddress(host, 0).getAddress();
        if (address == null) {
            throw new IllegalStateException(section + ".host " + host + " is no address, and no name that has one");
        }
        requireLocal(section, host, address);
        WebServer web = server.host(host)
                .port(port)
                .shutdownHook(false)
                // Helidon's sockets over NIO take some 10 KiB more for each stream.
                .useNio(false)
                .featuresDiscoverServices(false)
                // The only selector, and Helidon's own not beside it: where there are several, Helidon silently drops a connection
                // that begins like none of them (HTTP/1.0, for example).
                .protocolsDiscoverServices(false)
                .build()
                .start();
        if (!web.isRunning()) {
            // Helidon's start returns all the same, and keeps the reason to itself.
            throw new IllegalStateException(refusal(section, host, port).orElse(section + ".port " + port + " cannot be listened on"));
        }
        return new Listener(host, web);
    }

    /**
     * The configuration takes localhost for a loopback address (RFC 6761, section 6.3), on which nobody is asked who he is.
     *
     * @throws IllegalStateException where {@code address}, which it leads to here, is none
     */
    static void requireLocal(String section, String host, InetAddress address) {
        if (host.equalsIgnoreCase("localhost") && !address.isLoopbackAddress()) {
            throw new IllegalStateException(section + ".host localhost leads to " + address.getHostAddress()
                    + " on this machine, which is no loopback address; give 127.0.0.1 instead");
        }
    }

    /** What the system says to somebody who would listen there; empty where nothing speaks against it. */
    private static Optional<String> refusal(String section, String host, int port) {
        try (var probe = new ServerSocket()) {
            probe.bind(new InetSocketAddress(host, port));
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(section + ".port " + port + " on " + host + ": " + e.getMessage());
        }
    }

    /** Where it is. */
    public URI uri() {
        return URI.create((web.hasTls() ? "https://" : "http://") + (host.indexOf(':') >= 0 ? '[' + host + ']' : host) + ':' + port());
    }

    public int port() {
        return web.port();
    }

    /** Accepts nobody any more, and ends once the requests that are being answered are, within a bound. */
    @Override
    public void close() {
        web.stop();
    }
}
