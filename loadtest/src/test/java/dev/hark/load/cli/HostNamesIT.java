package dev.hark.load.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.hark.load.nullhub.Delivery;
import dev.hark.load.nullhub.NullHub;
import dev.hark.load.report.ExitCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Servers behind names, as Docker and Compose give them; each run is a process of its own, with names of its own. */
@Timeout(120)
class HostNamesIT {
    private static final String METRICS = """
            process_cpu_seconds_total 12.5
            process_resident_memory_bytes 134606848
            hark_build_info{version="7.8.9"} 1
            """;

    @TempDir
    Path folder;

    /** The {@code Host} of who asks for metrics. */
    private final Set<String> asked = ConcurrentHashMap.newKeySet();

    @Test
    void mayHoldAnUnderscore() throws Exception {
        HttpServer metrics = metrics();
        try (NullHub hub = NullHub.start(Delivery.FAITHFUL, 0)) {
            String name = "hark_hub:" + metrics.getAddress().getPort();
            Path out = folder.resolve("out");
            run(0, "fanout", "--url", named(hub), "--metrics-url", "http://" + name + "/metrics", "-n", "10", "--rate", "20/s",
                    "--settle", "50ms", "--warmup", "0s", "--measure", "500ms", "--correctness-only", "--out", out.toString(),
                    "--expect", "streams.confirmed==10", "--expect", "silentLoss==0");
            assertThat(asked).containsOnly(name);
            assertThat(new ObjectMapper().readTree(out.resolve("report.json").toFile()).at("/server/version").asText())
                    .isEqualTo("hark 7.8.9");
            assertThat(run(0, "catch-up", "--url", named(hub), "-n", "3", "--behind", "2")).doesNotContain("hark-load: ");
        } finally {
            metrics.stop(0);
        }
    }

    @Test
    void areUnknownInOneLineWhereNobodyKnowsThem() throws Exception {
        String printed = run(ExitCode.UNREACHABLE, "fanout", "--url", "http://no_body:1", "-n", "1", "--measure", "100ms");
        assertThat(printed).contains("no_body:1").doesNotContain("\tat ", "of the form");
    }

    private HttpServer metrics() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/metrics", exchange -> {
            asked.add(exchange.getRequestHeaders().getFirst("Host"));
            byte[] page = METRICS.getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        server.start();
        return server;
    }

    private static String named(NullHub hub) {
        return hub.url().replace("127.0.0.1", "hark_hub");
    }

    /** What {@code hark-load} prints, run where {@code hark_hub} is this machine and every other name nobody. */
    private String run(int code, String... args) throws Exception {
        Path hosts = Files.writeString(folder.resolve("hosts"), "127.0.0.1 hark_hub\n");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
                "-Djdk.net.hosts.file=" + hosts, "-jar", Path.of("target", "hark-load.jar").toString()));
        command.addAll(List.of(args));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            process.getOutputStream().close();
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(printed).isEqualTo(code);
            return printed;
        } finally {
            process.destroyForcibly();
        }
    }
}
