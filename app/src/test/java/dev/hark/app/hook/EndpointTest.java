package dev.hark.app.hook;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.hark.app.config.ConfigSource;
import dev.hark.app.config.HookSettings;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class EndpointTest {
    /** Whoever notices it first, the client or the one who waits for it: an operator reads one sentence. */
    @Test
    void saysThatThereWasNoAnswer() throws Exception {
        try (var silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress()); HttpClient client = Endpoint.client()) {
            HookSettings settings = new ConfigSource(Path.of("..", "application.yaml"), List.of("hooks.0.name=presence",
                    "hooks.0.url=http://127.0.0.1:" + silent.getLocalPort() + "/", "hooks.0.secret=" + Receiver.SECRET,
                    "hooks.0.topics=orders/*", "hooks.0.timeout=PT0.5S"), Map.of()).load().hooks().getFirst();
            Call call = Call.of("presence", List.of(JsonNodeFactory.instance.objectNode().put("id", "7k3q9x2m-1")));
            Answer answer = new Endpoint(client, settings, InstantSource.system()).send(call).get(60, TimeUnit.SECONDS);
            assertThat(answer).isEqualTo(new Answer.Failed("it did not answer within 500 ms", Optional.empty()));
        }
    }
}
