package dev.hark.app.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.Hub;
import dev.hark.HubMeter;
import dev.hark.app.TlsKeys;
import dev.hark.app.access.AccessControl;
import dev.hark.app.config.ConfigSource;
import dev.hark.app.config.Configuration;
import dev.hark.app.config.HarkConfig;
import dev.hark.app.hook.HookStatus;
import dev.hark.app.http.AuditLog;
import dev.hark.app.http.Live;
import dev.hark.app.http.wire.ClientFaults;
import dev.hark.app.listen.ListenSettings;
import dev.hark.app.listen.Listeners;
import dev.hark.app.reload.Reload;
import dev.hark.app.source.SourceStatus;
import dev.hark.log.SteadyClock;
import dev.hark.log.memory.MemoryLog;
import dev.hark.log.replicated.Checksum;
import dev.hark.log.replicated.Journal;
import dev.hark.log.replicated.JournalState;
import dev.hark.log.replicated.NodeState;
import dev.hark.thread.VitalThreads;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code docs/metrics.md} is what {@code /metrics} says of itself: it is generated, and this test is both its check and its generator.
 *
 * <p>On Linux, which tells everything of a process that the page may have.
 */
@EnabledOnOs(OS.LINUX)
class MetricsPageTest {
    private static final Path PAGE = Path.of("..", "docs", "metrics.md");
    private static final String GENERATE =
            "mvn -pl app -am test -Dtest=MetricsPageTest -Dsurefire.failIfNoSpecifiedTests=false -Dmetrics.page=write";

    private static final Pattern HELP = Pattern.compile("# HELP (\\S+) (.*)");
    private static final Pattern TYPE = Pattern.compile("# TYPE (\\S+) (\\S+)");

    /** The hub's in the order in which they are declared, which is that of what they are about; then all others by their names. */
    private static final Comparator<Row> ORDER = Comparator.comparingInt(Row::declared).thenComparing(Row::name);

    /** Of a node that shares its log with others: it has metrics of its own. */
    private static final NodeState NODE = new NodeState("n1", "7k3q9x2m", 9, 1, Duration.ofSeconds(1), Checksum.NONE,
            new NodeState.Appends(1, 2, 3, 4), Optional.empty(), Optional.of(new JournalState(
                    "hark", "server", "2.10.0", new Journal.Extent(1, 10), 0, 100, 1, List.of(), Duration.ZERO)));

    private static final Pattern SHARED = Pattern.compile("hark_(journal|replica)_.*");

    /** Whose metrics there are only where there is one. */
    private static final SourceStatus SOURCE = new SourceStatus("outbox", "jdbc", "jdbc:postgresql://db/shop table hark_outbox",
            SourceStatus.State.RUNNING, Duration.ZERO, 0, "", 0, 0, new SourceStatus.Totals(0, 0, List.of()));

    private static final HookStatus HOOK = new HookStatus("presence", "https://shop.example.com/hark-hook", HookStatus.State.RUNNING,
            Duration.ZERO, 0, "", 0, 0, new HookStatus.Counts(0, 0, 0, 0), new HookStatus.Totals(0, 0, List.of()));

    @TempDir
    private Path folder;

    /** What the page says of a metric before its value. */
    private record Row(String name, String kind, String sentence) {
        boolean isOfHub() {
            return name.startsWith(HubMeter.PREFIX) && !isOfShared();
        }

        boolean isOfShared() {
            return SHARED.matcher(name).matches();
        }

        boolean isOfProcess() {
            return !name.startsWith(HubMeter.PREFIX);
        }

        int declared() {
            String bare = name.replaceFirst("_total$", "");
            return Arrays.stream(HubMeter.values())
                    .filter(meter -> meter.metricName().equals(bare))
                    .mapToInt(HubMeter::ordinal)
                    .findAny()
                    .orElse(Integer.MAX_VALUE);
        }

        @Override
        public String toString() {
            return "| `" + name + "` | " + kind + " | " + sentence + " |";
        }
    }

    @Test
    void isWhatTheDocumentationHas() throws Exception {
        String page = page(served());
        if ("write".equals(System.getProperty("metrics.page"))) {
            Files.writeString(PAGE, page);
        }

        assertThat(Files.readString(PAGE)).as("docs/metrics.md differs from /metrics; write it anew with: " + GENERATE).isEqualTo(page);
    }

    @Test
    void hasSentencesThatEndInAFullStopAndBreakNoTable() throws Exception {
        assertThat(served()).isNotEmpty().allSatisfy(row -> assertThat(row.sentence()).endsWith(".").doesNotContain("|", "\n", "\\"));
    }

    private List<Row> served() throws Exception {
        var vital = new VitalThreads();
        var clock = SteadyClock.ofSystem();
        // With TLS, whose metrics there are only then.
        Configuration configuration = new ConfigSource(Path.of("..", "application.yaml"), TlsKeys.make(folder).settings(), Map.of()).read();
        HarkConfig config = configuration.config();
        Live live = Live.of(config);
        var settings = new ListenSettings(1, false, Duration.ofSeconds(10));
        try (Hub hub = Hub.start(config.hub(), new MemoryLog("7k3q9x2m", config.log().config(), clock), clock, vital);
                Listeners listeners = Listeners.start(settings, settings, vital)) {
            var health = new Health(hub, clock, listeners, Duration.ofSeconds(10));
            var reload = new Reload(configuration, live.parts());
            var sources = new MetricsPage.Sources(health, new ClientFaults(), listeners, reload, live,
                    new AccessControl(config.auth(), clock), new AuditLog(), () -> List.of(SOURCE), () -> List.of(HOOK),
                    Optional.of(() -> NODE));
            return rows(new String(new MetricsPage(hub, sources).text(), UTF_8));
        }
    }

    private static List<Row> rows(String text) {
        var help = HELP.matcher(text);
        var type = TYPE.matcher(text);
        var rows = new ArrayList<Row>();
        while (help.find() && type.find()) {
            assertThat(type.group(1)).isEqualTo(help.group(1));
            rows.add(new Row(help.group(1), type.group(2), help.group(2)));
        }
        // Those of classes have a value for each.
        long values = text.lines().filter(line -> !line.startsWith("#")).map(line -> line.split("[{ ]")[0]).distinct().count();
        assertThat(rows).as("each with its sentence and its kind").hasSize((int) values);
        rows.sort(ORDER);
        return rows;
    }

    private static String page(List<Row> rows) {
        return """
                <!-- Generated by MetricsPageTest from /metrics; do not edit. Regenerate:
                %s -->
                # Metrics

                `GET /metrics` on the admin listener (`admin.port`, 9090 by default) answers in Prometheus' text format, or in that of
                OpenMetrics for who asks for it (`Accept`). Every counter counts from the start of the process.

                A counter only grows, so look at its rate. A gauge goes up and down.

                | metric | kind | what it says |
                |---|---|---|
                %s

                Where [several nodes share a log](cluster.md):

                | metric | kind | what it says |
                |---|---|---|
                %s

                What the process uses stands under Prometheus' usual names, where the system tells it, as Linux does:

                | metric | kind | what it says |
                |---|---|---|
                %s
                """
                .formatted(GENERATE, table(rows, Row::isOfHub), table(rows, Row::isOfShared), table(rows, Row::isOfProcess));
    }

    private static String table(List<Row> rows, Predicate<Row> which) {
        return rows.stream().filter(which).map(Row::toString).collect(joining("\n"));
    }
}
