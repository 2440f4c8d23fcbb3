package dev.hark.load.drive;

import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What a run had of one of several nodes, and what that took of it.
 *
 * @param name as in the run's URLs
 * @param streams its streams when measuring began
 * @param streamsAtEnd its streams when all was delivered
 * @param lost streams that ended there without our doing
 * @param delivered deliveries, warm-up included
 * @param cores its processors in use while measuring; empty where nobody looked, or it was gone at the end
 * @param memoryBytes its resident memory at the end of measuring; empty likewise
 */
public record NodeResult(
        String name, long streams, long streamsAtEnd, long lost, long delivered, OptionalDouble cores, OptionalLong memoryBytes) {
    /** What another generator had of the same node, added; only one of them looks at what it takes. */
    public NodeResult and(NodeResult other) {
        return new NodeResult(
                name, streams + other.streams, streamsAtEnd + other.streamsAtEnd, lost + other.lost, delivered + other.delivered,
                cores.isPresent() ? cores : other.cores, memoryBytes.isPresent() ? memoryBytes : other.memoryBytes);
    }
}
