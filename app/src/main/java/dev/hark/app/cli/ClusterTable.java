package dev.hark.app.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.StreamSupport;

/** What a hub says of its cluster, for people. What other nodes say is printed without what would steer a terminal. */
final class ClusterTable {
    private static final List<String> HEADINGS =
            List.of("node", "version", "position", "lag", "streams", "ready", "publishing", "connected to");

    /** Which columns are numbers, and stand at their right. */
    private static final List<Boolean> NUMBERS = List.of(false, false, true, true, true, false, false, false);

    private final Consumer<String> lines;

    ClusterTable(Consumer<String> lines) {
        this.lines = lines;
    }

    void print(JsonNode status) {
        printJournal(status.path("journal"));
        List<JsonNode> nodes = list(status.path("nodes"));
        if (!nodes.isEmpty()) {
            line("epoch", nodes.getFirst().path("epoch").asText());
        }
        lines.accept("");
        printNodes(nodes, status.path("asked").asText());
        var notes = new ArrayList<String>();
        if (!status.path("unknown").asText().isEmpty()) {
            notes.add(status.path("unknown").asText() + "; what is shown is this node alone");
        }
        for (JsonNode node : nodes) {
            note(notes, node, "notReady", "not ready");
            note(notes, node, "notPublishing", "not publishing");
        }
        list(status.path("warnings")).forEach(warning -> notes.add(warning.asText()));
        if (!notes.isEmpty()) {
            lines.accept("");
            notes.forEach(note -> lines.accept(Shell.harmless(note)));
        }
    }

    private static void note(List<String> notes, JsonNode node, String member, String what) {
        String why = node.path(member).asText();
        if (!why.isEmpty()) {
            notes.add(node.path("name").asText() + " is " + what + ": " + why);
        }
    }

    private void printJournal(JsonNode journal) {
        if (!journal.isObject()) {
            line("stream", "unknown: NATS has not answered yet");
            return;
        }
        long groups = Math.max(0, journal.path("last").asLong() - journal.path("first").asLong() + 1);
        int replicas = journal.path("replicas").asInt();
        line("stream", journal.path("name").asText() + ", " + count(groups) + " groups up to " + count(journal.path("last").asLong()) + ", "
                + Sizes.inWords(journal.path("bytes").asLong()));
        List<String> servers = list(journal.path("servers")).stream().map(ClusterTable::server).toList();
        line("kept by", (replicas == 1 ? "1 server: " : replicas + " servers: ") + String.join(", ", servers));
        double age = journal.path("ageSeconds").asDouble();
        if (age >= 5) {
            line("as of", String.format(Locale.ROOT, "%,.0f s ago: NATS does not answer now", age));
        }
    }

    private static String server(JsonNode server) {
        String name = server.path("name").asText();
        if (server.path("leader").asBoolean()) {
            return name + " (leader)";
        }
        long behind = server.path("behind").asLong();
        return name + (!server.path("up").asBoolean() ? " (away)" : behind > 0 ? " (" + count(behind) + " groups behind)" : "");
    }

    private void printNodes(List<JsonNode> nodes, String asked) {
        List<List<String>> rows = new ArrayList<>(List.of(HEADINGS));
        for (JsonNode node : nodes) {
            String name = node.path("name").asText();
            String server = node.path("server").asText();
            rows.add(List.of(
                    name + (name.equals(asked) ? " *" : ""),
                    node.path("version").asText(),
                    count(node.path("position").asLong()),
                    lag(node),
                    count(node.path("streams").asLong()),
                    node.path("notReady").asText().isEmpty() ? "yes" : "no",
                    node.path("notPublishing").asText().isEmpty() ? "yes" : "no",
                    server.isEmpty() ? "nobody" : server + ' ' + node.path("serverVersion").asText()));
        }
        List<Integer> widths = new ArrayList<>();
        for (int column = 0; column < HEADINGS.size(); column++) {
            int at = column;
            widths.add(rows.stream().mapToInt(row -> row.get(at).length()).max().orElse(0));
        }
        for (List<String> row : rows) {
            var line = new StringBuilder();
            for (int column = 0; column < row.size(); column++) {
                String space = " ".repeat(widths.get(column) - row.get(column).length());
                line.append(NUMBERS.get(column) ? space + row.get(column) : row.get(column) + space).append("  ");
            }
            lines.accept(Shell.harmless(line.toString().stripTrailing()));
        }
    }

    private static String lag(JsonNode node) {
        long groups = node.path("lagGroups").asLong();
        return groups == 0 ? "0" : String.format(Locale.ROOT, "%,d, %.1f s", groups, node.path("lagSeconds").asDouble());
    }

    private void line(String name, String value) {
        lines.accept(Shell.harmless(String.format(Locale.ROOT, "%-9s%s", name, value)));
    }

    private static List<JsonNode> list(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).toList();
    }

    private static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
