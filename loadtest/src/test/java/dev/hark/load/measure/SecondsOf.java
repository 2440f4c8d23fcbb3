package dev.hark.load.measure;

import java.util.List;

/** Seconds of which only some numbers matter. */
final class SecondsOf {
    private SecondsOf() {}

    static Second second(double at, String phase, long live, long ended, long delivered, double cores, long bytes) {
        return new Second(
                at,
                phase,
                new Second.Counts(live, 0, ended, 0, 0, 0, 0, 0, delivered, 0, 0, 0),
                new Second.Latency(0, 0, 0, 0, List.of()),
                new Second.Load(cores, bytes, 0, 0, 0));
    }
}
