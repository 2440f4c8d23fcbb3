package dev.hark;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** {@code docs/metrics.md} is what {@link HubMeter} says: it is generated, and this test is both its check and its generator. */
class MetricsPageTest {
    private static final Path PAGE = Path.of("..", "docs", "metrics.md");
    private static final String GENERATE = "mvn -pl hub test -Dtest=MetricsPageTest -Dmetrics.page=write";

    @Test
    void isWhatTheMetersSay() throws IOException {
        if ("write".equals(System.getProperty("metrics.page"))) {
            Files.writeString(PAGE, page());
        }

        assertThat(Files.readString(PAGE))
                .as("docs/metrics.md differs from HubMeter; write it anew with: " + GENERATE)
                .isEqualTo(page());
    }

    @Test
    void sentencesEndInAFullStopAndBreakNoTable() {
        assertThat(HubMeter.values()).allSatisfy(meter -> assertThat(meter.sentence()).endsWith(".").doesNotContain("|", "\n"));
    }

    private static String page() {
        return """
                <!-- Written by MetricsPageTest from HubMeter; do not edit. To write it anew: %s -->
                # Metrics

                `GET /metrics` on the admin listener (`admin.port`, 9090 by default) answers in Prometheus' text format. Every
                sample of the hub carries the label `scope="application"`, and every counter counts from the start of the process. \
                Beside them the page has
                `requests_count_total` with the label `scope="vendor"`, which is Helidon's: the requests of the admin listener itself. \
                What the process uses
                stands under Prometheus' usual names, where the system tells it: `process_cpu_seconds_total`, \
                `process_resident_memory_bytes`,
                `process_open_fds` and `process_max_fds`.

                A counter only grows, so look at its rate. A gauge goes up and down.

                | metric | kind | what it says |
                |---|---|---|
                %s
                """
                .formatted(GENERATE, Arrays.stream(HubMeter.values()).map(MetricsPageTest::row).collect(joining("\n")));
    }

    private static String row(HubMeter meter) {
        String name = switch (meter.kind()) {
            case COUNTER -> meter.metricName() + "_total"; // as Prometheus' text prints counters
            case GAUGE -> meter.metricName();
        };
        return "| `" + name + "` | " + meter.kind().name().toLowerCase(Locale.ROOT) + " | " + meter.sentence() + " |";
    }
}
