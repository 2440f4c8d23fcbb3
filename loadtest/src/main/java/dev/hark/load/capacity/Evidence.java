package dev.hark.load.capacity;

import java.util.List;
import java.util.stream.Stream;

/**
 * What was seen of a server's cost, from which a {@link CostModel} is fitted.
 *
 * @param idle with streams and no events
 * @param work with events, beyond what the streams took while they were idle
 * @param memory resident memory, of a server that had not served before
 * @param reach how far all this goes
 */
public record Evidence(List<Idle> idle, List<Work> work, List<Footprint> memory, Reach reach) {
    /** Processors in use with so many streams and no events. */
    public record Idle(double streams, double cores) {}

    /** Processors in use for so many events and deliveries a second. */
    public record Work(double publishesPerSecond, double deliveriesPerSecond, double cores) {}

    /** Resident memory with so many streams. */
    public record Footprint(double streams, double bytes) {}

    /**
     * The most that was measured of each; a plan that goes far beyond is a guess.
     *
     * @param streams streams at once
     * @param publishesPerSecond acknowledged events a second
     * @param deliveriesPerSecond deliveries a second
     * @param payloadBytes the size of an event's data; 0 where the report does not say
     * @param connectPerSecond streams that started a second
     * @param levels how many loads
     */
    public record Reach(
            double streams, double publishesPerSecond, double deliveriesPerSecond, double payloadBytes, double connectPerSecond,
            int levels) {
        Reach and(Reach other) {
            return new Reach(
                    Math.max(streams, other.streams),
                    Math.max(publishesPerSecond, other.publishesPerSecond),
                    Math.max(deliveriesPerSecond, other.deliveriesPerSecond),
                    Math.max(payloadBytes, other.payloadBytes),
                    Math.max(connectPerSecond, other.connectPerSecond),
                    levels + other.levels);
        }
    }

    public Evidence {
        idle = List.copyOf(idle);
        work = List.copyOf(work);
        memory = List.copyOf(memory);
    }

    /** This and what another report has. */
    public Evidence and(Evidence other) {
        return new Evidence(
                Stream.concat(idle.stream(), other.idle.stream()).toList(),
                Stream.concat(work.stream(), other.work.stream()).toList(),
                Stream.concat(memory.stream(), other.memory.stream()).toList(),
                reach.and(other.reach));
    }
}
