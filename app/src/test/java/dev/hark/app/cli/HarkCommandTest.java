package dev.hark.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.hark.app.config.ConfigSource;
import dev.hark.app.config.HarkConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HarkCommandTest {
    @TempDir
    Path folder;

    @Test
    void explainsItselfInTenLines() {
        TestShell hark = new TestShell();

        assertThat(hark.run()).isZero();
        assertThat(hark.out().lines()).hasSizeLessThanOrEqualTo(10);
        assertThat(hark.out()).contains("serve", "subscribe", "publish", "check-config", "log info", "token new",
                "curl -d hi 127.0.0.1:8080/topics/");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "serve", "publish", "delete", "subscribe", "check-config", "topic", "log", "cluster", "key", "token", "init", "completion"})
    void showsAnExampleOfEachCommand(String command) {
        TestShell hark = new TestShell();

        assertThat(hark.run(command, "--help")).isZero();
        assertThat(hark.out()).contains("Example", "hark " + command);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "serve", "publish", "delete", "subscribe", "check-config", "topic", "init", "completion",
        "log", "log info", "log verify", "log export", "log import", "log backup", "log restore",
        "key", "key new", "token", "token new", "token explain"})
    void breaksNoKeyOfItsHelpInTwo(String command) {
        String narrow = help(command);
        System.setProperty("picocli.usage.width", "2000");
        try {
            assertThat(narrow.lines()).allMatch(line -> line.length() <= 80);
            assertThat(narrow.split("\\s+")).contains(help(command).split("\\s+"));
        } finally {
            System.clearProperty("picocli.usage.width");
        }
    }

    private static String help(String command) {
        TestShell hark = new TestShell();
        assertThat(hark.run((command + " --help").strip().split(" "))).isZero();
        return hark.out();
    }

    @Test
    void helpsInWhateverWayItIsAsked() {
        TestShell option = new TestShell();
        TestShell word = new TestShell();
        TestShell all = new TestShell();

        assertThat(option.run("publish", "--help")).isZero();
        assertThat(word.run("help", "publish")).isZero();
        assertThat(word.out()).isEqualTo(option.out());
        assertThat(all.run("help")).isZero();
        assertThat(all.out()).contains("serve", "publish", "subscribe", "check-config", "log");
    }

    @Test
    void printsItsVersion() {
        TestShell hark = new TestShell();

        assertThat(hark.run("--version")).isZero();
        assertThat(hark.out()).startsWith("hark ").contains("Java 2");
    }

    @ParameterizedTest
    @CsvSource({"srve", "help srve", "topic", "topic a b", "topic a//b", "topic a/**/b", "publish", "delete", "subscribe",
            "subscribe a --last x", "publish a b c", "subscribe a --since earliest --last 3", "subscribe a --url x",
        "publish a b --url ftp://a", "publish a b --idempotency-key \u00E4"})
    void refusesAWrongCommandLineInOneLine(String line) {
        TestShell hark = new TestShell();

        assertThat(hark.run(line.split(" "))).isEqualTo(1);
        assertThat(hark.out()).isEmpty();
        assertThat(hark.err().lines()).singleElement().asString().startsWith("hark: ").contains("--help");
    }

    @ParameterizedTest
    @CsvSource({
        "serv, unknown command serv; did you mean serve?",
        "log verfy, unknown command verfy; did you mean verify?",
        "topc a, unknown command topc; did you mean topic?",
        "topic a --jsn, unknown option --jsn; did you mean --json?",
        "publish a x --tpye t, unknown option --tpye; did you mean --type?",
        "subscribe a --snce=1h, unknown option --snce; did you mean --since?",
        "serve --frobnicate, unknown option --frobnicate; see",
        "publish a b c, 'c' is one argument too many",
    })
    void saysWhatWasProbablyMeant(String line, String words) {
        TestShell hark = new TestShell();

        assertThat(hark.run(line.split(" "))).isEqualTo(1);
        assertThat(hark.err()).startsWith("hark: " + words).hasLineCount(1);
    }

    @Test
    void takesTheLastOfAnOptionThatIsRepeated() {
        TestShell hark = TestShell.in(folder);

        assertThat(hark.run("serve", "--config", "missing.yaml", "--config", "other.yaml")).isEqualTo(1);
        assertThat(hark.err()).contains("other.yaml does not exist");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh"})
    void completesItselfInAShell(String shell) throws Exception {
        Path program = Path.of("/bin", shell);
        assumeThat(program).exists();
        TestShell hark = new TestShell();
        assertThat(hark.run("completion", shell)).isZero();
        Path script = Files.writeString(folder.resolve("completion"), hark.out());

        String asked = "source " + script + "; COMP_WORDS=(hark subscribe --no); COMP_CWORD=2; COMP_LINE='hark subscribe --no'; "
                + " COMP_POINT=19; _complete_hark; echo \"${COMPREPLY[@]}\"";
        Process process = new ProcessBuilder(program.toString(), "-c", asked).redirectErrorStream(true).start();
        process.getOutputStream().close();
        assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)).contains("--no-follow");
    }

    @Test
    void writesAConfigurationThatIsTheDefaultAndNeverOverAnother() throws IOException {
        TestShell hark = TestShell.in(folder);

        assertThat(hark.run("init")).isZero();
        HarkConfig written = new ConfigSource(folder.resolve("application.yaml"), List.of(), Map.of()).load();
        assertThat(written).isEqualTo(ConfigSource.defaults().load());
        assertThat(hark.run("init")).isEqualTo(2);
        assertThat(hark.err()).contains("application.yaml exists, and is left as it is");
        assertThat(hark.run("init", "-")).isZero();
        assertThat(hark.out()).isEqualTo(Files.readString(folder.resolve("application.yaml")));
    }

    @Test
    void servesWithTheFileOfTheWorkingDirectory() throws IOException {
        Files.writeString(folder.resolve("application.yaml"), "server: {port: 7}\n");
        TestShell hark = TestShell.in(folder);

        assertThat(hark.run("serve", "--set", "admin.port=8", "--set", "auth.open=true")).isEqualTo(7);
        assertThat(hark.served).singleElement().satisfies(config -> {
            assertThat(config.server().port()).isEqualTo(7);
            assertThat(config.admin().port()).isEqualTo(8);
            assertThat(config.auth().open()).isTrue();
        });
        assertThat(hark.err()).contains(folder.resolve("application.yaml").toString());
    }

    @Test
    void servesWithTheDefaultsWhereThereIsNoFileAndSaysSo() {
        TestShell hark = TestShell.in(folder);

        assertThat(hark.run("serve")).isEqualTo(7);
        assertThat(hark.err()).isEqualTo("hark: configured by the built-in defaults (no application.yaml here)\n");
    }

    @Test
    void refusesAWrongConfigurationInOneLine() {
        for (String command : new String[] {"serve", "check-config", "topic a"}) {
            TestShell hark = TestShell.in(folder);

            assertThat(hark.run((command + " --set server.prt=1").split(" "))).isEqualTo(1);
            assertThat(hark.served).isEmpty();
            assertThat(hark.out()).isEmpty();
            assertThat(hark.err().lines()).singleElement()
                    .asString().contains("unknown key server.prt").contains("did you mean server.port?");
        }
        assertThat(TestShell.in(folder).run("check-config", "--config", "missing.yaml")).isEqualTo(1);
    }

    @Test
    void namesAllMistakesOfAConfigurationWithTheirLines() throws IOException {
        Files.writeString(folder.resolve("application.yaml"), """
                server:
                  port: eighty
                  hots: localhost
                topics:
                  - match: a//b
                  - match: "**"
                    overflow: replya
                routes:
                  - subscribe: /a
                """);
        TestShell check = TestShell.in(folder);
        TestShell serve = TestShell.in(folder);

        assertThat(check.run("check-config", "--set", "drain.window=soon")).isEqualTo(1);
        String file = folder.resolve("application.yaml").toString();
        assertThat(check.err().lines().map(line -> line.replace(file, "FILE"))).satisfiesExactlyInAnyOrder(
                line -> assertThat(line).startsWith("hark: server.port is 'eighty' (FILE line 2); a whole number"),
                line -> assertThat(line).startsWith("hark: unknown key server.hots, which is 'localhost' (FILE line 3); did you mean"),
                line -> assertThat(line).startsWith("hark: topics.0.match is 'a//b' (FILE line 5); "),
                line -> assertThat(line).startsWith("hark: topics.1.overflow is 'replya' (FILE line 7); "),
                line -> assertThat(line).startsWith("hark: routes.0.topic is missing"),
                line -> assertThat(line).startsWith("hark: drain.window is 'soon' (--set); "));
        assertThat(serve.run("serve")).isEqualTo(1);
        assertThat(serve.err()).endsWith(" (and 4 more; 'hark check-config' names all)\n").hasLineCount(1);
    }

    @Test
    void printsWhatIsInForceAndWhereItComesFrom() throws IOException {
        Files.writeString(folder.resolve("application.yaml"), "server:\n  port: 7\ncors: {origins: ['https://a.example']}\n");
        TestShell hark = new TestShell("", false, folder, Map.of("HARK_DRAIN_WINDOW", "5s"));

        assertThat(hark.run("check-config", "--print", "--set", "log.kind=memory")).isZero();
        String file = folder.resolve("application.yaml").toString();
        assertThat(hark.out().lines().map(line -> line.replaceAll(" +# ", " # ").replace(file, "FILE"))).contains(
                "server.host: 127.0.0.1 # default",
                "server.port: 7 # FILE line 2",
                "log.kind: memory # --set",
                "cors.origins.0: https://a.example # FILE line 3",
                "drain.window: 5s # HARK_DRAIN_WINDOW");
        assertThat(new ConfigSource(null, List.of("server.tls.keystore=a", "server.tls.password=s3cret"), Map.of()).inForce())
                .anyMatch(line -> line.startsWith("server.tls.password: (not shown)"))
                .noneMatch(line -> line.contains("s3cret"));
    }

    @Test
    void printsWhatIsKeptAndWhatFillsIt() throws IOException {
        Files.writeString(folder.resolve("application.yaml"), """
                log: {retention: {events: 5000}}
                topics:
                  - match: cursors/**
                    keep: nothing
                  - match: prices/**
                    keep: {age: 1h}
                  - match: states/**
                    keep:
                      latest: true
                  - match: "**"
                """);
        TestShell hark = new TestShell("", false, folder, Map.of("HARK_TOPICS_1_KEEP_BYTES", "1m"));

        assertThat(hark.run("check-config", "--print")).isZero();
        String file = folder.resolve("application.yaml").toString();
        assertThat(hark.out().lines().map(line -> line.replaceAll(" +# ", " # ").replace(file, "FILE"))).contains(
                "topics.0.keep: nothing # FILE line 4",
                "topics.1.keep.events: 5000 # as log.retention.events",
                "topics.1.keep.age: 1h # FILE line 6",
                "topics.1.keep.bytes: 1m # HARK_TOPICS_1_KEEP_BYTES",
                "topics.1.keep.latest: false # default",
                "topics.2.keep.events: 5000 # as log.retention.events",
                "topics.2.keep.age: PT24H # as log.retention.age",
                "topics.2.keep.bytes: 1GiB # as log.retention.bytes",
                "topics.2.keep.latest: true # FILE line 9",
                "log.latest.keys: 1000000 # default")
                .noneMatch(line -> line.startsWith("topics.3.keep"));
    }

    @Test
    void printsWhatIsKeptOfPricesByDefault() {
        TestShell hark = TestShell.in(folder);

        assertThat(hark.run("check-config", "--print", "--set", "topics.0.keep.age=2h")).isZero();
        assertThat(hark.out().lines().map(line -> line.replaceAll(" +# ", " # "))).contains(
                "topics.0.keep.events: 100000 # default",
                "topics.0.keep.age: 2h # --set",
                "topics.0.keep.bytes: 64MiB # default",
                "topics.0.keep.latest: true # default")
                .noneMatch(line -> line.startsWith("topics.1.keep"));
    }

    @Test
    void checksTheConfigurationWithoutServing() {
        TestShell hark = new TestShell("", false, folder, Map.of("HARK_SERVER_PORT", "7"));

        assertThat(hark.run("check-config")).isZero();
        assertThat(hark.out()).startsWith("The configuration is fine");
        assertThat(hark.served).isEmpty();
    }

    @Test
    void checksThatCertificatesCanBeRead() {
        TestShell hark = TestShell.in(folder);

        assertThat(hark.run("check-config", "--set", "server.tls.keystore=/nowhere/a.p12", "--set", "admin.tls.keystore=/nowhere/b.p12"))
                .isEqualTo(1);
        assertThat(hark.err()).isEqualTo("""
                hark: server.tls.keystore is '/nowhere/a.p12': there is no such file
                hark: admin.tls.keystore is '/nowhere/b.p12': there is no such file
                """);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--version", "help", "publish --help", "log", "check-config", "topic a", "topic a --json"})
    void saysWhyItsOutputCannotBeWritten(String line) {
        String[] args = line.isEmpty() ? new String[0] : line.split(" ");
        TestShell full = TestShell.unwritable(folder, "No space left on device", false);
        TestShell left = TestShell.unwritable(folder, "Broken pipe", true);

        assertThat(full.run(args)).isEqualTo(2);
        assertThat(full.err()).isEqualTo("hark: standard output cannot be written (No space left on device)\n");
        assertThat(left.run(args)).as("whoever read it has had enough").isZero();
        assertThat(left.err()).isEmpty();
    }

    @Test
    void saysFirstOfAllWhatElseIsWrong() {
        TestShell full = TestShell.unwritable(folder, "No space left on device", false);

        assertThat(full.run("srve")).isEqualTo(1);
        assertThat(full.run("serve")).as("a hub whose greeting is lost").isEqualTo(7);
    }

    @Test
    void usesColoursOnATerminalAlone() {
        TestShell terminal = TestShell.onTerminal(Map.of());
        TestShell plain = TestShell.onTerminal(Map.of("NO_COLOR", "1"));
        terminal.run("srve");
        plain.run("srve");

        assertThat(terminal.err()).contains("\u001B[");
        assertThat(plain.err()).doesNotContain("\u001B[");
    }
}
