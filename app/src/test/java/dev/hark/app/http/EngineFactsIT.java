package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.app.Wire;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What Helidon does by itself, and this program builds on or works around: with another version each of these may change, and then code
 * that names the reason may go, or has to change.
 *
 * <p>Left out is what can no longer concern it: how {@code SseSink}, HTTP/2 and encodings treat a stream, because none of them is packed;
 * in which order Helidon's shutdown handlers run, because none is registered; what a bound of concurrent requests does to streams, because
 * none is set. That a handshake which fails gives its place back is seen in {@code FewPlacesIT}, that a stalled reader of TLS can be cut in
 * {@link StreamTlsIT}, what the kernel keeps of one in {@link StalledReadersIT}, and memory for each stream is measured, not asserted
 * ({@code docs/benchmarks.md}).
 */
@Timeout(120)
@Isolated("it looks at what the engine logs")
class EngineFactsIT {
    private static final Duration SHORT = Duration.ofMillis(300);

    /** Longer than a machine may stop, or a request is not read in time; measured by a clock that ticks once a second. */
    private static final Duration IDLE = Duration.ofSeconds(6);

    private static final String GET = "GET /here HTTP/1.1\r\nHost: localhost\r\n\r\n";

    /** A handler of raw connections, as {@link StreamConnection} is one. */
    private interface Raw {
        void run(HelidonSocket socket) throws Exception;
    }

    @Test
    void aWriteThatBlocksEndsWhenItsThreadIsInterrupted() throws Exception {
        BlockingQueue<Thread> writer = new ArrayBlockingQueue<>(1);
        BlockingQueue<String> ended = new ArrayBlockingQueue<>(1);
        try (Server server = Server.raw(socket -> {
            writer.add(Thread.currentThread());
            byte[] block = new byte[1 << 20];
            try {
                while (true) {
                    socket.write(BufferData.create(block));
                }
            } catch (UncheckedIOException e) {
                ended.add(e.toString());
            }
        })) {
            try (Wire wire = Wire.connect(server.uri(), 4096).send("hello")) {
                Thread thread = writer.poll(Wire.PATIENCE.toSeconds(), TimeUnit.SECONDS);
                assertThat(ended.poll(SHORT.toMillis(), TimeUnit.MILLISECONDS)).as("there is no write timeout").isNull();
                assertThat(thread).isNotNull();
                thread.interrupt();
                assertThat(ended.poll(Wire.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isNotNull();
                assertThat(wire).isNotNull();
            }
        }
    }

    @Test
    void aPartOfAnArrayIsWrittenAsThatPart() throws Exception {
        try (Server server = Server.raw(socket -> {
            socket.write(BufferData.create("0123456789".getBytes(StandardCharsets.US_ASCII), 2, 3));
            throw new CloseConnectionException("done");
        })) {
            try (Wire wire = Wire.connect(server.uri()).send("hello")) {
                assertThat(wire.rest()).as("4.3.0 wrote too much").isEqualTo("234");
            }
        }
    }

    /** And neither one on which a request is being answered, nor one on which half a head has come: that is waited for without an end. */
    @Test
    void aConnectionThatIsIdleIsClosed() throws Exception {
        var begun = new CountDownLatch(1);
        var reaped = new CountDownLatch(1);
        try (Server server = Server.of(reaping(IDLE).routing(routing -> routing.get("/here", (asked, response) -> {
            begun.countDown();
            reaped.await();
            response.send("done");
        })));
                Wire half = Wire.connect(server.uri()).send("GET / HTTP/1.1\r\nHost: loc");
                Wire answered = Wire.connect(server.uri()).send(GET)) {
            awaitBegun(begun);
            awaitReaped(server);
            reaped.countDown();
            assertThat(answered.answer().body()).isEqualTo("done");
            assertThat(half.send("alhost\r\n\r\n").answer().status()).as("StreamConnection closes what Helidon leaves").isEqualTo(404);
        }
    }

    private static void awaitBegun(CountDownLatch begun) throws InterruptedException {
        assertThat(begun.await(Wire.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    /** Where a stream is, its connection says that it is never idle. */
    @Test
    void aConnectionThatSaysItIsNeverIdleIsLeftAlone() throws Exception {
        Queue<Duration> idle = new ArrayDeque<>(List.of(Duration.ZERO, Duration.ofDays(1)));
        BlockingQueue<Duration> closed = new LinkedBlockingQueue<>();
        Raw waits = socket -> {
            while (socket.get() != null) {
                // Until the client goes.
            }
        };
        try (Server server = Server.raw(reaping(Duration.ofMillis(100)), new RawSelector(waits, idle, closed));
                Wire first = Wire.connect(server.uri()).send("hello");
                Wire second = Wire.connect(server.uri()).send("hello")) {
            for (int i = 0; i < 3; i++) {
                assertThat(closed.poll(Wire.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(Duration.ofDays(1));
            }
            assertThat(List.of(first, second)).isNotEmpty();
        }
    }

    /** StreamSink reads for that reason. */
    @Test
    void nobodyReadsTheSocketWhileAHandlerRuns() throws Exception {
        var begun = new CountDownLatch(1);
        var gone = new CountDownLatch(1);
        var never = new CountDownLatch(1);
        BlockingQueue<String> ended = new ArrayBlockingQueue<>(1);
        try (Server server = Server.of(WebServer.builder().routing(routing -> routing.get("/here", (asked, response) -> {
            begun.countDown();
            try {
                gone.await();
                ended.add(never.await(SHORT.toMillis(), TimeUnit.MILLISECONDS) ? "at once" : "untold");
            } catch (InterruptedException e) {
                ended.add("interrupted");
            }
            response.send();
        })))) {
            Wire wire = Wire.connect(server.uri()).send(GET);
            awaitBegun(begun);
            wire.reset();
            gone.countDown();
            assertThat(ended.poll(Wire.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo("untold");
        }
    }

    @Test
    void setsNoBounds() {
        WebServerConfig plain = WebServer.builder().buildPrototype();
        assertThat(plain.connectionOptions().tcpNoDelay()).as("DataListener sets it").isFalse();
        assertThat(plain.maxPayloadSize()).as("both listeners set it").isEqualTo(-1);
        assertThat(plain.maxTcpConnections()).as("both listeners set it").isEqualTo(-1);
        assertThat(plain.maxConcurrentRequests()).as("streams would take them all: it is left so").isEqualTo(-1);
        assertThat(plain.shutdownGracePeriod()).as("DataListener has a longer one").isEqualTo(Duration.ofMillis(500));
        assertThat(plain.useNio()).as("costs some 10 KiB a stream: Listener has none of it").isTrue();
    }

    @Test
    void saysNothingWhereItCannotListen() {
        try (Server server = Server.of(WebServer.builder());
                Server second = new Server(WebServer.builder().host("127.0.0.1").port(server.web().port()).shutdownHook(false).useNio(false)
                        .featuresDiscoverServices(false).build().start())) {
            assertThat(second.web().isRunning()).as("Listener asks, and finds out why").isFalse();
        }
    }

    /** StreamConnection ends with that. */
    @Test
    void anExceptionIsLoggedUnlessItIsTheOneThatCloses() {
        var warnings = new Warnings();
        try (warnings; Server server = Server.raw(socket -> {
            String said = new String(socket.get(), StandardCharsets.US_ASCII);
            socket.write(BufferData.create("head"));
            throw said.equals("close") ? new CloseConnectionException("done") : new IllegalStateException("planted");
        })) {
            try (Wire wire = Wire.connect(server.uri()).send("close")) {
                assertThat(wire.rest()).isEqualTo("head");
            }
            try (Wire wire = Wire.connect(server.uri()).send("other")) {
                assertThat(wire.rest()).isEqualTo("head");
            }
            await().atMost(Wire.PATIENCE).until(() -> !warnings.lines.isEmpty());
        }
        assertThat(warnings.lines).singleElement().asString().contains("planted");
    }

    /** ConnectionEnd comes before that. 4.3.0 told of a reset, too, and of half a request line. */
    @ParameterizedTest
    @ValueSource(strings = {"", "Content-Length: 4\r\n\r\nhi", "Transfer-Encoding: chunked\r\n\r\n4\r\nhi"})
    void aClientThatLeavesWithinARequestIsAWarningWithATrace(String rest) {
        var warnings = new Warnings();
        try (warnings; Server server = Server.of(echoing())) {
            Wire.connect(server.uri()).send("POST /here HTTP/1.1\r\nHost: localhost\r\n" + rest).close();
            await().atMost(Wire.PATIENCE).until(() -> !warnings.lines.isEmpty());
        }
        assertThat(warnings.lines).singleElement().asString().contains("Internal", "RequestException");
    }

    /** Closing ends it. 4.3.0 passed over all but the first. */
    @ParameterizedTest
    @ValueSource(strings = {"close", "Close", "close, TE", "keep-alive, close", "TE\r\nConnection: close"})
    void saysThatAConnectionIsClosedAndGoesOn(String option) {
        String answers = answers("GET /here HTTP/1.1\r\nHost: localhost\r\nConnection: " + option + "\r\n\r\n" + GET);
        assertThat(answers).startsWith("HTTP/1.1 200 ").contains("Connection: close").containsPattern("(?s)HTTP/1.1 200 .*HTTP/1.1 200 ");
    }

    /** Closing ends that, too. */
    @Test
    void takesTheBodyBehindAnAnswerThatClosesForARequest() {
        String answers = answers("POST /closing HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + GET.length() + "\r\n\r\n" + GET);
        assertThat(answers).startsWith("HTTP/1.1 200 ").contains("Connection: close").containsPattern("(?s)HTTP/1.1 200 .*HTTP/1.1 200 ");
    }

    /** AnswerWriter leaves the length out. */
    @Test
    void givesAnAnswerThatHasNoBodyALength() {
        assertThat(answers("GET /same HTTP/1.1\r\nHost: localhost\r\n\r\n")).startsWith("HTTP/1.1 304 ").contains("Content-Length: 0\r\n");
    }

    /** FieldLines says 431. */
    @Test
    void answers400ToAHugeHead() {
        try (Server server = Server.of(echoing());
                Wire wire = Wire.connect(server.uri()).send("GET /here HTTP/1.1\r\nHost: localhost\r\nCookie: " + "c".repeat(17_000))) {
            assertThat(wire.head().getFirst()).startsWith("HTTP/1.1 400 ");
        }
    }

    /** Each of these but one is put right before Helidon sees it. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock =
            """
            a method in lower case       | 200 | post / HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n
            an absolute target           | 500 | GET http://localhost/here HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n
            a query without a path       | 404 | GET ?a HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n
            a sign in a method           | 500 | G@T /here HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n
            an empty line before         | 400 | \\r\\nGET /here HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n
            a chunk with an extension    | 500 | POST /here HTTP/1.1\\r\\nHost: localhost\\r\\n\
            Transfer-Encoding: chunked\\r\\n\\r\\n1;a=b\\r\\nx\\r\\n0\\r\\n\\r\\n
            a trailer                    | 400 | POST /here HTTP/1.1\\r\\nHost: localhost\\r\\n\
            Transfer-Encoding: chunked\\r\\n\\r\\n1\\r\\nx\\r\\n0\\r\\nA: b\\r\\n\\r\\n
            a chunk size with a sign     | 200 | POST /here HTTP/1.1\\r\\nHost: localhost\\r\\n\
            Transfer-Encoding: chunked\\r\\n\\r\\n+1\\r\\nx\\r\\n0\\r\\n\\r\\n
            both framings, as is right   | 400 | POST /here HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Length: 12\\r\\n\
            Transfer-Encoding: chunked\\r\\n\\r\\n2\\r\\nhi\\r\\n0\\r\\n\\r\\n
            HTTP/1.0                     | 505 | GET /here HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n
            """)
    void readsRequestsInItsOwnWay(String what, int status, String request) {
        WebServerConfig.Builder config = WebServer.builder().routing(routing -> routing.any("/here", (asked, response) -> {
            asked.content().as(byte[].class);
            response.send();
        }).any("/", (asked, response) -> response.send()));
        try (Server server = Server.of(config);
                Wire wire = Wire.connect(server.uri()).send(request.translateEscapes())) {
            assertThat(wire.head().getFirst()).as(what).startsWith("HTTP/1.1 " + status + ' ');
        }
    }

    @Test
    void noModuleIsPackedThatWouldChangeAStream() throws IOException {
        // An encoding compresses, and so spoils, raw bytes; Helidon's HTTP/2 resets never reach a handler.
        try (var jar = new JarFile(Path.of("target", "hark.jar").toFile())) {
            assertThat(jar.getManifest().getMainAttributes().getValue(Attributes.Name.CLASS_PATH))
                    .contains("helidon-webserver-")
                    .doesNotContain("http-encoding-gzip", "http-encoding-deflate", "webserver-http2", "webserver-cors");
        }
    }

    /** All that comes back over one connection, until nothing more does. */
    private static String answers(String requests) {
        try (Server server = Server.of(echoing());
                Wire wire = Wire.connect(server.uri()).send(requests)) {
            wire.closeSendingHalf();
            return wire.rest();
        }
    }

    private static WebServerConfig.Builder echoing() {
        return WebServer.builder().routing(routing -> routing.any("/here", (asked, response) -> {
            if (asked.content().hasEntity()) {
                asked.content().as(byte[].class);
            }
            response.send();
        }).any("/same", (asked, response) -> response.status(Status.NOT_MODIFIED_304).send())
                .any("/closing", (asked, response) -> response.header(HeaderValues.CONNECTION_CLOSE).send()));
    }

    /** @param idle how long a connection may be idle for */
    private static WebServerConfig.Builder reaping(Duration idle) {
        return WebServer.builder().idleConnectionTimeout(idle).idleConnectionPeriod(Duration.ofMillis(50));
    }

    /** Until a connection that came later than all others was closed because it was idle. */
    private static void awaitReaped(Server server) {
        try (Wire idle = Wire.connect(server.uri()).send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")) {
            assertThat(idle.answer().status()).isEqualTo(404);
            assertThat(idle.rest()).isEmpty();
        }
    }

    /** What Helidon logs at WARNING and above. */
    private static final class Warnings extends Handler implements AutoCloseable {
        private static final Logger HELIDON = Logger.getLogger("io.helidon");
        private final List<String> lines = new CopyOnWriteArrayList<>();

        Warnings() {
            HELIDON.addHandler(this);
        }

        @Override
        public void publish(LogRecord logged) {
            if (logged.getLevel().intValue() >= Level.WARNING.intValue()) {
                lines.add(logged.getMessage() + " " + logged.getThrown());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {
            HELIDON.removeHandler(this);
        }
    }

    private record Server(WebServer web) implements AutoCloseable {
        static Server of(WebServerConfig.Builder config) {
            return new Server(config.host("127.0.0.1").port(0).shutdownHook(false).useNio(false).featuresDiscoverServices(false)
                    .shutdownGracePeriod(Duration.ofMillis(10)).build().start());
        }

        static Server raw(Raw handler) {
            return raw(WebServer.builder(), new RawSelector(handler, new ArrayDeque<>(), new LinkedBlockingQueue<>()));
        }

        static Server raw(WebServerConfig.Builder config, RawSelector selector) {
            return of(config.protocolsDiscoverServices(false).addConnectionSelector(selector));
        }

        URI uri() {
            return URI.create("http://127.0.0.1:" + web.port());
        }

        @Override
        public void close() {
            web.stop();
        }
    }

    /**
     * Makes raw connections.
     *
     * @param idle   how long each of them says that it has been idle, one after the other; not at all where there is none left
     * @param closed is given that of those that Helidon closes
     */
    private record RawSelector(Raw handler, Queue<Duration> idle, BlockingQueue<Duration> closed) implements ServerConnectionSelector {
        @Override
        public int bytesToIdentifyConnection() {
            return 0;
        }

        @Override
        public Support supports(BufferData data) {
            return Support.SUPPORTED;
        }

        @Override
        public Set<String> supportedApplicationProtocols() {
            return Set.of();
        }

        @Override
        public synchronized ServerConnection connection(ConnectionContext context) {
            Duration idleTime = Objects.requireNonNullElse(idle.poll(), Duration.ZERO);
            return new ServerConnection() {
                @Override
                public void handle(Limit limit) {
                    try {
                        handler.run(context.serverSocket());
                    } catch (RuntimeException e) {
                        throw e;
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                }

                @Override
                public Duration idleTime() {
                    return idleTime;
                }

                @Override
                public void close(boolean interrupt) {
                    closed.add(idleTime);
                }
            };
        }
    }
}
