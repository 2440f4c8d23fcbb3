package dev.hark.load.drive;

import dev.hark.load.measure.ServerWatch;
import java.time.Duration;
import java.util.List;

/**
 * Connect and leave.
 *
 * @param cycles how often
 * @param atOnce how many streams are open at the same time
 * @param timeout for all cycles together
 * @param serverPids the server's process, or those of several nodes; empty where nobody looks
 * @param settle how long the server may take to let go of the last streams
 */
public record ChurnPlan(Target target, String topic, int cycles, int atOnce, Duration timeout, Duration settle, List<Long> serverPids) {
    public ChurnPlan {
        serverPids = List.copyOf(serverPids);
        new ServerWatch(serverPids, List.of()).requireEachOf(target.nodes().size());
        target.requireNoTickets("churn");
        if (cycles < 1 || cycles > 10_000_000) {
            throw new IllegalArgumentException("cycles is " + cycles + "; it must be from 1 to 10000000");
        }
        if (atOnce < 1 || atOnce > 10_000) {
            throw new IllegalArgumentException("streams at once is " + atOnce + "; it must be from 1 to 10000");
        }
    }
}
