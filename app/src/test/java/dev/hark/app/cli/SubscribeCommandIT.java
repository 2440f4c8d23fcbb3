package dev.hark.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.PackagedJar;
import dev.hark.app.RunningHub;
import dev.hark.app.Wire;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code hark subscribe} against a hub. */
class SubscribeCommandIT {
    @Test
    @Timeout(20) // well below a heartbeat for each question
    void endsWhenItHasCaughtUpWithoutWaitingForAHeartbeat() {
        try (RunningHub hub = RunningHub.start("delivery.heartbeat=PT10M")) {
            assertThat(caughtUp(hub, "a/*", "--since", "earliest")).as("an empty log").isEmpty();
            hub.publish("a/1", "one");
            hub.publish("b", "other");
            hub.publish("a/2", "two");
            assertThat(caughtUp(hub, "a/*", "--since", "earliest")).containsExactly("one", "two");
            hub.publish("b", "more");
            assertThat(caughtUp(hub, "a/*", "--since", "earliest")).containsExactly("one", "two");
            assertThat(caughtUp(hub, "a/*", "--last", "1")).containsExactly("two");
            assertThat(caughtUp(hub, "a/*", "b", "--since", "1h")).containsExactly("one", "other", "two", "more");
            assertThat(caughtUp(hub, "a/*")).as("from now on").isEmpty();
        }
        try (RunningHub hub = RunningHub.start("delivery.heartbeat=PT0.2S")) {
            hub.publish("b", "other");
            assertThat(caughtUp(hub, "c", "--since", "earliest")).as("nothing matches, as a heartbeat says").isEmpty();
        }
    }

    @Test
    @Timeout(20)
    void endsWithItsTopic() {
        try (RunningHub hub = RunningHub.start("delivery.heartbeat=PT10M", "delivery.retry=PT10M")) {
            hub.publish("a", "one");
            TestShell publisher = new TestShell();
            assertThat(publisher.run("publish", "a", "--end", "--url", hub.uri().toString())).isZero();
            TestShell hark = new TestShell();
            assertThat(hark.run("subscribe", "a", "--since", "earliest", "--url", hub.uri().toString())).isZero();
            assertThat(hark.out().lines()).containsExactly("one", "");
            assertThat(hark.err().lines()).containsExactly(
                    "hark: the hub ends the stream: the topic has ended",
                    "hark: the hub has nothing more to say: the topic has ended (204)");
            TestShell again = new TestShell();
            assertThat(again.run("subscribe", "a", "--id", publisher.out().strip(), "--url", hub.uri().toString())).isZero();
            assertThat(again.out()).isEmpty();

            hub.publish("a", "anew");
            hub.post("/topics/a?end=true", "two");
            TestShell all = new TestShell();
            assertThat(all.run("subscribe", "a", "--since", "earliest", "--url", hub.uri().toString())).isZero();
            assertThat(all.out().lines()).as("it comes back at once").containsExactly("one", "", "anew", "two");
            hub.publish("a", "open");
            assertThat(caughtUp(hub, "a", "--since", "earliest")).containsExactly("one", "", "anew", "two", "open");
        }
    }

    @Test
    void saysWhichTopicAnEventIsOfWhereThereMayBeSeveral() {
        try (RunningHub hub = RunningHub.start("delivery.heartbeat=PT10M")) {
            hub.publish("a/1", "{\"n\": 1.50}");
            hub.publish("b", "two\nlines");
            hub.publish("a/2", "\"quoted\"");
            hub.post("/topics/a/3?type=tick", "null");
            String[] several = {"subscribe", "a/*", "b", "--since", "earliest", "--no-follow", "--url", hub.uri().toString()};

            TestShell json = new TestShell();
            assertThat(json.run(with(several, "--json"))).isZero();
            assertThat(json.out().lines().map(line -> line.replaceFirst("\"id\":\"[^\"]+\",", ""))).containsExactly(
                    "{\"topic\":\"a/1\",\"type\":\"message\",\"data\":\"{\\\"n\\\":1.50}\"}",
                    "{\"topic\":\"b\",\"type\":\"message\",\"data\":\"two\\nlines\"}",
                    "{\"topic\":\"a/2\",\"type\":\"message\",\"data\":\"\\\"quoted\\\"\"}",
                    "{\"topic\":\"a/3\",\"type\":\"tick\",\"data\":\"null\"}");

            TestShell terminal = TestShell.onTerminal(Map.of("NO_COLOR", "1"));
            assertThat(terminal.run(several)).isZero();
            assertThat(terminal.out().lines().map(line -> line.replaceFirst("^\\d\\d:\\d\\d:\\d\\d", "now"))).containsExactly(
                    "now  a/1  {\"n\":1.50}", "now  b  two", "  lines", "now  a/2  \"quoted\"", "now  a/3  tick  null");

            TestShell pipe = new TestShell();
            assertThat(pipe.run(several)).isZero();
            assertThat(pipe.out()).as("as it was published").isEqualTo("{\"n\": 1.50}\ntwo\nlines\n\"quoted\"\nnull\n");
        }
    }

    @Test
    @Timeout(20)
    void beginsWithTheNewestEventOfEachTopicAndKey() {
        try (RunningHub hub = RunningHub.start("delivery.heartbeat=PT10M", "topics.0.match=p/**", "topics.0.keep.latest=true")) {
            assertThat(caughtUp(hub, "p/*", "--since", "current")).as("nothing there").isEmpty();
            hub.post("/topics/p/a?key=x", "1");
            hub.post("/topics/p/a?key=y", "2");
            hub.post("/topics/p/a?key=x", "3");
            hub.publish("news", "other");
            assertThat(caughtUp(hub, "p/*", "--since", "current")).containsExactly("2", "3");

            assertThat(hub.request("DELETE", "/topics/p/a?key=x").status()).isEqualTo(200);
            assertThat(caughtUp(hub, "p/*", "--since", "current")).as("the last event that matches is in no snapshot").containsExactly("2");
            assertThat(caughtUp(hub, "p/*", "--since", "earliest")).containsExactly("1", "2", "3");
            TestShell pipe = new TestShell();
            assertThat(pipe.run("subscribe", "p/*", "--since", "earliest", "--no-follow", "--url", hub.uri().toString())).isZero();
            assertThat(pipe.err()).isEqualTo("hark: deleted: topic p/a, key x\n");
            TestShell json = new TestShell();
            assertThat(json.run("subscribe", "p/*", "--last", "1", "--no-follow", "--json", "--url", hub.uri().toString())).isZero();
            assertThat(json.out()).endsWith("-5\",\"topic\":\"p/a\",\"type\":\"hark.deleted\","
                    + "\"data\":\"{\\\"topic\\\":\\\"p/a\\\",\\\"key\\\":\\\"x\\\"}\"}\n");
        }
    }

    @Test
    void comesBackWithinASnapshot() {
        String epoch = "7k3q9x2m";
        try (FakeHub hub = new FakeHub(
                FakeHub.Answer.stream("retry: 1\nevent: hark.open\nid: " + epoch + "-9.0\ndata: {}\n\nid: " + epoch + "-9.4\ndata: a\n\n"),
                FakeHub.Answer.stream("id: " + epoch + "-9.7\ndata: b\n\nevent: hark.position\nid: " + epoch + "-9\ndata: {}\n\n"))) {
            TestShell hark = new TestShell();

            assertThat(hark.run("subscribe", "p/*", "--since", "current", "--url", hub.url())).isZero();
            assertThat(hark.out().lines()).containsExactly("a", "b");
            assertThat(hub.asked).extracting(FakeHub.Asked::lastEventId).containsExactly(null, epoch + "-9.4", epoch + "-9");
            assertThat(hub.asked).extracting(FakeHub.Asked::uri).containsOnly("/events?topic=p%2F*&since=current");
        }
    }

    private static String[] with(String[] args, String option) {
        return Stream.concat(Stream.of(args), Stream.of(option)).toArray(String[]::new);
    }

    @Test
    void saysWhyWhereTheHubRefuses() {
        try (RunningHub hub = RunningHub.start()) {
            TestShell hark = new TestShell();

            assertThat(hark.run("subscribe", "a//b", "--no-follow", "--url", hub.uri().toString())).isEqualTo(2);
            assertThat(hark.err()).startsWith("hark: refused: topic filter 'a//b' has an empty segment");
        }
    }

    /** As {@code hark subscribe a | head -1} on a topic where nothing follows. */
    @Test
    void endsWithItsReaderThoughNothingComes() throws Exception {
        try (RunningHub hub = RunningHub.start()) {
            hub.publish("a", "first");
            List<String> command = PackagedJar.command(List.of());
            command.addAll(List.of("subscribe", "a", "--last", "1", "--url", hub.uri().toString()));
            Process hark = new ProcessBuilder(command).start();
            try (var out = new BufferedReader(new InputStreamReader(hark.getInputStream(), StandardCharsets.UTF_8))) {
                assertThat(out.readLine()).isEqualTo("first");
                assertThat(hark.waitFor(Duration.ofMillis(500))).as("it waits for more").isFalse();
            }
            try {
                assertThat(hark.waitFor(10, TimeUnit.SECONDS)).isTrue();
                assertThat(hark.exitValue()).isZero();
                assertThat(new String(hark.getErrorStream().readAllBytes(), StandardCharsets.UTF_8)).isEmpty();
            } finally {
                hark.destroyForcibly();
            }
        }
    }

    private static List<String> caughtUp(RunningHub hub, String... args) {
        TestShell hark = new TestShell();
        String[] all = new String[args.length + 4];
        all[0] = "subscribe";
        System.arraycopy(args, 0, all, 1, args.length);
        all[args.length + 1] = "--no-follow";
        all[args.length + 2] = "--url";
        all[args.length + 3] = hub.uri().toString();
        assertThat(hark.run(all)).as(hark.err()).isZero();
        return hark.out().lines().toList();
    }
}
