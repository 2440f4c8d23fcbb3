package dev.hark.load.measure;

import dev.hark.load.wire.ServerUrl;
import java.net.URI;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How a server's cost is seen. With neither it is not; with both, by its process, which is exact.
 *
 * @param pid its process on this machine
 * @param metricsPage its page of metrics, such as {@code http://host:9090/metrics}, wherever it is
 */
public record ServerWatch(OptionalLong pid, Optional<URI> metricsPage) {
    public static final ServerWatch NONE = new ServerWatch(OptionalLong.empty(), Optional.empty());

    public ServerWatch {
        metricsPage.ifPresent(page -> {
            if (ServerUrl.of(page).isEmpty()) {
                throw new IllegalArgumentException("metrics page '" + page + "' is not of the form http://host:port/metrics");
            }
        });
    }

    /** The probe that serves it best. */
    public Optional<ServerProbe> probe() {
        if (pid.isPresent()) {
            return Optional.of(new ProcessProbe(pid.getAsLong()));
        }
        return metricsPage.flatMap(ServerUrl::of).map(MetricsPage::new);
    }

    /** Why {@link #probe} may show nothing, in words. */
    public String missing() {
        return pid.isPresent()
                ? "there is no process " + pid.getAsLong() + " on this machine, or its /proc cannot be read"
                : metricsPage.map(page -> page + " does not answer with process_cpu_seconds_total and process_resident_memory_bytes")
                        .orElse("nobody looks");
    }

    public ServerWatch withoutPid() {
        return new ServerWatch(OptionalLong.empty(), metricsPage);
    }
}
