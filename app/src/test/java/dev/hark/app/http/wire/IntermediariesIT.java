package dev.hark.app.http.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.RunningHub;
import dev.hark.app.SseBlock;
import dev.hark.app.Wire;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The table through proxies, which read requests in their own way: whatever they make of it, no part of one request is taken for another,
 * and nobody is given somebody else's answer.
 */
class IntermediariesIT {
    /** A proxy that waits for the rest of what is broken is not waited for. */
    private static final Duration SILENCE = Duration.ofMillis(500);

    private static final Pattern TOPIC = Pattern.compile("\"topic\":\"([^\"]*)\"");

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource
    void smuggleNothing(Intermediary.Kind kind) throws Exception {
        try (RunningHub hub = RunningHub.start();
                Wire watch = hub.open("/topics/" + Exchange.SMUGGLED + "**");
                Intermediary proxy = Intermediary.start(kind, hub.uri(), folder)) {
            int number = 0;
            int through = 0;
            for (Exchange row : Exchanges.all()) {
                number++;
                String marker = publish("marker/" + number);
                String answers = converse(proxy.connect(), SILENCE, row.bytes(number), marker.getBytes(StandardCharsets.US_ASCII));
                assertThat(topics(answers)).as("%s, answered\n%s", row, answers)
                        .isSubsetOf(Exchange.topic(number), "marker/" + number).doesNotHaveDuplicates();
                through += topics(answers).contains(Exchange.topic(number)) ? 1 : 0;
                byte[] after = publish("next/" + number).getBytes(StandardCharsets.US_ASCII);
                String next = converse(proxy.connect(), Wire.PATIENCE, after);
                assertThat(topics(next)).as("what follows %s, answered\n%s", row, next).containsExactly("next/" + number);
            }
            assertThat(through).as("requests that the proxy let through, and the hub took").isGreaterThan(50);
            hub.publish(Exchange.SMUGGLED + "last", "none before");
            SseBlock first = watch.block();
            assertThat(first.data()).isEqualTo("none before");
        }
    }

    private static String publish(String topic) {
        return "POST /topics/" + topic + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 1\r\n\r\nm";
    }

    private static List<String> topics(String answers) {
        return TOPIC.matcher(answers).results().map((MatchResult match) -> match.group(1)).toList();
    }

    /** All that comes, to the end of the connection, or until nothing does for {@code silence}. */
    private static String converse(Socket socket, Duration silence, byte[]... requests) throws IOException {
        var answers = new ByteArrayOutputStream();
        try (socket) {
            socket.setSoTimeout((int) silence.toMillis());
            for (byte[] request : requests) {
                socket.getOutputStream().write(request);
            }
            InputStream in = socket.getInputStream();
            in.transferTo(answers);
        } catch (SocketException | SocketTimeoutException e) {
            // Refused before all was sent, or waited for: what has come counts.
        }
        return answers.toString(StandardCharsets.UTF_8);
    }
}
