package dev.hark.load.drive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.load.ledger.Spread;
import dev.hark.load.measure.Metric;
import dev.hark.load.measure.ServerWatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Streams whose end is not the end of their connection, and that are then opened anew at once. */
@Timeout(60)
class EndedStreamIT {
    private static final String HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final String START = chunk("retry: 50\nevent: hark.open\nid: e-1\ndata: {\"position\":\"e-1\"}\n\n");
    private static final String END = "0\r\n\r\n";

    /** Longer than any of this takes. */
    private static final Duration MOST = Duration.ofSeconds(20);

    private static String chunk(String text) {
        return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
    }

    /** As a proxy does that keeps its connections. */
    @Test
    void areOpenedAnewWhereTheirConnectionStays() throws IOException {
        FanoutResult result = run(Duration.ofSeconds(20), HEAD + START + END, HEAD + START);
        assertThat(result.measurements().orZero(Metric.STREAMS_ENDED)).isEqualTo(1);
        assertThat(result.measurements().orZero(Metric.STREAMS_RESUMED)).isEqualTo(1);
    }

    /** Another answer that nobody has asked for is none to a stream. */
    @Test
    void areNotBegunByAnAnswerThatFollows() throws IOException {
        FanoutResult result = run(Duration.ofSeconds(20), HEAD + START + END + HEAD + START, HEAD + START);
        assertThat(result.measurements().orZero(Metric.STREAMS_ENDED)).isEqualTo(1);
        assertThat(result.measurements().orZero(Metric.STREAMS_RESUMED)).isEqualTo(1);
    }

    /** As at a machine that has lost its power: nothing says that there will be no answer. */
    @Test
    void areOpenedElsewhereWhereNobodyAnswers() throws IOException {
        FanoutResult result = run(Duration.ofSeconds(3), HEAD + START + END, "", HEAD + START);
        assertThat(result.failures().get(Failure.TIMEOUT)).isNotNull()
                .satisfies(entry -> assertThat(entry.example()).contains("no answer within PT3S"));
        assertThat(result.measurements().orZero(Metric.STREAMS_RESUMED)).isEqualTo(1);
    }

    /** One stream, until it is back: of each connection what it is answered, and all of them stay. */
    private static FanoutResult run(Duration connectTimeout, String... answers) throws IOException {
        List<Socket> open = new CopyOnWriteArrayList<>();
        try (var listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                var publishing = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> {
                try {
                    for (String answer : answers) {
                        Socket socket = listener.accept();
                        open.add(socket);
                        socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            Target target = Target.of(Target.Profile.HARK, List.of(url(listener)), List.of(url(publishing)),
                    RequestSettings.NONE, RequestSettings.NONE, List.of());
            var streams = new StreamPlan(1, 0, 4096, 64, connectTimeout, 1, 0, false, Spread.EVEN);
            var phases = new FanoutPlan.Phases(Duration.ofMillis(10), Duration.ZERO, MOST, Duration.ofMillis(10));
            var run = new FanoutRun(new FanoutPlan(target, streams, new PublishPlan(0, 100, 1, 16, 1), "t", 1, phases, ServerWatch.NONE));
            Thread watch = Thread.ofVirtual().start(() -> {
                await().atMost(MOST).until(() -> run.progress(Tally.Count.RESUMED) > 0);
                run.interrupt();
            });
            FanoutResult result = run.run();
            watch.interrupt();
            return result;
        } finally {
            for (Socket socket : open) {
                socket.close();
            }
        }
    }

    private static String url(ServerSocket listener) {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }
}
