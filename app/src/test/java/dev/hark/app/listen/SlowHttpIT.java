package dev.hark.app.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.hark.app.SseBlock;
import dev.hark.app.Wire;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The four kinds of slow clients that slowhttptest plays, a thousand of each at once, and a thousand that read streams slowly: nobody else
 * notices, and nothing stays.
 */
@Tag("long")
@Timeout(600)
class SlowHttpIT {
    private static final String TOOL = "slowhttptest";
    private static final int CONNECTIONS = 1_000;
    private static final int DESCRIPTORS = 10_000;
    private static final Duration LENGTH = Duration.ofSeconds(40);
    private static final Duration LONGEST = LENGTH.plusMinutes(3);

    /** For what an idle process opens by itself. */
    private static final double SOME = 20;

    private static final Map<String, List<String>> KINDS = Map.of(
            "head", List.of("-H", "-i", "1", "-x", "24", "-u", "/topics/a"),
            "body", List.of("-B", "-i", "1", "-s", "8192", "-x", "10", "-u", "/topics/slow"),
            "range", List.of("-R", "-a", "1", "-b", "3000", "-t", "HEAD", "-u", "/demo/main.js"),
            "read", List.of("-X", "-w", "1", "-y", "256", "-n", "1", "-z", "16", "-k", "3", "-u", "/demo/main.js"),
            "stream", List.of("-X", "-w", "1", "-y", "256", "-n", "1", "-z", "16", "-u", "/topics/news"));

    @TempDir
    Path folder;

    @BeforeAll
    static void requireTool() {
        boolean found = Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, TOOL)));
        if (!found) {
            String why = "no " + TOOL + " on the PATH: left out is what slow clients do to others";
            if ("true".equals(System.getenv("CI"))) {
                fail(why);
            }
            abort(why);
        }
    }

    @Test
    void fiveThousandSlowClientsCostNobodyAnything() throws Exception {
        try (HubProgram hub = HubProgram.start(DESCRIPTORS, folder, List.of());
                Wire stream = Wire.open(hub.uri(), "/topics/news")) {
            assertThat(hub.publish("news", "before")).isEqualTo(201);
            assertThat(stream.block().data()).isEqualTo("before");
            double descriptors = hub.metric("process_open_fds");

            List<Process> attacks = new ArrayList<>();
            for (Map.Entry<String, List<String>> kind : KINDS.entrySet()) {
                attacks.add(attack(hub, kind.getKey(), kind.getValue()));
            }
            try {
                int sent = 0;
                double most = 0;
                double streams = 0;
                while (attacks.stream().anyMatch(Process::isAlive)) {
                    assertThat(hub.publish("news", String.valueOf(sent))).isEqualTo(201);
                    SseBlock block = stream.block();
                    while (!block.isEvent()) {
                        block = stream.block();
                    }
                    assertThat(block.data()).isEqualTo(String.valueOf(sent));
                    sent++;
                    most = Math.max(most, hub.metric("hark_connections"));
                    streams = Math.max(streams, hub.metric("hark_streams"));
                    assertThat(hub.admin("/health/live").statusCode()).isEqualTo(200);
                    assertThat(hub.admin("/health/ready").statusCode()).isEqualTo(200);
                }
                assertThat(most).as("they were there").isGreaterThan(CONNECTIONS);
                assertThat(streams).as("these too").isGreaterThan(CONNECTIONS / 2.0);
            } finally {
                for (Process attack : attacks) {
                    attack.destroy();
                    assertThat(attack.waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS)).isTrue();
                }
            }
            await("all descriptors are back").atMost(LONGEST)
                    .until(() -> hub.metric("process_open_fds") <= descriptors + SOME && hub.metric("hark_connections") <= SOME);
            assertThat(hub.metric("hark_connections_slow_head_total")).isPositive();
            assertThat(hub.metric("hark_connections_slow_body_total")).isPositive();
            assertThat(hub.err()).doesNotContain("SEVERE", "Exception");
        }
    }

    private Process attack(HubProgram hub, String name, List<String> options) throws Exception {
        List<String> command = new ArrayList<>(List.of(TOOL, "-c", String.valueOf(CONNECTIONS), "-r", "200",
                "-l", String.valueOf(LENGTH.toSeconds()), "-p", "30"));
        options.forEach(option -> command.add(option.startsWith("/") ? hub.uri() + option : option));
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("slowhttptest-" + name).toFile())
                .start();
    }
}
