package dev.hark.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.cli.FakeHub.Answer;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SubscriptionIT {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Instant NOON = LocalDateTime.of(2026, 1, 31, 12, 0).atZone(ZoneId.systemDefault()).toInstant();

    private final List<Duration> pauses = new ArrayList<>();

    @Test
    void resumesWhereTheStreamEnded() {
        try (FakeHub hub = new FakeHub(
                Answer.stream("retry: 1\nid: e-1\n\nid: e-2\ndata: a\n\nid: e-3\n\ndata: cut"), Answer.stream("id: e-4\ndata: b\n\n"))) {
            TestShell hark = new TestShell();

            assertThat(hark.run("subscribe", "a/**", "b c", "--since", "PT10M", "--url", hub.url())).isZero();
            assertThat(hark.out()).isEqualTo(lines("a", "b"));
            assertThat(hub.asked).extracting(FakeHub.Asked::uri).containsOnly("/events?topic=a%2F**&topic=b%20c&since=PT10M");
            assertThat(hub.asked).extracting(FakeHub.Asked::lastEventId).containsExactly(null, "e-3", "e-4");
        }
    }

    @Test
    void startsAfterAnIdOrWithTheLastEvents() {
        try (FakeHub hub = new FakeHub()) {
            assertThat(new TestShell().run("subscribe", "a", "--id", "e-9", "--url", hub.url())).isZero();
            assertThat(new TestShell().run("subscribe", "a", "--last", "3", "--url", hub.url())).isZero();

            assertThat(hub.asked).extracting(FakeHub.Asked::lastEventId).containsExactly("e-9", null);
            assertThat(hub.asked.getLast().uri()).isEqualTo("/events?topic=a&last=3");
        }
    }

    @Test
    void printsOneJsonObjectALine() {
        try (FakeHub hub = new FakeHub(Answer.stream("retry: 1\nevent: tick\nid: e-1\ndata: {\"a\":1}\ndata: \u00E4\n\n"))) {
            TestShell hark = new TestShell();

            assertThat(hark.run("subscribe", "a", "--json", "--url", hub.url())).isZero();
            assertThat(hark.out())
                    .isEqualTo(lines("{\"id\":\"e-1\",\"topic\":\"a\",\"type\":\"tick\",\"data\":\"{\\\"a\\\":1}\\n\u00E4\"}"));
        }
    }

    @Test
    void saysWhatIsMissingAndWhyTheStreamEndsOnStandardError() {
        String stream = """
                event: hark.gap
                id: e-9
                data: {"reason":"overflow","after":"e-2","resumedAt":"e-9","dropped":6}

                event: hark.gap
                data: {"reason":"retention","after":null,"resumedAt":"e-9","dropped":null}

                retry: 3000
                event: hark.close
                data: {"reason":"draining"}

                """;
        try (FakeHub hub = new FakeHub(Answer.stream(stream))) {
            TestShell hark = new TestShell();

            assertThat(run(hark, hub.url())).isZero();
            assertThat(hark.out()).isEmpty();
            assertThat(hark.err().lines().toList().subList(0, 3)).containsExactly(
                    "hark: 6 events are missing after e-2: this subscriber was too slow; the stream goes on at e-9",
                    "hark: events may be missing: the log keeps them no longer; the stream goes on at e-9",
                    "hark: the hub ends the stream: it is going down");
            assertThat(pauses).singleElement()
                    .satisfies(pause -> assertThat(pause).isBetween(Duration.ofSeconds(3), Duration.ofMillis(4500)));
        }
    }

    @Test
    void resumesAfterWhatTheHubSaysButDoesNotPrintIt() {
        String stream = """
                retry: 1
                event: hark.open
                id: e-1
                data: {"position":"e-1"}

                :
                event: hark.position
                id: e-5
                data: {}

                event: hark.news
                id: e-6
                data: {"of":"a later version"}

                """;
        try (FakeHub hub = new FakeHub(Answer.stream(stream), Answer.stream("event: harkening\nid: e-7\ndata: a\n\n"))) {
            TestShell hark = new TestShell();

            assertThat(run(hark, hub.url())).isZero();
            assertThat(hark.out()).isEqualTo(lines("a"));
            assertThat(hub.asked).extracting(FakeHub.Asked::lastEventId).containsExactly(null, "e-6", "e-7");
        }
    }

    @Test
    void comesBackToAHubThatFellSilent() {
        try (FakeHub hub = new FakeHub(
                Answer.silence("id: e-1\ndata: a\n\ndata: cut"), Answer.silence(""), Answer.stream("id: e-2\ndata: b\n\n"))) {
            TestShell hark = new TestShell();

            assertThat(run(hark, hub.url(), Duration.ofSeconds(2))).isZero();
            assertThat(hark.out()).isEqualTo(lines("a", "b"));
            assertThat(hark.err().lines().limit(2))
                    .hasSize(2).allMatch(line -> line.startsWith("hark: the hub was silent for 2.0 s; trying again in "));
            assertThat(hub.asked).extracting(FakeHub.Asked::lastEventId).containsExactly(null, "e-1", "e-1", "e-2");
        }
    }

    @Test
    void endsWhereTheHubRefuses() {
        try (FakeHub hub = new FakeHub(
                Answer.json(400, "{\"detail\":\"topic filter 'a//b' has an empty segment\"}"), Answer.json(200, "{}"))) {
            TestShell hark = new TestShell();
            TestShell other = new TestShell();

            assertThat(run(hark, hub.url())).isEqualTo(2);
            assertThat(hark.err()).isEqualTo(lines("hark: refused: topic filter 'a//b' has an empty segment"));
            assertThat(run(other, hub.url())).isEqualTo(2);
            assertThat(other.err()).contains("is no event stream");
            assertThat(pauses).isEmpty();
        }
    }

    @Test
    void waitsOutAHubThatIsFull() {
        try (FakeHub hub = new FakeHub(
                new Answer(503, "application/problem+json", "{\"detail\":\"the hub is full\"}", List.of("Retry-After", "9")),
                Answer.stream("data: a\n\n"))) {
            TestShell hark = new TestShell();

            assertThat(run(hark, hub.url())).isZero();
            assertThat(hark.err()).startsWith("hark: the hub is full; trying again in ");
            assertThat(hark.out()).isEqualTo(lines("a"));
            assertThat(pauses.getFirst()).isBetween(Duration.ofSeconds(9), Duration.ofMillis(13_500));
        }
    }

    @Test
    void comesBackLaterEachTimeNobodyIsThere() {
        String gone;
        try (FakeHub hub = new FakeHub()) {
            gone = hub.url();
        }
        TestShell hark = new TestShell();

        assertThat(runUntilPauses(hark, gone, 3)).hasSize(3).isSorted();
        assertThat(hark.err().lines())
                .allMatch(line -> line.startsWith("hark: no hub answers at " + gone + " (connection refused); trying again in "));
    }

    @Test
    void endsAtTheFirstEventThatCannotBeWritten() {
        try (FakeHub hub = new FakeHub(Answer.stream("data: a\n\n"), Answer.stream("data: a\n\n"))) {
            TestShell full = TestShell.unwritable(Path.of("target"), "No space left on device", false);
            TestShell left = TestShell.unwritable(Path.of("target"), "Broken pipe", true);

            assertThat(full.run("subscribe", "a", "--url", hub.url())).isEqualTo(2);
            assertThat(full.err()).isEqualTo(lines("hark: standard output cannot be written (No space left on device)"));
            assertThat(left.run("subscribe", "a", "--url", hub.url())).isZero();
            assertThat(left.err()).isEmpty();
            assertThat(hub.asked).hasSize(2);
        }
    }

    @Test
    void shieldsATerminalFromWhatPublishersWrite() {
        try (FakeHub hub = new FakeHub(
                Answer.stream("data: \u001B[31mred\u009B\tok\u202E\n\n"), Answer.nothingMore(), Answer.stream("data: \u001B[31mred\n\n"))) {
            TestShell terminal = TestShell.onTerminal(Map.of());
            TestShell pipe = new TestShell();

            assertThat(run(terminal, hub.url())).isZero();
            assertThat(terminal.out()).isEqualTo(lines("\u001B[2m12:00:00\u001B[0m  a  \uFFFD[31mred\uFFFD\tok\uFFFD"));
            assertThat(run(pipe, hub.url())).isZero();
            assertThat(pipe.out()).isEqualTo(lines("\u001B[31mred"));
        }
    }

    @Test
    void endsAfterSoManyEvents() {
        try (FakeHub hub = new FakeHub(
                Answer.stream("retry: 1\nid: e-0\n\nid: e-1\ndata: a\n\nevent: hark.gap\nid: e-5\ndata: {}\n\n"),
                Answer.silence("id: e-6\ndata: b\n\n"))) {
            TestShell hark = new TestShell();

            assertThat(hark.run("subscribe", "a", "-n", "2", "--url", hub.url())).isZero();
            assertThat(hark.out()).isEqualTo(lines("a", "b"));
        }
        TestShell none = new TestShell();
        assertThat(none.run("subscribe", "a", "--count", "0")).isEqualTo(1);
        assertThat(none.err()).startsWith("hark: --count is 0; 1 or more is allowed");
    }

    @Test
    void endsWhenItHasCaughtUp() {
        String last = "retry: 1\nid: aaaaaaaa-6\n\nid: aaaaaaaa-7\ndata: newest\n\n";
        String latest = "retry: 1\nid: aaaaaaaa-9\n\n";
        String stream = """
                retry: 1
                id: aaaaaaaa-2

                id: aaaaaaaa-3
                data: old

                id: aaaaaaaa-7
                data: newest

                id: aaaaaaaa-11
                data: later

                """;
        try (FakeHub hub = new FakeHub(Answer.stream(last), Answer.stream(latest), Answer.stream(stream))) {
            TestShell hark = new TestShell();

            assertThat(hark.run("subscribe", "a", "--since", "1h", "--no-follow", "--url", hub.url())).isZero();
            assertThat(hark.out()).isEqualTo(lines("old", "newest"));
            assertThat(hub.asked).extracting(FakeHub.Asked::uri)
                    .containsExactly("/events?topic=a&last=1", "/events?topic=a&since=latest", "/events?topic=a&since=1h");
        }
        try (FakeHub hub = new FakeHub(Answer.stream(latest), Answer.stream(latest))) {
            TestShell hark = new TestShell();

            assertThat(hark.run("subscribe", "a", "--since", "1h", "--no-follow", "--url", hub.url())).as("where nothing matches").isZero();
            assertThat(hark.out()).isEmpty();
        }
    }

    private int run(TestShell hark, String url) {
        return run(hark, url, LONG);
    }

    private int run(TestShell hark, String url, Duration silence) {
        try {
            return subscription(hark, url, new Subscription.Patience(silence, pauses::add)).run();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private List<Duration> runUntilPauses(TestShell hark, String url, int count) {
        try {
            subscription(hark, url, new Subscription.Patience(LONG, pause -> {
                pauses.add(pause);
                if (pauses.size() == count) {
                    throw new InterruptedException();
                }
            })).run();
        } catch (InterruptedException e) {
            return pauses;
        }
        throw new AssertionError("ended by itself");
    }

    private static Subscription subscription(TestShell hark, String url, Subscription.Patience patience) {
        var request = new Subscription.Request(
                URI.create(url + "/events?topic=a"), new HubRequest(null), "", HttpClient.newBuilder(), Subscription.End.NEVER);
        return new Subscription(request, hark.shell, new EventPrinter(hark.shell, false, "a", () -> NOON),
                new Reconnection(new Random(1)), patience);
    }

    private static String lines(String... lines) {
        return String.join(System.lineSeparator(), lines) + System.lineSeparator();
    }
}
