package dev.hark.app.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.HubMeter;
import dev.hark.app.Answer;
import dev.hark.app.RunningHub;
import dev.hark.app.SilentLog;
import dev.hark.app.SseBlock;
import dev.hark.app.Wire;
import dev.hark.log.SteadyClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * What a log has lost, what of it is damaged, and a clock that jumped: operators hear of it from health and metrics, clients from their
 * streams.
 */
@ResourceLock(SilentLog.LOG)
class AlarmsIT {
    private static final int EVENTS = 310;
    private static final int RETAINED = 300;

    @TempDir
    Path folder;

    @Test
    void damageIsAnAlarmAndAGapThatSaysSo() throws Exception {
        String fifth;
        try (RunningHub hub = start()) {
            fifth = publish(hub, EVENTS).get(4);
            assertThat(hub.admin("/health/ready").body()).doesNotContain("alarms");
        }
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database());
                Statement statement = connection.createStatement()) {
            statement.execute("UPDATE event SET data = x'00' WHERE sequence = 13");
            statement.execute("DELETE FROM event WHERE sequence IN (20, 21)");
        }
        // What the retention removes besides, is still said to be removed.
        try (RunningHub hub = start("log.retention.events=" + RETAINED)) {
            hub.awaitMeter(HubMeter.LOG_FLOOR, floor -> floor == EVENTS - RETAINED);
            try (Wire wire = Wire.subscribe(hub.uri(), "/topics/**?lastEventId=" + fifth)) {
                assertThat(wire.head().getFirst()).contains("200");
                var seen = new ArrayList<String>();
                while (seen.isEmpty() || !seen.getLast().equals(Integer.toString(EVENTS))) {
                    SseBlock block = wire.block();
                    if (block.isPosition()) {
                        continue;
                    }
                    seen.add(block.is("hark.gap") ? reason(block) + " to " + block.sequence() : Long.toString(block.sequence()));
                }
                var expected = new ArrayList<String>();
                IntStream.rangeClosed(EVENTS - RETAINED + 1, EVENTS).forEach(sequence -> expected.add(Integer.toString(sequence)));
                expected.removeAll(List.of("13", "20", "21"));
                expected.addFirst("retention to 10");
                expected.add(expected.indexOf("14"), "damage to 13");
                expected.add(expected.indexOf("22"), "damage to 21");
                assertThat(seen).isEqualTo(expected);
            }
            assertThat(hub.read(HubMeter.GAPS_DAMAGE)).isEqualTo(2);
            assertThat(hub.read(HubMeter.GAPS_RETENTION)).isEqualTo(1);
            isAlarm(hub, "damaged in 2 places");
            assertThat(metric(hub, "hark_log_damaged")).isEqualTo("2");
            assertThat(metric(hub, "hark_log_lost")).isEqualTo("0");
        }
    }

    @Test
    void lossIsAnAlarm() throws Exception {
        try (RunningHub hub = start()) {
            publish(hub, 4);
        }
        Path old = Files.copy(database(), folder.resolve("old.db"));
        String last;
        try (RunningHub hub = start()) {
            last = publish(hub, 3).getLast();
        }
        Files.copy(old, database(), StandardCopyOption.REPLACE_EXISTING);
        try (RunningHub hub = start()) {
            isAlarm(hub, "were lost");
            assertThat(metric(hub, "hark_log_lost")).isEqualTo("3");
            assertThat(metric(hub, "hark_log_damaged")).isEqualTo("0");
            try (Wire wire = Wire.subscribe(hub.uri(), "/topics/**?lastEventId=" + last)) {
                assertThat(reason(wire.block())).isEqualTo("reset");
            }
        }
    }

    @Test
    void aLogInTroubleIsAMeter() throws Exception {
        try (RunningHub hub = start()) {
            publish(hub, 3);
            assertThat(metric(hub, "hark_log_trouble")).isEqualTo("0");
            Files.delete(database());
            hub.awaitMeter(HubMeter.LOG_TROUBLE, trouble -> trouble == 1);
            assertThat(metric(hub, "hark_log_trouble")).isEqualTo("1");
            Answer ready = hub.admin("/health/ready");
            assertThat(ready.status()).isEqualTo(503);
            assertThat(ready.body()).contains("was removed while the hub had it open");
        }
    }

    @Test
    void aClockThatIsDoubtedIsAnAlarmACountAndOneWarning() {
        var wall = new AtomicReference<>(Instant.parse("2026-01-31T08:00:00Z"));
        var clock = new SteadyClock(wall::get, () -> 0);
        try (RunningHub hub = RunningHub.start(clock);
                var warnings = new Warnings(SteadyClock.class)) {
            publish(hub, 3);
            assertThat(hub.admin("/health/ready").body()).doesNotContain("alarms");
            assertThat(metric(hub, "hark_clock_jumps_total")).isEqualTo("0");

            wall.updateAndGet(time -> time.plus(Duration.ofDays(3)));
            publish(hub, 3);
            isAlarm(hub, "the clock jumped forward by 259200 s");
            assertThat(metric(hub, "hark_clock_jumps_total")).isEqualTo("1");
            assertThat(warnings.lines).singleElement().asString()
                    .startsWith("WARNING: the clock jumped forward by 259200 s").contains("nothing is removed");

            wall.updateAndGet(time -> time.minus(Duration.ofDays(3)));
            publish(hub, 3);
            assertThat(hub.admin("/health/ready").body()).doesNotContain("alarms");
            assertThat(metric(hub, "hark_clock_jumps_total")).isEqualTo("1");
            assertThat(warnings.lines).hasSize(2).last().asString().startsWith("WARNING: the clock came back");
        }
    }

    /** What a class logs. */
    private static final class Warnings extends Handler implements AutoCloseable {
        private final Logger logger;
        private final List<String> lines = new CopyOnWriteArrayList<>();

        Warnings(Class<?> of) {
            logger = Logger.getLogger(of.getName());
            logger.addHandler(this);
        }

        @Override
        public void publish(LogRecord logged) {
            lines.add(logged.getLevel().getName() + ": " + logged.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {
            logger.removeHandler(this);
        }
    }

    /** It is as damaged on every start, and works: so it gets its traffic. */
    private static void isAlarm(RunningHub hub, String what) {
        Answer ready = hub.admin("/health/ready");
        assertThat(ready.status()).isEqualTo(200);
        assertThat(ready.json().findValue("alarms").asText()).contains(what);
        assertThat(hub.admin("/health/live").status()).isEqualTo(200);
        hub.publish("a", "goes on");
    }

    private static String metric(RunningHub hub, String name) {
        return hub.admin("/metrics").body().lines()
                .filter(line -> line.startsWith(name + " "))
                .map(line -> line.substring(line.lastIndexOf(' ') + 1).replaceFirst("\\.0$", ""))
                .collect(Collectors.joining(","));
    }

    private static String reason(SseBlock gap) {
        return gap.data().replaceFirst(".*\"reason\":\"([^\"]+)\".*", "$1");
    }

    private static List<String> publish(RunningHub hub, int count) {
        return IntStream.range(0, count).mapToObj(i -> hub.publish("a", "event " + i)).toList();
    }

    private Path database() {
        return folder.resolve("hark.db");
    }

    private RunningHub start(String... more) {
        List<String> settings = new ArrayList<>(List.of("log.kind=sqlite", "log.path=" + database(), "log.hot-events=2"));
        settings.addAll(List.of(more));
        return RunningHub.start(settings.toArray(String[]::new));
    }
}
