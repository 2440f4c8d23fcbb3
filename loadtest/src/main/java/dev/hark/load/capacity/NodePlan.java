package dev.hark.load.capacity;

import dev.hark.load.measure.Unit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * How many hubs a goal needs, where each is on its own and the topics are divided among them: all subscribers of a topic are on one hub.
 *
 * @param limits how many subscribers one hub holds by each limit, the tightest first
 * @param hubs how many hubs
 * @param load what the fullest of them has to do
 * @param restartSeconds how long its streams need to come back to it after a restart
 * @param stretches where that goes further beyond what was measured than can be believed; empty if it does not
 * @param assumptions every one that went into it, in words
 */
public record NodePlan(
        List<Limit> limits, int hubs, Load load, double restartSeconds, List<String> stretches, List<String> assumptions) {
    /** One limit of a hub. */
    public record Limit(String name, double subscribersPerHub) {}

    /** What one hub has to do. */
    public record Load(int topics, double subscribers, double publishesPerSecond, double deliveriesPerSecond) {}

    /**
     * What is wanted.
     *
     * @param subscribers in all
     * @param perSecond events that each subscriber receives a second
     * @param topics how many topics the subscribers are divided over, evenly; each subscriber reads one
     * @param publishesPerSecond events published a second, on all topics together
     * @param payloadBytes the size of each
     * @param reconnectSeconds within how long the streams of a hub that was restarted have to be back
     */
    public record Goal(
            double subscribers, double perSecond, int topics, double publishesPerSecond, double payloadBytes, double reconnectSeconds) {
        public Goal {
            if (!(subscribers >= 1) || !(perSecond >= 0) || !(publishesPerSecond >= 0) || !(payloadBytes >= 0)) {
                throw new IllegalArgumentException("a goal of %s subscribers at %s/s each, %s/s published, of %s bytes; none may be below 0"
                        .formatted(subscribers, perSecond, publishesPerSecond, payloadBytes));
            }
            if (topics < 1 || topics > subscribers) {
                throw new IllegalArgumentException("topics is %d; it must be from 1 to the number of subscribers, since each reads one"
                        .formatted(topics));
            }
            if (!(reconnectSeconds > 0)) {
                throw new IllegalArgumentException("streams of a restarted hub back within " + reconnectSeconds + " s; it must be above 0");
            }
        }
    }

    /**
     * What a node is, and the hub on it.
     *
     * @param cores processors
     * @param memoryBytes memory
     * @param networkBitsPerSecond what its network carries
     * @param descriptors how many files the hub may open
     * @param subscribers how many streams its configuration lets in
     * @param headroom the share of processors, memory and network that stays free, such as 0.3
     */
    public record Node(
            double cores, double memoryBytes, double networkBitsPerSecond, double descriptors, double subscribers, double headroom) {
        public Node {
            if (!(headroom >= 0) || headroom >= 1) {
                throw new IllegalArgumentException("headroom is " + headroom + "; it must be from 0 to below 1");
            }
            if (!(cores > 0) || !(memoryBytes > 0) || !(networkBitsPerSecond > 0) || !(descriptors > 0) || !(subscribers > 0)) {
                throw new IllegalArgumentException("a node without processors, memory, network, descriptors or subscribers");
            }
        }
    }

    /** A plan that goes this many times beyond what was measured is a guess: caches, tables and the collector bend straight lines. */
    public static final double FARTHEST = 3;

    /** What is not known may take this share of a node's processors at most, when it is counted by the most that it may be. */
    private static final double MOST_UNKNOWN = 0.1;

    /** An event's id, field names and line ends in a stream, and the headers of Ethernet, IP and TCP around one write. */
    static final int FRAME_BYTES = 118;

    /** What a hub opens besides its streams. */
    static final int OWN_DESCRIPTORS = 200;

    public NodePlan {
        limits = List.copyOf(limits);
        stretches = List.copyOf(stretches);
        assumptions = List.copyOf(assumptions);
    }

    /**
     * Makes a plan.
     *
     * @param mayStretch whether it may go {@link #FARTHEST} times beyond what was measured, and farther
     * @throws IllegalArgumentException if the goal has a cost that the reports do not tell, or no such node can do it; the message says
     *     what would help
     */
    public static NodePlan of(CostModel model, Evidence.Reach reach, Goal goal, Node node, boolean mayStretch) {
        requireKnown(model, goal);
        NodePlan plan = of(model, reach, goal, node, model.coreSecondsPerPublish().counted(), mayStretch);
        Cost publish = model.coreSecondsPerPublish();
        double perSecond = plan.load.publishesPerSecond();
        if (publish.isKnown() || perSecond <= FARTHEST * reach.publishesPerSecond()) {
            return plan;
        }
        requireLittle(publish, node, perSecond, reach);
        return of(model, reach, goal, node, publish.most(), mayStretch)
                .assuming("a publish counts as " + Unit.NANOS.format(1e9 * publish.most()) + ", the most that it may be");
    }

    /** @throws IllegalArgumentException if publishes whose cost is not known may take more of a node than can be passed over */
    static void requireLittle(Cost publish, Node node, double perSecond, Evidence.Reach reach) {
        if (publish.most() * perSecond > MOST_UNKNOWN * node.cores() * (1 - node.headroom())) {
            throw new IllegalArgumentException(String.format(Locale.ROOT,
                    "the reports do not tell what a publish costs (%s), and a hub would take %s a second where at most %s were measured:"
                            + " give --from a second time, with a run at about that rate, such as scenarios/publish-throughput.yaml",
                    range(publish, Unit.NANOS, 1e9), Unit.COUNT.format(perSecond), Unit.COUNT.format(reach.publishesPerSecond())));
        }
    }

    /** What to say of a plan that goes too far beyond what was measured. */
    static IllegalArgumentException tooFar(List<String> stretches) {
        return new IllegalArgumentException("the plan goes beyond three times what was measured: " + String.join("; ", stretches)
                + ". Measure more, or give --extrapolate and take the plan for a guess");
    }

    private NodePlan assuming(String more) {
        return new NodePlan(limits, hubs, load, restartSeconds, stretches, Stream.concat(assumptions.stream(), Stream.of(more)).toList());
    }

    private static NodePlan of(
            CostModel model, Evidence.Reach reach, Goal goal, Node node, double perPublish, boolean mayStretch) {
        List<Limit> limits = limits(model, reach, goal, node, perPublish);
        Limit tightest = limits.getFirst();
        double perHub = Math.floor(tightest.subscribersPerHub());
        double perTopic = goal.subscribers() / goal.topics();
        if (perHub < perTopic) {
            throw new IllegalArgumentException(String.format(Locale.ROOT,
                    "a hub on this node holds %,.0f subscribers (%s binds), and %s; hubs do not share a topic, so the goal needs"
                            + " more and smaller topics (--topics), a larger node, or fewer events",
                    Math.max(0, perHub), tightest.name(), goal.topics() == 1
                            ? String.format(Locale.ROOT, "the one topic has %,.0f", perTopic)
                            : String.format(Locale.ROOT, "each of the %,d topics has %,.0f", goal.topics(), perTopic)));
        }
        int together = (int) Math.min(goal.topics(), Math.floor(perHub / perTopic));
        int hubs = (goal.topics() + together - 1) / together;
        int most = (goal.topics() + hubs - 1) / hubs;
        double share = (double) most / goal.topics();
        var load = new Load(
                most, goal.subscribers() * share, goal.publishesPerSecond() * share, goal.subscribers() * share * goal.perSecond());
        List<String> stretches = stretches(reach, goal, load);
        if (!stretches.isEmpty() && !mayStretch) {
            throw tooFar(stretches);
        }
        double restart = reach.connectPerSecond() > 0 ? load.subscribers() / reach.connectPerSecond() : 0;
        return new NodePlan(
                limits, hubs, load, restart, stretches, assumptions(model, reach, goal, node, load));
    }

    static void requireKnown(CostModel model, Goal goal) {
        if (goal.perSecond() > 0 && !model.coreSecondsPerDelivery().isKnown()) {
            throw new IllegalArgumentException(("the reports do not tell what a delivery costs (%s): measure with events, longer or at more"
                    + " levels; or plan idle streams with --rate 0/s").formatted(range(model.coreSecondsPerDelivery(), Unit.NANOS, 1e9)));
        }
        if (!model.bytesPerStream().isKnown()) {
            throw new IllegalArgumentException("the reports do not tell what a stream takes of memory (%s): measure a hub that was just"
                    .formatted(range(model.bytesPerStream(), Unit.BYTES, 1)) + " started, with more streams");
        }
        if (goal.perSecond() == 0 && !model.coresPerStream().isKnown() && !model.fixedCores().isKnown()) {
            throw new IllegalArgumentException("the reports do not tell what idle streams cost: measure with --settle 10s or more");
        }
    }

    private static List<Limit> limits(CostModel model, Evidence.Reach reach, Goal goal, Node node, double perPublish) {
        double usable = 1 - node.headroom();
        double perSubscriber = model.coresPerStream().counted()
                + model.coreSecondsPerDelivery().counted() * goal.perSecond()
                + perPublish * goal.publishesPerSecond() / goal.subscribers();
        double bitsPerDelivery = 8 * (goal.payloadBytes() + FRAME_BYTES);
        var limits = new ArrayList<Limit>();
        limits.add(new Limit("processors", over(node.cores() * usable - model.fixedCores().counted(), perSubscriber)));
        limits.add(new Limit("memory", over(node.memoryBytes() * usable - model.baseBytes().counted(), model.bytesPerStream().counted())));
        limits.add(new Limit("network", over(node.networkBitsPerSecond() * usable, bitsPerDelivery * goal.perSecond())));
        limits.add(new Limit("descriptors", node.descriptors() - OWN_DESCRIPTORS));
        limits.add(new Limit("limits.subscribers", node.subscribers()));
        if (reach.connectPerSecond() > 0) {
            limits.add(new Limit("reconnects after a restart", goal.reconnectSeconds() * reach.connectPerSecond()));
        }
        limits.sort(Comparator.comparingDouble(Limit::subscribersPerHub));
        return limits;
    }

    static double over(double all, double each) {
        return each > 0 ? all / each : Double.POSITIVE_INFINITY;
    }

    private static List<String> stretches(Evidence.Reach reach, Goal goal, Load load) {
        var stretches = new ArrayList<String>();
        stretch(stretches, "streams", load.subscribers(), reach.streams());
        stretch(stretches, "publishes a second", load.publishesPerSecond(), reach.publishesPerSecond());
        stretch(stretches, "deliveries a second", load.deliveriesPerSecond(), reach.deliveriesPerSecond());
        stretch(stretches, "bytes of data an event", reach.payloadBytes() > 0 ? goal.payloadBytes() : 0, reach.payloadBytes());
        return stretches;
    }

    static void stretch(List<String> into, String what, double planned, double measured) {
        if (planned > FARTHEST * measured) {
            into.add(String.format(Locale.ROOT, "%s %s on a hub, where at most %s were measured%s", Unit.COUNT.format(Math.ceil(planned)),
                    what, Unit.COUNT.format(measured),
                    measured > 0 ? String.format(Locale.ROOT, ": %,.0f times as many", planned / measured) : ""));
        }
    }

    private static List<String> assumptions(CostModel model, Evidence.Reach reach, Goal goal, Node node, Load load) {
        var assumptions = new ArrayList<String>();
        assumptions.add("every hub is on its own: each topic is on one of them, clients know which, and no hub takes over for another");
        assumptions.add(String.format(Locale.ROOT, "the subscribers are spread evenly over %,d topic%s, and each reads one", goal.topics(),
                goal.topics() == 1 ? "" : "s"));
        assumptions.add(String.format(Locale.ROOT, "%s publishes a second on all hubs together, %s on the fullest",
                Unit.COUNT.format(goal.publishesPerSecond()), Unit.COUNT.format(load.publishesPerSecond())));
        addCommon(assumptions, goal, node);
        assumptions.add(reach.connectPerSecond() > 0
                ? String.format(Locale.ROOT, "a restarted hub takes its streams back within %s; it takes %s a second, as when measured",
                        Unit.NANOS.format(1e9 * goal.reconnectSeconds()), Unit.COUNT.format(Math.floor(reach.connectPerSecond())))
                : "how fast a restarted hub takes its streams back is not known");
        addLeftOut(assumptions, model);
        return assumptions;
    }

    /** What is assumed of a node, whether it is alone or one of many. */
    static void addCommon(List<String> assumptions, Goal goal, Node node) {
        assumptions.add(String.format(Locale.ROOT, "%.0f %% of each node's processors, memory and network stay free",
                100 * node.headroom()));
        assumptions.add("the node's processors are as fast as those that were measured, and twice as many do twice the work");
        assumptions.add("the hub may open " + Unit.COUNT.format(node.descriptors()) + " files (--node-descriptors)");
        assumptions.add(String.format(Locale.ROOT, "limits.subscribers of the hub's configuration is %s (--node-subscribers)",
                Unit.COUNT.format(node.subscribers())));
        assumptions.add(String.format(Locale.ROOT, "a delivery is %s of data and %d B of frame and headers; one write each",
                Unit.BYTES.format(goal.payloadBytes()), FRAME_BYTES));
        assumptions.add("memory beyond the measured minutes does not grow: the log's cache was full, and nothing leaks");
        assumptions.add("TLS, if any, is ended by the proxy in front and is not counted");
    }

    /** Costs that the levels do not tell by themselves. */
    static void addLeftOut(List<String> assumptions, CostModel model) {
        leftOut(assumptions, "what the hub takes without streams", model.fixedCores(), Unit.CORES, 1);
        leftOut(assumptions, "what an idle stream takes of a processor", model.coresPerStream(), Unit.NANOS, 1e9);
        leftOut(assumptions, "what a publish costs", model.coreSecondsPerPublish(), Unit.NANOS, 1e9);
        leftOut(assumptions, "the memory of a hub without streams", model.baseBytes(), Unit.BYTES, 1);
    }

    private static void leftOut(List<String> into, String what, Cost cost, Unit unit, double factor) {
        if (!cost.isKnown()) {
            into.add(what + " is not counted by itself: the levels do not tell it from the rest (" + range(cost, unit, factor) + ")");
        }
    }

    private static String range(Cost cost, Unit unit, double factor) {
        return Double.isInfinite(cost.margin())
                ? "nothing shows it"
                : "it is between " + unit.format(factor * cost.least()) + " and " + unit.format(factor * cost.most());
    }
}
