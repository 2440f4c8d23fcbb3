package dev.hark.load.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.load.report.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Servers that are not Hark, and want other requests. */
@Timeout(120)
class GenericTargetIT {
    /** What every encoding has to do something about. */
    private static final String TOPIC = "köln/\"a b\"&c=d+e\\{data}";

    private static final int STREAMS = 30;
    private static final int EVENTS = 60;

    @TempDir
    Path folder;

    @Test
    void publishesFormsToAMercureLookAlike() throws IOException {
        try (LookAlike hub = LookAlike.mercure()) {
            CommandLineRun run = fanout(hub, mercure("--publish-header", "Authorization: Bearer " + LookAlike.KEY));
            assertNothingIsLost(run);
            assertThat(report().get("command").asText()).contains("--publish-header ...").doesNotContain(LookAlike.KEY);
        }
    }

    @Test
    void publishesJsonToAPushpinLookAlike() throws IOException {
        try (LookAlike hub = LookAlike.json()) {
            assertNothingIsLost(fanout(hub, json()));
        }
    }

    @Test
    void isWhatAScenarioSaysToo() throws IOException {
        try (LookAlike hub = LookAlike.json()) {
            Path file = folder.resolve("json.yaml");
            Files.writeString(file, """
                    target:
                      profile: generic
                      subscribe-path: /connection
                      subscribe-method: POST
                      subscribe-headers: ['Content-Type: application/json']
                      subscribe-body: '{"subs":{"{topic}":{}}}'
                      publish-path: /publish
                      publish-method: PUT
                      publish-headers: ['Content-Type: application/json']
                      publish-body: '{"items":[{"channel":"{topic}","formats":{"http-stream":{"content":"data: {data}\\n\\n"}}}]}'
                    streams: { count: 30 }
                    publish: { rate: 100/s, topics: 3, connections: 2, pipeline: 1 }
                    phases: { settle: 50ms, warmup: 100ms, measure: 500ms, drain: 5s }
                    expect: [silentLoss==0]
                    """);
            assertNothingIsLost(CommandLineRun.of(
                    "run", file.toString(), "--set", "target.url=" + hub.url(),
                    "--set", "target.publish-headers=X-API-Key: " + LookAlike.KEY, "--correctness-only", "--out", folder.toString()));
            assertThat(report().get("command").asText()).doesNotContain(LookAlike.KEY);
        }
    }

    @Test
    void isWhatAgentsDoToo() throws IOException {
        try (LookAlike hub = LookAlike.mercure();
                Program one = AgentProcess.start();
                Program other = AgentProcess.start()) {
            assertNothingIsLost(fanout(hub, mercure(
                    "--publish-header", "Authorization: Bearer " + LookAlike.KEY, "--agents", one.address() + "," + other.address(),
                    "--agents-token", AgentProcess.TOKEN)));
        }
    }

    @Test
    void saysThatTheServerDoesNotLetItPublish() throws IOException {
        try (LookAlike hub = LookAlike.mercure()) {
            CommandLineRun run = fanout(hub, mercure("--publish-header", "Authorization: Bearer wrong"));
            assertThat(run.code()).as(run.printed()).isEqualTo(ExitCode.UNREACHABLE);
            assertThat(run.printed()).contains("status 401");
        }
    }

    @Test
    void refusesTemplatesThatCannotBe() {
        List<String> paths = List.of("fanout", "--target", "generic", "--subscribe-path", "/s", "--publish-path", "/p");
        assertThat(refused(paths, "--publish-body", "nothing")).contains("--publish-body has {data} in it 0 times");
        assertThat(refused(paths, "--publish-method", "PO ST")).contains("--publish-method 'PO ST' is no method");
        assertThat(refused(paths, "--subscribe-header", "Accept")).contains("--subscribe-header 'Accept' is not of the form");
        assertThat(refused(paths, "--publish-method", "HEAD")).contains("--publish-method is HEAD");
        assertThat(refused(paths, "--header", "Host: elsewhere")).contains("--header 'Host: ...' cannot be set");
        assertThat(refused(paths, "--topics", "2")).contains("--subscribe-path '/s' has no {topic}");
        assertThat(refused(List.of("find-capacity", "--target", "generic", "--subscribe-path", "s", "--publish-path", "/p")))
                .contains("--subscribe-path 's' does not begin");
        assertThat(refused(List.of("churn", "--target", "generic", "--subscribe-path", "/a b", "--publish-path", "/p")))
                .contains("--subscribe-path '/a b' has a space");
        List<String> scenario = List.of(
                "run", "scenarios/fanout.yaml", "--set", "target.profile=generic", "--set", "target.subscribe-path=/s",
                "--set", "target.publish-path=/p");
        assertThat(refused(scenario, "--set", "target.publish-headers=[A: b, C: d]"))
                .contains("--publish-header '[A: ...'", "each header by itself");
        assertThat(refused(scenario, "--set", "target.subscribe-method=TRACE")).contains("--subscribe-method is TRACE");
        assertThat(refused(scenario, "--set", "publish.topics=2")).contains("--subscribe-path '/s' has no {topic}");
        assertThat(refused(List.of("fanout"), "--publish-body", "{data}")).contains("--publish-body is for target 'generic'");
        assertThat(refused(List.of("fanout", "--batch", "10"), "--publish-path", "/p")).contains("--publish-path").contains("--batch 10");
    }

    private static String refused(List<String> arguments, String... more) {
        var all = new ArrayList<>(arguments);
        all.addAll(List.of(more));
        CommandLineRun run = CommandLineRun.of(all.toArray(String[]::new));
        assertThat(run.code()).as(run.printed()).isEqualTo(ExitCode.USAGE);
        return run.printed();
    }

    private static List<String> mercure(String... more) {
        var arguments = new ArrayList<>(List.of(
                "--subscribe-path", "/.well-known/mercure?topic={topic}", "--publish-path", "/.well-known/mercure",
                "--publish-body", "topic={topic}&data={data}", "--publish-header", "Content-Type: application/x-www-form-urlencoded"));
        arguments.addAll(List.of(more));
        return arguments;
    }

    private static List<String> json() {
        return List.of(
                "--header", "Content-Type: application/json", "--subscribe-path", "/connection", "--subscribe-method", "POST",
                "--subscribe-body", "{\"subs\":{\"{topic}\":{}}}", "--publish-path", "/publish", "--publish-method", "PUT",
                "--publish-body",
                "{\"items\":[{\"channel\":\"{topic}\",\"formats\":{\"http-stream\":{\"content\":\"data: {data}\\n\\n\"}}}]}",
                "--publish-header", "X-API-Key: " + LookAlike.KEY);
    }

    private CommandLineRun fanout(LookAlike hub, List<String> more) {
        // The JDK's server does not read the next request before it has answered the last.
        var arguments = new ArrayList<>(List.of(
                "fanout", "--target", "generic", "--url", hub.url(), "-n", Integer.toString(STREAMS),
                "--topic", TOPIC, "--topics", "3", "--rate", "100/s",
                "--connections", "2", "--pipeline", "1", "--settle", "50ms", "--warmup", "100ms", "--measure", "500ms",
                "--drain", "5s", "--correctness-only", "--expect", "silentLoss==0", "--out", folder.toString()));
        arguments.addAll(more);
        return CommandLineRun.of(arguments.toArray(String[]::new));
    }

    private void assertNothingIsLost(CommandLineRun run) throws IOException {
        assertThat(run.code()).as(run.printed()).isEqualTo(ExitCode.HOLDS);
        assertThat(report().get("verdict").asText()).isEqualTo("holds");
        JsonNode metrics = report().get("metrics");
        assertThat(metrics.get("streams.confirmed").asLong()).isEqualTo(STREAMS);
        assertThat(metrics.get("acknowledged").asLong()).isEqualTo(EVENTS);
        assertThat(metrics.get("owed").asLong()).isEqualTo(STREAMS * EVENTS / 3);
        assertThat(metrics.get("delivered").asLong()).isEqualTo(STREAMS * EVENTS / 3);
    }

    private JsonNode report() throws IOException {
        return new ObjectMapper().readTree(folder.resolve("report.json").toFile());
    }
}
