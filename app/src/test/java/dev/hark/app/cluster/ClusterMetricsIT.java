package dev.hark.app.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.app.RunningHub;
import dev.hark.app.SilentLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What two nodes measure of the log that they share. */
@ResourceLock(SilentLog.LOG)
class ClusterMetricsIT {
    @TempDir
    private Path folder;

    @Test
    void nodesSayHowFarTheyAreAndComeToTheSame() throws Exception {
        try (NatsServer nats = NatsServer.start(folder);
                RunningHub one = nats.node("one");
                RunningHub two = nats.node("two")) {
            assertThat(names(one)).isEqualTo(documented());
            // One after the other, so that each is a group.
            IntStream.range(0, 70).forEach(i -> (i % 2 == 0 ? one : two).publish("a/" + i % 7, "event " + i));
            for (RunningHub node : List.of(one, two)) {
                Metrics metrics = Metrics.of(node);
                assertThat(metrics.value("hark_journal_trouble")).isZero();
                assertThat(metrics.value("hark_journal_connected")).isEqualTo(1);
                assertThat(metrics.value("hark_journal_appended_groups_total")).isGreaterThanOrEqualTo(35);
                assertThat(metrics.value("hark_journal_appended_bytes_total")).isGreaterThan(35 * 30);
                assertThat(metrics.value("hark_journal_append_seconds_total")).isPositive();
                assertThat(metrics.value("hark_journal_appends_failed_total")).isZero();
                assertThat(metrics.value("hark_replica_position")).isGreaterThanOrEqualTo(70);
                assertThat(metrics.hasLabelled("hark_journal_server{journal=\"hark\",server=\"n0\",version=\"2.")).isTrue();
                assertThat(metrics.hasLabelled("hark_replica_node{epoch=\"" + one.hub().id(1).epoch() + "\",node=\"")).isTrue();
                await().atMost(NatsServer.PATIENCE).until(() -> Metrics.of(node).value("hark_journal_position") >= 70);
                await().atMost(NatsServer.PATIENCE).until(() -> Metrics.of(node).value("hark_replica_lag_groups") == 0);
            }
            // The next multiple may come between the two, while nobody publishes once a minute.
            await().atMost(NatsServer.PATIENCE).untilAsserted(() -> {
                Metrics here = Metrics.of(one);
                Metrics there = Metrics.of(two);
                assertThat(here.value("hark_replica_checksum_position")).isPositive()
                        .isEqualTo(there.value("hark_replica_checksum_position"));
                assertThat(here.value("hark_replica_checksum")).isPositive().isEqualTo(there.value("hark_replica_checksum"));
            });
        }
    }

    private static Set<String> names(RunningHub node) {
        return found("(?m)^# TYPE (hark_(?:journal|replica)_\\w+) ", node.admin("/metrics").body());
    }

    private static Set<String> documented() throws Exception {
        return found("(?m)^\\| `(hark_(?:journal|replica)_\\w+)` \\|", Files.readString(Path.of("..", "docs", "metrics.md")));
    }

    private static Set<String> found(String pattern, String text) {
        return Pattern.compile(pattern).matcher(text).results().map(match -> match.group(1)).collect(Collectors.toSet());
    }
}
