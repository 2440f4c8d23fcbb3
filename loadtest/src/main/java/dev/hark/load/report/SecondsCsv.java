package dev.hark.load.report;

import dev.hark.load.measure.Second;
import java.util.List;
import java.util.Locale;

/** {@code seconds.csv}: a line a second; counters since the start, latencies in microseconds, memory in bytes. */
final class SecondsCsv {
    private SecondsCsv() {}

    static String of(List<Second> seconds) {
        var csv = new StringBuilder(
                "second,phase,live,failed,ended,dropped,resumed,published,acknowledged,refused,delivered,errors,gaps,skipped,"
                + "p50_us,p90_us,p99_us,max_us,server_cores,server_bytes,generator_cores,reader_busy,publisher_late_us\n");
        for (Second each : seconds) {
            Second.Counts counts = each.counts();
            csv.append(String.format(Locale.ROOT, "%.2f,%s,%d,%d,%d,%d,%d,%d,%d,%d,%d,%d,%d,%d,", each.at(), each.phase(), counts.live(),
                    counts.failed(), counts.ended(), counts.dropped(), counts.resumed(), counts.published(), counts.acknowledged(),
                    counts.refused(), counts.delivered(), counts.errors(), counts.gaps(), counts.skipped()));
            Second.Latency latency = each.latency();
            Second.Load load = each.load();
            csv.append(String.format(Locale.ROOT, "%.1f,%.1f,%.1f,%.1f,%s,%s,%.3f,%.3f,%.1f%n", latency.p50() / 1e3, latency.p90() / 1e3,
                    latency.p99() / 1e3, latency.max() / 1e3,
                    load.serverCores() < 0 ? "" : String.format(Locale.ROOT, "%.3f", load.serverCores()),
                    load.serverBytes() < 0 ? "" : Long.toString(load.serverBytes()), load.generatorCores(), load.readerBusy(),
                    load.lateNanos() / 1e3));
        }
        return csv.toString();
    }
}
