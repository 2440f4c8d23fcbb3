package dev.hark.app.admin;

import dev.hark.Hub;
import dev.hark.HubMeter;
import dev.hark.app.http.wire.ClientFaults;
import io.helidon.metrics.api.FunctionalCounter;
import io.helidon.metrics.api.Gauge;
import io.helidon.metrics.api.MeterRegistry;
import io.helidon.metrics.api.MetricsConfig;
import io.helidon.metrics.api.MetricsFactory;
import io.helidon.service.registry.Services;
import io.helidon.webserver.observe.ObserveFeature;
import io.helidon.webserver.observe.metrics.MetricsObserver;
import java.util.List;

/** {@code /metrics}: everything that the hub counts, and what the process uses. Stateless. */
public final class MetricsFeature {
    private MetricsFeature() {}

    /** Micrometer has one registry a process: where several hubs run in one, as in tests, the newest is what the page shows. */
    public static ObserveFeature of(Hub hub, Health health, ClientFaults faults) {
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
        for (ProcessMeter meter : ProcessMeter.known()) {
            registry.getOrCreate(Gauge.builder(meter.metricName(), meter.value()::getAsDouble).description(meter.sentence()));
        }
        registry.getOrCreate(FunctionalCounter.builder(HubMeter.PREFIX + "clock_jumps", health, Health::clockJumps)
                .description("Jumps of the wall clock that were doubted."));
        for (ClientFaults.Kind kind : ClientFaults.Kind.values()) {
            registry.getOrCreate(FunctionalCounter.builder(HubMeter.PREFIX + kind.metricName(), faults, all -> all.count(kind))
                    .description(kind.sentence()));
        }
        return ObserveFeature.builder()
                .endpoint("/")
                .observersDiscoverServices(false)
                .addObserver(MetricsObserver.builder().endpoint("metrics").metricsConfig(config).meterRegistry(registry).build())
                .build();
    }
}
