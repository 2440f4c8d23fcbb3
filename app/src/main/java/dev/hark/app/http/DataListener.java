package dev.hark.app.http;

import dev.hark.app.config.HarkConfig;
import dev.hark.app.config.ServerSettings;
import dev.hark.app.http.wire.ClientFaults;
import dev.hark.app.http.wire.WireRules;
import dev.hark.app.listen.Listeners;
import io.helidon.common.socket.SocketOptions;
import io.helidon.webserver.ErrorHandling;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;
import java.time.Duration;
import java.util.function.Consumer;

/** The listener where events are published and streams are served. Stateless. */
public final class DataListener {
    /** Longer than any request line. The topic is its longest part: at most 512 bytes, and three times as many once escaped. */
    private static final int MAX_REQUEST_LINE_BYTES = 256 << 10;

    /** Of all header fields of a request: more than browsers and proxies send. */
    static final int MAX_FIELD_BYTES = 16 << 10;

    /**
     * How many times the largest batch a body may be and still be read to its end, though it is refused: a connection that is closed while
     * its client is sending is reset, and then the client does not get to read why.
     */
    private static final int READ_OF_REFUSED_BODIES = 4;

    /** How long requests that are neither streams nor answered yet may take at the end. */
    private static final Duration LAST_REQUESTS = Duration.ofSeconds(1);

    private DataListener() {}

    /**
     * Listens.
     *
     * @param live        what may change of it while it runs
     * @param routes      the hub's own
     * @param listeners   looks after its connections
     * @param connections how many it may hold at once
     * @param faults      counts what clients do wrong
     * @param pages       adds what is served beside the hub's own routes, before them
     * @throws IllegalStateException if the address cannot be listened on; nothing runs then
     */
    public static Listener start(
            HarkConfig config,
            Live live,
            DataRoutes routes,
            Listeners listeners,
            int connections,
            ClientFaults faults,
            Consumer<HttpRouting.Builder> pages) {
        ServerSettings settings = config.server();
        long maxBodyBytes = (long) config.limits().batchBytes() * READ_OF_REFUSED_BODIES;
        var early = new EarlyRefusals(live.terms()::crossOrigin);
        HttpRouting.Builder routing = HttpRouting.builder()
                .addFilter(new Closing())
                .addFilter(new BrowserRules())
                .addFilter(live.terms())
                .addFilter(new HostNames(settings.hosts()))
                .addFilter(new TextCharset());
        pages.accept(routing);
        routes.register(routing);
        WebServerConfig.Builder server = WebServer.builder()
                .backlog(settings.backlog())
                .shutdownGracePeriod(LAST_REQUESTS)
                // Streams write whole frames themselves; a buffer for each would be memory for nothing.
                .writeBufferSize(0)
                .connectionOptions(listeners.data().noting(SocketOptions.builder()
                        .tcpNoDelay(true)
                        .socketSendBufferSize(settings.sendBufferBytes())
                        .build()))
                .maxTcpConnections(connections)
                .maxPayloadSize(maxBodyBytes)
                .errorHandling(refusals())
                .directHandlers(Problems.direct(maxBodyBytes, early))
                .routing(routing);
        var rules = new WireRules(MAX_REQUEST_LINE_BYTES, MAX_FIELD_BYTES, maxBodyBytes);
        IdleTimeout.of(settings).apply(server, rules, faults, early, routes.heads(), listeners.data());
        live.data().forListener().ifPresent(server::tls);
        return Listener.start("server", settings.host(), settings.port(), server);
    }

    /** Without this Helidon keeps from the handlers what was wrong with a request. */
    static ErrorHandling refusals() {
        return ErrorHandling.builder().includeEntity(true).build();
    }
}
