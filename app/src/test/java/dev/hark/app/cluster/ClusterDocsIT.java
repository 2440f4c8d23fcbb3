package dev.hark.app.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.hark.app.Ports;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** The commands of docs/cluster.md from nothing to a cluster that has lost a server and a node, as they are printed there. */
@DisabledIfSystemProperty(named = "hark.test.access", matches = "true", disabledReason = "its nodes have a configuration of their own")
class ClusterDocsIT {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```sh\\n(.*?)^```$");

    /** Of each port that is printed all but the last digit, which is the number of a server or node. */
    private static final List<String> PRINTED = List.of("422", "622", "808", "909");

    @TempDir
    private Path folder;

    private Map<String, String> ports;
    private @Nullable Process shell;
    private int run;

    @BeforeEach
    void begin() throws Exception {
        Path programs = Files.createDirectory(folder.resolve("bin"));
        Path program = Files.writeString(programs.resolve("nats-server"), "#!/bin/sh\nexec '" + NatsProgram.find() + "' \"$@\"\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();
        if (!isThere("jq")) {
            String left = "no jq on the PATH (apt install jq): left out are the commands of docs/cluster.md";
            if ("true".equals(System.getenv("CI"))) {
                fail(left);
            }
            abort(left);
        }
        ports = Ports.tens(PRINTED);
        var builder = new ProcessBuilder("bash").directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(folder.resolve("out").toFile());
        builder.environment().put("HARK_BUILD", "never");
        builder.environment().merge("PATH", programs.toString(), (path, first) -> first + ":" + path);
        shell = builder.start();
    }

    private static boolean isThere(String program) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .anyMatch(each -> Files.isExecutable(Path.of(each, program)));
    }

    /** Whatever became of the shell, what it has started is known by the files that the commands write. */
    @AfterEach
    void end() throws Exception {
        Process begun = shell;
        if (begun != null) {
            List<ProcessHandle> children = begun.descendants().toList();
            children.forEach(ProcessHandle::destroyForcibly);
            begun.destroyForcibly().waitFor();
            List<ProcessHandle> noted = started();
            noted.forEach(ProcessHandle::destroyForcibly);
            await("all have ended").atMost(PATIENCE)
                    .until(() -> children.stream().noneMatch(ProcessHandle::isAlive) && noted.stream().noneMatch(ProcessHandle::isAlive));
        }
    }

    private List<ProcessHandle> started() throws IOException {
        List<ProcessHandle> all = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.pid")) {
            for (Path file : files) {
                String pid = Files.readString(file).strip();
                if (!pid.isEmpty()) {
                    ProcessHandle.of(Long.parseLong(pid)).ifPresent(all::add);
                }
            }
        }
        return all;
    }

    @Test
    void aClusterFromNothingGoesOnWithoutItsLeaderAndANode() throws Exception {
        List<String> blocks = blocks("## Three nodes on one machine");
        assertThat(blocks).hasSize(8);
        run(blocks.get(0));
        run(blocks.get(1));
        // Who publishes while a leader is elected waits for it, however slow the machine is.
        run("printf 'health:\\n  stall: PT30S\\n' >> cluster.yaml");
        assertThat(out()).contains("The configuration is fine", "the first node makes it, in files, kept by 3 servers");
        run("app/bin/hark check-config --config cluster.yaml --set log.replicas=5");
        assertThat(out()).contains("knows of 3 servers of its cluster now, and the stream is to be kept by 5 (log.replicas)");
        run(blocks.get(2));
        run(blocks.get(3));
        await("the stream is open").atMost(PATIENCE).until(() -> out().contains("event: hark.open"));
        run(blocks.get(4));
        assertThat(out()).contains("\"topic\":\"news\",\"durability\":\"replicated-3\"");
        await("heard at another node").atMost(PATIENCE).until(() -> out().contains("data: hello\n"));
        run(blocks.get(5));
        await("heard without them").atMost(PATIENCE).until(() -> out().contains("data: still here\n"));
        assertThat(out()).as("one stream all the while").containsOnlyOnce("event: hark.open").doesNotContain("hark.gap");
        int before = out().length();
        run(blocks.get(6));
        assertThat(out().substring(before)).containsSubsequence("\"data\":\"hello\"", "\"data\":\"still here\"");

        movesTheLogOfASingleNode();

        List<ProcessHandle> running = started();
        assertThat(running).as(out()).hasSize(6).allMatch(ProcessHandle::isAlive);
        send(blocks.get(7));
        await("all have ended").atMost(PATIENCE).until(() -> running.stream().noneMatch(ProcessHandle::isAlive));
    }

    private void movesTheLogOfASingleNode() {
        List<String> blocks = blocks("## From one node to several");
        assertThat(blocks).hasSize(1);
        run("for i in 1 2 3; do echo '{\"topic\":\"old\",\"data\":\"'event $i'\"}'; done > old.ndjson\n"
                + "app/bin/hark log import --set log.path=data/hark.db old.ndjson");
        run(blocks.getFirst());
        int before = out().length();
        run("curl -s -H 'Accept: application/json' 'http://127.0.0.1:8082/topics/old?since=earliest'");
        assertThat(out().substring(before)).containsSubsequence("\"data\":\"event 1\"", "\"data\":\"event 2\"", "\"data\":\"event 3\"");
    }

    /** Those of the section that begins with {@code heading}, in their order. */
    private static List<String> blocks(String heading) {
        String page = read(ROOT.resolve("docs/cluster.md"));
        int begin = page.indexOf(heading + "\n");
        assertThat(begin).as(heading).isNotNegative();
        int end = page.indexOf("\n## ", begin);
        return BLOCK.matcher(page.substring(begin, end)).results().map(block -> block.group(1)).toList();
    }

    /** Has the shell do {@code commands}, and waits until it has. */
    private void run(String commands) {
        send(commands);
        String mark = "[" + ++run + " is done]";
        write("echo '" + mark + "'\n");
        Process running = running();
        await(commands).atMost(PATIENCE).until(() -> out().contains(mark) || !running.isAlive());
        assertThat(out()).contains(mark);
    }

    /** As it would be typed: what is defined stays, and nothing reads the commands that follow. */
    private void send(String commands) {
        String here = commands.replace("app/bin/hark", ROOT.resolve("app/bin/hark").toString());
        for (Map.Entry<String, String> port : ports.entrySet()) {
            here = here.replaceAll("\\b" + port.getKey() + "(?=[$123])", Matcher.quoteReplacement(port.getValue()));
        }
        write("{\n" + here + "\n} < /dev/null\n");
    }

    private void write(String text) {
        try {
            running().getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
            running().getOutputStream().flush();
        } catch (IOException e) {
            throw new UncheckedIOException(out(), e);
        }
    }

    private Process running() {
        return Objects.requireNonNull(shell, "a shell");
    }

    private String out() {
        return read(folder.resolve("out"));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
