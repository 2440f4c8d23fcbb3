package dev.hark.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code hark log} in this process; as a process of its own, beside a hub, in {@link LogCommandIT}. */
class LogCommandTest {
    @TempDir
    Path folder;

    private TestShell hark(String input) {
        return new TestShell(input, false, folder, Map.of("HARK_LOG_KIND", "sqlite"));
    }

    private TestShell run(int code, String input, String... args) {
        TestShell hark = hark(input);
        assertThat(hark.run(args)).as(() -> hark.out() + hark.err()).isEqualTo(code);
        return hark;
    }

    private void imported(String... lines) {
        run(0, String.join("\n", lines) + "\n", "log", "import");
    }

    @Test
    void listsItsCommands() {
        assertThat(run(0, "", "log").out()).contains("info", "verify", "export", "import", "backup", "restore", "Example", "log.path");
    }

    @ParameterizedTest
    @ValueSource(strings = {"info", "verify", "export", "import", "backup", "restore"})
    void showsAnExampleAndTheExitCodesOfEach(String command) {
        assertThat(run(0, "", "log", command, "--help").out())
                .contains("Example", "hark log " + command, "Exit code: 0", "--config", "--set");
    }

    @ParameterizedTest
    @ValueSource(strings = {"info", "verify", "export"})
    void saysInOneSentenceThatThereIsNoLog(String command) {
        TestShell hark = run(2, "", "log", command);

        assertThat(hark.out()).isEmpty();
        assertThat(hark.err()).isEqualTo(
                "hark: there is no log at " + folder.resolve("data/hark.db") + "; 'hark serve' makes one when it first starts\n");
        assertThat(folder).as("and none was made").isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(strings = {"info", "info --json", "verify", "export"})
    void saysThatWhatItFoundCannotBeWritten(String command) {
        imported("{\"topic\":\"t\",\"data\":\"x\"}");
        String[] args = ("log " + command + " --set log.kind=sqlite").split(" ");
        TestShell full = TestShell.unwritable(folder, "No space left on device", false);
        TestShell left = TestShell.unwritable(folder, "Broken pipe", true);

        assertThat(full.run(args)).isEqualTo(2);
        assertThat(full.err()).isEqualTo("hark: standard output cannot be written (No space left on device)\n");
        assertThat(left.run(args)).as("as others end whose reader has had enough").isZero();
        assertThat(left.err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"info", "verify", "export", "import", "backup x", "restore x"})
    void saysInOneSentenceThatALogInMemoryHasNoFile(String command) {
        TestShell hark = run(1, "", ("log " + command + " --set log.kind=memory").split(" "));

        assertThat(hark.out()).isEmpty();
        assertThat(hark.err()).startsWith("hark: log.kind is 'memory'").contains("there is no file").hasLineCount(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"log info --topics some", "log export --since noon", "log export --since P1M", "log export --topic a/**/b",
        "log verify x", "log inf", "log export --since 00000000-01", "log restore"})
    void refusesAWrongCommandLineInOneLine(String line) {
        TestShell hark = run(1, "", line.split(" "));
        assertThat(hark.out()).isEmpty();
        assertThat(hark.err().lines()).singleElement().asString().startsWith("hark: ").contains("--help");
    }

    @Test
    void printsWhatTheLogHolds() {
        String[] lines = IntStream.range(0, 1_234).mapToObj(i -> "{\"topic\":\"t/" + i % 25 + "\",\"data\":\"" + i + "\"}")
                .toArray(String[]::new);
        imported(lines);
        List<String> out = run(0, "", "log", "info").out().lines().toList();

        assertThat(out.getFirst()).isEqualTo("log         " + folder.resolve("data/hark.db"));
        assertThat(out).contains(
                "state       closed in order", "durability  fsync, by the configuration", "schema      2", "events      1,234",
                "WAL         0 bytes", "keys        0 idempotency keys", "topics      25");
        assertThat(out).anyMatch(line -> line.matches("oldest      [a-z0-9]{8}-1, stored 20\\S+Z"));
        assertThat(out).anyMatch(line -> line.matches("newest      [a-z0-9]{8}-1234, stored 20\\S+Z"));
        assertThat(out).anyMatch(line -> line.matches("bytes       [0-9,]+ bytes \\([0-9.]+ KiB\\), as the retention counts them"));
        assertThat(out.subList(out.indexOf("events  topic"), out.size()))
                .hasSize(23).startsWith("events  topic", "    50  t/0", "    50  t/1", "    50  t/2")
                .endsWith("   245  in 5 other topics", " 1,234  in total");
        assertThat(run(0, "", "log", "info", "--topics", "all").out()).contains("    49  t/24\n").doesNotContain("other");
        assertThat(run(0, "", "log", "info", "--topics", "24").out()).contains("    49  in 1 other topic\n");
    }

    @Test
    void printsTheSameAsJson() throws IOException {
        imported("{\"topic\":\"a\",\"data\":\"x\"}", "{\"topic\":\"a\",\"data\":\"y\"}");
        JsonNode info = new ObjectMapper().readTree(run(0, "", "log", "info", "--json").out());

        assertThat(info.path("path").asText()).isEqualTo(folder.resolve("data/hark.db").toString());
        assertThat(info.path("state").asText()).isEqualTo("closed");
        assertThat(info.path("durability").asText()).isEqualTo("fsync");
        assertThat(info.path("events").asLong()).isEqualTo(2);
        assertThat(info.path("oldest").asText()).isEqualTo(info.path("epoch").asText() + "-1");
        assertThat(info.path("newest").asText()).endsWith("-2");
        assertThat(info.path("largestTopics").toString()).isEqualTo("[{\"topic\":\"a\",\"events\":2}]");
    }

    @Test
    void printsTheClassesOfTopics() throws IOException {
        String rule = "topics.0.match=prices/**";
        String[] set = {"--set", rule, "--set", "topics.0.keep.events=64"};
        String lines = "{\"topic\":\"prices/a\",\"data\":\"x\"}\n".repeat(100) + "{\"topic\":\"news\",\"data\":\"x\"}\n".repeat(1_200);
        TestShell imported = run(0, lines, with(set, "log", "import"));
        List<String> out = run(0, "", "log", "info").out().lines().toList();
        String epoch = epoch();

        assertThat(imported.err()).contains("hark: the rule for 'prices/**' keeps only what came after " + epoch + "-36: a part of the");
        int heading = out.indexOf("events   bytes   lost up to  keys  class");
        assertThat(heading).as(String.join("\n", out)).isPositive();
        assertThat(out.get(heading + 1)).matches(" 1,200  [0-9]{2},[0-9]{3}         none     -  \\(default\\)");
        assertThat(out.get(heading + 2)).matches("    64   [0-9],[0-9]{3}  " + epoch + "-36     1  prices/\\*\\*");
        JsonNode classes = new ObjectMapper().readTree(run(0, "", "log", "info", "--json").out()).path("classes");
        assertThat(classes.path(0).path("class").asText()).isEqualTo("(default)");
        assertThat(classes.path(0).path("lost").isNull()).isTrue();
        assertThat(classes.path(1).path("events").asLong()).isEqualTo(64);
        assertThat(classes.path(1).path("lost").asText()).isEqualTo(epoch + "-36");
        assertThat(run(0, "", "log", "verify").out()).contains("is intact: 1,264 events");
    }

    @Test
    void saysNothingOfClassesWhereThereAreNone() throws IOException {
        Files.writeString(folder.resolve("application.yaml"), "topics: [{match: '**'}]\n");
        imported("{\"topic\":\"t\",\"data\":\"x\"}");

        assertThat(run(0, "", "log", "info").out()).doesNotContain("class", "lost up to");
        assertThat(new ObjectMapper().readTree(run(0, "", "log", "info", "--json").out()).path("classes").isEmpty()).isTrue();
    }

    @Test
    void leavesOutWhatIsNeverStored() {
        String[] set = {"--set", "topics.0.match=live/**", "--set", "topics.0.keep=nothing"};
        String kept = "{\"topic\":\"t\",\"data\":\"x\"}\n";
        String live = "{\"topic\":\"live/1\",\"data\":\"x\"}\n";
        TestShell some = run(0, live + kept + live + kept, with(set, "log", "import"));
        TestShell none = run(0, live, with(set, "log", "import"));

        assertThat(some.out()).startsWith("stored 2 events in ");
        assertThat(some.err()).contains("hark: left out 2 events of topics of which the configuration keeps nothing\n");
        assertThat(none.out()).isEmpty();
        assertThat(none.err()).isEqualTo("hark: left out 1 event of topics of which the configuration keeps nothing\n");
        assertThat(run(0, "", "log", "export").out()).hasLineCount(2);
    }

    private static String[] with(String[] options, String... command) {
        return Stream.concat(Stream.of(command), Stream.of(options)).toArray(String[]::new);
    }

    @Test
    void exportsLinesThatCanBeImported() throws IOException {
        imported(
                "{\"id\":\"00000000-7\",\"time\":\"then\",\"topic\":\"a/b\",\"type\":\"t\\u00E4\",\"key\":\"k\","
                        + "\"data\":\"l1\\nl2 \\ud83d\\ude00 \\u0000\"}",
                "",
                "{\"topic\":\"c\",\"data\":\"\"}");
        List<String> lines = run(0, "", "log", "export").out().lines().toList();

        assertThat(lines).hasSize(2);
        assertThat(lines.getFirst()).matches(
                "\\{\"id\":\"[a-z0-9]{8}-1\",\"time\":\"20[0-9T:.-]+Z\",\"topic\":\"a/b\",\"type\":\"t\u00E4\",\"key\":\"k\","
                + "\"data\":\"l1\\\\nl2 .* \\\\u0000\"}");
        assertThat(new ObjectMapper().readTree(lines.getFirst()).path("data").asText()).isEqualTo("l1\nl2 \uD83D\uDE00 \u0000");
        assertThat(lines.getLast()).endsWith("\"topic\":\"c\",\"type\":\"message\",\"data\":\"\"}");
        assertThat(run(0, "", "log", "export", "--topic", "c", "--topic", "x/*").out()).isEqualTo(lines.getLast() + "\n");
        for (String back : List.of("PT1H", "PT1.5H", "P1W", "1w", "10m", "1h30m")) {
            assertThat(run(0, "", "log", "export", "--since", back, "-").out()).as(back).hasLineCount(2);
        }
        assertThat(run(0, "", "log", "export", "--since", "2999-01-01T00:00:00Z").out()).isEmpty();
        assertThat(run(1, "", "log", "export", "--since", "00000000-1").err())
                .contains("--since is '00000000-1'", "this one is ").hasLineCount(1);

        assertThat(run(0, "", "log", "export", "out.ndjson").err()).isEqualTo("hark: exported 2 events to out.ndjson\n");
        assertThat(Files.readAllLines(folder.resolve("out.ndjson"))).isEqualTo(lines);
        assertThat(run(2, "", "log", "export", "out.ndjson").err()).contains("out.ndjson exists").hasLineCount(1);
        assertThat(run(2, "", "log", "export", "none/out.ndjson").err()).contains("cannot write none/out.ndjson").hasLineCount(1);
    }

    @Test
    void exportsAndImportsEndsOfTopics() {
        imported(
                "{\"topic\":\"a\",\"data\":\"1\",\"end\":false}", "{\"topic\":\"a\",\"data\":\"2\",\"end\":true}",
                "{\"topic\":\"b\",\"data\":\"3\"}");
        List<String> lines = run(0, "", "log", "export").out().lines().toList();
        assertThat(lines).satisfiesExactly(
                line -> assertThat(line).endsWith("\"data\":\"1\"}"),
                line -> assertThat(line).endsWith("\"type\":\"message\",\"data\":\"2\",\"end\":true}"),
                line -> assertThat(line).endsWith("\"data\":\"3\"}"));
        imported(lines.toArray(String[]::new));
        assertThat(run(0, "", "log", "export").out().lines().filter(line -> line.endsWith("\"data\":\"2\",\"end\":true}"))).hasSize(2);
        assertThat(run(0, "", "log", "verify").out()).contains("is intact: 6 events");
    }

    @Test
    void exportsAndImportsDeletions() {
        String[] set = {"--set", "topics.0.match=p/**", "--set", "topics.0.keep.latest=true"};
        run(0, """
                {"topic":"p/a","key":"k","data":"1"}
                {"topic":"p/a","key":"l","data":"2"}
                {"topic":"p/a","data":"3","deleted":false}
                {"topic":"p/a","key":"k","deleted":true}
                {"topic":"p/a","deleted":true,"type":"hark.deleted","data":"passed over"}
                """, with(set, "log", "import"));
        List<String> lines = run(0, "", "log", "export").out().lines().map(line -> line.replaceFirst("^.*?\"topic\"", "{\"topic\""))
                .toList();
        assertThat(lines.subList(3, 5)).containsExactly(
                "{\"topic\":\"p/a\",\"type\":\"hark.deleted\",\"key\":\"k\","
                        + "\"data\":\"{\\\"topic\\\":\\\"p/a\\\",\\\"key\\\":\\\"k\\\"}\",\"deleted\":true}",
                "{\"topic\":\"p/a\",\"type\":\"hark.deleted\",\"data\":\"{\\\"topic\\\":\\\"p/a\\\",\\\"key\\\":null}\","
                        + "\"deleted\":true}");
        assertThat(run(0, "", "log", "info").out()).contains("keys  class", "   1  p/**");

        String[] other = with(set, "--set", "log.path=other.db");
        run(0, String.join("\n", lines), with(other, "log", "import"));
        assertThat(run(0, "", with(other, "log", "export")).out().lines().map(line -> line.replaceFirst("^.*?\"topic\"", "{\"topic\"")))
                .isEqualTo(lines);
        assertThat(run(0, "", with(other, "log", "info")).out()).contains("   1  p/**");
        assertThat(run(0, "", with(other, "log", "verify")).out()).contains("is intact: 5 events");
    }

    @Test
    void saysWhoseNewestEventsStayAndThatSomeHadToGo() throws IOException {
        String[] set = {"--set", "topics.0.match=p/**", "--set", "topics.0.keep.latest=true", "--set", "log.latest.keys=3"};
        String lines = IntStream.range(0, 5).mapToObj(i -> "{\"topic\":\"p/" + i + "\",\"data\":\"x\"}\n").collect(Collectors.joining());
        run(0, lines, with(set, "log", "import"));
        List<String> out = run(0, "", "log", "info").out().lines().toList();
        String epoch = epoch();

        int heading = out.indexOf("events  bytes  lost up to  keys  class");
        assertThat(heading).as(String.join("\n", out)).isPositive();
        assertThat(out.get(heading + 1)).matches(" +0 +0 +none +-  \\(default\\)");
        assertThat(out.get(heading + 2)).matches(" +5 +[0-9]+ +none +3  p/\\*\\*");
        assertThat(out).contains("keys: topics and keys whose newest event stays (keep.latest)",
                "p/**: newest events up to " + epoch + "-2 had to go, because there were more than log.latest.keys");
        JsonNode classes = new ObjectMapper().readTree(run(0, "", "log", "info", "--json").out()).path("classes");
        assertThat(classes.path(0).path("latest").asBoolean(true)).isFalse();
        assertThat(classes.path(0).path("evicted").isNull()).isTrue();
        assertThat(classes.path(1).path("latest").asBoolean()).isTrue();
        assertThat(classes.path(1).path("keys").asLong()).isEqualTo(3);
        assertThat(classes.path(1).path("evicted").asText()).isEqualTo(epoch + "-2");
    }

    @Test
    void exportsNotFromWithinASnapshot() {
        imported("{\"topic\":\"t\",\"data\":\"x\"}");

        TestShell hark = run(1, "", "log", "export", "--since", "7k3q9x2m-1042.17");

        assertThat(hark.out()).isEmpty();
        assertThat(hark.err()).startsWith("hark: --since is '7k3q9x2m-1042.17', which is within a snapshot of newest events; the log goes"
                + " on behind the snapshot after 7k3q9x2m-1042;").hasLineCount(1);
    }

    @Test
    void importsInOrderOnTopOfWhatIsThere() {
        String[] lines = IntStream.range(0, 2_500).mapToObj(i -> "{\"topic\":\"t\",\"data\":\"" + i + "\"}").toArray(String[]::new);
        imported("{\"topic\":\"first\",\"data\":\"x\"}");
        TestShell hark = run(0, String.join("\r\n", lines), "log", "import", "-");

        assertThat(hark.out()).matches("stored 2,500 events in \\S+/data/hark.db: [a-z0-9]{8}-2 to [a-z0-9]{8}-2501\n");
        assertThat(run(0, "", "log", "export", "--topic", "t").out().lines().map(LogCommandTest::data).toList())
                .isEqualTo(IntStream.range(0, 2_500).mapToObj(String::valueOf).toList());
    }

    @Test
    void goesOnAfterTheLinesThatAreToBeSkipped() throws IOException {
        Files.writeString(folder.resolve("in.ndjson"),
                "{\"topic\":\"t\",\"data\":\"1\"}\n\n{\"topic\":\"t\",\"data\":\"3\"}\n{\"topic\":\"t\",\"data\":\"4\"}");
        run(0, "", "log", "import", "--skip", "2", "in.ndjson");

        assertThat(run(0, "", "log", "export").out().lines().map(LogCommandTest::data)).containsExactly("3", "4");
        assertThat(run(0, "", "log", "import", "--skip", "9", "in.ndjson").err()).contains("no event to store");
        assertThat(run(2, "", "log", "import", "none.ndjson").err()).isEqualTo("hark: there is no file none.ndjson\n");
    }

    @Test
    void saysWhenRetentionTakesAPartOfTheImport() {
        String lines = "{\"topic\":\"t\",\"data\":\"x\"}\n".repeat(400);
        TestShell hark = run(0, lines, "log", "import", "--set", "log.retention.events=256");

        assertThat(hark.err()).contains("log.retention keeps only what came after ").contains("-144: a part of the import is gone again");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "{", "[]", "{\"topic\":\"t\",\"data\":\"x\"} {}",
        "{\"topic\":\"t\"}", "{\"data\":\"x\"}", "{\"topic\":\"t\",\"data\":1}", "{\"topic\":\"*\",\"data\":\"x\"}",
        "{\"topic\":\"t\",\"data\":\"x\",\"data\":\"y\"}", "{\"topic\":\"t\",\"data\":\"x\",\"idempotencyKey\":\"y\"}",
        "{\"topic\":\"t\",\"data\":\"\\ud800\"}", "{\"topic\":\"t\",\"type\":\"hark.gap\",\"data\":\"x\"}",
        "{\"topic\":\"t\",\"key\":\"\",\"data\":\"x\"}", "{\"topic\":\"t\",\"data\":\"x\",\"end\":\"true\"}",
        "{\"topic\":\"t\",\"deleted\":1}", "{\"topic\":\"t\",\"deleted\":true,\"end\":true}", "{\"deleted\":true}",
        "{\"topic\":\"t\",\"deleted\":true,\"type\":\"hark.gap\"}", "{\"topic\":\"t\",\"deleted\":false}",
        "{\"topic\":\"t\",\"type\":\"hark.deleted\",\"data\":\"x\"}"
    })
    void refusesAWrongLineWithItsNumberAndStoresNothing(String wrong) {
        String good = "{\"topic\":\"t\",\"data\":\"x\"}\n";
        TestShell hark = run(2, good.repeat(1_500) + "\n" + wrong + "\n" + good, "log", "import");

        assertThat(hark.out()).isEmpty();
        assertThat(hark.err()).startsWith("hark: line 1,502 ").contains("; nothing was stored").hasLineCount(1);
        assertThat(folder.resolve("data")).as("not even a log was made").doesNotExist();
    }

    @Test
    void refusesAnEventThatPublishersMayNotSend() {
        String limit = "{\"topic\":\"t\",\"data\":\"" + "x".repeat(100) + "\"}\n";
        run(0, limit, "log", "import", "--set", "limits.event-bytes=100");
        assertThat(run(2, limit, "log", "import", "--set", "limits.event-bytes=99").err())
                .contains("line 1 has 100 bytes of data; limits.event-bytes is 99");
        assertThat(run(2, "x".repeat(20_000), "log", "import", "--set", "limits.event-bytes=99").err())
                .contains("line 1 has more than 16,978 bytes");
    }

    @Test
    void verifiesAnIntactLogAndADamagedOne() throws IOException {
        imported("{\"topic\":\"t\",\"data\":\"needle one\"}", "{\"topic\":\"t\",\"data\":\"needle two\"}");
        assertThat(run(0, "", "log", "verify").out())
                .isEqualTo("The log " + folder.resolve("data/hark.db") + " is intact: 2 events after 0 up to 2.\n");

        Path database = folder.resolve("data/hark.db");
        byte[] bytes = Files.readAllBytes(database);
        bytes[new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf("needle two") + 3] ^= 0x10;
        Files.write(database, bytes);
        TestShell hark = run(3, "", "log", "verify");

        assertThat(hark.out()).isEqualTo("event 2 is damaged: it is not what was stored\nThe log " + database
                + " is DAMAGED, in 1 place; what was read intact: 1 event after 0 up to 2.\n");
        TestShell export = run(3, "", "log", "export");
        assertThat(export.out()).hasLineCount(1);
        assertThat(export.err()).isEqualTo("hark: left out: event 2 is damaged: it is not what was stored\n");
    }

    @Test
    void copiesTheLogToANewFile() throws IOException {
        imported("{\"topic\":\"t\",\"data\":\"1\"}");

        assertThat(run(0, "", "log", "backup", "copy.db").out())
                .matches("copied 1 event up to " + epoch() + "-1 to copy.db \\([0-9,]+ bytes\\)\n");
        assertThat(run(0, "", "log", "verify", "--set", "log.path=copy.db").out()).contains("is intact: 1 event");
        assertThat(run(2, "", "log", "backup", "copy.db").err()).contains("exists, and is left as it is").hasLineCount(1);
        assertThat(run(2, "", "log", "backup", "no/where.db").err()).contains("cannot write no/where.db").hasLineCount(1);
        try (var left = Files.list(folder)) {
            assertThat(left.map(Path::getFileName).map(Path::toString)).noneMatch(name -> name.contains("writing"));
        }
    }

    @Test
    void restoresABackupUnderANewEpoch() throws IOException {
        imported("{\"topic\":\"t\",\"data\":\"1\"}");
        Path backup = Files.copy(folder.resolve("data/hark.db"), folder.resolve("backup.db"));
        imported("{\"topic\":\"t\",\"data\":\"2\"}");
        String before = epoch();

        assertThat(run(2, "", "log", "restore", "backup.db").err()).contains("there is a log at", "--replace").hasLineCount(1);
        assertThat(run(2, "", "log", "restore", "none.db").err()).contains("there is no log at", "none.db").hasLineCount(1);
        assertThat(run(0, "", "log", "export").out()).as("nothing was changed").hasLineCount(2);
        TestShell hark = run(0, "", "log", "restore", "--replace", "backup.db");
        assertThat(hark.out()).isEqualTo(
                "restored 1 event up to " + epoch() + "-1 to " + folder.resolve("data/hark.db") + "; whoever resumes is told 'reset'\n");
        assertThat(hark.err()).matches("hark: the log that was there is kept as \\S+/data/hark\\.db-replaced-\\S+\n");
        assertThat(epoch()).isNotEqualTo(before);
        assertThat(run(0, "", "log", "export").out()).hasLineCount(1);
        String kept = hark.err().replaceFirst(".* as ", "").strip();
        assertThat(run(0, "", "log", "export", "--set", "log.path=" + kept).out()).hasLineCount(2).contains(before);
        assertThat(run(0, "", "log", "restore", "backup.db", "--set", "log.path=new/hark.db").err()).isEmpty();
        assertThat(backup).exists();
    }

    /** The node makes its replica anew; a restored one would have an epoch of its own. */
    @Test
    void restoresNothingWhereNodesShareTheLog() throws IOException {
        imported("{\"topic\":\"t\",\"data\":\"1\"}");
        Files.copy(folder.resolve("data/hark.db"), folder.resolve("backup.db"));
        String before = epoch();

        TestShell hark = run(1, "", "log", "restore", "--replace", "backup.db", "--set", "log.kind=jetstream",
                "--set", "log.servers.0=nats://127.0.0.1:1");
        assertThat(hark.err()).contains("log.kind is 'jetstream'", "remove the file", "docs/cluster.md").hasLineCount(1);
        assertThat(hark.out()).isEmpty();
        assertThat(epoch()).isEqualTo(before);
    }

    private String epoch() throws IOException {
        return new ObjectMapper().readTree(run(0, "", "log", "info", "--json").out()).path("epoch").asText();
    }

    private static String data(String line) {
        try {
            return new ObjectMapper().readTree(line).path("data").asText();
        } catch (IOException e) {
            throw new AssertionError(line, e);
        }
    }
}
