package dev.hark.app.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.app.FuzzInputs;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What {@code hark subscribe} makes of what a hub sends: the events that a slow reader finds, and on a terminal nothing that steers it. The
 * input is the stream.
 */
public final class EventStreamFuzzTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String BEFORE = "7k3q9x2m-1";

    /**
     * All that comes of a stream.
     *
     * @param lastEventId what to resume with
     * @param retry       the reconnection time
     */
    private record Read(List<ServerSentEvent> events, String lastEventId, Optional<Duration> retry) {}

    @Test
    void holdsForWhatIsKept() {
        FuzzInputs.each(EventStreamFuzzTest.class, EventStreamFuzzTest::fuzzerTestOneInput);
    }

    /** The fuzzer's way in. */
    public static void fuzzerTestOneInput(byte[] input) {
        FuzzInputs.bounded(input, EventStreamFuzzTest::look);
    }

    private static void look(byte[] input) {
        Read read = read(new ByteArrayInputStream(input));
        assertThat(read(byteByByte(input))).as("byte by byte").isEqualTo(read);
        assertThat(read).isEqualTo(model(input));
        read.events().forEach(EventStreamFuzzTest::print);
    }

    private static Read read(InputStream in) {
        var reader = new EventStreamReader(in, BEFORE);
        var events = new ArrayList<ServerSentEvent>();
        try {
            for (ServerSentEvent event = reader.next(); event != null; event = reader.next()) {
                events.add(event);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Read(events, reader.lastEventId(), reader.retry());
    }

    private static InputStream byteByByte(byte[] input) {
        return new ByteArrayInputStream(input) {
            @Override
            public synchronized int read(byte[] into, int from, int length) {
                return super.read(into, from, Math.min(1, length));
            }
        };
    }

    /** WHATWG HTML, 9.2.6, over the whole stream at once. */
    private static Read model(byte[] input) {
        String text = new String(input, UTF_8);
        String stream = (text.startsWith("\uFEFF") ? text.substring(1) : text).replace("\r\n", "\n").replace('\r', '\n');
        var events = new ArrayList<ServerSentEvent>();
        String lastEventId = BEFORE;
        String id = BEFORE;
        String type = "";
        @Nullable String data = null;
        Optional<Duration> retry = Optional.empty();
        List<String> lines = List.of(stream.split("\n", -1));
        // The last line has no end.
        for (String line : lines.subList(0, lines.size() - 1)) {
            int colon = line.indexOf(':');
            String name = colon < 0 ? line : line.substring(0, colon);
            String value = colon < 0 ? "" : line.substring(colon + 1);
            value = value.startsWith(" ") ? value.substring(1) : value;
            if (line.isEmpty()) {
                lastEventId = id;
                if (data != null) {
                    events.add(new ServerSentEvent(type.isEmpty() ? "message" : type, id, data));
                }
                type = "";
                data = null;
            } else if (name.equals("event")) {
                type = value;
            } else if (name.equals("data")) {
                data = data == null ? value : data + '\n' + value;
            } else if (name.equals("id") && value.indexOf('\0') < 0) {
                id = value;
            } else if (name.equals("retry") && !value.isEmpty() && value.chars().allMatch(c -> c >= '0' && c <= '9')) {
                var millis = new java.math.BigInteger(value).min(java.math.BigInteger.valueOf(Duration.ofDays(1).toMillis()));
                retry = Optional.of(Duration.ofMillis(millis.longValueExact()));
            }
        }
        return new Read(events, lastEventId, retry);
    }

    private static void print(ServerSentEvent event) {
        EventPrinter.saysEnded(event);
        TestShell terminal = TestShell.onTerminal(Map.of("NO_COLOR", "1"));
        for (String topic : new String[] {"a", null}) {
            assertThat(new EventPrinter(terminal.shell, false, topic, () -> Instant.EPOCH).print(event)).isTrue();
        }
        requireHarmless(terminal.out());
        requireHarmless(terminal.err());
        TestShell program = TestShell.withInput("");
        new EventPrinter(program.shell, true, null, () -> Instant.EPOCH).print(event);
        requireHarmless(program.err());
        program.out().lines().forEach(line -> assertThat(json(line).path("id").asText()).isEqualTo(event.id()));
        assertThat(program.out().lines().count()).isLessThanOrEqualTo(1);
    }

    private static com.fasterxml.jackson.databind.JsonNode json(String line) {
        try {
            return JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void requireHarmless(String printed) {
        assertThat(printed.codePoints()).noneMatch(point -> (Character.isISOControl(point) && point != '\n' && point != '\t')
                || (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069));
    }
}
