package dev.hark.app;

import dev.hark.Hub;
import dev.hark.app.access.AccessControl;
import dev.hark.app.access.RevocationLog;
import dev.hark.app.admin.AdminRoutes;
import dev.hark.app.admin.ClusterRoute;
import dev.hark.app.admin.Health;
import dev.hark.app.admin.HookRoutes;
import dev.hark.app.admin.ListenerProbe;
import dev.hark.app.admin.MetricsPage;
import dev.hark.app.admin.ReloadRoute;
import dev.hark.app.admin.RevocationRoutes;
import dev.hark.app.admin.SourceRoutes;
import dev.hark.app.config.Configuration;
import dev.hark.app.config.HarkConfig;
import dev.hark.app.demo.ClientFiles;
import dev.hark.app.demo.DemoPages;
import dev.hark.app.hook.Attendance;
import dev.hark.app.hook.RunningHooks;
import dev.hark.app.http.AdminGate;
import dev.hark.app.http.AdminListener;
import dev.hark.app.http.AuditLog;
import dev.hark.app.http.DataListener;
import dev.hark.app.http.DataRoutes;
import dev.hark.app.http.Listener;
import dev.hark.app.http.Live;
import dev.hark.app.http.wire.ClientFaults;
import dev.hark.app.listen.ListenSettings;
import dev.hark.app.listen.Listeners;
import dev.hark.app.reload.Outcome;
import dev.hark.app.reload.Reload;
import dev.hark.app.reload.ReloadPart;
import dev.hark.app.source.RunningSources;
import dev.hark.log.Epochs;
import dev.hark.log.EventLog;
import dev.hark.log.SteadyClock;
import dev.hark.log.memory.MemoryLog;
import dev.hark.log.replicated.ReplicatedLog;
import dev.hark.log.sqlite.SqliteLog;
import dev.hark.thread.VitalThreads;
import io.helidon.config.Config;
import io.helidon.service.registry.Services;
import io.helidon.webserver.http.HttpRouting;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A running node, made of parts that start in this order and stop backwards:
 *
 * <pre>
 * log and hub      events are stored, and offered to who is there
 * connections      who is there is watched
 * data listener    publishers and subscribers
 * its probe        asks it what a client would
 * sources          read from elsewhere, and publish
 * hooks            tell others what happens to topics
 * admin listener   operators, who see the rest start last and stop first
 * </pre>
 *
 * Before anything else stops, the sources and the calls of hooks do, and the hub is drained: streams are told, and who asks for readiness
 * hears of it.
 * Thread-safe.
 */
public final class Node implements AutoCloseable {
    static {
        // Once a process: Helidon would take an application.yaml in the working directory, which is ours, for its own.
        Services.set(Config.class, Config.empty());
    }

    /** How long streams wait at the end for sources that are at a portion. */
    private static final Duration SOURCES_FIRST = Duration.ofSeconds(1);

    private final HarkConfig config;
    private final Hub hub;
    private final VitalThreads vital;
    private final AuditLog audit = new AuditLog();
    private final AccessControl access;
    private final Reload reload;
    private final Listener data;
    private final Listener admin;
    private final RunningSources sources;
    private final RunningHooks hooks;
    private final int connections;

    /** What runs, the last that was started first. */
    private final Deque<Runnable> stops;

    private final AtomicBoolean stopping = new AtomicBoolean();
    private final CountDownLatch stopped = new CountDownLatch(1);

    private Node(Configuration configuration, SteadyClock clock, Deque<Runnable> stops) {
        this.config = configuration.config();
        this.vital = new VitalThreads();
        this.stops = stops;
        // Before anything runs: a file that cannot be used is a mistake in the configuration.
        Live live = Live.of(config);
        this.access = new AccessControl(config.auth(), clock);
        stops.push(access::close);
        var parts = new ArrayList<>(live.parts());
        parts.add(ReloadPart.of(Set.of("auth"), next -> access.prepare(next.auth())));
        this.reload = new Reload(configuration, parts);
        this.connections = Descriptors.forConnections(AdminListener.MAX_CONNECTIONS);
        EventLog log = log(config, clock, vital);
        Optional<ReplicatedLog> shared = log instanceof ReplicatedLog one ? Optional.of(one) : Optional.empty();
        var attendance = new Attendance(config.hooks());
        this.hub = Hub.start(config.hub(), log, clock, vital, attendance);
        stops.push(hub::close);
        var faults = new ClientFaults();
        Listeners listeners = listeners(config, connections, vital);
        stops.push(listeners::close);
        var health = new Health(hub, clock, listeners, config.hub().stall());
        // Before anybody can come in.
        RevocationLog revocations = RevocationLog.load(hub, access);
        if (shared.isPresent()) {
            stops.push(closing(revocations.follow(vital)));
            access.shareTickets(hub);
        }
        var routes = new DataRoutes(hub, config, access, audit, listeners.counters(),
                (topics, why) -> attendance.refused(topics, why.slug(), why.status()));
        this.data = DataListener.start(config, live, routes, listeners, connections, faults,
                routing -> registerFiles(routing, config.demo()));
        stops.push(data::close);
        ListenerProbe probe = ListenerProbe.start(config.server().host(), data.port(), live.data());
        health.watch(probe);
        stops.push(probe::close);
        this.sources = RunningSources.start(config, hub);
        stops.push(sources::close);
        health.watch(sources);
        this.hooks = RunningHooks.start(config, hub, attendance, clock);
        stops.push(hooks::close);
        health.watch(hooks);
        var measured = new MetricsPage.Sources(
                health, faults, listeners, reload, live, access, audit, sources::status, hooks::status,
                shared.map(one -> one::state));
        var identity = new ClusterRoute.Identity(
                machine() + ':' + data.port(), version(), clock.instant().truncatedTo(ChronoUnit.SECONDS).toString(),
                config.log().config().fingerprint());
        var gate = new AdminGate(access, audit, () -> config.adminNeedsKey(access.settings()));
        this.admin = AdminListener.start(config, live, gate, listeners, faults, routing -> {
            new AdminRoutes(health, gate::trusts).register(routing);
            var metrics = new MetricsPage(hub, measured);
            shared.ifPresent(node -> metrics.add(node.snapshots()));
            metrics.register(routing);
            new SourceRoutes(sources::status).register(routing);
            new HookRoutes(hooks::status).register(routing);
            new ReloadRoute(reload).register(routing);
            new RevocationRoutes(access, revocations, audit, clock).register(routing);
            new ClusterRoute(shared, identity, health, hub::streams).register(routing);
        });
        stops.push(admin::close);
    }

    private static void registerFiles(HttpRouting.Builder routing, boolean demo) {
        ClientFiles.register(routing);
        if (demo) {
            DemoPages.register(routing);
        }
    }

    /**
     * Starts a node; returns when it listens.
     *
     * @throws dev.hark.app.config.ConfigException if a file that it names cannot be used; nothing runs then
     * @throws dev.hark.log.UnusableLogException if the event log cannot be opened; nothing runs then
     * @throws RuntimeException if an address cannot be listened on; nothing runs then
     */
    public static Node start(Configuration configuration) {
        return start(configuration, SteadyClock.ofSystem());
    }

    /** As {@link #start(Configuration)}, with a clock that a test can move. */
    static Node start(Configuration configuration, SteadyClock clock) {
        Deque<Runnable> stops = new ArrayDeque<>();
        try {
            return new Node(configuration, clock, stops);
        } catch (RuntimeException | Error e) {
            stopAll(stops);
            throw e;
        }
    }

    private static Listeners listeners(HarkConfig config, int connections, VitalThreads vital) {
        Duration arrival = config.server().arrivalTimeout();
        return Listeners.start(
                new ListenSettings(connections, config.server().tls().isPresent(), arrival),
                new ListenSettings(AdminListener.MAX_CONNECTIONS, config.admin().tls().isPresent(), arrival),
                vital);
    }

    private static Runnable closing(AutoCloseable part) {
        return () -> {
            try {
                part.close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (Exception e) {
                throw new IllegalStateException("a part of the node does not end", e);
            }
        };
    }

    private static String machine() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    private static String version() {
        return Optional.ofNullable(Node.class.getPackage().getImplementationVersion()).orElse("(unpackaged)");
    }

    private static EventLog log(HarkConfig config, SteadyClock clock, VitalThreads vital) {
        return switch (config.log().kind()) {
            case MEMORY -> new MemoryLog(Epochs.next(new SecureRandom()), config.log().config(), clock);
            case SQLITE -> SqliteLog.open(config.log().sqlite(), clock, new SecureRandom(), vital);
            case JETSTREAM -> ClusterLog.open(config.log(), clock, vital);
        };
    }

    /** Where the data listener is. */
    public URI uri() {
        return data.uri();
    }

    /** Where the admin listener is. */
    public URI adminUri() {
        return admin.uri();
    }

    public Hub hub() {
        return hub;
    }

    /**
     * Reads the configuration anew, and takes on what can change while the node runs.
     *
     * @param by who or what asks for it, in words, for the log
     */
    public Outcome reload(String by) {
        return reload.run(by);
    }

    /** What this node may need of the heap. */
    HeapNeed heapNeed() {
        return HeapNeed.of(config, connections);
    }

    /** Calls {@code action} once, on a thread of its own, when this node has to end because a thread that it needs has died. */
    public void onDeath(Runnable action) {
        vital.onDeath(action);
    }

    /**
     * Ends every stream with a word, spread over the configured time, then stops. Called again, it waits until that is done.
     *
     * @return what could not be ended in order, a sentence; empty where all was
     */
    public Optional<String> drain() {
        return stop(config.drainWindow());
    }

    /** Stops, without taking time over it. */
    @Override
    public void close() {
        stop(Duration.ZERO);
    }

    private Optional<String> stop(Duration window) {
        if (stopping.compareAndSet(false, true)) {
            boolean interrupted = false;
            try {
                // What is to come is no news of who listens: other nodes hear that this one is there. And whatever sources still publish,
                // its streams are told.
                Thread hooksEnd = Thread.ofVirtual().start(hooks::endCalls);
                Thread sourcesEnd = Thread.ofVirtual().start(sources::close);
                // One whose database says nothing any more must not take the streams their time.
                sourcesEnd.join(SOURCES_FIRST);
                hub.drain(window);
                hooksEnd.join();
                sourcesEnd.join();
            } catch (InterruptedException e) {
                // Somebody is in a hurry: go on without the rest of the window. All else is stopped in order, which an interrupt would
                // undo.
                interrupted = true;
            } finally {
                try {
                    stopAll(stops);
                } finally {
                    // Whatever one of them throws, nobody waits for ever for what is over.
                    stopped.countDown();
                    if (interrupted) {
                        Thread.currentThread().interrupt();
                    }
                }
            }
        } else {
            awaitStop();
        }
        return hub.leftBehind();
    }

    /** All of them, whatever one of them throws. */
    private static void stopAll(Deque<Runnable> stops) {
        Runnable stop = stops.poll();
        if (stop != null) {
            try {
                stop.run();
            } finally {
                stopAll(stops);
            }
        }
    }

    private void awaitStop() {
        try {
            stopped.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
