package dev.hark.app.admin;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.DoubleSupplier;

/**
 * What the process uses, under the names that Prometheus' own client libraries give it, so that dashboards made
 * for any other server show this one.
 *
 * @param metricName as on the page
 * @param sentence what it says
 * @param isCounter whether it only grows
 * @param value as of now
 * @see <a href="https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics">Writing client libraries: process metrics</a>
 */
record ProcessMeter(String metricName, String sentence, boolean isCounter, DoubleSupplier value) {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String RESIDENT_LINE = "VmRSS:";

    /** Those that this system tells. */
    static List<ProcessMeter> known() {
        if (!(ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system)) {
            return List.of();
        }
        return List.of(
                        new ProcessMeter(
                                "process_cpu_seconds_total", "Processor time of the process, in seconds.", true,
                                () -> system.getProcessCpuTime() / 1e9),
                        new ProcessMeter("process_resident_memory_bytes", "Resident memory of the process.", false, ProcessMeter::resident),
                        new ProcessMeter(
                                "process_open_fds", "Files and sockets that the process has open.", false,
                                system::getOpenFileDescriptorCount),
                        new ProcessMeter("process_max_fds", "Files and sockets that it may have open.", false,
                                system::getMaxFileDescriptorCount))
                .stream()
                .filter(meter -> !Double.isNaN(meter.value.getAsDouble()))
                .toList();
    }

    /** Not a number where there is no /proc. */
    private static double resident() {
        try {
            for (String line : Files.readAllLines(STATUS)) {
                if (line.startsWith(RESIDENT_LINE)) {
                    return 1024.0 * Long.parseLong(line.substring(RESIDENT_LINE.length()).strip().split(" ")[0]);
                }
            }
        } catch (IOException e) {
            // Not Linux.
        }
        return Double.NaN;
    }
}
