package dev.hark.app.admin;

import dev.hark.Hub;
import dev.hark.log.SteadyClock;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How a node is, in sentences for whoever asks. Thread-safe. */
public final class Health implements AutoCloseable {
    private final Hub hub;
    private final SteadyClock clock;
    private volatile @Nullable ListenerProbe listener;

    public Health(Hub hub, SteadyClock clock) {
        this.hub = hub;
        this.clock = clock;
    }

    /** Has {@code probe}, which it closes when it is closed, count from now on. */
    public void watch(ListenerProbe probe) {
        listener = probe;
    }

    /** Why this node has to be started again; empty as long as it lives. */
    Optional<String> notLive() {
        return hub.notLive();
    }

    /** Why this node should get no traffic now; empty when it should. */
    Optional<String> notReady() {
        ListenerProbe probe = listener;
        return hub.notReady().or(() -> probe == null ? Optional.empty() : probe.trouble());
    }

    /**
     * What an operator must know though the node works. Events that are lost or damaged are so at every start: taking the node out of
     * rotation would mend nothing.
     */
    List<String> alarms() {
        return Stream.concat(hub.alarms().stream(), clock.doubt().stream()).toList();
    }

    /** How often the clock jumped. */
    long clockJumps() {
        return clock.jumps();
    }

    @Override
    public void close() {
        ListenerProbe probe = listener;
        if (probe != null) {
            probe.close();
        }
    }
}
