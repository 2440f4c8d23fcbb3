package dev.hark.app.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.app.Answer;
import dev.hark.app.Ports;
import dev.hark.app.RunningHub;
import dev.hark.app.SilentLog;
import dev.hark.app.Wire;
import dev.hark.app.hook.Receiver;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** The service of docs/webhooks.md that is called, run as a process: it hears of streams, and believes nobody but the hub. */
@Timeout(300)
@ResourceLock(SilentLog.LOG)
class HookReceiverIT {
    private static final Path PAGE = Path.of("..", "docs", "webhooks.md");
    private static final Pattern PROGRAM = Pattern.compile("(?ms)^```python\\n(.*?)^```$");
    private static final String SECRET = "\"whsec_...\"";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** So that it can be asked what it has understood. */
    private static final String SHOWS = """

            @app.get("/listened")
            def shown():
                return ",".join(sorted(listened))
            """;

    @TempDir
    private Path folder;

    @Test
    void hearsWhoListensAndBelievesNobodyElse() throws Exception {
        Clients.require("python");
        var page = PROGRAM.matcher(Files.readString(PAGE));
        assertThat(page.find()).isTrue();
        assertThat(page.group(1)).contains(SECRET);
        Path file = folder.resolve("receiver.py");
        Files.writeString(file, page.group(1).replace(SECRET, '"' + Receiver.SECRET + '"') + SHOWS);
        int port = Ports.free();
        URI service = URI.create("http://127.0.0.1:" + port);
        Process process = new ProcessBuilder(Clients.pythonOfClients(), "-m", "flask", "--app", file.toString(), "run", "--port", "" + port)
                .directory(folder.toFile()).redirectErrorStream(true).redirectOutput(folder.resolve("out").toFile()).start();
        try {
            await("a service").atMost(PATIENCE).ignoreException(ConnectException.class).until(() -> {
                assertThat(process.isAlive()).as(Files.readString(folder.resolve("out"))).isTrue();
                try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                    return socket.isConnected();
                }
            });
            try (RunningHub hub = RunningHub.start("hooks.0.name=presence", "hooks.0.url=" + service + "/hark-hook",
                            "hooks.0.secret=" + Receiver.SECRET, "hooks.0.topics=orders/*", "hooks.0.settle=PT0.3S");
                    Wire one = hub.open("/topics/orders/1")) {
                Wire two = hub.open("/topics/orders/2");
                awaitListened(service, "orders/1,orders/2");
                two.close();
                awaitListened(service, "orders/1");

                Answer forged = ask(service, "POST", "/hark-hook", "webhook-id: hook_x", "webhook-timestamp: 1795973580",
                        "webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "Content-Length: 0");
                assertThat(forged.status()).isEqualTo(401);
                assertThat(hub.admin("/api/hooks").body()).contains("\"state\":\"running\"");
                hub.publish("orders/1", "still open");
                assertThat(Stream.generate(one::block).filter(block -> block.is("message")).findFirst().orElseThrow().data())
                        .isEqualTo("still open");
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private static void awaitListened(URI service, String topics) {
        await(topics).atMost(PATIENCE).until(() -> ask(service, "GET", "/listened").body().equals(topics));
    }

    private static Answer ask(URI service, String method, String target, String... headers) {
        try (Wire wire = Wire.connect(service)) {
            return wire.request(method, target, headers).answer();
        }
    }
}
