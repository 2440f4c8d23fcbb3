package dev.hark.app.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.app.TlsKeys;
import dev.hark.app.Wire;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.jspecify.annotations.Nullable;

/** A hub that may have few descriptors open, so that its data listener has few places: a hundred or so. */
@Tag("long")
@Timeout(180)
class FewPlacesIT {
    private static final int DESCRIPTORS = 300;

    private static final byte[] REQUEST =
            "GET /problems/busy HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    /** More of each kind than there are places. */
    private static final int RUDE = 300;

    /** The probe comes every 5 s and believes the second failure, each of which it waits 2 s for. */
    private static final Duration NOTICED = Duration.ofSeconds(40);

    @TempDir
    Path folder;

    private TlsKeys keys;
    private @Nullable HubProgram hub;
    private final List<Socket> open = new ArrayList<>();

    @BeforeEach
    void makeKeys() throws Exception {
        keys = TlsKeys.make(folder);
    }

    private HubProgram running() {
        return Objects.requireNonNull(hub);
    }

    @AfterEach
    void end() throws IOException {
        for (Socket socket : open) {
            socket.close();
        }
        if (hub != null) {
            hub.close();
        }
    }

    @Test
    void failedHandshakesCostNoPlaces() throws Exception {
        URI uri = serve(true);
        for (int i = 0; i < RUDE; i++) {
            connect(uri).close();
        }
        for (int i = 0; i < RUDE; i++) {
            sendAndLeave(uri, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        for (int i = 0; i < RUDE; i++) {
            sendAndLeave(uri, new byte[50]);
        }
        for (int i = 0; i < RUDE; i++) {
            distrust(uri);
        }
        assertAnswers(uri);
    }

    @Test
    void handshakesThatDoNotEndGiveTheirPlacesUp() throws Exception {
        URI uri = serve(true);
        for (int i = 0; i < RUDE; i++) {
            open.add(connect(uri));
        }
        assertAnswers(uri);
        assertThat(ready()).isEqualTo(200);
    }

    @Test
    void idleConnectionsGiveTheirPlacesUp() throws Exception {
        URI uri = serve(false);
        for (int i = 0; i < RUDE; i++) {
            open.add(connect(uri));
        }
        for (int i = 0; i < RUDE; i++) {
            try (Wire publisher = Wire.connect(uri)) {
                publisher.request("POST", "/topics/a", "Content-Length: 1").send("x");
                assertThat(publisher.answer().status()).isEqualTo(201);
            }
        }
        assertThat(running().err())
                .contains("idle connections were closed because no place was left")
                .doesNotContain("SEVERE", "Exception");
    }

    @Test
    void readinessIsRedWhileAllPlacesAreTakenByStreams() throws Exception {
        URI uri = serve(false);
        readinessFollowsThePlaces(() -> connectAndSend(connect(uri)));
    }

    @Test
    void soItIsWithTls() throws Exception {
        URI uri = serve(true);
        readinessFollowsThePlaces(() -> connectAndSend(tls(keys.trust(), uri)));
    }

    /** Opens a stream. */
    @FunctionalInterface
    private interface Opening {
        Socket open() throws IOException;
    }

    private void readinessFollowsThePlaces(Opening opening) throws Exception {
        assertThat(ready()).isEqualTo(200);
        List<Thread> openers = new ArrayList<>();
        var enough = new AtomicBoolean();
        // Those that find no place wait in the kernel's queue, or come again.
        for (int i = 0; i < RUDE; i++) {
            openers.add(Thread.ofVirtual().start(() -> {
                while (!enough.get()) {
                    try {
                        Socket stream = opening.open();
                        synchronized (open) {
                            open.add(stream);
                        }
                        return;
                    } catch (IOException e) {
                        LockSupport.parkNanos(100_000_000);
                    }
                }
            }));
        }
        await("red").atMost(NOTICED).until(() -> ready() == 503);
        assertThat(running().admin("/health/ready").body()).contains("does not answer");
        assertThat(running().err()).contains("places of the data listener are taken, and none by somebody idle");

        enough.set(true);
        // As one ends, another is let in; all end.
        await("green").atMost(NOTICED).until(() -> {
            synchronized (open) {
                for (Socket socket : open) {
                    socket.close();
                }
            }
            return ready() == 200;
        });
        for (Thread opener : openers) {
            opener.interrupt();
        }
    }

    private URI serve(boolean withTls) {
        List<String> settings = new ArrayList<>(List.of("server.arrival-timeout=PT3S"));
        if (withTls) {
            settings.addAll(keys.settings());
        }
        HubProgram started = HubProgram.start(DESCRIPTORS, folder, settings);
        hub = started;
        return started.uri();
    }

    private int ready() {
        return running().admin("/health/ready").statusCode();
    }

    private void assertAnswers(URI uri) throws IOException {
        for (int i : IntStream.range(0, 20).toArray()) {
            try (Socket client = tls(keys.trust(), uri)) {
                client.getOutputStream().write(REQUEST);
                InputStream in = client.getInputStream();
                assertThat(new String(in.readNBytes(12), StandardCharsets.US_ASCII)).as("client %s", i).isEqualTo("HTTP/1.1 200");
            }
        }
    }

    private static Socket connect(URI uri) throws IOException {
        var socket = new Socket();
        socket.setSoTimeout((int) NOTICED.multipliedBy(3).toMillis());
        socket.connect(new InetSocketAddress(uri.getHost(), uri.getPort()), (int) Wire.PATIENCE.toMillis());
        return socket;
    }

    private static Socket connectAndSend(Socket socket) throws IOException {
        socket.getOutputStream().write("GET /topics/a HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static Socket tls(SSLContext context, URI uri) throws IOException {
        Socket plain = connect(uri);
        try {
            var socket = (SSLSocket) context.getSocketFactory().createSocket(plain, uri.getHost(), uri.getPort(), true);
            socket.startHandshake();
            return socket;
        } catch (IOException e) {
            plain.close();
            throw e;
        }
    }

    private static void sendAndLeave(URI uri, byte[] bytes) throws IOException {
        try (Socket socket = connect(uri)) {
            socket.getOutputStream().write(bytes);
            socket.getInputStream().read();
        } catch (IOException e) {
            // The other side closed it first.
        }
    }

    private static void distrust(URI uri) throws Exception {
        SSLContext nobodyTrusted = SSLContext.getInstance("TLS");
        nobodyTrusted.init(null, null, null);
        try (Socket socket = tls(nobodyTrusted, uri)) {
            throw new AssertionError("the certificate of " + socket + " was trusted");
        } catch (IOException e) {
            // As it should be.
        }
    }
}
