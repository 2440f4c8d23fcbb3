package dev.hark.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.RunningHub;
import dev.hark.app.cli.FakeHub.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class DeleteCommandIT {
    private static final String ACCEPTED = "{\"id\":\"7k3q9x2m-1041\",\"topic\":\"news\",\"durability\":\"fsync\",\"subscribers\":1}";

    @Test
    void deletesAndPrintsTheId() {
        try (FakeHub hub = new FakeHub(Answer.json(200, ACCEPTED), Answer.json(200, ACCEPTED))) {
            TestShell hark = new TestShell();

            assertThat(hark.run("delete", "news/to day", "--key", "a b", "--idempotency-key", "i-1", "--url", hub.url())).isZero();
            assertThat(hark.out()).isEqualTo("7k3q9x2m-1041" + System.lineSeparator());
            assertThat(new TestShell().run("delete", "news", "--url", hub.url())).isZero();
            String host = hub.url().substring("http://".length());
            assertThat(hub.asked).containsExactly(
                    new FakeHub.Asked("DELETE", "/topics/news/to%20day?key=a%20b", host, null, "i-1", ""),
                    new FakeHub.Asked("DELETE", "/topics/news", host, null, null, ""));
        }
    }

    @Test
    void takesBackWhatAHubKeeps() {
        try (RunningHub hub = RunningHub.start("topics.0.match=prices/**", "topics.0.keep.latest=true")) {
            String url = hub.uri().toString();
            hub.post("/topics/prices/eurusd?key=spot", "1.08");
            hub.post("/topics/prices/eurusd?key=forward", "1.09");
            String[] current = {"subscribe", "prices/*", "--since", "current", "--no-follow", "--url", url};

            assertThat(new TestShell().run("delete", "prices/eurusd", "--key", "spot", "--url", url)).isZero();
            TestShell after = new TestShell();
            assertThat(after.run(current)).isZero();
            assertThat(after.out().lines()).containsExactly("1.09");

            TestShell refused = new TestShell();
            assertThat(refused.run("delete", "news", "--url", url)).isEqualTo(2);
            assertThat(refused.err()).startsWith("hark: refused: nothing can be deleted of topic 'news'").hasLineCount(1);
        }
    }

    @Test
    void saysThatNoHubIsThere() throws IOException {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        TestShell hark = new TestShell();

        assertThat(hark.run("delete", "t", "--url", "http://127.0.0.1:" + port)).isEqualTo(4);
        assertThat(hark.err())
                .isEqualTo("hark: no hub answers at http://127.0.0.1:" + port + " (connection refused)" + System.lineSeparator());
    }

    @Test
    void refusesAnIdempotencyKeyThatCannotBeSent() {
        TestShell hark = new TestShell();

        assertThat(hark.run("delete", "t", "--idempotency-key", "\u00E4")).isEqualTo(1);
        assertThat(hark.err()).startsWith("hark: --idempotency-key must be printable ASCII").hasLineCount(1);
    }
}
