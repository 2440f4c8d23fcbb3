package dev.hark.app.cli;

import java.io.IOException;
import java.net.UnknownHostException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
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
            "          hark publish prices/eurusd 1.0842 --key spot",
            "",
            "Exit code: 0 published, 1 wrong usage, 2 refused, or its id cannot be written (it says which and why), 4 no hub there."
        })
final class PublishCommand implements Callable<Integer> {
    private static final int MAX_INPUT_BYTES = 64 << 20;

    @Parameters(index = "0", paramLabel = "TOPIC", description = "Where it goes, such as news/today.")
    private String topic;

    @Parameters(index = "1", arity = "0..1", paramLabel = "DATA",
            description = "The data. Without it, or with -, standard input is read; one line end at its end is left out.")
    private @Nullable String data;

    @Mixin
    private final HubOptions hub;

    @Option(names = "--type", paramLabel = "NAME", description = "The event's name for browsers; default: message.")
    private @Nullable String type;

    @Option(names = "--key", paramLabel = "KEY",
            description = "What 'overflow: conflate' and 'keep: {latest: true}' keep only the latest of.")
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
        Sending.requireSendable(idempotencyKey, spec);
        byte[] body = body();
        HttpRequest request;
        try {
            request = request(address, body);
        } catch (UnknownHostException e) {
            return Sending.unreachable(address, e, shell);
        }
        return Sending.send(hub.client(), address, request, shell);
    }

    private HttpRequest request(HubAddress address, byte[] body) throws UnknownHostException {
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
        return Sending.with(hub.requests().to(address.topic(topic, query)), idempotencyKey).POST(BodyPublishers.ofByteArray(body)).build();
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
}
