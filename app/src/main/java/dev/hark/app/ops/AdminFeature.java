package dev.hark.app.ops;

import dev.hark.Hub;
import dev.hark.HubMeter;
import io.helidon.health.HealthCheck;
import io.helidon.health.HealthCheckResponse;
import io.helidon.health.HealthCheckType;
import io.helidon.metrics.api.FunctionalCounter;
import io.helidon.metrics.api.Gauge;
import io.helidon.metrics.api.MeterRegistry;
import io.helidon.metrics.api.MetricsConfig;
import io.helidon.metrics.api.MetricsFactory;
import io.helidon.webserver.observe.ObserveFeature;
import io.helidon.webserver.observe.health.HealthObserver;
import io.helidon.webserver.observe.metrics.MetricsObserver;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * {@code /health/live}, {@code /health/ready} and {@code /metrics} on the admin listener.
 */
public final class AdminFeature {
    private AdminFeature() {}

    /**
     * The feature for {@code hub} on the listener named {@code socket}.
     *
     * @param alarms what an operator must know though the hub works
     */
    public static ObserveFeature of(Hub hub, Supplier<List<String>> alarms, String socket) {
        return ObserveFeature.builder()
                .endpoint("/")
                .sockets(List.of(socket))
                .observersDiscoverServices(false)
                .addObserver(health(hub, alarms))
                .addObserver(metrics(hub))
                .build();
    }

    private static HealthObserver health(Hub hub, Supplier<List<String>> alarms) {
        return HealthObserver.builder()
                .endpoint("health")
                .details(true)
                .useSystemServices(false)
                .addCheck(new Live(hub))
                .addCheck(new Ready(hub, alarms))
                .build();
    }

    /** Live until a thread that every stream needs has died: then the process is about to end, and to be started again. */
    private record Live(Hub hub) implements HealthCheck {
        @Override
        public HealthCheckType type() {
            return HealthCheckType.LIVENESS;
        }

        @Override
        public String name() {
            return "live";
        }

        @Override
        public HealthCheckResponse call() {
            Optional<String> reason = hub.notLive();
            HealthCheckResponse.Builder response = HealthCheckResponse.builder().status(reason.isEmpty());
            reason.ifPresent(why -> response.detail("reason", why));
            return response.build();
        }
    }

    private record Ready(Hub hub, Supplier<List<String>> alarms) implements HealthCheck {
        @Override
        public HealthCheckType type() {
            return HealthCheckType.READINESS;
        }

        @Override
        public String name() {
            return "ready";
        }

        @Override
        public HealthCheckResponse call() {
            Optional<String> reason = hub.notReady();
            HealthCheckResponse.Builder response = HealthCheckResponse.builder().status(reason.isEmpty());
            reason.ifPresent(why -> response.detail("reason", why));
            // Events that are lost or damaged are so on every start: taking the node out of rotation would mend nothing.
            List<String> known = alarms.get();
            if (!known.isEmpty()) {
                response.detail("alarms", String.join("; ", known));
            }
            return response.build();
        }
    }

    /** Micrometer has one registry a process: where several hubs run in one, as in tests, the newest is what the page shows. */
    private static MetricsObserver metrics(Hub hub) {
        MetricsConfig config = MetricsConfig.create();
        MeterRegistry registry = MetricsFactory.getInstance().globalRegistry(config);
        List.copyOf(registry.meters()).stream()
                .filter(meter -> meter.id().name().startsWith(HubMeter.PREFIX))
                .forEach(registry::remove);
        for (HubMeter meter : HubMeter.values()) {
            switch (meter.kind()) {
                case COUNTER -> registry.getOrCreate(
                        FunctionalCounter.builder(meter.metricName(), hub, meter::read).description(meter.sentence()));
                case GAUGE -> registry.getOrCreate(
                        Gauge.builder(meter.metricName(), () -> meter.read(hub)).description(meter.sentence()));
            }
        }
        for (ProcessMeter meter : ProcessMeter.known()) {
            registry.getOrCreate(Gauge.builder(meter.metricName(), meter.value()::getAsDouble).description(meter.sentence()));
        }
        return MetricsObserver.builder().endpoint("metrics").metricsConfig(config).meterRegistry(registry).build();
    }
}
