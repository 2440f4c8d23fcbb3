package dev.hark.app.admin;

import dev.hark.Hub;
import dev.hark.HubMeter;
import dev.hark.app.access.AccessControl;
import dev.hark.app.hook.HookStatus;
import dev.hark.app.http.AuditLog;
import dev.hark.app.http.Live;
import dev.hark.app.http.wire.ClientFaults;
import dev.hark.app.listen.ListenMeter;
import dev.hark.app.listen.Listeners;
import dev.hark.app.reload.Outcome;
import dev.hark.app.reload.Reload;
import dev.hark.app.source.SourceStatus;
import dev.hark.log.ClassUse;
import dev.hark.log.replicated.NodeState;
import dev.hark.log.replicated.Snapshot;
import dev.hark.log.replicated.SnapshotFigures;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.http.PathMatchers;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * {@code /metrics}: everything that the hub counts, and what the process uses, in Prometheus' text format or, for who asks, in that of
 * OpenMetrics. Thread-safe.
 */
public final class MetricsPage {
    private static final OpenMetricsTextFormatWriter OPEN_METRICS = OpenMetricsTextFormatWriter.create();
    private static final PrometheusTextFormatWriter TEXT = PrometheusTextFormatWriter.create();

    private final PrometheusRegistry registry = new PrometheusRegistry();

    /**
     * What beside the hub is measured.
     *
     * @param upstreams what events are read from
     * @param hooks     who is told what happens to topics
     * @param node      how far it is; none where it shares its log with no other
     */
    public record Sources(
            Health health,
            ClientFaults faults,
            Listeners listeners,
            Reload reload,
            Live live,
            AccessControl access,
            AuditLog audit,
            Supplier<List<SourceStatus>> upstreams,
            Supplier<List<HookStatus>> hooks,
            Optional<Supplier<NodeState>> node) {}

    /** Of {@code hub}, and of what {@code sources} count. */
    public MetricsPage(Hub hub, Sources sources) {
        for (HubMeter meter : HubMeter.values()) {
            switch (meter.kind()) {
                case COUNTER -> count(meter.metricName(), meter.sentence(), () -> meter.read(hub));
                case GAUGE -> gauge(meter.metricName(), meter.sentence(), () -> meter.read(hub));
            }
        }
        gaugeByClass("class_events", "Events of a class of topics that are retained.", hub, ClassUse::events);
        gaugeByClass("class_bytes", "Bytes that the retained events of a class of topics have as SSE.", hub, ClassUse::bytes);
        gaugeByClass("class_floor", "The position up to which a class of topics has lost events to retention.", hub, ClassUse::lost);
        gaugeByClass("class_keys", "Topics and keys of a class of topics whose newest event stays (topics[].keep.latest).", hub,
                use -> use.latest().keys());
        gaugeByClass("class_evicted",
                "The position of the newest event that would have stayed but for log.latest.keys; 0 where there is none.", hub,
                use -> use.latest().evicted());
        count(HubMeter.PREFIX + "clock_jumps", "Jumps of the wall clock that were doubted.", sources.health()::clockJumps);
        for (ClientFaults.Kind kind : ClientFaults.Kind.values()) {
            count(HubMeter.PREFIX + kind.metricName(), kind.sentence(), () -> sources.faults().count(kind));
        }
        for (ListenMeter meter : ListenMeter.values()) {
            String name = HubMeter.PREFIX + meter.metricName();
            if (meter.isGauge()) {
                gauge(name, meter.sentence(), () -> meter.read(sources.listeners()));
            } else {
                count(name, meter.sentence(), () -> meter.read(sources.listeners()));
            }
        }
        CounterWithCallback.builder()
                .name(HubMeter.PREFIX + "config_reloads")
                .help("Reloads of the configuration, by outcome: applied, refused (nothing changed), failed (a defect).")
                .labelNames("outcome")
                .callback(to -> Arrays.stream(Outcome.Kind.values())
                        .forEach(kind -> to.call((double) sources.reload().count(kind), kind.label())))
                .register(registry);
        GaugeWithCallback.builder()
                .name(HubMeter.PREFIX + "certificate_expiry_timestamp_seconds")
                .help("When the certificate of a listener with TLS expires, in seconds since 1970.")
                .labelNames("listener")
                .callback(to -> {
                    sources.live().data().expiry().ifPresent(when -> to.call((double) when.getEpochSecond(), "data"));
                    sources.live().admin().expiry().ifPresent(when -> to.call((double) when.getEpochSecond(), "admin"));
                })
                .register(registry);
        ofAccess(sources.access(), sources.audit());
        sources.node().ifPresent(this::ofNode);
        ofUpstreams(sources.upstreams());
        ofHooks(sources.hooks());
        for (ProcessMeter meter : ProcessMeter.known()) {
            if (meter.isCounter()) {
                count(meter.metricName(), meter.sentence(), meter.value());
            } else {
                gauge(meter.metricName(), meter.sentence(), meter.value());
            }
        }
    }

    private void ofAccess(AccessControl access, AuditLog audit) {
        count(HubMeter.PREFIX + "access_refused", "Requests refused for who sent them, or because that could not be found out.",
                audit::refusals);
        gauge(HubMeter.PREFIX + "rights_held", "Rights that streams and pages hold while they are served.", access::held);
        gauge(HubMeter.PREFIX + "tickets_unused", "Tickets that nobody has used yet; of several nodes, those good at this one alone.",
                access::tickets);
        gauge(HubMeter.PREFIX + "revocations", "Revocations that hold.", () -> access.revocations().size());
    }

    /** What a node that shares its log counts of snapshots. */
    public void add(SnapshotFigures snapshots) {
        count(HubMeter.PREFIX + "log_snapshots_made", "Snapshots of the log that this node made.", snapshots::made);
        count(HubMeter.PREFIX + "log_snapshots_failed", "Times that this node could not make a snapshot of the log, or not find any.",
                snapshots::failed);
        count(HubMeter.PREFIX + "log_snapshots_restored", "Times that this node began from a snapshot of the log.", snapshots::restored);
        count(HubMeter.PREFIX + "log_positions_trimmed",
                "Positions of the journal that this node has removed, because snapshots cover them.", snapshots::trimmed);
        gauge(HubMeter.PREFIX + "log_snapshot_seconds", "How long the last snapshot took that this node made.", snapshots::lastSeconds);
        gauge(HubMeter.PREFIX + "log_snapshot_position", "The position in the journal of the newest snapshot; 0 where there is none.",
                () -> snapshots.newest().map(Snapshot::position).orElse(0L));
        gauge(HubMeter.PREFIX + "log_snapshot_bytes", "Bytes that the newest snapshot takes, compressed.",
                () -> snapshots.newest().map(Snapshot::bytes).orElse(0L));
        gauge(HubMeter.PREFIX + "log_snapshot_timestamp_seconds",
                "When the newest snapshot was made, in seconds since 1970; 0 where there is none.",
                () -> snapshots.newest().map(Snapshot::timeMillis).orElse(0L) / 1_000.0);
    }

    private void ofNode(Supplier<NodeState> node) {
        for (NodeMeter meter : NodeMeter.values()) {
            if (meter.isCounter()) {
                count(meter.metricName(), meter.sentence(), () -> meter.read(node.get()));
            } else {
                gauge(meter.metricName(), meter.sentence(), () -> meter.read(node.get()));
            }
        }
        labelled("journal_server", "1, with the names of the journal and of the server that this node is connected to, and its version.",
                List.of("journal", "server", "version"),
                () -> node.get().journal().map(state -> List.of(state.name(), state.server(), state.version())));
        labelled("replica_node", "1, with the epoch of the log, and what tells this node's groups from others.",
                List.of("epoch", "node"), () -> {
            NodeState state = node.get();
            return Optional.of(List.of(state.epoch(), state.node()));
        });
    }

    private void labelled(String name, String sentence, List<String> labels, Supplier<Optional<List<String>>> values) {
        GaugeWithCallback.builder()
                .name(HubMeter.PREFIX + name)
                .help(sentence)
                .labelNames(labels.toArray(String[]::new))
                .callback(to -> values.get().ifPresent(each -> to.call(1, each.toArray(String[]::new))))
                .register(registry);
    }

    private void ofUpstreams(Supplier<List<SourceStatus>> status) {
        ofEach(status, "source_events", "Events that a source has published.", SourceStatus::published);
        ofEach(status, "source_refused", "Items of a source that can be no events, and were passed over.", SourceStatus::refused);
        gaugeOfEach(status, "source_running", "1 where this node runs the source and it gets on, 0 where not.",
                each -> each.state() == SourceStatus.State.RUNNING ? 1 : 0);
        gaugeOfEach(status, "source_trouble", "1 where the source does not get on, as the log and readiness say.",
                each -> each.state() == SourceStatus.State.TROUBLE ? 1 : 0);
        gaugeOfEach(status, "source_waiting", "Items of a source that are known to wait.", SourceStatus::waiting);
        gaugeOfEach(status, "source_behind_seconds", "What was there for a source so long ago is published; 0 at the end.",
                each -> each.behind().toMillis() / 1000.0);
    }

    private void ofHooks(Supplier<List<HookStatus>> status) {
        countHooks(status, "hook_events", "Events of which a hook has told whom it calls.", each -> each.counts().told());
        countHooks(status, "hook_dead", "Events that a hook gave up: its dead letters.", each -> each.counts().dead());
        countHooks(status, "hook_calls", "Calls of a hook that were answered with success.", each -> each.counts().calls());
        countHooks(status, "hook_calls_failed", "Calls of a hook that were not.", each -> each.counts().failed());
        countHooks(status, "hook_topics_unnoted", "Times that a topic was not noted for a hook, because too many are listened to here.",
                HookStatus::beyond);
        gaugeHooks(status, "hook_running", "1 where this node calls for the hook and it gets on, 0 where not.",
                each -> each.state() == HookStatus.State.RUNNING ? 1 : 0);
        gaugeHooks(status, "hook_trouble", "1 where the hook does not get on, as the log and readiness say.",
                each -> each.trouble().isEmpty() ? 0 : 1);
        gaugeHooks(status, "hook_behind_seconds", "For how long the calls of a hook have failed.",
                each -> each.behind().toMillis() / 1000.0);
        gaugeHooks(status, "hook_topics", "Topics and filters of a hook that are listened to on this node.", HookStatus::topics);
    }

    private void countHooks(Supplier<List<HookStatus>> status, String name, String sentence, ToDoubleFunction<HookStatus> value) {
        CounterWithCallback.builder()
                .name(HubMeter.PREFIX + name)
                .help(sentence)
                .labelNames("hook")
                .callback(to -> status.get().forEach(each -> to.call(value.applyAsDouble(each), each.name())))
                .register(registry);
    }

    private void gaugeHooks(Supplier<List<HookStatus>> status, String name, String sentence, ToDoubleFunction<HookStatus> value) {
        GaugeWithCallback.builder()
                .name(HubMeter.PREFIX + name)
                .help(sentence)
                .labelNames("hook")
                .callback(to -> status.get().forEach(each -> to.call(value.applyAsDouble(each), each.name())))
                .register(registry);
    }

    private void ofEach(Supplier<List<SourceStatus>> status, String name, String sentence, ToDoubleFunction<SourceStatus> value) {
        CounterWithCallback.builder()
                .name(HubMeter.PREFIX + name)
                .help(sentence)
                .labelNames("source")
                .callback(to -> status.get().forEach(each -> to.call(value.applyAsDouble(each), each.name())))
                .register(registry);
    }

    private void gaugeOfEach(Supplier<List<SourceStatus>> status, String name, String sentence, ToDoubleFunction<SourceStatus> value) {
        GaugeWithCallback.builder()
                .name(HubMeter.PREFIX + name)
                .help(sentence)
                .labelNames("source")
                .callback(to -> status.get().forEach(each -> to.call(value.applyAsDouble(each), each.name())))
                .register(registry);
    }

    private void count(String name, String sentence, DoubleSupplier value) {
        CounterWithCallback.builder().name(name).help(sentence).callback(to -> to.call(value.getAsDouble())).register(registry);
    }

    private void gauge(String name, String sentence, DoubleSupplier value) {
        GaugeWithCallback.builder().name(name).help(sentence).callback(to -> to.call(value.getAsDouble())).register(registry);
    }

    private void gaugeByClass(String name, String sentence, Hub hub, ToLongFunction<ClassUse> value) {
        GaugeWithCallback.builder()
                .name(HubMeter.PREFIX + name)
                .help(sentence)
                .labelNames("class")
                .callback(to -> hub.kept().forEach(each -> to.call((double) value.applyAsLong(each), each.topicClass().name())))
                .register(registry);
    }

    /** Adds it to {@code routing}. */
    public void register(HttpRouting.Builder routing) {
        routing.route(Method.predicate(Method.GET, Method.HEAD), PathMatchers.exact("/metrics"), this::answer);
    }

    /** To HEAD too, of which the listener lets the head alone through. */
    private void answer(ServerRequest request, ServerResponse response) {
        String accepted = request.headers().first(HeaderNames.ACCEPT).orElse("");
        ExpositionFormatWriter writer = OPEN_METRICS.accepts(accepted) ? OPEN_METRICS : TEXT;
        response.header(HeaderNames.CONTENT_TYPE, writer.getContentType());
        response.header(AdminRoutes.NO_STORE);
        response.send(written(writer));
    }

    /** In Prometheus' text format. */
    byte[] text() {
        return written(TEXT);
    }

    private byte[] written(ExpositionFormatWriter writer) {
        var page = new ByteArrayOutputStream();
        try {
            writer.write(page, registry.scrape());
        } catch (IOException e) {
            throw new UncheckedIOException("into memory", e);
        }
        return page.toByteArray();
    }
}
