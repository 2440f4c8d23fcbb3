package dev.hark.load.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hark.load.capacity.CapacitySearch;
import dev.hark.load.capacity.CapacitySearch.Attempt;
import dev.hark.load.capacity.LevelJudgement;
import dev.hark.load.drive.FanoutPlan;
import dev.hark.load.measure.Measurements;
import dev.hark.load.measure.Metric;
import dev.hark.load.measure.Timing;
import dev.hark.load.measure.Unit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
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

    /** Writes {@code report.html}, {@code report.json} and {@code summary.md} into a folder, which is made if need be. */
    public void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        ObjectNode json = json();
        JSON.writeValue(folder.resolve("report.json").toFile(), json);
        Files.writeString(folder.resolve("summary.md"), markdown());
        json.put("conclusion", headline());
        Files.writeString(folder.resolve("report.html"), HtmlReport.page(headline(), json, "capacity.js"));
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

    /** The capacity first, and what the highest level that passed and the lowest that did not were like. */
    public String text() {
        var text = new StringBuilder(1024);
        text.append(String.format("%s%n", headline()));
        objectives.forEach(objective -> text.append(String.format("  with %s%n", objective)));
        text.append(header());
        levels.stream().filter(level -> level.level() == result.capacity() && level.judgement().attempt() == Attempt.PASSED)
                .reduce((first, second) -> second).ifPresent(level -> text.append(line(level)));
        levels.stream().filter(level -> level.level() > result.capacity() && level.judgement().attempt() != Attempt.PASSED)
                .min(Comparator.comparingInt(Tried::level)).ifPresent(level -> text.append(line(level)));
        return text.toString();
    }

    /** Every level that was tried. */
    public String full() {
        var text = new StringBuilder(2048);
        text.append(String.format("%s%n%s", headline(), header()));
        levels.forEach(level -> text.append(line(level)));
        return text.toString();
    }

    private String markdown() {
        var text = new StringBuilder(2048);
        text.append("## ").append(headline()).append("\n\n");
        text.append(objectives.isEmpty() ? "No objectives.\n" : "With `" + String.join("`, `", objectives).replace("|", "\\|") + "`.\n");
        MarkdownReport.row(text, List.of("\n" + unit(), "", "p50", "p99", "deliveries/s", ""));
        text.append("|---:|---|---:|---:|---:|---|\n");
        for (Tried level : levels) {
            MarkdownReport.row(text, List.of(
                    Unit.COUNT.format(level.level()), outcome(level), p(level, 50), p(level, 99), deliveries(level),
                    MarkdownReport.cell(String.join("; ", level.judgement().reasons()))));
        }
        text.append("\n`").append(environment.command().replace('`', '\'')).append("`, ").append(environment.finished()).append('\n');
        return text.toString();
    }

    private String header() {
        return String.format("  %10s  %-15s %10s %10s %14s%n", unit(), "", "p50", "p99", "deliveries/s");
    }

    private static String line(Tried level) {
        return String.format(Locale.ROOT, "  %,10d  %-15s %10s %10s %14s  %s", level.level(), outcome(level), p(level, 50), p(level, 99),
                deliveries(level), String.join("; ", level.judgement().reasons())).stripTrailing() + System.lineSeparator();
    }

    private static String outcome(Tried level) {
        return level.judgement().attempt().name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String p(Tried level, double percentile) {
        return Unit.NANOS.format(level.measurements().get(Timing.DELIVERY).getValueAtPercentile(percentile));
    }

    private static String deliveries(Tried level) {
        return Unit.COUNT.format(Math.rint(level.measurements().orZero(Metric.DELIVERY_RATE)));
    }

    private String unit() {
        return by.equals("rate") ? "events/s" : by;
    }

    private String headline() {
        String capacity = Unit.COUNT.format(result.capacity()) + " " + unit();
        return switch (result.bound()) {
            case SERVER -> "capacity: " + capacity + "; more fails";
            case RANGE -> "capacity: at least " + capacity + ", the highest that was tried";
            case GENERATOR -> result.capacity() == 0
                    ? "generator-bound: this generator or this machine was the limit at the lowest level already"
                    : "generator-bound: at least " + capacity + "; above that this generator or this machine is the limit";
            case NOTHING -> "no capacity: not even the lowest level passed three times";
        };
    }
}
