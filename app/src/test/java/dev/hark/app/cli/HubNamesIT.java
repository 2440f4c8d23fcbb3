package dev.hark.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.PackagedJar;
import dev.hark.app.cli.FakeHub.Answer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hubs behind names, as Docker and Compose give them; each command is a process of its own, with names of its own. */
class HubNamesIT {
    @TempDir
    Path folder;

    @Test
    void mayHoldAnUnderscore() throws Exception {
        try (FakeHub hub = new FakeHub(
                Answer.json(201, "{\"id\":\"e-1\"}"), Answer.stream("id: e-1\ndata: hi\n\n"), Answer.nothingMore())) {
            String url = hub.url().replace("127.0.0.1", "hark_hub");

            assertThat(hark("publish", "a", "hi", "--url", url)).isEqualTo("e-1\n");
            assertThat(hark("subscribe", "a", "--url", url)).startsWith("hi\n").doesNotContain("no hub answers");
            assertThat(hub.asked).extracting(FakeHub.Asked::host).containsOnly(url.substring("http://".length()));
        }
    }

    @Test
    void areUnknownInOneLineWhereNobodyKnowsThem() throws Exception {
        for (String url : List.of("http://no_body:1", "http://nobody:1")) {
            assertThat(hark("publish", "a", "hi", "--url", url)).isEqualTo("hark: no hub answers at " + url + " (unknown host)\n");
        }
    }

    /** Both outputs of {@code hark}, run where {@code hark_hub} is this machine and every other name nobody. */
    private String hark(String... args) throws Exception {
        Path hosts = Files.writeString(folder.resolve("hosts"), "127.0.0.1 hark_hub\n");
        List<String> command = PackagedJar.command(List.of("-Djdk.net.hosts.file=" + hosts));
        command.addAll(List.of(args));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            process.getOutputStream().close();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return out;
        } finally {
            process.destroyForcibly();
        }
    }
}
