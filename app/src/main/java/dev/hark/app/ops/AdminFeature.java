package dev.hark.app.ops;

import dev.hark.Hub;
import dev.hark.HubMeter;
import dev.hark.app.listen.ListenMeter;
import dev.hark.app.listen.Listeners;
import io.helidon.health.HealthCheck;
import io.helidon.health.HealthCheckResponse;
import io.helidon.health.HealthCheckType;
import io.helidon.metrics.api.FunctionalCounter;
import io.helidon.metrics.api.Gauge;
import io.helidon.metrics.api.MeterRegistry;
import io.helidon.metrics.api.MetricsConfig;
import io.helidon.metrics.api.MetricsFactory;
import io.helidon.service.registry.Services;
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

    /** The feature for {@code hub} on the listener named {@code socket}. */
    public static ObserveFeature of(Hub hub, Health health, Listeners listeners, String socket) {
        return ObserveFeature.builder()
                .endpoint("/")
                .sockets(List.of(socket))
                .observersDiscoverServices(false)
                .addObserver(health(health))
                .addObserver(metrics(hub, health, listeners))
                .build();
    }

    private static HealthObserver health(Health health) {
        return HealthObserver.builder()
                .endpoint("health")
                .details(true)
                .useSystemServices(false)
                .addCheck(new Check("live", HealthCheckType.LIVENESS, () -> answer(health.notLive())))
                .addCheck(new Check("ready", HealthCheckType.READINESS, () -> ready(health)))
                .build();
    }

    private record Check(String name, HealthCheckType type, Supplier<HealthCheckResponse.Builder> answer) implements HealthCheck {
        @Override
        public HealthCheckResponse call() {
            return answer.get().build();
        }
    }

    private static HealthCheckResponse.Builder answer(Optional<String> reason) {
        HealthCheckResponse.Builder response = HealthCheckResponse.builder().status(reason.isEmpty());
        reason.ifPresent(why -> response.detail("reason", why));
        return response;
    }

    private static HealthCheckResponse.Builder ready(Health health) {
        HealthCheckResponse.Builder response = answer(health.notReady());
        List<String> alarms = health.alarms();
        if (!alarms.isEmpty()) {
            response.detail("alarms", String.join("; ", alarms));
        }
        return response;
    }

    /** Micrometer has one registry a process: where several hubs run in one, as in tests, the newest is what the page shows. */
    private static MetricsObserver metrics(Hub hub, Health health, Listeners listeners) {
        MetricsConfig config = MetricsConfig.create();
        MeterRegistry registry = Services.get(MetricsFactory.class).globalRegistry(config);
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
        for (ListenMeter meter : ListenMeter.values()) {
            String name = HubMeter.PREFIX + meter.metricName();
            if (meter.isGauge()) {
                registry.getOrCreate(Gauge.builder(name, () -> meter.read(listeners)).description(meter.sentence()));
            } else {
                registry.getOrCreate(FunctionalCounter.builder(name, listeners, meter::read).description(meter.sentence()));
            }
        }
        for (ProcessMeter meter : ProcessMeter.known()) {
            registry.getOrCreate(Gauge.builder(meter.metricName(), meter.value()::getAsDouble).description(meter.sentence()));
        }
        registry.getOrCreate(FunctionalCounter.builder(HubMeter.PREFIX + "clock_jumps", health, Health::clockJumps)
                .description("Jumps of the wall clock that were doubted."));
        return MetricsObserver.builder().endpoint("metrics").metricsConfig(config).meterRegistry(registry).build();
    }
}
