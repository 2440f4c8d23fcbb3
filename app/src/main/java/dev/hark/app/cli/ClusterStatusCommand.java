package dev.hark.app.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code hark cluster status}: which nodes there are, and how they are. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        versionProvider = HarkCommand.Version.class,
        description = "Says which nodes share the log, how far each of them is, and what the log is kept in. Asks one of them, at its admin"
                + " listener, which asks the others.",
        footer = {
            "",
            "Examples: hark cluster status",
            "          hark cluster status --admin http://10.0.0.7:9090 --json",
            "",
            "The node that was asked is marked with *. A node that cannot be reached is not in the list.",
            "Exit code: 0, 1 wrong usage, 2 refused, or the hub has a log of its own (it says which and why), 4 no hub there."
        })
final class ClusterStatusCommand implements Callable<Integer> {
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(15);

    @Mixin
    private final AdminOptions hub;

    @Option(names = "--json", description = "One JSON object, as the hub answers it.")
    private boolean json;

    private final Shell shell;

    ClusterStatusCommand(Shell shell) {
        this.shell = shell;
        this.hub = new AdminOptions(shell);
    }

    @Override
    public Integer call() {
        HubAddress address = hub.address();
        try (HttpClient client = hub.client().build()) {
            HttpRequest request = hub.requests().to(address.cluster()).timeout(ANSWER_TIMEOUT).build();
            HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                shell.warn("refused: " + Problem.inWords(answer.statusCode(), answer.body()));
                return ExitCode.REFUSED;
            }
            return print(answer.body());
        } catch (IOException e) {
            return Sending.unreachable(address, e, shell);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitCode.UNREACHABLE;
        }
    }

    private int print(String body) {
        JsonNode status;
        try {
            status = new ObjectMapper().readTree(body);
        } catch (JsonProcessingException e) {
            shell.warn("what answers there is no admin listener of a hub: its answer is no JSON");
            return ExitCode.REFUSED;
        }
        if (json) {
            shell.out().println(status.toString());
        } else {
            new ClusterTable(shell.out()::println).print(status);
        }
        return ExitCode.OK;
    }
}
