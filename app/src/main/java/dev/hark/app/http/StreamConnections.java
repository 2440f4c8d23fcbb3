package dev.hark.app.http;

import dev.hark.app.listen.Connections;
import dev.hark.app.listen.WatchedContext;
import io.helidon.common.buffers.BufferData;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.time.Duration;
import java.util.Set;

/** The connections of a listener: Helidon's HTTP/1.1, each of which is watched, and may become a stream. Thread-safe. */
public final class StreamConnections implements ServerConnectionSelector {
    private final ServerConnectionSelector http;
    private final Connections connections;
    private final Duration idleTimeout;

    /**
     * @param connections which they are noted in
     * @param idleTimeout after which a connection is closed that is still about the same request, or about none
     */
    public StreamConnections(Http1Config config, Connections connections, Duration idleTimeout) {
        this.connections = connections;
        this.idleTimeout = idleTimeout;
        this.http = Http1ConnectionSelector.builder().config(config).build();
    }

    @Override
    public int bytesToIdentifyConnection() {
        return http.bytesToIdentifyConnection();
    }

    @Override
    public Support supports(BufferData data) {
        return http.supports(data);
    }

    @Override
    public Set<String> supportedApplicationProtocols() {
        return http.supportedApplicationProtocols();
    }

    @Override
    public ServerConnection connection(ConnectionContext context) {
        WatchedContext watched = connections.open(context);
        return new StreamConnection(http.connection(watched), watched, idleTimeout);
    }
}
