package dev.hark.app.http.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.HubMeter;
import dev.hark.app.RunningHub;
import dev.hark.app.SilentLog;
import dev.hark.app.TlsKeys;
import dev.hark.app.http.wire.Conversation.Reply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Every request of the table on every listener, with another request behind it on the same connection: each is answered rightly, what is
 * refused is not stored, and what follows is answered where it is known where it begins, and nowhere else. None of them is worth a warning.
 */
@ExtendWith(SilentLog.class)
@ResourceLock(value = SilentLog.LOG, mode = ResourceAccessMode.READ)
class GrammarIT {
    @TempDir
    static Path folder;

    private static final List<Exchange> TABLE = Exchanges.all();
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private static RunningHub plain;
    private static RunningHub secured;
    private static TlsKeys keys;

    @BeforeAll
    static void start() throws Exception {
        keys = TlsKeys.make(folder);
        plain = RunningHub.start();
        secured = RunningHub.start(keys.settings().toArray(String[]::new));
    }

    @AfterAll
    static void stop() {
        plain.close();
        secured.close();
    }

    @TestFactory
    Stream<DynamicTest> onTheDataListener() {
        return TABLE.stream().map(row -> DynamicTest.dynamicTest(row.name(), () -> onData(plain, connect(plain.uri()), row)));
    }

    @TestFactory
    Stream<DynamicTest> onTheDataListenerWithTls() {
        return TABLE.stream().map(row -> DynamicTest.dynamicTest(row.name(), () -> onData(secured, connectSecurely(secured.uri()), row)));
    }

    @TestFactory
    Stream<DynamicTest> onTheAdminListener() {
        return TABLE.stream().filter(row -> row.admin() != 0).map(row -> DynamicTest.dynamicTest(row.name(), () -> onAdmin(row)));
    }

    private static Socket connect(URI uri) throws IOException {
        return new Socket(uri.getHost(), uri.getPort());
    }

    private static Socket connectSecurely(URI uri) throws IOException {
        return keys.trust().getSocketFactory().createSocket(uri.getHost(), uri.getPort());
    }

    private static void onData(RunningHub hub, Socket socket, Exchange row) throws IOException {
        int number = NUMBER.incrementAndGet();
        long stored = hub.read(HubMeter.PUBLISHED_EVENTS);
        String marker = "POST /topics/marker/" + number + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 1\r\n\r\nm";
        Conversation conversation = converse(socket, row, number, marker);
        assertAnswered(conversation, row, row.data());
        Reply first = conversation.replies().getFirst();
        if (first.status() == 201) {
            assertThat(first.json().path("topic").asText()).isEqualTo(Exchange.topic(number));
        }
        if (!row.closes()) {
            Reply second = conversation.replies().getLast();
            assertThat(second.status()).as(conversation.raw()).isEqualTo(201);
            assertThat(second.json().path("topic").asText()).isEqualTo("marker/" + number);
        }
        int events = (first.status() == 201 ? 1 : 0) + (row.closes() ? 0 : 1);
        assertThat(hub.read(HubMeter.PUBLISHED_EVENTS) - stored).as("what is stored").isEqualTo(events);
    }

    private static void onAdmin(Exchange row) throws IOException {
        int number = NUMBER.incrementAndGet();
        String marker = "GET /marker-" + number + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        Conversation conversation = converse(connect(plain.adminUri("")), row, number, marker);
        assertAnswered(conversation, row, row.admin());
        if (!row.closes()) {
            Reply second = conversation.replies().getLast();
            assertThat(second.status()).as(conversation.raw()).isEqualTo(404);
            assertThat(second.json().path("detail").asText()).endsWith("/marker-" + number);
        }
    }

    private static Conversation converse(Socket socket, Exchange row, int number, String marker) throws IOException {
        var bytes = new ByteArrayOutputStream();
        bytes.writeBytes(row.bytes(number));
        bytes.writeBytes(marker.getBytes(StandardCharsets.US_ASCII));
        try (socket) {
            return Conversation.over(socket, bytes.toByteArray(), row.head());
        }
    }

    /** With {@code status}, in the hub's own form, and nothing behind it but the answer to the marker. */
    private static void assertAnswered(Conversation conversation, Exchange row, int status) {
        String raw = conversation.raw();
        assertThat(conversation.replies()).as(raw).hasSize(row.closes() ? 1 : 2);
        Reply first = conversation.replies().getFirst();
        assertThat(first.status()).as(raw).isEqualTo(status);
        boolean says = row.closes() && !(row.inBody() && status == row.admin());
        assertThat(first.field("Connection").orElse("")).as(raw).isEqualTo(says ? "close" : "");
        conversation.replies().forEach(reply -> assertThat(reply.field("Date")).as(raw).isPresent());
        if (row.text().contains("HTTP/1.0")) {
            assertThat(first.field("Transfer-Encoding")).as("a client of HTTP/1.0 knows nothing of chunks: %s", raw).isEmpty();
        }
        if (status == 204) {
            assertThat(first.field("Content-Length")).as(raw).isEmpty();
        }
        if (status >= 400) {
            assertThat(first.field("Content-Type")).as(raw).contains("application/problem+json");
        }
        boolean hasCoding = row.text().contains("Content-Encoding");
        assertThat(first.field("Accept-Encoding").orElse("")).as(raw).isEqualTo(status == 415 && hasCoding ? "identity" : "");
        if (status == 431) {
            assertThat(first.json().path("detail").asText()).as("names the limit").contains(" 16384 bytes");
        }
        if (status >= 400 && !row.head()) {
            assertThat(first.json().path("status").asInt()).as(raw).isEqualTo(status);
            assertThat(first.json().path("detail").asText()).as(raw).isNotBlank();
            assertThat(first.body()).doesNotContain("Exception", "\tat ", "java.", "helidon", "server log");
        }
    }
}
