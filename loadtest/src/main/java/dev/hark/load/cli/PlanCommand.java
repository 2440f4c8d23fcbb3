package dev.hark.load.cli;

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
            "Every hub is on its own, and the topics are divided among them. What was missed, invalid or not measured is refused."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Example:",
            "  hark-load plan --from runs/capacity --subscribers 300k --topics 100 --rate 2/s \\",
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
        NodePlan plan;
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
            plan = NodePlan.of(model, evidence.reach(), goal(), new NodePlan.Node(
                    nodeCores.value, nodeMemory.value, nodeNetwork.value, Quantities.count(descriptors), Quantities.count(nodeSubscribers),
                    Quantities.share(headroom)), extrapolate);
        } catch (IllegalArgumentException e) {
            sources.stream().flatMap(source -> source.notes().stream())
                    .forEach(note -> spec.commandLine().getErr().println("  note: " + note));
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        PrintWriter out = spec.commandLine().getOut();
        plan.stretches().forEach(stretch -> out.println("EXTRAPOLATED: " + stretch));
        out.printf(Locale.ROOT, "%n  node      %.4g processors (%s), %s of memory (%s), %s bits/s (%s)%n", nodeCores.value, nodeCores.by,
                Unit.BYTES.format(nodeMemory.value), nodeMemory.by, Unit.COUNT.format(nodeNetwork.value), nodeNetwork.by);
        print(evidence.reach(), model, plan);
        plan.assumptions().forEach(assumption -> out.println("  assumed: " + assumption));
        sources.stream().flatMap(source -> source.notes().stream()).forEach(note -> out.println("  note: " + note));
        return ExitCode.HOLDS;
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

    private void print(Evidence.Reach reach, CostModel model, NodePlan plan) {
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
        for (int i = 0; i < plan.limits().size(); i++) {
            NodePlan.Limit limit = plan.limits().get(i);
            String most = Double.isInfinite(limit.subscribersPerHub())
                    ? "no limit"
                    : Unit.COUNT.format(Math.floor(limit.subscribersPerHub()));
            out.printf("  %-27s %12s subscribers a hub%s%n", limit.name(), most, i == 0 ? "   <- binds" : "");
        }
        NodePlan.Load load = plan.load();
        out.printf(Locale.ROOT, "%n  hubs: %,d, with the topics divided among them; the fullest has %,d topic%s, %,.0f subscribers,"
                + " %s publishes and %,.0f deliveries a second%n", plan.hubs(), load.topics(), load.topics() == 1 ? "" : "s",
                load.subscribers(), Unit.COUNT.format(load.publishesPerSecond()), load.deliveriesPerSecond());
        out.println("  none is spare: what a lost hub had is away until it, or another with its log, has been started again");
        if (plan.restartSeconds() > 0) {
            out.printf(Locale.ROOT,
                    "  its streams are back about %.1f s after that, if they come at once and nothing but connecting takes time%n",
                    plan.restartSeconds());
        }
        out.println();
    }

    private void print(String title, String of, Cost cost, Unit unit, double factor) {
        if (cost.isKnown()) {
            spec.commandLine().getOut().printf("  %-9s %s %s (%s to %s)%n", title, unit.format(factor * cost.value()), of,
                    unit.format(factor * cost.least()), unit.format(factor * cost.most()));
        }
    }
}
