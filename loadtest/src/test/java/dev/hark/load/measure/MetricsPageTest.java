package dev.hark.load.measure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.load.wire.ServerUrl;
import java.net.URI;
import org.junit.jupiter.api.Test;

class MetricsPageTest {
    @Test
    void readsWhatPrometheusLibrariesWrite() {
        String page = """
                # HELP process_cpu_seconds_total Total user and system CPU time spent in seconds.
                # TYPE process_cpu_seconds_total counter
                process_cpu_seconds_total 12.5
                process_open_fds 77
                process_resident_memory_bytes 1.34606848E8 1395066363000
                go_goroutines 9
                """;
        assertThat(MetricsPage.read(page)).contains(new ServerProbe.Sample(12_500_000_000L, 134_606_848, -1, 77));
    }

    @Test
    void readsLabelsAndLeavesOutWhatIsNotThere() {
        assertThat(MetricsPage.read("process_cpu_seconds_total{scope=\"application\",} 2.29\nprocess_resident_memory_bytes{a=\"}\"} 5\n"))
                .contains(new ServerProbe.Sample(2_290_000_000L, 5, -1, -1));
    }

    @Test
    void isNothingWithoutTheTwo() {
        assertThat(MetricsPage.read("")).isEmpty();
        assertThat(MetricsPage.read("process_cpu_seconds_total 1\n")).isEmpty();
        assertThat(MetricsPage.read("process_cpu_seconds_total NaN\nprocess_resident_memory_bytes 5\n")).isEmpty();
        assertThat(MetricsPage.read("process_cpu_seconds_total\nprocess_resident_memory_bytes x\n")).isEmpty();
        assertThat(new MetricsPage(ServerUrl.of(URI.create("http://127.0.0.1:1/metrics")).orElseThrow()).sample()).isEmpty();
    }

    @Test
    void tellsTheVersionWhereThePageDoes() {
        assertThat(MetricsPage.versionIn("# TYPE hark_build_info gauge\nhark_build_info{java=\"25\",version=\"1.2.0\",} 1\n"))
                .contains("hark 1.2.0");
        assertThat(MetricsPage.versionIn("process_cpu_seconds_total 5\nhark_build_info 1\n")).isEmpty();
    }
}
