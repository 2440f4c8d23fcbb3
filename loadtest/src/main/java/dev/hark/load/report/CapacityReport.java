package dev.hark.load.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hark.load.capacity.CapacitySearch;
import dev.hark.load.capacity.LevelJudgement;
import dev.hark.load.drive.FanoutPlan;
import dev.hark.load.measure.Measurements;
import dev.hark.load.measure.Timing;
import dev.hark.load.measure.Unit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * What a search for a capacity found.
 *
 * @param plan of each level, but for what was raised
 * @param by what was raised: {@code subscribers} or {@code rate}
 * @param result the capacity, and what bounds it
 * @param objectives what a level had to meet
 * @param levels every level that was tried, in order
 * @param environment where, when and how
 */
public record CapacityReport(
        FanoutPlan plan, String by, CapacitySearch.Result result, List<String> objectives, List<Tried> levels, Environment environment) {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /** One level that was tried. */
    public record Tried(int level, LevelJudgement judgement, Measurements measurements) {}

    public CapacityReport {
        objectives = List.copyOf(objectives);
        levels = List.copyOf(levels);
    }

    /** Writes {@code report.json} and {@code summary.md} into a folder, which is made if need be. */
    public void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        JSON.writeValue(folder.resolve("report.json").toFile(), json());
        Files.writeString(folder.resolve("summary.md"), "```\n" + text() + "```\n");
    }

    ObjectNode json() {
        ObjectNode report = JSON.createObjectNode();
        report.put("version", JsonReport.VERSION);
        report.put("kind", "capacity");
        report.put("by", by);
        report.put("capacity", result.capacity());
        report.put("bound", result.bound().name().toLowerCase(Locale.ROOT));
        report.put("command", environment.command());
        report.put("finished", environment.finished().toString());
        ObjectNode facts = report.putObject("environment");
        environment.facts().forEach(facts::put);
        environment.server().write(report.putObject("server"));
        JsonReport.putPlan(report.putObject("plan"), plan);
        ArrayNode wanted = report.putArray("objectives");
        objectives.forEach(wanted::add);
        ArrayNode tried = report.putArray("levels");
        for (Tried level : levels) {
            ObjectNode each = tried.addObject();
            each.put("level", level.level());
            each.put("outcome", level.judgement().attempt().name().toLowerCase(Locale.ROOT));
            ArrayNode reasons = each.putArray("reasons");
            level.judgement().reasons().forEach(reasons::add);
            ObjectNode timings = each.putObject("timings");
            for (Timing timing : Timing.values()) {
                if (level.measurements().get(timing).getTotalCount() > 0) {
                    JsonReport.putTiming(timings.putObject(timing.key()), level.measurements().get(timing));
                }
            }
            ObjectNode metrics = each.putObject("metrics");
            level.measurements().metrics().forEach((metric, value) -> metrics.put(metric.key(), value));
        }
        return report;
    }

    /** The same in a few lines. */
    public String text() {
        var text = new StringBuilder(1024);
        text.append(String.format("%n  %10s  %-15s %10s %10s %14s  %s%n", by, "", "p50", "p99", "deliveries/s", ""));
        for (Tried level : levels) {
            var delivery = level.measurements().get(Timing.DELIVERY);
            text.append(String.format(Locale.ROOT, "  %,10d  %-15s %10s %10s %,14.0f  %s%n", level.level(),
                    level.judgement().attempt().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                    Unit.NANOS.format(delivery.getValueAtPercentile(50)), Unit.NANOS.format(delivery.getValueAtPercentile(99)),
                    level.measurements().orZero(dev.hark.load.measure.Metric.DELIVERY_RATE),
                    String.join("; ", level.judgement().reasons())));
        }
        String unit = by.equals("rate") ? "events/s" : by;
        text.append(String.format(Locale.ROOT, "%n%s%n", switch (result.bound()) {
            case SERVER -> String.format(Locale.ROOT, "capacity: %,d %s; more fails", result.capacity(), unit);
            case RANGE -> String.format(Locale.ROOT, "capacity: at least %,d %s, the highest that was tried", result.capacity(), unit);
            case GENERATOR -> String.format(
                    Locale.ROOT, "generator-bound: at least %,d %s; above that this generator or this machine is the limit",
                    result.capacity(), unit);
            case NOTHING -> "no capacity: not even the lowest level passed three times";
        }));
        return text.toString();
    }
}
