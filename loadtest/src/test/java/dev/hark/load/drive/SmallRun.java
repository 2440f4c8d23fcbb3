package dev.hark.load.drive;

import dev.hark.load.ledger.Spread;
import dev.hark.load.measure.Measurements;
import dev.hark.load.measure.ServerWatch;
import dev.hark.load.nullhub.Delivery;
import dev.hark.load.nullhub.NullHub;
import java.io.IOException;
import java.time.Duration;

/** Runs of some seconds at most against a null hub. */
final class SmallRun {
    /** Whatever has not come by then is lost: longer than a busy machine stops. */
    static final Duration DRAIN = Duration.ofMillis(1_500);

    private SmallRun() {}

    static FanoutPlan plan(String url, int streams, int topics, double perSecond, int events, int connections) {
        return new FanoutPlan(
                Target.hark(url),
                new StreamPlan(streams, 0, 4096, 64, Duration.ofSeconds(10), 1, 0, false, Spread.EVEN),
                new PublishPlan(perSecond, 100, connections, 16, 1),
                "t",
                topics,
                new FanoutPlan.Phases(Duration.ZERO, Duration.ZERO, Duration.ofNanos((long) (events / perSecond * 1e9)), DRAIN),
                ServerWatch.NONE);
    }

    static FanoutResult against(Delivery delivery, int streams, int topics, double perSecond, int events, int connections)
            throws IOException {
        try (NullHub hub = NullHub.start(delivery, 0)) {
            return new FanoutRun(plan(hub.url(), streams, topics, perSecond, events, connections)).run();
        }
    }

    static Measurements measured(Delivery delivery, int streams, int events, int connections) throws IOException {
        return against(delivery, streams, 1, 500, events, connections).measurements();
    }
}
