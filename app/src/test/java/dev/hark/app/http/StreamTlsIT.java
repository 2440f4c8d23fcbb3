package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.HubMeter;
import dev.hark.app.KernelSockets;
import dev.hark.app.RunningHub;
import dev.hark.app.SilentLog;
import dev.hark.app.TlsKeys;
import dev.hark.app.Wire;
import dev.hark.event.Draft;
import dev.hark.event.Topic;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Streams over TLS end as others do, with their connections, although TLS has a close of its own and its sockets are closed
 * under a reader.
 */
@ExtendWith(SilentLog.class)
@ResourceLock(value = SilentLog.LOG, mode = ResourceAccessMode.READ)
class StreamTlsIT {
    private static final int STREAMS = 20;
    private static final Duration SOON = Duration.ofSeconds(2);

    @TempDir
    static Path folder;

    private static TlsKeys keys;

    @BeforeAll
    static void makeKeys() throws Exception {
        keys = TlsKeys.make(folder);
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
            // Counted once it is written, which its client may have read before.
            hub.awaitMeter(HubMeter.STREAMS_CLOSED_DRAINING, count -> count == STREAMS);
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
            await("the kernel let go").atMost(SOON).until(() -> KernelSockets.lingering(hub.uri().getPort()).isEmpty());
        }
    }

    @Test
    void aPageWaitsAsStreamsDo() throws IOException {
        String request = "GET /topics/a?wait=60s HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\r\n";
        try (RunningHub hub = start(); Client page = Client.ask(hub.uri(), request)) {
            hub.awaitMeter(HubMeter.PAGES_WAITING, waiting -> waiting == 1);
            publish(hub, "now");
            page.awaitLine("HTTP/1.1 200 OK");
            page.awaitLine("");
            assertThat(page.lines().readLine()).contains("\"data\":\"now\"");
            page.send(request);
            hub.awaitMeter(HubMeter.PAGES_WAITING, waiting -> waiting == 1);
            page.close();
            hub.awaitMeter(HubMeter.PAGES_WAITING, waiting -> waiting == 0);
        }
    }

    private static RunningHub start(String... settings) {
        List<String> set = Stream.concat(keys.settings().stream(), Stream.of(settings)).toList();
        return RunningHub.start(set.toArray(String[]::new));
    }

    private static void publish(RunningHub hub, String data) {
        hub.hub().publish(List.of(new Draft(new Topic("a"), Draft.DEFAULT_TYPE, null, data.getBytes(StandardCharsets.UTF_8), null)));
    }

    /** A stream, read by lines. */
    private record Client(Socket socket, BufferedReader lines) implements AutoCloseable {
        static Client open(URI hub) {
            Client client = ask(hub, "GET /topics/a HTTP/1.1\r\nHost: localhost\r\n\r\n");
            client.awaitLine("HTTP/1.1 200 OK");
            return client;
        }

        static Client ask(URI hub, String request) {
            try {
                Socket socket = keys.trust().getSocketFactory().createSocket(hub.getHost(), hub.getPort());
                socket.setSoTimeout((int) Wire.PATIENCE.toMillis());
                var client = new Client(socket, new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8)));
                client.send(request);
                return client;
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        void send(String request) throws IOException {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
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
