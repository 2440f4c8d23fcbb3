package dev.hark.app.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.HubMeter;
import dev.hark.app.Answer;
import dev.hark.app.RunningHub;
import dev.hark.app.TlsKeys;
import dev.hark.app.Wire;
import dev.hark.app.listen.ListenMeter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What operators see: health with its reasons, and metrics that hold everything the hub counts. */
class HealthIT {
    @Test
    void aRunningHubIsLiveAndReady() {
        try (RunningHub hub = RunningHub.start()) {
            for (String path : new String[] {"/health/live", "/health/ready", "/health"}) {
                Answer answer = hub.admin(path);
                assertThat(answer.status()).as(path + answer.body()).isEqualTo(200);
                assertThat(answer.json("status")).as(path).isEqualTo("UP");
            }
        }
    }

    @Test
    void aDrainingHubIsLiveButNotReadyAndSaysWhy() throws Exception {
        try (RunningHub hub = RunningHub.start();
                Wire first = hub.open("/topics/a");
                Wire second = hub.open("/topics/a");
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            // The hub alone: the listeners of a node end behind it, however long this test takes.
            Future<?> drained = threads.submit(() -> {
                hub.hub().drain(Duration.ofSeconds(2));
                return null;
            });
            await().atMost(Wire.PATIENCE).until(() -> hub.hub().notReady().isPresent());

            Answer ready = hub.admin("/health/ready");
            assertThat(ready.status()).isEqualTo(503);
            assertThat(ready.json("status")).isEqualTo("DOWN");
            assertThat(ready.body()).contains("the hub is draining");
            assertThat(hub.admin("/health/live").status()).isEqualTo(200);
            assertThat(hub.post("/topics/a", "x").status()).as("publishing goes on").isEqualTo(201);

            for (Wire wire : new Wire[] {first, second}) {
                assertThat(wire.rest()).contains("hark.close");
            }
            drained.get();
        }
    }

    @Test
    void metricsHoldEverythingThatTheHubCounts() {
        try (RunningHub hub = RunningHub.start();
                Wire wire = hub.open("/topics/a")) {
            hub.publish("a", "x");
            assertThat(wire.block().data()).isEqualTo("x");
            hub.awaitMeter(HubMeter.DELIVERED_EVENTS, count -> count == 1);

            Answer answer = hub.admin("/metrics");
            assertThat(answer.body())
                    .contains("process_cpu_seconds_total ", "process_resident_memory_bytes ", "process_open_fds ", "process_max_fds ");

            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.mediaType()).isEqualTo("text/plain");
            for (HubMeter meter : HubMeter.values()) {
                String name = meter.metricName() + (meter.kind() == HubMeter.Kind.COUNTER ? "_total" : "");
                assertThat(answer.body().lines())
                        .as("%s, with its sentence and its kind", name)
                        .anyMatch(line -> line.matches(name + "(\\{[^}]*})? [0-9.E+-]+"))
                        .contains("# HELP " + name + ' ' + meter.sentence())
                        .contains("# TYPE " + name + ' ' + meter.kind().name().toLowerCase(Locale.ROOT));
            }
            for (ListenMeter meter : ListenMeter.values()) {
                String name = HubMeter.PREFIX + meter.metricName() + (meter.isGauge() ? "" : "_total");
                assertThat(answer.body().lines())
                        .as("%s, with its sentence and its kind", name)
                        .anyMatch(line -> line.matches(name + "(\\{[^}]*})? [0-9.E+-]+"))
                        .contains("# HELP " + name + ' ' + meter.sentence())
                        .contains("# TYPE " + name + (meter.isGauge() ? " gauge" : " counter"));
            }
            assertThat(value(answer, "hark_connections")).as("the stream, and whoever published").isPositive();
            assertThat(value(answer, "hark_published_events_total")).isEqualTo(1);
            assertThat(value(answer, "hark_delivered_events_total")).isEqualTo(1);
            assertThat(value(answer, "hark_streams")).isEqualTo(1);
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void metricsAreThoseOfTheDocumentation(@TempDir Path folder) throws Exception {
        // Without those of a log that nodes share, of sources and of hooks.
        Set<String> documented = found("(?m)^\\| `((?!hark_journal_|hark_replica_|hark_source_|hark_hook_)\\w+)` \\|",
                Files.readString(Path.of("..", "docs", "metrics.md")));
        // With TLS, which has metrics of its own.
        try (RunningHub hub = RunningHub.start(TlsKeys.make(folder).settings().toArray(String[]::new))) {
            assertThat(found("(?m)^# TYPE (\\w+) ", hub.admin("/metrics").body())).isNotEmpty().isEqualTo(documented);
        }
    }

    private static Set<String> found(String pattern, String text) {
        return Pattern.compile(pattern).matcher(text).results().map(match -> match.group(1)).collect(Collectors.toSet());
    }

    @Test
    void thePublicListenerShowsNoneOfIt() {
        try (RunningHub hub = RunningHub.start()) {
            for (String path : new String[] {"/health/live", "/health", "/metrics", "/observe/metrics"}) {
                assertThat(hub.get(path).status()).as(path).isEqualTo(404);
            }
            assertThat(hub.admin("/topics/a").status()).as("and the admin listener no stream").isEqualTo(404);
        }
    }

    private static double value(Answer metrics, String name) {
        return metrics.body()
                .lines()
                .filter(line -> line.startsWith(name + '{') || line.startsWith(name + ' '))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElseThrow();
    }
}
