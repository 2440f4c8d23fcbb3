package dev.hark.load.cli;

import dev.hark.load.measure.ServerWatch;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** How the server's cost is seen. */
final class WatchOptions {
    @Option(names = "--server-pid", paramLabel = "PID",
            split = ",",
            description = "the server's process on this machine: measures its processor time and memory; of several nodes once for each"
                    + " --url, in the same order")
    List<Long> serverPids = new ArrayList<>();

    @Option(names = "--metrics-url", paramLabel = "URL", split = ",",
            description = "the same from the server's metrics page, where its process is on another machine, such as"
                    + " http://host:9090/metrics; with both, the process counts")
    List<URI> metricsUrls = new ArrayList<>();

    ServerWatch watch() {
        return new ServerWatch(serverPids, metricsUrls);
    }

    /** For commands that look at threads and descriptors, which no metrics page tells. */
    List<Long> pids() {
        if (!metricsUrls.isEmpty()) {
            throw new IllegalArgumentException("--metrics-url says nothing here: threads and descriptors are seen by --server-pid only");
        }
        return serverPids;
    }
}
