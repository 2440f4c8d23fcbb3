package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hark.app.Wire;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.socket.HelidonSocket;
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
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What Helidon does by itself, and this program builds on or works around: with another version each of these may change, and then code
 * that names the reason may go, or has to change.
 */
class EngineFactsIT {
    private static final Duration SHORT = Duration.ofMillis(300);

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

    @Test
    void halfAHeadIsWaitedForWithoutAnEnd() {
        WebServerConfig.Builder config = WebServer.builder();
        try (Server server = Server.of(config.idleConnectionTimeout(Duration.ofMillis(100)).idleConnectionPeriod(Duration.ofMillis(50)));
                Wire wire = Wire.connect(server.uri()).send("GET / HTTP/1.1\r\nHost: loc")) {
            assertThatThrownBy(() -> wire.rest(SHORT)).as("StreamConnection closes what Helidon leaves")
                    .isInstanceOf(UncheckedIOException.class);
        }
    }

    @Test
    void aConnectionThatIsIdleIsClosed() {
        WebServerConfig.Builder config = WebServer.builder();
        try (Server server = Server.of(config.idleConnectionTimeout(Duration.ofMillis(100)).idleConnectionPeriod(Duration.ofMillis(50)));
                Wire wire = Wire.connect(server.uri()).send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")) {
            assertThat(wire.answer().status()).isEqualTo(404);
            assertThat(wire.rest()).isEmpty();
        }
    }

    /** Each of these is put right before Helidon sees it. */
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

    private record Server(WebServer web) implements AutoCloseable {
        static Server of(WebServerConfig.Builder config) {
            return new Server(config.host("127.0.0.1").port(0).shutdownHook(false).useNio(false).featuresDiscoverServices(false)
                    .shutdownGracePeriod(Duration.ofMillis(10)).build().start());
        }

        static Server raw(Raw handler) {
            return of(WebServer.builder().protocolsDiscoverServices(false).addConnectionSelector(new RawSelector(handler)));
        }

        URI uri() {
            return URI.create("http://127.0.0.1:" + web.port());
        }

        @Override
        public void close() {
            web.stop();
        }
    }

    private record RawSelector(Raw handler) implements ServerConnectionSelector {
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
        public ServerConnection connection(ConnectionContext context) {
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
                    return Duration.ZERO;
                }

                @Override
                public void close(boolean interrupt) {}
            };
        }
    }
}
