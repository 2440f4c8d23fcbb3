package dev.hark.app.http.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.app.Answer;
import dev.hark.app.RunningHub;
import dev.hark.app.TlsKeys;
import dev.hark.app.Wire;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Clients that go in the middle, or never spoke HTTP: thousands of them are a line in the log, and a number among the metrics. */
@Isolated("it looks at what the whole process logs or holds")
class RudeClientsIT {
    private static final int CLIENTS = 3000;
    private static final int LARGEST_LOG_BYTES = 4 << 10;

    @TempDir
    static Path folder;

    private final Capture capture = new Capture();

    private static final class Capture extends Handler {
        private final SimpleFormatter formatter = new SimpleFormatter();
        private final List<String> lines = new CopyOnWriteArrayList<>();

        @Override
        public void publish(LogRecord logged) {
            if (logged.getLevel().intValue() >= Level.INFO.intValue()) {
                lines.add(formatter.format(logged));
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}

        String all() {
            return String.join("", lines);
        }
    }

    @BeforeEach
    void capture() {
        Logger.getLogger("").addHandler(capture);
    }

    @AfterEach
    void release() {
        Logger.getLogger("").removeHandler(capture);
    }

    @Test
    @Tag("long")
    void thousandsOfThemAreALine() throws Exception {
        try (RunningHub hub = RunningHub.start()) {
            capture.lines.clear();
            all(CLIENTS, i -> leave(i % 6 == 0 ? hub.adminUri("") : hub.uri(), i));

            await().atMost(Wire.PATIENCE).until(() -> capture.all().contains("clients left within a request"));
            assertThat(capture.all()).doesNotContain("Exception", "\tat ").contains("within 10 s: ");
            assertThat(capture.all().length()).isLessThan(LARGEST_LOG_BYTES);
            Answer metrics = hub.admin("/metrics");
            assertThat(value(metrics, "hark_requests_left_total") + value(metrics, "hark_connections_reset_total"))
                    .as("a publisher that goes may have its answer already").isGreaterThan(CLIENTS / 2);
            assertThat(value(metrics, "hark_requests_refused_total")).isBetween(1.0, (double) CLIENTS);
            assertThat(hub.post("/topics/a", "x").status()).isEqualTo(201);
        }
    }

    @Test
    void handshakesThatFailAreNone() throws Exception {
        TlsKeys keys = TlsKeys.make(folder);
        try (RunningHub hub = RunningHub.start(keys.settings().toArray(String[]::new))) {
            capture.lines.clear();
            all(300, i -> leave(hub.uri(), i));
            try (Socket polite = keys.trust().getSocketFactory().createSocket(hub.uri().getHost(), hub.uri().getPort())) {
                assertThat(((SSLSocket) polite).getSession().isValid()).as("who does it right gets in").isTrue();
            }
            assertThat(capture.all()).doesNotContain("Exception", "\tat ");
            assertThat(capture.all().length()).isLessThan(LARGEST_LOG_BYTES);
        }
    }

    private interface Client {
        void run(int number);
    }

    private static void all(int count, Client client) throws Exception {
        List<Future<?>> done = new ArrayList<>();
        try (ExecutorService clients = Executors.newFixedThreadPool(32)) {
            for (int i = 0; i < count; i++) {
                int number = i;
                done.add(clients.submit(() -> client.run(number)));
            }
        }
        for (Future<?> one : done) {
            one.get();
        }
    }

    /** In the middle of a head or a body, before the answer, or with what is no HTTP; with a word or without. */
    private static void leave(URI uri, int i) {
        String publish = "POST /topics/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\n";
        String sent = switch (i % 5) {
            case 0 -> "GET /topics/a HTT";
            case 1 -> "GET /topics/a HTTP/1.1\r\nHost: loc";
            case 2 -> publish + "hi";
            case 3 -> publish + "hiho";
            default -> "GET ?a HTTP/1.1\r\n\r\n";
        };
        Wire wire = Wire.connect(uri).send(sent.getBytes(StandardCharsets.US_ASCII));
        if (i % 2 == 0) {
            wire.reset();
        } else {
            wire.close();
        }
    }

    private static double value(Answer metrics, String name) {
        return metrics.body().lines()
                .filter(line -> line.startsWith(name + ' '))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " is not among the metrics"));
    }
}
