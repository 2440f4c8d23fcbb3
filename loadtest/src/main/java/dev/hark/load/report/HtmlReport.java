package dev.hark.load.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hark.load.measure.HeatScale;
import dev.hark.load.measure.Metric;
import dev.hark.load.measure.Timing;
import dev.hark.load.measure.Unit;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** {@code report.html}: one file that needs no other, nor a network. The page draws itself from the numbers that it carries. */
final class HtmlReport {
    private static final String CHARTS = "/META-INF/resources/webjars/chart.js/4.5.1/dist/chart.umd.min.js";
    private static final int CURVE_POINTS_PER_HALVING = 4;
    private static final ObjectMapper JSON = new ObjectMapper();

    private HtmlReport() {}

    static String of(RunReport report) throws IOException {
        ObjectNode data = JsonReport.of(report);
        putForPeople(data, report);
        putCurves(data.putObject("curves"), report);
        ArrayNode ends = data.putArray("heatEnds");
        HeatScale.ENDS.forEach(ends::add);
        return page(report.title() + ": " + report.conclusion(), data, "report.js");
    }

    /** A page that draws itself from data with one of the scripts here. */
    static String page(String title, ObjectNode data, String script) throws IOException {
        return resource("report.html")
                .replace("{{title}}", escape(title))
                .replace("{{style}}", resource("report.css"))
                .replace("{{charts}}", read(CHARTS).replace("</script", "<\\/script").replaceAll("(?m)^//# sourceMappingURL=.*$", ""))
                .replace("{{data}}", JSON.writeValueAsString(data).replace("<", "\\u003c"))
                .replace("{{script}}", resource("page.js") + resource(script));
    }

    /** The same numbers as text with units, so that the page need not know how a number is written. */
    private static void putForPeople(ObjectNode data, RunReport report) {
        data.put("conclusion", report.conclusion());
        data.put("coldServer", report.result().measurements().isOfColdServer());
        Conclusions.whereTheTimeWent(report.result().measurements()).ifPresent(sentence -> data.put("where", sentence));
        Conclusions.failover(report.result().measurements()).ifPresent(sentence -> data.put("failover", sentence));
        ArrayNode nodes = data.putArray("nodeTexts");
        report.result().nodes().forEach(node -> nodes.addArray().add(node.name()).add(Conclusions.node(node)));
        data.put("title", report.title());
        ArrayNode objectives = data.putArray("objectiveTexts");
        report.verdict().objectives().forEach(outcome -> objectives.add(Conclusions.value(outcome)));
        ArrayNode numbers = data.putArray("numbers");
        for (Map.Entry<Metric, Double> entry : report.result().measurements().metrics().entrySet()) {
            numbers.addObject()
                    .put("key", entry.getKey().key())
                    .put("text", entry.getKey().unit().format(entry.getValue()))
                    .put("sentence", entry.getKey().sentence());
        }
        ArrayNode rows = data.putArray("timingRows");
        for (Timing timing : Timing.values()) {
            Histogram histogram = report.result().measurements().get(timing);
            if (histogram.getTotalCount() > 0) {
                ArrayNode cells = rows.addObject().put("key", timing.key()).put("sentence", timing.sentence()).putArray("cells");
                for (double percentile : new double[] {50, 90, 99, 99.9, 100}) {
                    cells.add(Unit.NANOS.format(histogram.getValueAtPercentile(percentile)));
                }
            }
        }
    }

    /** Percentile curves over 1/(1-p): each halving of what is left above has as many points as the one before. */
    private static void putCurves(ObjectNode curves, RunReport report) {
        for (Timing timing : Timing.values()) {
            Histogram histogram = report.result().measurements().get(timing);
            if (histogram.getTotalCount() == 0) {
                continue;
            }
            ArrayNode points = curves.putArray(timing.key());
            for (var value : histogram.percentiles(CURVE_POINTS_PER_HALVING)) {
                double left = 1 - value.getPercentileLevelIteratedTo() / 100;
                if (left > 0) {
                    points.addArray().add(1 / left).add(value.getValueIteratedTo() / 1e6);
                }
            }
        }
    }

    private static String resource(String name) throws IOException {
        return read("/dev/hark/load/report/" + name);
    }

    private static String read(String path) throws IOException {
        try (InputStream in = HtmlReport.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new IOException("the program's own file " + path + " is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }
}
