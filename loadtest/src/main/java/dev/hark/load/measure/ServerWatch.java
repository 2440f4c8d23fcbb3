package dev.hark.load.measure;

import dev.hark.load.wire.ServerUrl;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How a server's cost is seen, or that of several nodes. With neither it is not; with both, by their processes, which is exact.
 *
 * @param pids their processes on this machine, in the order of the run's URLs
 * @param metricsPages their pages of metrics, such as {@code http://host:9090/metrics}, wherever they are, in the same order
 */
public record ServerWatch(List<Long> pids, List<URI> metricsPages) {
    public static final ServerWatch NONE = new ServerWatch(List.of(), List.of());

    public ServerWatch {
        pids = List.copyOf(pids);
        metricsPages = List.copyOf(metricsPages);
        if (Set.copyOf(pids).size() < pids.size() || Set.copyOf(metricsPages).size() < metricsPages.size()) {
            throw new IllegalArgumentException(
                    "one server is given twice, and would count twice: --server-pid and --metrics-url, each once");
        }
        metricsPages.forEach(page -> {
            if (ServerUrl.of(page).isEmpty()) {
                throw new IllegalArgumentException("metrics page '" + page + "' is not of the form http://host:port/metrics");
            }
        });
    }

    /** Of one server. */
    public ServerWatch(OptionalLong pid, Optional<URI> metricsPage) {
        this(pid.isPresent() ? List.of(pid.getAsLong()) : List.of(), metricsPage.stream().toList());
    }

    /** A probe for each, in order. */
    public List<ServerProbe> probes() {
        return pids.isEmpty()
                ? metricsPages.stream().map(ServerUrl::of).flatMap(Optional::stream).map(url -> (ServerProbe) new MetricsPage(url)).toList()
                : pids.stream().map(pid -> (ServerProbe) new ProcessProbe(pid)).toList();
    }

    /** All together as one server. */
    public Optional<ServerProbe> probe() {
        List<ServerProbe> all = probes();
        return switch (all.size()) {
            case 0 -> Optional.empty();
            case 1 -> Optional.of(all.getFirst());
            default -> Optional.of(new SumProbe(all));
        };
    }

    /**
     * Checks that there is one way to see each of so many nodes, or none at all. Behind one URL there may be several.
     *
     * @throws IllegalArgumentException if not
     */
    public void requireEachOf(int nodes) {
        int count = probes().size();
        if (nodes > 1 && count > 0 && count != nodes) {
            throw new IllegalArgumentException(("%s is given for %d of %d servers: give it once for each --url, in the same order, or not"
                    + " at all").formatted(pids.isEmpty() ? "--metrics-url" : "--server-pid", count, nodes));
        }
    }

    /** Why a probe may show nothing, in words. */
    public String missing() {
        String pages = metricsPages.stream().map(URI::toString).collect(Collectors.joining(", "));
        if (pids.isEmpty()) {
            return pages.isEmpty()
                    ? "nobody looks"
                    : pages + (metricsPages.size() == 1 ? " does" : " do")
                            + " not answer with process_cpu_seconds_total and process_resident_memory_bytes";
        }
        List<Long> gone = pids.stream().filter(pid -> new ProcessProbe(pid).sample().isEmpty()).toList();
        String named = (gone.isEmpty() ? pids : gone).stream().map(String::valueOf).collect(Collectors.joining(", "));
        return "there is no process " + named + " on this machine, or its /proc cannot be read";
    }

    public ServerWatch withoutPids() {
        return new ServerWatch(List.of(), metricsPages);
    }
}
