package dev.hark.app.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** A request that stores an event, and what comes of it. Stateless. */
final class Sending {
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);
    private static final String IDEMPOTENCY_KEY = "Idempotency-Key";

    private Sending() {}

    /** Sends {@code request} to the hub at {@code address}, prints the id of the event or why there is none, and returns the exit code. */
    static int send(HttpClient.Builder clients, HubAddress address, HttpRequest request, Shell shell) {
        try (HttpClient client = clients.build()) {
            HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
            if (answer.statusCode() != 200 && answer.statusCode() != 201) {
                shell.warn("refused: " + Problem.inWords(answer.statusCode(), answer.body()));
                return ExitCode.REFUSED;
            }
            shell.out().println(id(answer.body()));
            return ExitCode.OK;
        } catch (IOException e) {
            return unreachable(address, e, shell);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitCode.UNREACHABLE;
        }
    }

    /** Says that no hub answers at {@code address}, or none that is trusted, and returns the exit code. */
    static int unreachable(HubAddress address, IOException failure, Shell shell) {
        Optional<String> distrust = Unreachable.distrust(address.toString(), failure);
        shell.warn(distrust.orElseGet(() -> "no hub answers at " + address + " (" + Unreachable.inWords(failure) + ")"));
        return distrust.isPresent() ? ExitCode.REFUSED : ExitCode.UNREACHABLE;
    }

    /** @throws ParameterException if {@code key} cannot travel in a header */
    static void requireSendable(@Nullable String key, CommandSpec command) {
        if (key != null && !key.chars().allMatch(c -> c >= ' ' && c <= '~')) {
            throw new ParameterException(command.commandLine(), "--idempotency-key must be printable ASCII: it travels in a header");
        }
    }

    /** Bounds the wait for the answer, and makes repeating {@code request} safe where there is a key. */
    static HttpRequest.Builder with(HttpRequest.Builder request, @Nullable String idempotencyKey) {
        request.timeout(ANSWER_TIMEOUT);
        return idempotencyKey == null ? request : request.header(IDEMPOTENCY_KEY, idempotencyKey);
    }

    private static String id(String body) {
        try {
            return Shell.harmless(new ObjectMapper().readTree(body).path("id").asText("(the answer has no id)"));
        } catch (JsonProcessingException e) {
            return "(the answer has no id)";
        }
    }
}
