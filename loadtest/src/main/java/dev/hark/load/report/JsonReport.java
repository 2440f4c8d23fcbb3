package dev.hark.load.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hark.load.drive.FanoutPlan;
import dev.hark.load.drive.FanoutResult;
import dev.hark.load.drive.NodeResult;
import dev.hark.load.measure.Metric;
import dev.hark.load.measure.Slo;
import dev.hark.load.measure.Timing;
import dev.hark.load.measure.Verdict;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** {@code report.json}: times in nanoseconds, sizes in bytes. */
public final class JsonReport {
    /** Raised when a reader of an older version would misread a newer one. */
    static final int VERSION = 1;

    private static final double[] PERCENTILES = {50, 75, 90, 95, 99, 99.9, 99.99};
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private JsonReport() {}

    static void write(Path file, RunReport report) throws IOException {
        JSON.writeValue(file.toFile(), of(report));
    }

    static ObjectNode of(RunReport run) {
        FanoutPlan plan = run.plan();
        FanoutResult result = run.result();
        Verdict verdict = run.verdict();
        ObjectNode report = JSON.createObjectNode();
        report.put("version", VERSION);
        report.put("title", run.title());
        report.put("ending", result.ending().name().toLowerCase(Locale.ROOT));
        report.put("verdict", verdict.decision().name().toLowerCase(Locale.ROOT));
        report.put("exitCode", run.exitCode());
        report.put("command", run.environment().command());
        report.put("finished", run.environment().finished().toString());
        ObjectNode environment = report.putObject("environment");
        run.environment().facts().forEach(environment::put);
        run.environment().server().write(report.putObject("server"));
        putPlan(report.putObject("plan"), plan);
        report.put("validityChecked", verdict.validityChecked());
        var objectives = report.putArray("objectives");
        for (Slo.Outcome outcome : verdict.objectives()) {
            ObjectNode each = objectives.addObject().put("text", outcome.objective().text()).put("holds", outcome.holds());
            outcome.value().ifPresent(value -> each.put("value", value));
        }
        var incorrect = report.putArray("incorrect");
        verdict.incorrect().forEach(incorrect::add);
        var unserved = report.putArray("unserved");
        verdict.unserved().forEach(unserved::add);
        var invalid = report.putArray("invalid");
        verdict.invalid().forEach(invalid::add);
        var failures = report.putObject("failures");
        result.failures().forEach((failure, entry) -> failures.putObject(failure.name().toLowerCase(Locale.ROOT))
                .put("count", entry.count())
                .put("example", entry.example()));
        ObjectNode timings = report.putObject("timings");
        for (Timing timing : Timing.values()) {
            Histogram histogram = result.measurements().get(timing);
            if (histogram.getTotalCount() > 0) {
                putTiming(timings.putObject(timing.key()), histogram);
            }
        }
        ObjectNode metrics = report.putObject("metrics");
        for (Map.Entry<Metric, Double> entry : result.measurements().metrics().entrySet()) {
            metrics.put(entry.getKey().key(), entry.getValue());
        }
        ArrayNode seconds = report.putArray("seconds");
        result.timeline().seconds().forEach(second -> seconds.add(JSON.valueToTree(second)));
        report.set("due", JSON.valueToTree(result.timeline().due()));
        report.set("marks", JSON.valueToTree(result.timeline().marks()));
        if (!result.nodes().isEmpty()) {
            ArrayNode nodes = report.putArray("nodes");
            result.nodes().forEach(node -> putNode(nodes.addObject(), node));
        }
        report.set("laggards", JSON.valueToTree(result.laggards()));
        return report;
    }

    static void putPlan(ObjectNode into, FanoutPlan plan) {
        into.put("target", plan.target().authorities())
                .put("profile", plan.target().profile().name().toLowerCase(Locale.ROOT))
                .put("subscribers", plan.streams().subscribers())
                .put("stalled", plan.streams().stalled())
                .put("topic", plan.topic())
                .put("topics", plan.topics())
                .put("ratePerSecond", plan.publish().perSecond())
                .put("payloadBytes", plan.publish().payloadBytes())
                .put("batch", plan.publish().batch())
                .put("spread", plan.streams().spread().name().toLowerCase(Locale.ROOT))
                .put("publishConnections", plan.publish().connections())
                .put("nodes", plan.target().nodes().size())
                .put("warmupMillis", plan.phases().warmup().toMillis())
                .put("measureMillis", plan.phases().measure().toMillis());
        if (!plan.target().credentials().inWords().isEmpty()) {
            into.put("credentials", plan.target().credentials().inWords());
        }
        if (!plan.outage().isNone()) {
            into.put("outage", plan.outage().inWords());
        }
        if (!plan.stages().isEmpty()) {
            into.put("stages", plan.stages().toString());
        }
    }

    private static void putNode(ObjectNode into, NodeResult node) {
        into.put("name", node.name()).put("streams", node.streams()).put("streamsAtEnd", node.streamsAtEnd()).put("lost", node.lost())
                .put("delivered", node.delivered());
        node.cores().ifPresent(cores -> into.put("cores", cores));
        node.memoryBytes().ifPresent(bytes -> into.put("memoryBytes", bytes));
    }

    static void putTiming(ObjectNode into, Histogram histogram) {
        into.put("count", histogram.getTotalCount());
        into.put("min", histogram.getMinValue());
        into.put("mean", histogram.getMean());
        for (double percentile : PERCENTILES) {
            String name = percentile == Math.rint(percentile) ? Integer.toString((int) percentile) : Double.toString(percentile);
            into.put("p" + name, histogram.getValueAtPercentile(percentile));
        }
        into.put("max", histogram.getMaxValue());
    }
}
