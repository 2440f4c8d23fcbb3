package dev.hark.load.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hark.load.capacity.CapacitySearch.Bound;
import dev.hark.load.capacity.Evidence;
import dev.hark.load.capacity.Evidence.Footprint;
import dev.hark.load.capacity.Evidence.Idle;
import dev.hark.load.capacity.Evidence.Reach;
import dev.hark.load.capacity.Evidence.Work;
import dev.hark.load.measure.Measurements;
import dev.hark.load.measure.Metric;
import dev.hark.load.measure.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.StreamSupport;

/**
 * What a report says for a plan.
 *
 * @param evidence what the server's cost was seen to be
 * @param notes what a reader of the plan has to know about the report
 * @param cores the processors of the machine that was measured, where the report says them
 * @param memoryBytes its memory
 * @param networkBits what its network carries a second
 */
record PlanSource(
        Evidence evidence, List<String> notes, OptionalDouble cores, OptionalDouble memoryBytes, OptionalDouble networkBits) {
    private static final String MORE = ": a hub may hold more";

    /** Processor time comes in steps of 10 ms: a shorter look says little. */
    private static final double MIN_SECONDS = 0.5;

    PlanSource {
        notes = List.copyOf(notes);
    }

    /**
     * Reads a report.
     *
     * @param name what it is called in messages
     * @throws IllegalArgumentException if a plan may not be made from it
     */
    static PlanSource of(String name, JsonNode report) {
        int nodes = report.at("/plan/nodes").asInt(1);
        if (nodes > 1) {
            throw new IllegalArgumentException(("%s is of a run against %d nodes at once: a plan needs what one of them costs; give --from"
                    + " a run with one --url, and --publish-url for the others' events").formatted(name, nodes));
        }
        boolean isSearch = report.path("kind").asText("").equals("capacity");
        var notes = new ArrayList<String>();
        Evidence evidence;
        if (isSearch) {
            evidence = ofSearch(name, report, notes);
        } else {
            requireValid(name, report);
            evidence = ofRun(name, report, notes);
            notes.add("one load was measured, and no higher one tried" + MORE);
        }
        JsonNode server = report.path("server");
        return new PlanSource(
                evidence, notes, known(server.path("processors")), known(server.path("memoryBytes")), known(server.path("networkBits")));
    }

    private static OptionalDouble known(JsonNode number) {
        return number.asDouble(0) > 0 ? OptionalDouble.of(number.asDouble()) : OptionalDouble.empty();
    }

    private static void requireValid(String name, JsonNode report) {
        String verdict = report.path("verdict").asText("");
        if (!report.path("ending").asText("complete").equals("complete")) {
            throw new IllegalArgumentException(
                    name + " is of a run that did not come to its end (" + report.path("ending").asText() + ")");
        }
        if (!verdict.equals("holds")) {
            throw new IllegalArgumentException(("%s is of a run whose verdict is '%s': what a hub costs beyond its limits says nothing"
                    + " about within; give --from a run that holds").formatted(name, verdict.isEmpty() ? "not known" : verdict));
        }
        if (!report.path("validityChecked").asBoolean(true)) {
            throw new IllegalArgumentException(
                    name + " is of a run with --correctness-only: nobody looked whether the generator kept up; run it without");
        }
    }

    private static Evidence ofSearch(String name, JsonNode report, List<String> notes) {
        var idle = new ArrayList<Idle>();
        var work = new ArrayList<Work>();
        var memory = new ArrayList<Footprint>();
        var reach = new Reach(0, 0, 0, report.at("/plan/payloadBytes").asDouble(0), 0, 0);
        double mostStreams = 0;
        JsonNode first = report.path("levels").path(0).path("metrics");
        boolean cold = isCold(name, first, notes);
        if (cold) {
            memory.add(new Footprint(0, number(first, Metric.SERVER_MEMORY_EMPTY)));
        }
        for (JsonNode level : report.path("levels")) {
            JsonNode metrics = level.path("metrics");
            double streams = number(metrics, Metric.STREAMS_CONFIRMED);
            // One hub serves all levels: below the most that it has held, its memory says what was, not what is.
            boolean grows = streams >= mostStreams;
            mostStreams = Math.max(mostStreams, streams);
            if (!level.path("outcome").asText("").equals("passed") || !metrics.path(Metric.SERVER_CPU.key()).isNumber()) {
                continue;
            }
            double quiet = number(metrics, Metric.SERVER_IDLE);
            if (metrics.path(Metric.SERVER_IDLE.key()).isNumber()) {
                idle.add(new Idle(streams, quiet));
            }
            double publishes = number(metrics, Metric.PUBLISH_RATE);
            double deliveries = number(metrics, Metric.DELIVERY_RATE);
            work.add(new Work(publishes, deliveries, number(metrics, Metric.SERVER_CPU) - quiet));
            if (cold && grows) {
                memory.add(new Footprint(streams, number(metrics, Metric.SERVER_MEMORY)));
            }
            reach = farther(reach, streams, publishes, deliveries, metrics);
        }
        if (work.isEmpty()) {
            throw new IllegalArgumentException(
                    name + " has no level that passed with the server's process known: run it with --server-pid");
        }
        ending(report, notes);
        return new Evidence(idle, work, memory, reach);
    }

    private static Reach farther(Reach reach, double streams, double publishes, double deliveries, JsonNode metrics) {
        double connectAll = number(metrics, Metric.CONNECT_ALL);
        return new Reach(
                Math.max(reach.streams(), streams),
                Math.max(reach.publishesPerSecond(), publishes),
                Math.max(reach.deliveriesPerSecond(), deliveries),
                reach.payloadBytes(),
                Math.max(reach.connectPerSecond(), connectAll > 0 ? streams * 1e9 / connectAll : 0),
                reach.levels() + 1);
    }

    private static Evidence ofRun(String name, JsonNode report, List<String> notes) {
        JsonNode metrics = report.path("metrics");
        List<JsonNode> seconds = StreamSupport.stream(report.path("seconds").spliterator(), false)
                .filter(second -> second.at("/load/serverBytes").asLong(-1) >= 0)
                .toList();
        if (!metrics.path(Metric.SERVER_CPU.key()).isNumber() || seconds.size() < 2) {
            throw new IllegalArgumentException(name + " does not know what the run cost the server: run it with --server-pid");
        }
        var idle = new ArrayList<Idle>();
        var busy = new ArrayList<JsonNode[]>();
        var memory = new ArrayList<Footprint>();
        boolean cold = isCold(name, metrics, notes);
        if (cold) {
            memory.add(new Footprint(0, number(metrics, Metric.SERVER_MEMORY_EMPTY)));
        }
        for (int i = 0; i < seconds.size(); i++) {
            JsonNode second = seconds.get(i);
            if (cold) {
                memory.add(new Footprint(second.at("/counts/live").asDouble(), second.at("/load/serverBytes").asDouble()));
            }
            String phase = second.path("phase").asText();
            boolean isWhole = i > 0 && second.path("at").asDouble() - seconds.get(i - 1).path("at").asDouble() >= MIN_SECONDS
                    && seconds.get(i - 1).path("phase").asText().equals(phase) && second.at("/load/serverCores").asDouble(-1) >= 0;
            if (isWhole && phase.equals("settling")) {
                idle.add(new Idle(second.at("/counts/live").asDouble(), second.at("/load/serverCores").asDouble()));
            } else if (isWhole && phase.equals("measuring")) {
                busy.add(new JsonNode[] {seconds.get(i - 1), second});
            }
        }
        double quiet = idle.stream().mapToDouble(Idle::cores).average().orElse(0);
        double publishes = number(metrics, Metric.PUBLISH_RATE);
        List<Work> work = publishes > 0 ? busy.stream().map(each -> work(each[0], each[1], quiet)).toList() : List.of();
        if (publishes == 0) {
            // No events at all: the measured seconds are quiet ones, too.
            busy.forEach(each -> idle.add(new Idle(each[1].at("/counts/live").asDouble(), each[1].at("/load/serverCores").asDouble())));
        }
        var reach = farther(
                new Reach(0, 0, 0, report.at("/plan/payloadBytes").asDouble(0), 0, 0), number(metrics, Metric.STREAMS_CONFIRMED), publishes,
                number(metrics, Metric.DELIVERY_RATE), metrics);
        return new Evidence(idle, work, memory, reach);
    }

    private static Work work(JsonNode before, JsonNode now, double quiet) {
        double seconds = now.path("at").asDouble() - before.path("at").asDouble();
        return new Work(
                (now.at("/counts/acknowledged").asDouble() - before.at("/counts/acknowledged").asDouble()) / seconds,
                (now.at("/counts/delivered").asDouble() - before.at("/counts/delivered").asDouble()) / seconds,
                now.at("/load/serverCores").asDouble() - quiet);
    }

    private static boolean isCold(String name, JsonNode metrics, List<String> notes) {
        JsonNode before = metrics.path(Metric.SERVER_CPU_BEFORE.key());
        if (!before.isNumber() || !metrics.path(Metric.SERVER_MEMORY_EMPTY.key()).isNumber()) {
            notes.add(name + " does not say whether the hub had served before; its memory is passed over");
            return false;
        }
        if (before.asDouble() > Measurements.COLD_CPU_NANOS) {
            notes.add(("%s is of a warm hub, which had used %s of processor time before the first stream:"
                    + " its memory had grown before, and is passed over").formatted(name, Unit.NANOS.format(before.asDouble())));
            return false;
        }
        return true;
    }

    private static void ending(JsonNode report, List<String> notes) {
        String level = Unit.COUNT.format(report.path("capacity").asLong())
                + (report.path("by").asText("").equals("rate") ? " events/s" : " subscribers");
        switch (Bound.valueOf(report.path("bound").asText("").toUpperCase(Locale.ROOT))) {
            case RANGE -> notes.add("the search ended at the highest that was tried, " + level + MORE);
            case GENERATOR -> notes.add("the search ended where the generator was the limit, above " + level + MORE);
            case SERVER, NOTHING -> {
                // More has failed, or nothing is known; both are said elsewhere.
            }
        }
    }

    private static double number(JsonNode metrics, Metric metric) {
        return metrics.path(metric.key()).asDouble(0);
    }
}
