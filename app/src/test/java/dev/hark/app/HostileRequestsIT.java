package dev.hark.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.HubMeter;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that no well-behaved client sends, byte by byte: each is answered, and none is taken for two. */
class HostileRequestsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** Sent behind each request: answered in its own right, or not at all, and never with another request's body before it. */
    private static final String NEXT = "GET /problems/not-found HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

    private static RunningHub hub;

    @BeforeAll
    static void start() {
        hub = RunningHub.start();
    }

    @AfterAll
    static void stop() {
        hub.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/nope", "/topics/a?last=-1", "/problems/malformed"})
    void answersHeadWithoutABody(String path) throws IOException {
        String answers = exchange("HEAD " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n" + NEXT);

        assertThat(answers.indexOf("\r\n\r\n")).isEqualTo(answers.lastIndexOf("HTTP/1.1 200") - 4);
        assertThat(answers.substring(0, answers.indexOf("\r\n\r\n"))).containsPattern("Content-Length: [1-9]");
    }

    @Test
    void closesAfterAnAnswerThatSaysSo() throws IOException {
        assertThat(exchange(NEXT)).startsWith("HTTP/1.1 200 ").contains("Connection: close");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "GET /problems/malformed HTTP/1.1\r\n\r\n",
        "GET /topics/% HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /topics/a?since=% HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /topics/a HTTP/1.1\r\nHost: localhost\r\nX : 1\r\n\r\n",
        "GET /topics/a HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: a\u0001b\r\n\r\n",
    })
    void answersWhatNoHandlerSees(String request) throws IOException {
        assertThat(exchange(request)).startsWith("HTTP/1.1 ").contains("application/problem+json", "\"detail\":\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "POST /topics/f\u00FCr HTTP/1.1\r\n",
        "POST /api/streams/f\u00FCr HTTP/1.1\r\n",
        "POST /topics/a?key=%ff HTTP/1.1\r\n",
        "POST /topics/a HTTP/1.1\r\nHark-Key: f\u00FCr\r\n",
        "POST /topics/a HTTP/1.1\r\nIdempotency-Key: f\u00FCr\r\n",
        "GET /events?topic=%ff HTTP/1.1\r\n",
    })
    void refusesTextThatWouldLoseBytes(String request) throws IOException {
        assertThat(exchange(request + "Host: localhost\r\nContent-Length: 0\r\n\r\n" + NEXT))
                .startsWith("HTTP/1.1 400 ").contains("/problems/malformed");
    }

    @Test
    void readsABatchAsUtf8Alone() throws IOException {
        String json = new String("{\"topic\":\"a\",\"data\":{\"n\":1}}".getBytes(StandardCharsets.UTF_16BE), StandardCharsets.ISO_8859_1);
        String answers =
                exchange("POST /events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: " + json.length()
                        + "\r\n\r\n" + json + NEXT);

        assertThat(answers).startsWith("HTTP/1.1 400 ");
    }

    @Test
    void storesNothingOfABodyThatEndsEarly() throws IOException {
        long before = hub.read(HubMeter.PUBLISHED_EVENTS);

        assertThat(exchange("POST /topics/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhello", true)).isEmpty();
        assertThat(exchange("POST /topics/a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
                true)).isEmpty();
        assertThat(hub.read(HubMeter.PUBLISHED_EVENTS)).isEqualTo(before);
    }

    private static String exchange(String request) throws IOException {
        return exchange(request, false);
    }

    /** All that comes back until the connection ends, or nothing more does. */
    private static String exchange(String request, boolean hangUp) throws IOException {
        try (Socket socket = new Socket(hub.uri().getHost(), hub.uri().getPort())) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            if (hangUp) {
                socket.shutdownOutput();
            }
            var answers = new StringBuilder();
            InputStream in = socket.getInputStream();
            try {
                for (int b = in.read(); b >= 0; b = in.read()) {
                    answers.append((char) b);
                }
            } catch (SocketException e) {
                // Closed with bytes unread, which resets the connection: what was answered before counts.
            }
            return answers.toString();
        }
    }
}
