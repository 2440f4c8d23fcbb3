package dev.hark.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventStreamReaderTest {
    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r", "\r\n"})
    void endsLinesAtEachOfTheThreeEnds(String end) throws IOException {
        assertThat(events(String.join(end, "event: a", "id: 1", "data: x", "data: y", "", "data: z", "", "")))
                .containsExactly(new ServerSentEvent("a", "1", "x\ny"), new ServerSentEvent("message", "1", "z"));
    }

    @Test
    void readsTheExamplesOfTheStandard() throws IOException {
        assertThat(events("data: YHOO\ndata: +2\ndata: 10\n\n")).extracting(ServerSentEvent::data).containsExactly("YHOO\n+2\n10");
        assertThat(events(": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n")).containsExactly(
                new ServerSentEvent("message", "1", "first event"),
                new ServerSentEvent("message", "", "second event"),
                new ServerSentEvent("message", "", " third event"));
        assertThat(events("data\n\ndata\ndata\n\ndata:\n")).extracting(ServerSentEvent::data).containsExactly("", "\n");
        assertThat(events("data:test\n\ndata: test\n\n")).extracting(ServerSentEvent::data).containsExactly("test", "test");
    }

    @Test
    void dropsOneByteOrderMarkAtTheStart() throws IOException {
        assertThat(events("\uFEFFdata: a\n\n")).extracting(ServerSentEvent::data).containsExactly("a");
        assertThat(events("\uFEFF\uFEFFdata: a\n\n")).isEmpty();
        assertThat(events("data: a\n\n\uFEFFdata: b\n\n")).hasSize(1);
    }

    @Test
    void readsTheSameWhereverTheNetworkCuts() throws IOException {
        String stream = "\uFEFFid: 7\r\ndata: \u00E4\u20AC\uD83D\uDE00\r\n\r\nevent: b\rdata: x\r\rdata: y\n\n";

        assertThat(events(new ByteArrayInputStream(stream.getBytes(StandardCharsets.UTF_8)) {
            @Override
            public synchronized int read(byte[] bytes, int offset, int length) {
                return super.read(bytes, offset, Math.min(length, 1));
            }
        })).isEqualTo(events(stream)).hasSize(3);
    }

    @Test
    void dispatchesAtACarriageReturnWithoutWaitingForALineFeed() throws IOException {
        try (PipedOutputStream hub = new PipedOutputStream(); PipedInputStream in = new PipedInputStream(hub)) {
            hub.write("data: now\r\n\r".getBytes(StandardCharsets.UTF_8));
            hub.flush();

            assertThat(new EventStreamReader(in, "").next()).isEqualTo(new ServerSentEvent("message", "", "now"));
        }
    }

    @Test
    void movesTheIdWithBlocksThatHoldNothingElse() throws IOException {
        EventStreamReader reader = reader("id: e-1\n\nid: e-2\n\nid: e-3\n");

        assertThat(reader.next()).isNull();
        assertThat(reader.lastEventId()).as("the cut-off block moves nothing").isEqualTo("e-2");
    }

    @Test
    void ignoresAnIdWithNulAndTakesAnEmptyOne() throws IOException {
        EventStreamReader nul = reader("id: a\n\nid: b\0c\ndata: x\n\n");
        EventStreamReader empty = reader("id: a\n\nid:\n\n");

        assertThat(nul.next()).isEqualTo(new ServerSentEvent("message", "a", "x"));
        assertThat(empty.next()).isNull();
        assertThat(empty.lastEventId()).isEmpty();
    }

    @Test
    void keepsTheIdItWasResumedWith() throws IOException {
        EventStreamReader reader = new EventStreamReader(stream("data: x\n\n"), "e-5");

        assertThat(reader.next()).isEqualTo(new ServerSentEvent("message", "e-5", "x"));
    }

    @Test
    void takesARetryOfDigitsAlone() throws IOException {
        assertThat(retry("retry: 1500\n")).isEqualTo(Duration.ofMillis(1500));
        assertThat(retry("retry: 1500\nretry: 1.5\nretry: -1\nretry:\nretry: 2s\n")).isEqualTo(Duration.ofMillis(1500));
        assertThat(retry("retry: " + "9".repeat(30) + "\n")).isEqualTo(Duration.ofDays(1));
        EventStreamReader none = reader("retry: x\n");
        assertThat(none.next()).isNull();
        assertThat(none.retry()).isEmpty();
    }

    @Test
    void discardsAnEventThatTheEndCutsOff() throws IOException {
        assertThat(events("data: a\n\ndata: b\n")).extracting(ServerSentEvent::data).containsExactly("a");
        assertThat(events("event: x\n\ndata: a\n\n")).containsExactly(new ServerSentEvent("message", "", "a"));
    }

    private static Duration retry(String text) throws IOException {
        EventStreamReader reader = reader(text);
        assertThat(reader.next()).isNull();
        return reader.retry().orElseThrow();
    }

    private static List<ServerSentEvent> events(String text) throws IOException {
        return events(stream(text));
    }

    private static List<ServerSentEvent> events(InputStream in) throws IOException {
        EventStreamReader reader = new EventStreamReader(in, "");
        List<ServerSentEvent> events = new ArrayList<>();
        ServerSentEvent event;
        while ((event = reader.next()) != null) {
            events.add(event);
        }
        return events;
    }

    private static EventStreamReader reader(String text) {
        return new EventStreamReader(stream(text), "");
    }

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }
}
