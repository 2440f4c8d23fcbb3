package dev.hark.load.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hark.load.capacity.CapacitySearch.Bound;
import dev.hark.load.capacity.Level;
import dev.hark.load.capacity.NodePlan;
import dev.hark.load.measure.Metric;
import dev.hark.load.measure.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a report says for a plan.
 *
 * @param levels those that passed, or the one run; at least one
 * @param ending why a node may hold more than what was measured; empty where more has failed
 */
record PlanSource(List<Level> levels, String ending) {
    private static final String MORE = ": a node may hold more";

    PlanSource {
        levels = List.copyOf(levels);
    }

    /**
     * Reads a report.
     *
     * @throws IllegalArgumentException if it does not know what a level cost the server
     */
    static PlanSource of(JsonNode report) {
        boolean isSearch = report.path("kind").asText("").equals("capacity");
        var levels = new ArrayList<Level>();
        if (isSearch) {
            for (JsonNode each : report.path("levels")) {
                if (each.path("outcome").asText("").equals("passed")) {
                    add(levels, each.path("metrics"));
                }
            }
        } else {
            add(levels, report.path("metrics"));
        }
        if (levels.isEmpty()) {
            throw new IllegalArgumentException(
                    "the report has no level that passed with the server's process known: run it with --server-pid");
        }
        return new PlanSource(levels, isSearch ? endingOfSearch(report) : "one load was measured, and no higher one tried" + MORE);
    }

    /** The most processors that the server used. */
    double cores() {
        return levels.stream().mapToDouble(Level::cores).max().orElse(0);
    }

    /** The most streams that started in a second. */
    double connectPerSecond() {
        return levels.stream().mapToDouble(Level::connectPerSecond).max().orElse(0);
    }

    /** Whether anything was delivered; without that nobody knows what a delivery costs. */
    boolean hasDeliveries() {
        return levels.stream().anyMatch(level -> level.deliveriesPerSecond() > 0);
    }

    /** @throws IllegalArgumentException if the goal has costs that were not measured */
    void requireKnown(NodePlan.Goal goal) {
        boolean hasPublishes = levels.stream().anyMatch(level -> level.publishesPerSecond() > 0);
        if ((goal.perSecond() > 0 && !hasDeliveries()) || (goal.publishesPerSecond() > 0 && !hasPublishes)) {
            throw new IllegalArgumentException("the report is of a run without deliveries, so what they cost is not known;"
                    + " give --from a report of a run with events, or plan idle streams with --rate 0/s");
        }
    }

    /**
     * What is taken for granted besides.
     *
     * @param saysCores whether the processors of a node were said, and not taken from here
     */
    List<String> assumptions(boolean saysCores) {
        var assumptions = new ArrayList<String>();
        if (!saysCores) {
            assumptions.add("a node's processors are those that the server used at its best level, as on the machine that was measured");
        }
        if (!ending.isEmpty()) {
            assumptions.add(saysCores ? ending : ending + "; its processors are taken from there unless --node-cores says more");
        }
        if (levels.stream().map(Level::streams).distinct().count() == 1 && levels.stream().anyMatch(level -> level.emptyBytes() == 0)) {
            assumptions.add("the report does not say what memory the server takes without streams: all of it is put on the streams");
        }
        return assumptions;
    }

    private static String endingOfSearch(JsonNode report) {
        String level = Unit.COUNT.format(report.path("capacity").asLong())
                + (report.path("by").asText("").equals("rate") ? " events/s" : " subscribers");
        return switch (Bound.valueOf(report.path("bound").asText("").toUpperCase(Locale.ROOT))) {
            case RANGE -> "the search ended at the highest that was tried, " + level + MORE;
            case GENERATOR -> "the search ended where the generator was the limit, above " + level + MORE;
            case SERVER, NOTHING -> "";
        };
    }

    private static void add(List<Level> levels, JsonNode metrics) {
        if (!metrics.path(Metric.SERVER_CPU.key()).isNumber()) {
            return;
        }
        double streams = number(metrics, Metric.STREAMS_CONFIRMED);
        double connectAll = number(metrics, Metric.CONNECT_ALL);
        levels.add(new Level(
                streams,
                number(metrics, Metric.PUBLISH_RATE),
                number(metrics, Metric.DELIVERY_RATE),
                number(metrics, Metric.SERVER_CPU),
                number(metrics, Metric.SERVER_IDLE),
                number(metrics, Metric.SERVER_MEMORY),
                number(metrics, Metric.SERVER_MEMORY_EMPTY),
                connectAll > 0 ? streams * 1e9 / connectAll : 0));
    }

    private static double number(JsonNode metrics, Metric metric) {
        return metrics.path(metric.key()).asDouble(0);
    }
}
