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

/**
 * {@code /health/live}, {@code /health/ready} and {@code /metrics} on the admin listener.
 */
public final class AdminFeature {
    private AdminFeature() {}

    /** The feature for {@code hub} on the listener named {@code socket}. */
    public static ObserveFeature of(Hub hub, String socket) {
        return ObserveFeature.builder()
                .endpoint("/")
                .sockets(List.of(socket))
                .observersDiscoverServices(false)
                .addObserver(health(hub))
                .addObserver(metrics(hub))
                .build();
    }

    private static HealthObserver health(Hub hub) {
        return HealthObserver.builder()
                .endpoint("health")
                .details(true)
                .useSystemServices(false)
                .addCheck(new Live())
                .addCheck(new Ready(hub))
                .build();
    }

    /** Live as long as it can answer. */
    private record Live() implements HealthCheck {
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
            return HealthCheckResponse.builder().status(true).build();
        }
    }

    private record Ready(Hub hub) implements HealthCheck {
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
