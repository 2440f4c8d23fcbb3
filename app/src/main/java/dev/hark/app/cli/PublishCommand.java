package dev.hark.app.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hark publish}: one event. */
@Command(
        name = "publish",
        mixinStandardHelpOptions = true,
        versionProvider = HarkCommand.Version.class,
        description = "Publishes one event and prints its id.",
        footer = {
            "",
            "Examples: hark publish news/today hi",
            "          date | hark publish clock --type tick",
            "          hark publish answers/42 --end",
            "",
            "Exit code: 0 published, 1 wrong usage, 2 refused, or its id cannot be written (it says which and why), 4 no hub there."
        })
final class PublishCommand implements Callable<Integer> {
    private static final int MAX_INPUT_BYTES = 64 << 20;
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);

    @Parameters(index = "0", paramLabel = "TOPIC", description = "Where it goes, such as news/today.")
    private String topic;

    @Parameters(index = "1", arity = "0..1", paramLabel = "DATA",
            description = "The data. Without it, or with -, standard input is read; one line end at its end is left out.")
    private @Nullable String data;

    @Mixin
    private final HubOptions hub;

    @Option(names = "--type", paramLabel = "NAME", description = "The event's name for browsers; default: message.")
    private @Nullable String type;

    @Option(names = "--key", paramLabel = "KEY", description = "What 'overflow: conflate' keeps only the latest of.")
    private @Nullable String key;

    @Option(names = "--idempotency-key", paramLabel = "KEY",
            description = "Makes repeating this command safe: the same key and data are one event.")
    private @Nullable String idempotencyKey;

    @Option(names = "--end",
            description = "This is the topic's last event: its streams end behind it. Without DATA it is empty.")
    private boolean end;

    @Spec
    private CommandSpec spec;

    private final Shell shell;

    PublishCommand(Shell shell) {
        this.shell = shell;
        this.hub = new HubOptions(shell);
    }

    @Override
    public Integer call() throws IOException {
        HubAddress address = hub.address();
        requirePrintableAscii(idempotencyKey);
        byte[] body = body();
        try (HttpClient client = hub.client().build()) {
            HttpResponse<String> answer = client.send(request(address, body), BodyHandlers.ofString());
            if (answer.statusCode() != 200 && answer.statusCode() != 201) {
                shell.warn("refused: " + Problem.inWords(answer.statusCode(), answer.body()));
                return ExitCode.REFUSED;
            }
            shell.out().println(id(answer.body()));
            return ExitCode.OK;
        } catch (IOException e) {
            Optional<String> distrust = Unreachable.distrust(address.toString(), e);
            shell.warn(distrust.orElseGet(() -> "no hub answers at " + address + " (" + Unreachable.inWords(e) + ")"));
            return distrust.isPresent() ? ExitCode.REFUSED : ExitCode.UNREACHABLE;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitCode.UNREACHABLE;
        }
    }

    private HttpRequest request(HubAddress address, byte[] body) throws IOException {
        List<Map.Entry<String, String>> query = new ArrayList<>();
        if (type != null) {
            query.add(Map.entry("type", type));
        }
        if (key != null) {
            query.add(Map.entry("key", key));
        }
        if (end) {
            query.add(Map.entry("end", "true"));
        }
        HttpRequest.Builder request = HubRequest.to(address.topic(topic, query)).timeout(ANSWER_TIMEOUT);
        if (idempotencyKey != null) {
            request.header("Idempotency-Key", idempotencyKey);
        }
        return request.POST(BodyPublishers.ofByteArray(body)).build();
    }

    private byte[] body() throws IOException {
        if (data != null && !data.equals("-")) {
            return data.getBytes(StandardCharsets.UTF_8);
        }
        if (data == null && end) {
            return new byte[0];
        }
        byte[] input = shell.in().readNBytes(MAX_INPUT_BYTES + 1);
        if (input.length > MAX_INPUT_BYTES) {
            throw new ParameterException(spec.commandLine(), "standard input holds more than " + MAX_INPUT_BYTES + " bytes");
        }
        int end = input.length;
        if (end > 0 && input[end - 1] == '\n') {
            end -= end > 1 && input[end - 2] == '\r' ? 2 : 1;
        }
        return Arrays.copyOf(input, end);
    }

    private void requirePrintableAscii(@Nullable String value) {
        if (value != null && !value.chars().allMatch(c -> c >= ' ' && c <= '~')) {
            throw new ParameterException(spec.commandLine(), "--idempotency-key must be printable ASCII: it travels in a header");
        }
    }

    private static String id(String body) {
        try {
            return Shell.harmless(new ObjectMapper().readTree(body).path("id").asText("(the answer has no id)"));
        } catch (JsonProcessingException e) {
            return "(the answer has no id)";
        }
    }
}
