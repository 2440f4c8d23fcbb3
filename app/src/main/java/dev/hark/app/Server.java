package dev.hark.app;

import dev.hark.Hub;
import dev.hark.app.config.HarkConfig;
import dev.hark.app.config.TlsSettings;
import dev.hark.app.http.CrossOrigin;
import dev.hark.app.http.DataRoutes;
import dev.hark.app.http.HostNames;
import dev.hark.app.http.Problems;
import dev.hark.app.http.StreamConnections;
import dev.hark.app.listen.ListenSettings;
import dev.hark.app.listen.Listeners;
import dev.hark.app.ops.AdminFeature;
import dev.hark.app.ops.Health;
import dev.hark.app.ops.ListenerProbe;
import dev.hark.log.Epochs;
import dev.hark.log.EventLog;
import dev.hark.log.SteadyClock;
import dev.hark.log.memory.MemoryLog;
import dev.hark.log.sqlite.SqliteLog;
import dev.hark.thread.VitalThreads;
import io.helidon.config.Config;
import io.helidon.common.socket.SocketOptions;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.PathMatchers;
import io.helidon.http.Status;
import io.helidon.service.registry.Services;
import io.helidon.webserver.ErrorHandling;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.staticcontent.ClasspathHandlerConfig;
import io.helidon.webserver.staticcontent.StaticContentFeature;
import io.helidon.webserver.staticcontent.TemporaryStorageConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A running node: a hub, its data listener and its admin listener. Thread-safe.
 */
public final class Server implements AutoCloseable {
    private static final String ADMIN = "admin";

    /** Longer than any request line. The topic is its longest part: at most 512 bytes, and three times as many once escaped. */
    private static final int MAX_REQUEST_LINE_BYTES = 256 << 10;

    /**
     * How many times the largest batch a body may be and still be read to its end, though it is refused: a connection that is closed while
     * its client is sending is reset, and then the client does not get to read why.
     */
    private static final int READ_OF_REFUSED_BODIES = 4;

    /** Nothing that the admin listener answers has a body worth mentioning. */
    private static final long MAX_ADMIN_BODY_BYTES = 64 << 10;

    /** A few monitors, and those who look by hand. */
    private static final int MAX_ADMIN_CONNECTIONS = 64;

    /** Helidon reads the time of requests from a clock that ticks once a second or later; so much longer may a connection seem idle. */
    private static final Duration COARSE_CLOCK = Duration.ofSeconds(2);

    /** How often connections are looked at that may have been idle for too long, where a quarter of that time is longer. */
    private static final Duration IDLE_PERIOD = Duration.ofSeconds(5);

    /** Browsers would otherwise guess for how long a file is good, and bring those of two versions together after an upgrade. */
    private static final Header REVALIDATE = HeaderValues.createCached(HeaderNames.CACHE_CONTROL, "no-cache");

    /** How long requests that are neither streams nor answered yet may take at the end. */
    private static final Duration LAST_REQUESTS = Duration.ofSeconds(1);

    static {
        // Once a process: Helidon would take an application.yaml in the working directory, which is ours, for its own.
        Services.set(Config.class, Config.empty());
    }

    private final HarkConfig config;
    private final Hub hub;
    private final WebServer web;
    private final VitalThreads vital;
    private final int connections;
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Health health;
    private final Listeners listeners;

    private Server(
            HarkConfig config, Hub hub, WebServer web, VitalThreads vital, Health health, Listeners listeners, int connections) {
        this.listeners = listeners;
        this.config = config;
        this.hub = hub;
        this.web = web;
        this.vital = vital;
        this.health = health;
        this.connections = connections;
    }

    /**
     * Starts a node; returns when it listens.
     *
     * @throws dev.hark.log.UnusableLogException if the event log cannot be opened; nothing runs then
     * @throws RuntimeException if an address cannot be listened on; nothing runs then
     */
    public static Server start(HarkConfig config) {
        return start(config, new VitalThreads());
    }

    /** As {@link #start(HarkConfig)}, with threads that a test can watch. */
    static Server start(HarkConfig config, VitalThreads vital) {
        requireAddress("server", config.server().host());
        requireAddress("admin", config.admin().host());
        SteadyClock clock = SteadyClock.ofSystem();
        Hub hub = Hub.start(config.hub(), log(config, clock, vital), clock, vital);
        int connections = Descriptors.forConnections(MAX_ADMIN_CONNECTIONS);
        Listeners listeners = listeners(config, connections);
        try {
            var health = new Health(hub, clock);
            WebServer web = web(config, hub, health, listeners, connections).start();
            if (!web.isRunning()) {
                // Helidon's start returns all the same, and keeps the reason to itself.
                throw new IllegalStateException(whyNot(config));
            }
            health.watch(ListenerProbe.start(config.server().host(), web.port(), web.hasTls()));
            return new Server(config, hub, web, vital, health, listeners, connections);
        } catch (RuntimeException e) {
            listeners.close();
            hub.close();
            throw e;
        }
    }

    private static void requireAddress(String section, String host) {
        if (new InetSocketAddress(host, 0).isUnresolved()) {
            throw new IllegalStateException(section + ".host " + host + " is no address, and no name that has one");
        }
    }

    private static String whyNot(HarkConfig config) {
        return refusal("server", config.server().host(), config.server().port())
                .or(() -> refusal("admin", config.admin().host(), config.admin().port()))
                .orElse("an address cannot be listened on");
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

    private static EventLog log(HarkConfig config, SteadyClock clock, VitalThreads vital) {
        return switch (config.log().kind()) {
            case MEMORY -> new MemoryLog(Epochs.next(new SecureRandom()), config.log().config(), clock);
            case SQLITE -> SqliteLog.open(config.log().sqlite(), clock, new SecureRandom(), vital);
        };
    }

    private static Listeners listeners(HarkConfig config, int connections) {
        Duration arrival = config.server().arrivalTimeout();
        return Listeners.start(
                new ListenSettings(connections, config.server().tls().isPresent(), arrival),
                new ListenSettings(MAX_ADMIN_CONNECTIONS, false, arrival));
    }

    private static WebServer web(HarkConfig config, Hub hub, Health health, Listeners listeners, int connections) {
        long maxBodyBytes = (long) config.limits().batchBytes() * READ_OF_REFUSED_BODIES;
        Duration idleTimeout = config.server().idleTimeout().plus(COARSE_CLOCK);
        Duration quarter = config.server().idleTimeout().dividedBy(4);
        Duration idlePeriod = quarter.compareTo(IDLE_PERIOD) < 0 ? quarter : IDLE_PERIOD;
        WebServerConfig.Builder server = WebServer.builder()
                .host(config.server().host())
                .port(config.server().port())
                .backlog(config.server().backlog())
                .shutdownHook(false)
                .shutdownGracePeriod(LAST_REQUESTS)
                // Streams write whole frames themselves; a buffer for each would be memory for nothing.
                .writeBufferSize(0)
                .connectionOptions(listeners.data().noting(SocketOptions.builder()
                        .tcpNoDelay(true)
                        .socketSendBufferSize(config.server().sendBufferBytes())
                        .build()))
                .idleConnectionTimeout(idleTimeout)
                .idleConnectionPeriod(idlePeriod)
                .maxTcpConnections(connections)
                // Helidon's own sockets over NIO take some 10 KiB more for each stream.
                .useNio(false)
                .maxPayloadSize(maxBodyBytes)
                .errorHandling(refusals())
                .directHandlers(Problems.direct(maxBodyBytes))
                // The only selector, and Helidon's own not beside it: where there are several, Helidon silently drops a connection
                // that begins like none of them (HTTP/1.0, for example).
                .protocolsDiscoverServices(false)
                .addConnectionSelector(new StreamConnections(
                        Http1Config.builder().maxPrologueLength(MAX_REQUEST_LINE_BYTES).build(), listeners.data(), idleTimeout))
                .featuresDiscoverServices(false)
                .addFeature(AdminFeature.of(hub, health, listeners, ADMIN))
                .routing(dataRouting(config, hub, listeners))
                .putSocket(ADMIN, listener -> listener.host(config.admin().host())
                        .port(config.admin().port())
                        .idleConnectionTimeout(idleTimeout)
                        .idleConnectionPeriod(idlePeriod)
                        .maxTcpConnections(MAX_ADMIN_CONNECTIONS)
                        .connectionOptions(listeners.admin().noting(SocketOptions.create()))
                        .useNio(false)
                        .protocolsDiscoverServices(false)
                        .addConnectionSelector(new StreamConnections(Http1Config.create(), listeners.admin(), idleTimeout))
                        .maxPayloadSize(MAX_ADMIN_BODY_BYTES)
                        .errorHandling(refusals())
                        .directHandlers(Problems.direct(MAX_ADMIN_BODY_BYTES)));
        config.server().tls().map(TlsSettings::tls).ifPresent(server::tls);
        return server.build();
    }

    /** Without this Helidon keeps from the handlers what was wrong with a request. */
    private static ErrorHandling refusals() {
        return ErrorHandling.builder().includeEntity(true).build();
    }

    private static HttpRouting.Builder dataRouting(HarkConfig config, Hub hub, Listeners listeners) {
        HttpRouting.Builder routing = HttpRouting.builder();
        routing.addFilter(new HostNames(config.server().hosts()));
        routing.addFilter(new CrossOrigin(config.cors()));
        routing.route(Method.predicate(Method.GET, Method.HEAD), PathMatchers.exact("/"), (request, response) ->
                response.status(Status.FOUND_302).header(HeaderNames.LOCATION, "/demo/").send());
        routing.register(
                "/demo",
                rules -> rules.any((request, response) -> response.header(REVALIDATE).next()),
                StaticContentFeature.createService(
                        ClasspathHandlerConfig.builder()
                                .location("/demo")
                                .welcome("index.html")
                                // Copies would stay among the temporary files of a hub that is killed.
                                .temporaryStorage(TemporaryStorageConfig.builder().enabled(false).build())
                                .build()));
        new DataRoutes(hub, config, listeners.counters()).register(routing);
        return routing;
    }

    /** Where the data listener is. */
    public URI uri() {
        return uri(web.hasTls() ? "https" : "http", config.server().host(), web.port());
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

    /** What this node may need of the heap. */
    HeapNeed heapNeed() {
        return HeapNeed.of(config, connections);
    }

    /** Calls {@code action} once, on a thread of its own, when this node has to end because a thread that every stream needs has died. */
    public void onDeath(Runnable action) {
        vital.onDeath(action);
    }

    /**
     * Ends every stream with a word, spread over the configured time, then stops. Called again, it waits until that is done.
     *
     * @return what could not be ended in order, a sentence; empty where all was
     */
    public Optional<String> drain() {
        return stop(config.drainWindow());
    }

    /** Stops, without taking time over it. */
    @Override
    public void close() {
        stop(Duration.ZERO);
    }

    private Optional<String> stop(Duration window) {
        if (stopping.compareAndSet(false, true)) {
            try {
                hub.drain(window);
            } catch (InterruptedException e) {
                // Somebody is in a hurry: go on without the rest of the window.
                Thread.currentThread().interrupt();
            } finally {
                stopListeners();
            }
        } else {
            awaitStop();
        }
        return hub.leftBehind();
    }

    private void stopListeners() {
        try {
            health.close();
            web.stop();
            listeners.close();
        } finally {
            hub.close();
            stopped.countDown();
        }
    }

    private void awaitStop() {
        try {
            stopped.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
