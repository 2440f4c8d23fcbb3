package dev.hark.load.capacity;

import dev.hark.load.capacity.NodePlan.Goal;
import dev.hark.load.capacity.NodePlan.Limit;
import dev.hark.load.capacity.NodePlan.Node;
import dev.hark.load.measure.Unit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * How many nodes a goal needs where they share a log: any node serves any topic, streams are divided among all, and each node applies every
 * event of its log. So streams grow with nodes, and events do not: beyond what a log takes, topics are divided among several, each with
 * nodes of its own.
 *
 * @param limits how many streams one node holds by each limit, the tightest first
 * @param logs how many logs
 * @param nodes how many nodes each of them has, those to spare among them
 * @param spare how many of these may be lost
 * @param usual what each node has while all are there
 * @param worst what each has when those to spare are lost
 * @param returnSeconds how long the streams of one lost node need to come back to the others; 0 where that is not known
 * @param stretches where that goes further beyond what was measured than can be believed; empty if it does not
 * @param assumptions every one that went into it, in words
 */
public record ClusterPlan(
        List<Limit> limits, int logs, int nodes, int spare, Load usual, Load worst, double returnSeconds, List<String> stretches,
        List<String> assumptions) {
    /** What one node has to do: events are those that it applies, which are all of its log. */
    public record Load(double streams, double eventsPerSecond, double deliveriesPerSecond) {}

    /**
     * What clusters are to be like.
     *
     * @param logEventsPerSecond what one log takes
     * @param spare how many nodes of each may be lost, and the others carry everything
     */
    public record Shape(double logEventsPerSecond, int spare) {
        public Shape {
            if (!(logEventsPerSecond > 0)) {
                throw new IllegalArgumentException("a log that takes " + logEventsPerSecond + " events a second; it must be above 0");
            }
            if (spare < 0 || spare > 100) {
                throw new IllegalArgumentException("nodes to spare are " + spare + "; it must be from 0 to 100");
            }
        }
    }

    /** Enough for a majority when one is lost. */
    public static final int NATS_SERVERS = 3;

    /** A plan of more is a mistake in the goal. */
    private static final int MAX_NODES = 100_000;

    public ClusterPlan {
        limits = List.copyOf(limits);
        stretches = List.copyOf(stretches);
        assumptions = List.copyOf(assumptions);
    }

    /**
     * Makes a plan.
     *
     * @param mayStretch whether it may go {@link NodePlan#FARTHEST} times beyond what was measured, and farther
     * @throws IllegalArgumentException if the goal has a cost that the reports do not tell, or no such nodes can do it; the message says
     *     what would help
     */
    public static ClusterPlan of(CostModel model, Evidence.Reach reach, Goal goal, Node node, Shape shape, boolean mayStretch) {
        NodePlan.requireKnown(model, goal);
        int logs = (int) Math.max(1, Math.ceil(goal.publishesPerSecond() / shape.logEventsPerSecond()));
        if (logs > goal.topics()) {
            throw new IllegalArgumentException(String.format(Locale.ROOT,
                    "%s events a second are %,d logs of at most %s, and %s: a topic is in one log, so the goal needs more topics"
                            + " (--topics), or fewer events", Unit.COUNT.format(goal.publishesPerSecond()), logs,
                    Unit.COUNT.format(shape.logEventsPerSecond()),
                    goal.topics() == 1 ? "there is one topic" : String.format(Locale.ROOT, "there are %,d topics", goal.topics())));
        }
        // No topic is cut: where they do not divide evenly, all logs are made for what one with a topic more has.
        while (logs < goal.topics() && goal.publishesPerSecond() * mostTopics(goal, logs) > shape.logEventsPerSecond() * goal.topics()) {
            logs++;
        }
        double share = (double) mostTopics(goal, logs) / goal.topics();
        double events = goal.publishesPerSecond() * share;
        double streams = goal.subscribers() * share;
        double perEvent = perEvent(model, reach, node, events);
        List<Limit> limits = limits(model, goal, node, events, perEvent);
        double perNode = Math.floor(limits.getFirst().subscribersPerHub());
        if (perNode < 1) {
            throw new IllegalArgumentException(String.format(Locale.ROOT,
                    "a node has no room for streams beside the %s events a second that it applies (%s binds): it needs more processors,"
                            + " network or memory, or logs that take fewer events (--log-rate)",
                    Unit.COUNT.format(events), limits.getFirst().name()));
        }
        int carrying = (int) Math.min(MAX_NODES, Math.max(1, Math.ceil(streams / perNode)));
        int nodes = carrying + shape.spare();
        while (nodes < MAX_NODES && returnSeconds(streams, nodes, reach) > goal.reconnectSeconds()) {
            nodes++;
        }
        if (nodes >= MAX_NODES) {
            throw new IllegalArgumentException(
                    "the goal needs " + Unit.COUNT.format(nodes) + " nodes or more for each log; look at it again");
        }
        Load worst = load(streams / (nodes - shape.spare()), events, goal);
        List<String> stretches = stretches(reach, goal, worst);
        if (!stretches.isEmpty() && !mayStretch) {
            throw NodePlan.tooFar(stretches);
        }
        return new ClusterPlan(
                limits, logs, nodes, shape.spare(), load(streams / nodes, events, goal), worst, returnSeconds(streams, nodes, reach),
                stretches, assumptions(model, reach, goal, node, shape, logs, perEvent > model.coreSecondsPerPublish().counted()));
    }

    private static int mostTopics(Goal goal, int logs) {
        return Math.ceilDiv(goal.topics(), logs);
    }

    private static Load load(double streams, double events, Goal goal) {
        return new Load(streams, events, streams * goal.perSecond());
    }

    /** What an event counts as; the most that it may be, where it is not known and that is little. */
    private static double perEvent(CostModel model, Evidence.Reach reach, Node node, double events) {
        Cost publish = model.coreSecondsPerPublish();
        if (publish.isKnown() || events <= NodePlan.FARTHEST * reach.publishesPerSecond()) {
            return publish.counted();
        }
        NodePlan.requireLittle(publish, node, events, reach);
        return publish.most();
    }

    private static List<Limit> limits(CostModel model, Goal goal, Node node, double events, double perEvent) {
        double usable = 1 - node.headroom();
        double bits = 8 * (goal.payloadBytes() + NodePlan.FRAME_BYTES);
        var limits = new ArrayList<Limit>();
        limits.add(new Limit("processors", NodePlan.over(
                node.cores() * usable - model.fixedCores().counted() - perEvent * events,
                model.coresPerStream().counted() + model.coreSecondsPerDelivery().counted() * goal.perSecond())));
        limits.add(new Limit("memory", NodePlan.over(
                node.memoryBytes() * usable - model.baseBytes().counted(), model.bytesPerStream().counted())));
        limits.add(new Limit("network", NodePlan.over(node.networkBitsPerSecond() * usable - bits * events, bits * goal.perSecond())));
        limits.add(new Limit("descriptors", node.descriptors() - NodePlan.OWN_DESCRIPTORS));
        limits.add(new Limit("limits.subscribers", node.subscribers()));
        limits.sort(Comparator.comparingDouble(Limit::subscribersPerHub));
        return limits;
    }

    /** One node's streams come to the others at once, or, where there is no other, to itself. */
    private static double returnSeconds(double streams, int nodes, Evidence.Reach reach) {
        return reach.connectPerSecond() > 0 ? streams / nodes / Math.max(1, nodes - 1) / reach.connectPerSecond() : 0;
    }

    private static List<String> stretches(Evidence.Reach reach, Goal goal, Load load) {
        var stretches = new ArrayList<String>();
        NodePlan.stretch(stretches, "streams", load.streams(), reach.streams());
        NodePlan.stretch(stretches, "publishes a second", load.eventsPerSecond(), reach.publishesPerSecond());
        NodePlan.stretch(stretches, "deliveries a second", load.deliveriesPerSecond(), reach.deliveriesPerSecond());
        NodePlan.stretch(stretches, "bytes of data an event", reach.payloadBytes() > 0 ? goal.payloadBytes() : 0, reach.payloadBytes());
        return stretches;
    }

    private static List<String> assumptions(
            CostModel model, Evidence.Reach reach, Goal goal, Node node, Shape shape, int logs, boolean countsTheMost) {
        var assumptions = new ArrayList<String>();
        assumptions.add(
                "all nodes of a log serve all its topics; streams are spread evenly over them, and go to another when theirs is lost");
        assumptions.add(String.format(Locale.ROOT, "a log takes %s events a second (--log-rate): measure yours, with its servers and disks",
                Unit.COUNT.format(shape.logEventsPerSecond())));
        assumptions.add("every node applies every event of its log, at the cost of a publish; what another node took costs less");
        assumptions.add(String.format(Locale.ROOT, "%s events a second on %,d topic%s, divided evenly", Unit.COUNT.format(
                goal.publishesPerSecond()), goal.topics(), goal.topics() == 1 ? "" : "s"));
        if (goal.topics() % logs != 0) {
            assumptions.add(String.format(Locale.ROOT, "a topic is in one log: a log has at most %,d of the topics; all are made for it",
                    mostTopics(goal, logs)));
        }
        assumptions.add("NATS has machines of its own, " + NATS_SERVERS + " servers for each log; its disk keeps what the log keeps");
        NodePlan.addCommon(assumptions, goal, node);
        assumptions.add(reach.connectPerSecond() > 0
                ? String.format(Locale.ROOT, "a node takes %s streams a second, as when measured, and so do all at once",
                        Unit.COUNT.format(Math.floor(reach.connectPerSecond())))
                : "how fast the others take a lost node's streams is not known");
        if (countsTheMost) {
            assumptions.add("an event counts as " + Unit.NANOS.format(1e9 * model.coreSecondsPerPublish().most())
                    + ", the most that it may be");
        }
        NodePlan.addLeftOut(assumptions, model);
        return assumptions;
    }
}
