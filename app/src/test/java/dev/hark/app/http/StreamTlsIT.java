package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.HubMeter;
import dev.hark.app.RunningHub;
import dev.hark.app.SilentLog;
import dev.hark.app.Wire;
import dev.hark.event.Draft;
import dev.hark.event.Topic;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Streams over TLS end as others do, with their connections, although TLS has a close of its own and its sockets are closed
 * under a reader.
 */
@ExtendWith(SilentLog.class)
class StreamTlsIT {
    private static final int STREAMS = 20;

    @TempDir
    static Path folder;

    private static Path keys;
    private static SSLContext tls;

    @BeforeAll
    static void makeKeys() throws Exception {
        keys = folder.resolve("hark.p12");
        Process keytool = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-alias", "hark",
                "-keyalg", "EC", "-dname", "CN=localhost", "-storetype", "PKCS12", "-keystore", keys.toString(), "-storepass", "changeit")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("keytool.txt").toFile())
                .start();
        assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keys)) {
            store.load(in, "changeit".toCharArray());
        }
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("hark", store.getCertificate("hark"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        tls = SSLContext.getInstance("TLS");
        tls.init(null, trust.getTrustManagers(), null);
    }

    @Test
    void aDrainingHubEndsEachStreamProperly() throws Exception {
        try (RunningHub hub = start("drain.window=PT0.5S");
                ExecutorService drain = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Client> streams = IntStream.range(0, STREAMS).mapToObj(i -> Client.open(hub.uri())).toList();
            hub.awaitStreams(STREAMS);
            publish(hub, "hello");
            streams.forEach(stream -> stream.awaitLine("data: hello"));

            Future<?> done = drain.submit(hub::drain);
            for (Client stream : streams) {
                stream.awaitLine("data: {\"reason\":\"draining\"}");
                // Without TLS's own word for the end this throws: the stream might have been cut.
                assertThat(stream.rest()).as("the block's end, the chunk's, and the last chunk").containsExactly("", "", "0", "");
                stream.close();
            }
            done.get();
            assertThat(hub.read(HubMeter.STREAMS_CLOSED_DRAINING)).isEqualTo(STREAMS);
        }
    }

    @Test
    void aClientThatClosesIsNoticed() {
        try (RunningHub hub = start()) {
            for (int i = 0; i < STREAMS; i++) {
                Client.open(hub.uri()).close();
            }
            hub.awaitMeter(HubMeter.STREAMS_GONE, gone -> gone == STREAMS);
            hub.awaitStreams(0);
        }
    }

    @Test
    void aStalledClientIsCut() {
        try (RunningHub hub = start("delivery.write-timeout=PT0.5S", "delivery.send-buffer=4KiB");
                Client stalled = Client.open(hub.uri())) {
            assertThat(stalled).isNotNull();
            hub.awaitStreams(1);
            for (int i = 0; i < 10_000 && hub.read(HubMeter.STREAMS_STALLED) == 0; i++) {
                publish(hub, "x".repeat(10_000));
            }
            hub.awaitMeter(HubMeter.STREAMS_STALLED, count -> count == 1);
            hub.awaitStreams(0);
        }
    }

    private static RunningHub start(String... settings) {
        List<String> set = Stream.concat(
                        Stream.of(
                                "server.tls.private-key.keystore.passphrase=changeit",
                                "server.tls.private-key.keystore.key.alias=hark",
                                "server.tls.private-key.keystore.resource.path=" + keys),
                        Stream.of(settings))
                .toList();
        return RunningHub.start(set.toArray(String[]::new));
    }

    private static void publish(RunningHub hub, String data) {
        hub.hub().publish(List.of(new Draft(new Topic("a"), Draft.DEFAULT_TYPE, null, data.getBytes(StandardCharsets.UTF_8), null)));
    }

    /** A stream, read by lines. */
    private record Client(Socket socket, BufferedReader lines) implements AutoCloseable {
        static Client open(URI hub) {
            try {
                Socket socket = tls.getSocketFactory().createSocket(hub.getHost(), hub.getPort());
                socket.setSoTimeout((int) Wire.PATIENCE.toMillis());
                socket.getOutputStream().write("GET /topics/a HTTP/1.1\r\nHost: test\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                var client = new Client(socket, new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8)));
                client.awaitLine("HTTP/1.1 200 OK");
                return client;
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        void awaitLine(String expected) {
            try {
                for (String line = lines.readLine(); !expected.equals(line); line = lines.readLine()) {
                    assertThat(line).as("the stream ended before %s", expected).isNotNull();
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        /** @throws IOException if the stream is cut instead of ended */
        List<String> rest() throws IOException {
            return lines.readAllLines();
        }

        @Override
        public void close() {
            try {
                socket.close();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }
}
