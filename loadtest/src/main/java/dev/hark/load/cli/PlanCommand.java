package dev.hark.load.cli;

import dev.hark.load.capacity.ClusterPlan;
import dev.hark.load.capacity.Cost;
import dev.hark.load.capacity.CostModel;
import dev.hark.load.capacity.Evidence;
import dev.hark.load.capacity.NodePlan;
import dev.hark.load.compare.SavedReport;
import dev.hark.load.measure.Quantities;
import dev.hark.load.measure.Unit;
import dev.hark.load.report.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code hark-load plan}: from what was measured to a number of hubs. */
@Command(
        name = "plan",
        description = {
            "Turns reports of find-capacity, or of single runs, made with --server-pid into hubs for a goal.",
            "Every hub is on its own, and the topics are divided among them; with --cluster they share a log, and the streams are divided."
                    + " What was missed, invalid or not measured is refused."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Example:",
            "  hark-load plan --from runs/capacity --subscribers 300k --topics 100 --rate 2/s \\",
            "      --node-cores 8 --node-memory 16GB --node-network 1G",
            "  hark-load plan --cluster --from runs/capacity --subscribers 10M --rate 2/s \\",
            "      --node-cores 8 --node-memory 16GB --node-network 1G"
        })
final class PlanCommand implements Callable<Integer> {
    private static final String NOT_SAID = "(default: that of the machine that was measured, if the report says it)";

    @Spec
    CommandSpec spec;

    @Option(names = "--from", paramLabel = "REPORT", required = true,
            description = "report.json, or its folder; may be given several times, such as a search by subscribers and one by rate")
    List<Path> from = new ArrayList<>();

    @Option(names = "--subscribers", paramLabel = "N", required = true, description = "in all")
    String subscribers = "";

    @Option(names = "--rate", paramLabel = "RATE", required = true, description = "events that each subscriber receives")
    String rate = "";

    @Option(names = "--topics", paramLabel = "M", defaultValue = "1",
            description = "topics that the subscribers are spread over; all of a topic are on one hub (default: ${DEFAULT-VALUE})")
    String topics = "";

    @Option(names = "--publish-rate", paramLabel = "RATE",
            description = "events published on all topics together (default: --rate on each topic)")
    @Nullable String publishRate;

    @Option(names = "--cluster",
            description = "nodes share a log (log.kind: jetstream): any of them serves any topic, each applies every event")
    boolean cluster;

    @Option(names = "--log-rate", paramLabel = "RATE", defaultValue = "50000/s",
            description = "with --cluster: events that one log takes; beyond that topics are divided among several"
                    + " (default: ${DEFAULT-VALUE})")
    String logRate = "";

    @Option(names = "--spare", paramLabel = "N", defaultValue = "1",
            description = "with --cluster: nodes of each log that may be lost, and the others carry everything (default: ${DEFAULT-VALUE})")
    int spare;

    @Option(names = "--payload", paramLabel = "SIZE", defaultValue = "200B", description = "(default: ${DEFAULT-VALUE})")
    String payload = "";

    @Option(names = "--reconnect-within", paramLabel = "TIME", defaultValue = "30s",
            description = "how soon the streams of a hub that was restarted have to be back (default: ${DEFAULT-VALUE})")
    Duration reconnectWithin = Duration.ZERO;

    @Option(names = "--node-cores", paramLabel = "N", description = "processors of a node " + NOT_SAID)
    @Nullable String cores;

    @Option(names = "--node-memory", paramLabel = "SIZE", description = "memory of a node " + NOT_SAID)
    @Nullable String memory;

    @Option(names = "--node-network", paramLabel = "BITS", description = "bits a second, such as 1G " + NOT_SAID)
    @Nullable String network;

    @Option(names = "--node-descriptors", paramLabel = "N", defaultValue = "1M",
            description = "files that a hub may open (default: ${DEFAULT-VALUE})")
    String descriptors = "";

    @Option(names = "--node-subscribers", paramLabel = "N", defaultValue = "100k",
            description = "limits.subscribers of the hub's configuration (default: ${DEFAULT-VALUE})")
    String nodeSubscribers = "";

    @Option(names = "--headroom", paramLabel = "PERCENT", defaultValue = "30%",
            description = "of processors, memory and network, what stays free (default: ${DEFAULT-VALUE})")
    String headroom = "";

    @Option(names = "--extrapolate", description = "plans beyond three times what was measured, and says so")
    boolean extrapolate;

    /** A property of a node, and who says it. */
    private record Said(double value, String by) {}

    @Override
    public Integer call() throws IOException {
        var sources = new ArrayList<PlanSource>();
        Planned planned;
        CostModel model;
        Evidence evidence;
        Said nodeCores;
        Said nodeMemory;
        Said nodeNetwork;
        try {
            for (Path each : from) {
                sources.add(PlanSource.of(each.toString(), SavedReport.read(each).root()));
            }
            nodeCores = said("--node-cores", cores, Quantities::count, sources, PlanSource::cores);
            nodeMemory = said("--node-memory", memory, Quantities::largeBytes, sources, PlanSource::memoryBytes);
            nodeNetwork = said("--node-network", network, Quantities::count, sources, PlanSource::networkBits);
            evidence = sources.stream().map(PlanSource::evidence).reduce(Evidence::and).orElseThrow();
            model = CostModel.fit(evidence);
            planned = plan(model, evidence.reach(), new NodePlan.Node(
                    nodeCores.value, nodeMemory.value, nodeNetwork.value, Quantities.count(descriptors), Quantities.count(nodeSubscribers),
                    Quantities.share(headroom)));
        } catch (IllegalArgumentException e) {
            sources.stream().flatMap(source -> source.notes().stream())
                    .forEach(note -> spec.commandLine().getErr().println("  note: " + note));
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        PrintWriter out = spec.commandLine().getOut();
        planned.stretches.forEach(stretch -> out.println("EXTRAPOLATED: " + stretch));
        out.printf(Locale.ROOT, "%n  node      %.4g processors (%s), %s of memory (%s), %s bits/s (%s)%n", nodeCores.value, nodeCores.by,
                Unit.BYTES.format(nodeMemory.value), nodeMemory.by, Unit.COUNT.format(nodeNetwork.value), nodeNetwork.by);
        print(evidence.reach(), model);
        planned.limits.forEach(out::println);
        planned.conclusion.forEach(out::println);
        out.println();
        planned.assumptions.forEach(assumption -> out.println("  assumed: " + assumption));
        sources.stream().flatMap(source -> source.notes().stream()).forEach(note -> out.println("  note: " + note));
        return ExitCode.HOLDS;
    }

    /** A plan in lines, of whichever kind. */
    private record Planned(List<String> stretches, List<String> limits, List<String> conclusion, List<String> assumptions) {}

    private Planned plan(CostModel model, Evidence.Reach reach, NodePlan.Node node) {
        if (cluster) {
            ClusterPlan plan = ClusterPlan.of(
                    model, reach, goal(), node, new ClusterPlan.Shape(Quantities.perSecond(logRate), spare), extrapolate);
            return new Planned(plan.stretches(), limits(plan.limits(), "streams a node"), conclusion(plan), plan.assumptions());
        }
        NodePlan plan = NodePlan.of(model, reach, goal(), node, extrapolate);
        return new Planned(plan.stretches(), limits(plan.limits(), "subscribers a hub"), conclusion(plan), plan.assumptions());
    }

    private static Said said(
            String option, @Nullable String text, Function<String, Double> reader, List<PlanSource> sources,
            Function<PlanSource, OptionalDouble> report) {
        if (text != null) {
            return new Said(reader.apply(text), option);
        }
        // The least of several machines: what is planned for has to hold on each.
        OptionalDouble least =
                sources.stream().map(report).filter(OptionalDouble::isPresent).mapToDouble(OptionalDouble::getAsDouble).min();
        return new Said(least.orElseThrow(() -> new IllegalArgumentException(
                option + " is missing: what a node is, the report does not say")), "from the report");
    }

    private NodePlan.Goal goal() {
        double each = Quantities.perSecond(rate);
        int count = (int) Quantities.count(topics);
        return new NodePlan.Goal(
                Quantities.count(subscribers), each, count, publishRate == null ? each * count : Quantities.perSecond(publishRate),
                Quantities.bytes(payload), reconnectWithin.toNanos() / 1e9);
    }

    private void print(Evidence.Reach reach, CostModel model) {
        PrintWriter out = spec.commandLine().getOut();
        out.printf(Locale.ROOT, "  measured  %,d load%s, up to %,.0f streams, %s publishes and %s deliveries a second%n", reach.levels(),
                reach.levels() == 1 ? "" : "s", reach.streams(), Unit.COUNT.format(reach.publishesPerSecond()),
                Unit.COUNT.format(Math.rint(reach.deliveriesPerSecond())));
        print("cost", "a delivery", model.coreSecondsPerDelivery(), Unit.NANOS, 1e9);
        print("", "a publish", model.coreSecondsPerPublish(), Unit.NANOS, 1e9);
        print("", "a second for an idle stream", model.coresPerStream(), Unit.NANOS, 1e9);
        print("", "a second for a hub without streams", model.fixedCores(), Unit.NANOS, 1e9);
        print("memory", "a stream", model.bytesPerStream(), Unit.BYTES, 1);
        print("", "a hub without streams", model.baseBytes(), Unit.BYTES, 1);
        out.println();
    }

    private static List<String> limits(List<NodePlan.Limit> limits, String unit) {
        var lines = new ArrayList<String>();
        for (NodePlan.Limit limit : limits) {
            String most = Double.isInfinite(limit.subscribersPerHub())
                    ? "no limit"
                    : Unit.COUNT.format(Math.floor(limit.subscribersPerHub()));
            lines.add(String.format("  %-27s %12s %s%s", limit.name(), most, unit, lines.isEmpty() ? "   <- binds" : ""));
        }
        return lines;
    }

    private static List<String> conclusion(NodePlan plan) {
        NodePlan.Load load = plan.load();
        var lines = new ArrayList<String>();
        lines.add("");
        lines.add(String.format(Locale.ROOT, "  hubs: %,d, with the topics divided among them; the fullest has %,d topic%s,"
                + " %,.0f subscribers, %s publishes and %,.0f deliveries a second", plan.hubs(), load.topics(),
                load.topics() == 1 ? "" : "s", load.subscribers(),
                Unit.COUNT.format(load.publishesPerSecond()), load.deliveriesPerSecond()));
        lines.add("  none is spare: what a lost hub had is away until it, or another with its log, has been started again");
        if (plan.restartSeconds() > 0) {
            lines.add(String.format(Locale.ROOT,
                    "  its streams are back about %.1f s after that, if they come at once and nothing but connecting takes time",
                    plan.restartSeconds()));
        }
        return lines;
    }

    private static List<String> conclusion(ClusterPlan plan) {
        var lines = new ArrayList<String>();
        lines.add("");
        lines.add(plan.logs() == 1
                ? String.format(Locale.ROOT, "  nodes: %,d, with one log; %d servers of NATS", plan.nodes(), ClusterPlan.NATS_SERVERS)
                : String.format(Locale.ROOT, "  nodes: %,d, in %,d clusters of %,d, each with a log of its own and its topics by prefix;"
                        + " %,d servers of NATS", plan.logs() * plan.nodes(), plan.logs(), plan.nodes(),
                        plan.logs() * ClusterPlan.NATS_SERVERS));
        lines.add("  each has " + inWords(plan.usual()));
        lines.add(plan.spare() == 0
                ? "  none is spare: when one is lost, the others have more than was planned for"
                : String.format(Locale.ROOT, "  with %d lost, each of the others has %s", plan.spare(), inWords(plan.worst())));
        if (plan.returnSeconds() > 0) {
            lines.add(String.format(Locale.ROOT, "  %s about %.1f s after they noticed, if nothing but connecting takes time",
                    plan.nodes() == 1 ? "its streams are back, once it is," : "a lost node's streams are live again on the others",
                    plan.returnSeconds()));
        }
        return lines;
    }

    private static String inWords(ClusterPlan.Load load) {
        return String.format(Locale.ROOT, "%,.0f streams, %,.0f deliveries a second, and applies %s events a second",
                Math.ceil(load.streams()), load.deliveriesPerSecond(), Unit.COUNT.format(Math.ceil(load.eventsPerSecond())));
    }

    private void print(String title, String of, Cost cost, Unit unit, double factor) {
        if (cost.isKnown()) {
            spec.commandLine().getOut().printf("  %-9s %s %s (%s to %s)%n", title, unit.format(factor * cost.value()), of,
                    unit.format(factor * cost.least()), unit.format(factor * cost.most()));
        }
    }
}
