package dev.hark.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.cli.FakeHub.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PublishCommandIT {
    private static final String ACCEPTED = "{\"id\":\"7k3q9x2m-1041\",\"topic\":\"news\",\"durability\":\"fsync\",\"subscribers\":1}";

    @Test
    void publishesAndPrintsTheId() {
        try (FakeHub hub = new FakeHub(Answer.json(201, ACCEPTED))) {
            TestShell hark = new TestShell();

            assertThat(hark.run(
                    "publish", "news/to day", "h\u00E4", "--type", "a b", "--key", "k", "--idempotency-key", "i-1", "--url", hub.url()))
                    .isZero();
            assertThat(hark.out()).isEqualTo("7k3q9x2m-1041" + System.lineSeparator());
            String host = hub.url().substring("http://".length());
            assertThat(hub.asked)
                    .containsExactly(new FakeHub.Asked("POST", "/topics/news/to%20day?type=a%20b&key=k", host, null, "i-1", "h\u00E4"));
        }
    }

    @Test
    void saysThatTheIdCannotBeWritten() {
        try (FakeHub hub = new FakeHub(Answer.json(201, ACCEPTED))) {
            TestShell hark = TestShell.unwritable(Path.of("target"), "No space left on device", false);

            assertThat(hark.run("publish", "t", "a", "--url", hub.url())).isEqualTo(2);
            assertThat(hark.err()).isEqualTo("hark: standard output cannot be written (No space left on device)" + System.lineSeparator());
        }
    }

    @Test
    void readsStandardInputWithoutItsLastLineEnd() {
        try (FakeHub hub = new FakeHub(Answer.json(201, ACCEPTED), Answer.json(200, ACCEPTED), Answer.json(201, ACCEPTED))) {
            assertThat(TestShell.withInput("a\n\n").run("publish", "t", "--url", hub.url())).isZero();
            assertThat(TestShell.withInput("a\r\nb\r\n").run("publish", "t", "-", "--url", hub.url())).isZero();
            assertThat(TestShell.withInput("").run("publish", "t", "--url", hub.url())).isZero();

            assertThat(hub.asked).extracting(FakeHub.Asked::body).containsExactly("a\n", "a\r\nb", "");
        }
    }

    @Test
    void publishesTheLastEventOfATopic() {
        try (FakeHub hub = new FakeHub(Answer.json(201, ACCEPTED), Answer.json(201, ACCEPTED), Answer.json(201, ACCEPTED))) {
            assertThat(TestShell.withInput("not read").run("publish", "t", "--end", "--url", hub.url())).isZero();
            assertThat(TestShell.withInput("read\n").run("publish", "t", "-", "--end", "--type", "done", "--url", hub.url())).isZero();
            assertThat(new TestShell().run("publish", "t", "said", "--end", "--url", hub.url())).isZero();

            assertThat(hub.asked).extracting(FakeHub.Asked::body).containsExactly("", "read", "said");
            assertThat(hub.asked).extracting(FakeHub.Asked::uri)
                    .containsExactly("/topics/t?end=true", "/topics/t?type=done&end=true", "/topics/t?end=true");
        }
    }

    @Test
    void saysWhyTheHubRefuses() {
        String problem =
                "{\"type\":\"/problems/topic\",\"title\":\"Bad topic\",\"status\":400,\"detail\":\"topic '*' has \\u001b[31m a wildcard\"}";
        try (FakeHub hub = new FakeHub(
                new Answer(400, "application/problem+json", problem, List.of()), new Answer(502, "text/html", "<html>", List.of()))) {
            TestShell hark = new TestShell();
            TestShell proxied = new TestShell();

            assertThat(hark.run("publish", "*", "a", "--url", hub.url())).isEqualTo(2);
            assertThat(hark.err()).isEqualTo("hark: refused: topic '*' has \uFFFD[31m a wildcard" + System.lineSeparator());
            assertThat(proxied.run("publish", "*", "a", "--url", hub.url())).isEqualTo(2);
            assertThat(proxied.err()).contains("the answer was 502");
        }
    }

    @Test
    void saysThatNoHubIsThere() throws IOException {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        TestShell hark = new TestShell();

        assertThat(hark.run("publish", "t", "a", "--url", "http://127.0.0.1:" + port)).isEqualTo(4);
        assertThat(hark.err())
                .isEqualTo("hark: no hub answers at http://127.0.0.1:" + port + " (connection refused)" + System.lineSeparator());
    }

    @Test
    void goesWhereTheVariableSaysUnlessTheOptionSaysOtherwise() {
        try (FakeHub variable = new FakeHub(FakeHub.Answer.json(201, "{\"id\":\"e-1\"}"));
                FakeHub option = new FakeHub(FakeHub.Answer.json(201, "{\"id\":\"e-2\"}"))) {
            Map<String, String> environment = Map.of("HARK_URL", variable.url());

            assertThat(new TestShell("", false, Path.of("target"), environment).run("publish", "a", "x")).isZero();
            assertThat(variable.asked).hasSize(1);
            assertThat(new TestShell("", false, Path.of("target"), environment).run("publish", "a", "x", "--url", option.url())).isZero();
            assertThat(option.asked).hasSize(1);
            TestShell wrong = new TestShell("", false, Path.of("target"), Map.of("HARK_URL", "hub"));
            assertThat(wrong.run("publish", "a", "x")).isEqualTo(1);
            assertThat(wrong.err()).startsWith("hark: HARK_URL is 'hub': a URL such as ");
        }
    }
}
