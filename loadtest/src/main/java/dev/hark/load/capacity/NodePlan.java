package dev.hark.load.capacity;

import dev.hark.load.measure.Unit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * How many nodes a goal needs.
 *
 * @param limits how many subscribers one node holds by each limit, the tightest first
 * @param nodes how many nodes, one of them spare
 * @param reconnectSeconds how long the survivors need to take the streams of a lost node
 * @param assumptions every one that went into it, in words
 */
public record NodePlan(List<Limit> limits, int nodes, double reconnectSeconds, List<String> assumptions) {
    /** One limit of a node. */
    public record Limit(String name, double subscribersPerNode) {}

    /**
     * What is wanted.
     *
     * @param subscribers in all
     * @param perSecond events that each subscriber receives a second
     * @param publishesPerSecond events published a second, on all topics together
     * @param payloadBytes the size of each
     * @param reconnectSeconds within how long the streams of a lost node have to be back
     */
    public record Goal(double subscribers, double perSecond, double publishesPerSecond, double payloadBytes, double reconnectSeconds) {
        public Goal {
            if (!(subscribers >= 1) || !(perSecond >= 0) || !(publishesPerSecond >= 0) || !(payloadBytes >= 0)) {
                throw new IllegalArgumentException("a goal of %s subscribers at %s/s each, %s/s published, of %s bytes; none may be below 0"
                        .formatted(subscribers, perSecond, publishesPerSecond, payloadBytes));
            }
            if (!(reconnectSeconds > 0)) {
                throw new IllegalArgumentException("streams of a lost node back within " + reconnectSeconds + " s; it must be above 0");
            }
        }
    }

    /**
     * What a node is.
     *
     * @param cores processors that may be used: at most what the server used at its measured capacity
     * @param memoryBytes memory
     * @param networkBitsPerSecond what its network carries
     * @param descriptors how many files it may open
     * @param connectPerSecond streams that it can take a second
     * @param headroom the share of each that stays free, such as 0.3
     */
    public record Node(
            double cores, double memoryBytes, double networkBitsPerSecond, double descriptors, double connectPerSecond, double headroom) {
        public Node {
            if (!(headroom >= 0) || headroom >= 1) {
                throw new IllegalArgumentException("headroom is " + headroom + "; it must be from 0 to below 1");
            }
            if (!(cores > 0) || !(memoryBytes > 0) || !(networkBitsPerSecond > 0) || !(descriptors > 0) || !(connectPerSecond > 0)) {
                throw new IllegalArgumentException("a node without processors, memory, network, descriptors or connections a second");
            }
        }
    }

    /** An event's id, field names and line ends in a stream, and the headers of Ethernet, IP and TCP around one write. */
    static final int FRAME_BYTES = 40 + 78;

    private static final int OWN_DESCRIPTORS = 200;

    public NodePlan {
        limits = List.copyOf(limits);
        assumptions = List.copyOf(assumptions);
    }

    /** The same with more assumptions, which the caller made on the way to model and node. */
    public NodePlan assuming(List<String> more) {
        return new NodePlan(limits, nodes, reconnectSeconds, Stream.concat(assumptions.stream(), more.stream()).toList());
    }

    /** Makes a plan. */
    public static NodePlan of(CostModel model, Goal goal, Node node) {
        double usable = 1 - node.headroom();
        double perSubscriber = model.coresPerStream() + model.coreSecondsPerDelivery() * goal.perSecond();
        double left = node.cores() * usable - model.coreSecondsPerPublish() * goal.publishesPerSecond();
        double bitsPerDelivery = 8 * (goal.payloadBytes() + FRAME_BYTES);
        var limits = new ArrayList<Limit>();
        limits.add(new Limit("processors", perSubscriber > 0 ? left / perSubscriber : Double.POSITIVE_INFINITY));
        limits.add(new Limit("memory", model.bytesPerStream() > 0
                ? (node.memoryBytes() * usable - model.baseBytes()) / model.bytesPerStream()
                : Double.POSITIVE_INFINITY));
        limits.add(new Limit("network", goal.perSecond() > 0
                ? node.networkBitsPerSecond() * usable / (bitsPerDelivery * goal.perSecond())
                : Double.POSITIVE_INFINITY));
        limits.add(new Limit("descriptors", node.descriptors() - OWN_DESCRIPTORS));
        limits.add(new Limit("reconnects of a lost node", mostReconnecting(goal, node)));
        limits.sort(Comparator.comparingDouble(Limit::subscribersPerNode));
        double perNode = Math.floor(limits.getFirst().subscribersPerNode());
        if (perNode < 1) {
            throw new IllegalArgumentException("one node does not hold a single subscriber; what binds: " + limits.getFirst().name());
        }
        int carrying = (int) Math.ceil(goal.subscribers() / perNode);
        int nodes = carrying + 1;
        double lost = goal.subscribers() / nodes;
        double seconds = lost / (carrying * node.connectPerSecond());
        return new NodePlan(limits, nodes, seconds, assumptions(model, goal, node, carrying));
    }

    /*
     * S subscribers, at most n of them on a node, need at least S/n nodes, and since there is a spare one as many survive when one is lost.
     * Each of these takes r streams a second, so n streams are back within n / (r * S/n) seconds, which is at most T while
     * n <= sqrt(S * T * r). Smaller nodes help twice: less is lost, and more are there to take it.
     */
    private static double mostReconnecting(Goal goal, Node node) {
        return Math.sqrt(goal.subscribers() * goal.reconnectSeconds() * node.connectPerSecond());
    }

    private static List<String> assumptions(CostModel model, Goal goal, Node node, int carrying) {
        return List.of(
                String.format(Locale.ROOT, "%.0f %% of each node's processors, memory and network stay free", 100 * node.headroom()),
                "one node more than the " + carrying + " that carry the goal: any one may be lost or restarted",
                String.format(Locale.ROOT,
                        "a lost node's streams come back to the others evenly, within %s; each takes %,.0f a second,"
                                + " as it did when measured",
                        Unit.NANOS.format(1e9 * goal.reconnectSeconds()), node.connectPerSecond()),
                String.format(Locale.ROOT, "a node may use %.2f processors", node.cores()),
                String.format(Locale.ROOT, "every node takes all %.1f publishes a second, since all nodes follow one log",
                        goal.publishesPerSecond()),
                String.format(Locale.ROOT, "a delivery is %.0f bytes and %d of frame and headers; one write each",
                        goal.payloadBytes(), FRAME_BYTES),
                "costs were fitted to " + model.levels() + " level(s) and grow in a straight line beyond them",
                "TLS, if any, is ended by the proxy in front and is not counted");
    }
}
