package dev.hark.app.cluster;

import dev.hark.app.RunningHub;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a node's metrics page says.
 *
 * @param values by name, labels included
 */
record Metrics(Map<String, Double> values) {
    static Metrics of(RunningHub node) {
        return new Metrics(node.admin("/metrics").body().lines()
                .filter(line -> !line.startsWith("#"))
                .collect(Collectors.toMap(line -> line.substring(0, line.lastIndexOf(' ')),
                        line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))));
    }

    double value(String name) {
        Double value = values.get(name);
        if (value == null) {
            throw new AssertionError("no " + name + " among " + values.keySet());
        }
        return value;
    }

    boolean hasLabelled(String text) {
        return values.keySet().stream().anyMatch(name -> name.contains(text));
    }
}
