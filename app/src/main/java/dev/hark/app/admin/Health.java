package dev.hark.app.admin;

import dev.hark.Hub;
import dev.hark.app.hook.RunningHooks;
import dev.hark.app.listen.Listeners;
import dev.hark.app.source.RunningSources;
import dev.hark.log.SteadyClock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How a node is, in sentences for whoever asks. Thread-safe. */
public final class Health {
    private final Hub hub;
    private final SteadyClock clock;
    private final Listeners listeners;
    private final Duration stall;
    private volatile @Nullable ListenerProbe probe;
    private volatile @Nullable RunningSources sources;
    private volatile @Nullable RunningHooks hooks;

    /** @param stall how long a thread may be at the same before something is wrong with it, positive */
    public Health(Hub hub, SteadyClock clock, Listeners listeners, Duration stall) {
        this.hub = hub;
        this.clock = clock;
        this.listeners = listeners;
        this.stall = stall;
    }

    /** Has {@code probe} count from now on. */
    public void watch(ListenerProbe probe) {
        this.probe = probe;
    }

    /** Has what troubles {@code sources} be an alarm from now on: taking the node out of rotation would mend nothing. */
    public void watch(RunningSources sources) {
        this.sources = sources;
    }

    /** The same of {@code hooks}. */
    public void watch(RunningHooks hooks) {
        this.hooks = hooks;
    }

    /** Why this node has to be started again; empty as long as it lives. */
    Optional<String> notLive() {
        return hub.notLive();
    }

    /** Why this node should get no traffic now; empty when it should. */
    Optional<String> notReady() {
        ListenerProbe asking = probe;
        return hub.notReady().or(() -> listeners.trouble(stall)).or(() -> asking == null ? Optional.empty() : asking.trouble());
    }

    /** Why nothing can be published here now; empty where that works. */
    Optional<String> notPublishing() {
        return hub.notPublishing();
    }

    /**
     * What an operator must know though the node works. Events that are lost or damaged are so at every start: taking the node out of
     * rotation would mend nothing.
     */
    List<String> alarms() {
        RunningSources watched = sources;
        List<String> ofSources = watched == null ? List.of() : watched.alarms();
        RunningHooks calling = hooks;
        List<String> ofHooks = calling == null ? List.of() : calling.alarms();
        return Stream.of(hub.alarms(), clock.doubt().stream().toList(), ofSources, ofHooks).flatMap(List::stream).toList();
    }

    /** How often the clock jumped. */
    long clockJumps() {
        return clock.jumps();
    }
}
