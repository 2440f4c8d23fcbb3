package dev.hark.app;

import dev.hark.Hub;
import dev.hark.app.config.CorsSettings;
import dev.hark.app.config.HarkConfig;
import dev.hark.app.config.TlsSettings;
import dev.hark.app.http.DataRoutes;
import dev.hark.app.http.Problems;
import dev.hark.app.ops.AdminFeature;
import dev.hark.log.Epochs;
import dev.hark.log.EventLog;
import dev.hark.log.memory.MemoryLog;
import dev.hark.log.sqlite.SqliteLog;
import dev.hark.log.sqlite.SqliteSettings;
import io.helidon.config.Config;
import io.helidon.common.socket.SocketOptions;
import io.helidon.cors.CrossOriginConfig;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.service.registry.Services;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.cors.CorsSupport;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.staticcontent.ClasspathHandlerConfig;
import io.helidon.webserver.staticcontent.StaticContentFeature;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A running node: a hub, its data listener and its admin listener. Thread-safe.
 */
public final class Server implements AutoCloseable {
    private static final String ADMIN = "admin";

    /** Longer than any request line, of which the topic is the longest part; a topic is 512 bytes and up to three times that once escaped. */
    private static final int MAX_REQUEST_LINE_BYTES = 256 << 10;

    /** How long requests that are neither streams nor answered yet may take at the end. */
    private static final Duration LAST_REQUESTS = Duration.ofSeconds(1);

    static {
        // Once a process: Helidon would take an application.yaml in the working directory, which is ours, for its own.
        Services.set(Config.class, Config.empty());
    }

    private final HarkConfig config;
    private final Hub hub;
    private final WebServer web;
    private final AtomicBoolean stopping = new AtomicBoolean();

    private Server(HarkConfig config, Hub hub, WebServer web) {
        this.config = config;
        this.hub = hub;
        this.web = web;
    }

    /**
     * Starts a node; returns when it listens.
     *
     * @throws dev.hark.log.UnusableLogException if the event log cannot be opened; nothing runs then
     * @throws RuntimeException if an address cannot be listened on; nothing runs then
     */
    public static Server start(HarkConfig config) {
        Hub hub = Hub.start(config.hub(), log(config), Clock.systemUTC());
        try {
            return new Server(config, hub, web(config, hub).start());
        } catch (RuntimeException e) {
            hub.close();
            throw e;
        }
    }

    private static EventLog log(HarkConfig config) {
        return switch (config.log().kind()) {
            case MEMORY -> new MemoryLog(
                    Epochs.next(new SecureRandom()),
                    config.hub().retention(),
                    config.hub().hot(),
                    config.hub().idempotency(),
                    Clock.systemUTC());
            case SQLITE -> SqliteLog.open(
                    new SqliteSettings(
                            config.log().path(),
                            config.log().durability(),
                            config.hub().retention(),
                            config.hub().hot(),
                            config.hub().idempotency()),
                    Clock.systemUTC(),
                    new SecureRandom());
        };
    }

    private static WebServer web(HarkConfig config, Hub hub) {
        WebServerConfig.Builder server = WebServer.builder()
                .host(config.server().host())
                .port(config.server().port())
                .backlog(config.server().backlog())
                .shutdownHook(false)
                .shutdownGracePeriod(LAST_REQUESTS)
                // Streams write whole frames themselves; a buffer for each would be memory for nothing.
                .writeBufferSize(0)
                .connectionOptions(SocketOptions.builder()
                        .tcpNoDelay(true)
                        .socketSendBufferSize(config.server().sendBufferBytes())
                        .build())
                .maxPayloadSize(Math.max(config.limits().eventBytes(), config.limits().batchBytes()))
                .directHandlers(Problems.direct())
                .addConnectionSelector(Http1ConnectionSelector.builder()
                        .config(Http1Config.builder().maxPrologueLength(MAX_REQUEST_LINE_BYTES).build())
                        .build())
                .featuresDiscoverServices(false)
                .addFeature(AdminFeature.of(hub, ADMIN))
                .routing(dataRouting(config, hub))
                .putSocket(ADMIN, listener -> listener.host(config.admin().host())
                        .port(config.admin().port())
                        .directHandlers(Problems.direct()));
        config.server().tls().map(TlsSettings::tls).ifPresent(server::tls);
        return server.build();
    }

    private static HttpRouting.Builder dataRouting(HarkConfig config, Hub hub) {
        HttpRouting.Builder routing = HttpRouting.builder();
        if (!config.cors().origins().isEmpty()) {
            routing.register("/", cors(config.cors()));
        }
        routing.get("/", (request, response) ->
                response.status(Status.FOUND_302).header(HeaderNames.LOCATION, "/demo/").send());
        routing.register(
                "/demo",
                StaticContentFeature.createService(
                        ClasspathHandlerConfig.builder().location("/demo").welcome("index.html").build()));
        new DataRoutes(hub, config).register(routing);
        return routing;
    }

    private static CorsSupport cors(CorsSettings cors) {
        CrossOriginConfig.Builder origins = CrossOriginConfig.builder()
                .allowOrigins(cors.origins().toArray(String[]::new))
                .allowMethods("GET", "HEAD", "POST")
                .allowHeaders("*")
                .exposeHeaders("Idempotency-Replayed", "Retry-After")
                .allowCredentials(cors.credentials());
        return CorsSupport.builder().addCrossOrigin(origins.build()).build();
    }

    /** Where the data listener is. */
    public URI uri() {
        return uri(config.server().tls().isPresent() ? "https" : "http", config.server().host(), web.port());
    }

    /** Where the admin listener is. */
    public URI adminUri() {
        return uri("http", config.admin().host(), web.port(ADMIN));
    }

    private static URI uri(String scheme, String host, int port) {
        return URI.create(scheme + "://" + (host.indexOf(':') >= 0 ? '[' + host + ']' : host) + ':' + port);
    }

    public Hub hub() {
        return hub;
    }

    /** Ends every stream with a word, spread over the configured time, then stops. Called again, it does nothing. */
    public void drain() {
        stop(config.drainWindow());
    }

    /** Stops, without taking time over it. */
    @Override
    public void close() {
        stop(Duration.ZERO);
    }

    private void stop(Duration window) {
        if (stopping.compareAndSet(false, true)) {
            try {
                hub.drain(window);
            } catch (InterruptedException e) {
                // Somebody is in a hurry: go on without the rest of the window.
                Thread.currentThread().interrupt();
            }
            web.stop();
            hub.close();
        }
    }
}
