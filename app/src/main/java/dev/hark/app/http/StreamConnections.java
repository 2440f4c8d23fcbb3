package dev.hark.app.http;

import dev.hark.app.http.wire.ClientFaults;
import dev.hark.app.http.wire.HeadRoom;
import dev.hark.app.http.wire.RefusalText;
import dev.hark.app.http.wire.RequestFront;
import dev.hark.app.http.wire.WireRules;
import dev.hark.app.listen.Connections;
import dev.hark.app.listen.WatchedInput;
import io.helidon.common.buffers.BufferData;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.time.Duration;
import java.util.Set;

/**
 * The connections of a listener: Helidon's HTTP/1.1 behind a {@link RequestFront}, each of which is watched, and may become a
 * stream. Thread-safe.
 */
public final class StreamConnections implements ServerConnectionSelector {
    /** What a {@link RequestFront} may add to a head, and more. */
    private static final int ROOM = 1024;

    private final ServerConnectionSelector http;
    private final WireRules rules;
    private final ClientFaults faults;
    private final RefusalText refusals;
    private final HeadRoom.Source heads;
    private final Connections connections;
    private final Duration idleTimeout;

    /**
     * @param refusals    what is answered to requests that Helidon does not see
     * @param heads       where long heads have their room from
     * @param connections which they are noted in
     * @param idleTimeout after which a connection is closed that is still about the same request, or about none
     */
    public StreamConnections(
            WireRules rules,
            ClientFaults faults,
            RefusalText refusals,
            HeadRoom.Source heads,
            Connections connections,
            Duration idleTimeout) {
        this.connections = connections;
        this.rules = rules;
        this.faults = faults;
        this.refusals = refusals;
        this.heads = heads;
        this.idleTimeout = idleTimeout;
        this.http = Http1ConnectionSelector.builder()
                .config(Http1Config.builder()
                        .maxPrologueLength(rules.maxRequestLineBytes() + ROOM)
                        .maxHeadersSize(rules.maxFieldBytes() + ROOM)
                        .sendKeepAliveHeader(false)
                        // All that has been done when Helidon comes to it.
                        .validateRequestHeaders(false)
                        .validatePrologue(false)
                        .validatePath(false)
                        .build())
                .build();
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
        WatchedInput input = connections.open(context);
        var front = new RequestFront(context, input::read, rules, faults, refusals, heads);
        return new StreamConnection(http.connection(front.context()), front, input, idleTimeout);
    }
}
