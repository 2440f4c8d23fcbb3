package dev.hark.load.cli;

import dev.hark.load.measure.ServerWatch;
import java.net.URI;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How the server's cost is seen. */
final class WatchOptions {
    @Option(names = "--server-pid", paramLabel = "PID",
            description = "the server's process on this machine: measures its processor time and memory")
    @Nullable Long serverPid;

    @Option(names = "--metrics-url", paramLabel = "URL",
            description = "the same from the server's metrics page, where its process is on another machine, such as"
                    + " http://host:9090/metrics; with both, the process counts")
    @Nullable URI metricsUrl;

    ServerWatch watch() {
        return new ServerWatch(serverPid == null ? OptionalLong.empty() : OptionalLong.of(serverPid), Optional.ofNullable(metricsUrl));
    }

    /** For commands that look at threads and descriptors, which no metrics page tells. */
    OptionalLong pid() {
        if (metricsUrl != null) {
            throw new IllegalArgumentException("--metrics-url says nothing here: threads and descriptors are seen by --server-pid only");
        }
        return watch().pid();
    }
}
