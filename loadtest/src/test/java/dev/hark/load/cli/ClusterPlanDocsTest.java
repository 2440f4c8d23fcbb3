package dev.hark.load.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The arithmetic in docs/cluster.md is what the program prints for the hub that is made up there. */
class ClusterPlanDocsTest {
    private static final Path DOCS = Path.of("..", "docs", "cluster.md");
    private static final String BEGIN = "    $ hark-load plan --cluster ";

    @TempDir
    Path folder;

    private final List<String> from = new ArrayList<>();

    @BeforeEach
    void makeTheHubUp() throws IOException {
        List<JsonNode> reports = List.of(
                Fleet.search(5, 1250, 2500, 5000, 10_000, 20_000, 40_000, 40_000, 40_000), Fleet.search(800, 1, 1, 2),
                Fleet.search(20_000, 1, 2, 2));
        for (JsonNode report : reports) {
            from.add("--from");
            from.add(Files.writeString(folder.resolve(from.size() + ".json"), report.toString()).toString());
        }
    }

    private CommandLineRun plan(List<String> goal) {
        var arguments = new ArrayList<>(List.of("plan", "--cluster"));
        arguments.addAll(from);
        arguments.addAll(goal);
        CommandLineRun run = CommandLineRun.of(arguments.toArray(String[]::new));
        assertThat(run.code()).as(run.printed()).isZero();
        return run;
    }

    @Test
    void theOutputIsThatOfTheProgram() throws IOException {
        List<String> lines = Files.readAllLines(DOCS);
        int begin = indexOf(lines, BEGIN);
        var command = new StringBuilder();
        int at = begin;
        for (; lines.get(at).endsWith("\\"); at++) {
            command.append(lines.get(at), 0, lines.get(at).length() - 1);
        }
        command.append(lines.get(at++));
        var goal = new ArrayList<String>();
        List<String> words = Arrays.asList(command.substring(BEGIN.length()).strip().split(" +"));
        for (int i = 0; i < words.size(); i += 2) {
            if (!words.get(i).equals("--from")) {
                goal.addAll(words.subList(i, i + 2));
            }
        }
        var shown = new ArrayList<String>();
        for (; !lines.get(at).strip().equals("..."); at++) {
            assertThat(lines.get(at)).satisfiesAnyOf(
                    line -> assertThat(line).isEmpty(), line -> assertThat(line).as("the end '...'").startsWith("    "));
            shown.add(lines.get(at).isEmpty() ? "" : lines.get(at).substring(4));
        }
        assertThat(shown).hasSizeGreaterThan(15);
        assertThat(plan(goal).printed().lines().limit(shown.size())).containsExactlyElementsOf(shown);
    }

    @Test
    void theTableIsThatOfTheProgram() throws IOException {
        List<String> lines = Files.readAllLines(DOCS);
        int at = indexOf(lines, "| streams | each receives |") + 2;
        int rows = 0;
        for (; lines.get(at).startsWith("|"); at++, rows++) {
            List<String> cells = Arrays.stream(lines.get(at).split("\\|")).map(String::strip).skip(1).toList();
            String printed = plan(List.of(
                    "--subscribers", cells.get(0), "--rate", cells.get(1), "--topics", cells.get(2), "--publish-rate", cells.get(3),
                    "--node-cores", "16", "--node-memory", "32GB", "--node-network", "10G")).printed();
            assertThat(List.of(
                    printed.contains("with one log") ? "1" : first(printed, "in ([\\d,]+) clusters"), first(printed, "nodes: ([\\d,]+), "),
                    first(printed, "each has ([\\d,]+) streams"), first(printed, "of the others has ([\\d,]+) streams"),
                    first(printed, "about ([\\d.]+ s) after"))).as(lines.get(at)).isEqualTo(cells.subList(4, 9));
        }
        assertThat(rows).isGreaterThan(3);
    }

    private static int indexOf(List<String> lines, String begin) {
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).startsWith(begin)) {
                return i;
            }
        }
        throw new AssertionError("no line of " + DOCS + " begins with '" + begin + "'");
    }

    private static String first(String printed, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(printed);
        assertThat(matcher.find()).as(pattern + " in " + printed).isTrue();
        return matcher.group(1);
    }
}
