package dev.hark.load.cli;

import dev.hark.load.capacity.CostModel;
import dev.hark.load.capacity.NodePlan;
import dev.hark.load.compare.SavedReport;
import dev.hark.load.measure.Quantities;
import dev.hark.load.measure.Unit;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code hark-load plan}: from what was measured to a number of nodes. */
@Command(
        name = "plan",
        description = "Turns a report of find-capacity (or of one fanout run) made with --server-pid into nodes for a goal.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Example:",
            "  hark-load plan --from runs/capacity --subscribers 300k --rate 2/s --node-memory 8GB --node-network 1G"
        })
final class PlanCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Option(names = "--from", paramLabel = "REPORT", required = true, description = "report.json, or its folder")
    Path from = Path.of("");

    @Option(names = "--subscribers", paramLabel = "N", required = true, description = "in all")
    String subscribers = "";

    @Option(names = "--rate", paramLabel = "RATE", required = true, description = "events that each subscriber receives")
    String rate = "";

    @Option(names = "--publish-rate", paramLabel = "RATE",
            description = "events published on all topics together (default: --rate, one topic for all)")
    @Nullable String publishRate;

    @Option(names = "--payload", paramLabel = "SIZE", defaultValue = "200B", description = "(default: ${DEFAULT-VALUE})")
    String payload = "";

    @Option(names = "--reconnect-within", paramLabel = "TIME", defaultValue = "30s",
            description = "how soon the streams of a lost node have to be back on the others (default: ${DEFAULT-VALUE})")
    Duration reconnectWithin = Duration.ZERO;

    @Option(names = "--node-cores", paramLabel = "N",
            description = "processors of a node that the server may use (default: what it used at its best level)")
    @Nullable Double cores;

    @Option(names = "--node-memory", paramLabel = "SIZE", defaultValue = "4GB", description = "(default: ${DEFAULT-VALUE})")
    String memory = "";

    @Option(names = "--node-network", paramLabel = "BITS", defaultValue = "1G", description = "bits a second (default: ${DEFAULT-VALUE})")
    String network = "";

    @Option(names = "--node-descriptors", paramLabel = "N", defaultValue = "1M",
            description = "open files of the server (default: ${DEFAULT-VALUE})")
    String descriptors = "";

    @Option(names = "--headroom", paramLabel = "PERCENT", defaultValue = "30%", description = "what stays free (default: ${DEFAULT-VALUE})")
    String headroom = "";

    @Override
    public Integer call() throws IOException {
        SavedReport report = SavedReport.read(from);
        NodePlan plan;
        CostModel model;
        PlanSource source;
        try {
            source = PlanSource.of(report.root());
            model = CostModel.fit(source.levels());
            var goal = new NodePlan.Goal(
                    Quantities.count(subscribers),
                    Quantities.perSecond(rate),
                    Quantities.perSecond(publishRate == null ? rate : publishRate),
                    Quantities.bytes(payload),
                    reconnectWithin.toNanos() / 1e9);
            source.requireKnown(goal);
            var node = new NodePlan.Node(
                    cores == null ? source.cores() : cores,
                    Quantities.largeBytes(memory),
                    Quantities.count(network),
                    Quantities.count(descriptors),
                    source.connectPerSecond(),
                    Quantities.share(headroom));
            plan = NodePlan.of(model, goal, node).assuming(source.assumptions(cores != null));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        print(source, model, plan);
        return ExitCode.HOLDS;
    }

    private void print(PlanSource source, CostModel model, NodePlan plan) {
        PrintWriter out = spec.commandLine().getOut();
        String work = source.hasDeliveries()
                ? String.format(Locale.ROOT, "%s a delivery, at most %s a publish, ",
                        Unit.NANOS.format(1e9 * model.coreSecondsPerDelivery()), Unit.NANOS.format(1e9 * model.coreSecondsPerPublish()))
                : "no deliveries, ";
        out.printf(Locale.ROOT, "%n  measured: %s%s a second for each idle stream; %s and %s a stream%n%n", work,
                Unit.NANOS.format(1e9 * model.coresPerStream()), Unit.BYTES.format(model.baseBytes()),
                Unit.BYTES.format(model.bytesPerStream()));
        for (int i = 0; i < plan.limits().size(); i++) {
            NodePlan.Limit limit = plan.limits().get(i);
            String most = Double.isInfinite(limit.subscribersPerNode())
                    ? "no limit"
                    : Unit.COUNT.format(Math.floor(limit.subscribersPerNode()));
            out.printf("  %-25s %12s subscribers a node%s%n", limit.name(), most, i == 0 ? "   <- binds" : "");
        }
        out.printf(Locale.ROOT, "%n  nodes: %,d, one of them spare%n", plan.nodes());
        out.printf(
                Locale.ROOT,
                "  a lost node's streams are back after about %.1f s, if they come at once and nothing but connecting takes time%n%n",
                plan.reconnectSeconds());
        plan.assumptions().forEach(assumption -> out.println("  assumed: " + assumption));
    }
}
