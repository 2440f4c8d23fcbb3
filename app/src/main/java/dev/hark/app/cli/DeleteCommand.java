package dev.hark.app.cli;

import java.net.UnknownHostException;
import java.net.http.HttpRequest;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hark delete}: a topic's newest event of a key does not stay. */
@Command(
        name = "delete",
        mixinStandardHelpOptions = true,
        versionProvider = HarkCommand.Version.class,
        description = "Takes back the newest event of a topic and key, where the hub keeps that, and prints the id of the event that"
                + " says so: streams get it as hark.deleted, and who starts with --since current gets neither.",
        footer = {
            "",
            "Examples: hark delete prices/eurusd --key spot",
            "          hark delete jobs/42",
            "",
            "What was never there can be deleted too.",
            "Exit code: 0 deleted, 1 wrong usage, 2 refused, or the id cannot be written (it says which and why), 4 no hub there."
        })
final class DeleteCommand implements Callable<Integer> {
    @Parameters(paramLabel = "TOPIC", description = "Of which topic, such as prices/eurusd.")
    private String topic;

    @Option(names = "--key", paramLabel = "KEY", description = "Of which key; default: the event without a key.")
    private @Nullable String key;

    @Option(names = "--idempotency-key", paramLabel = "KEY", description = "Makes repeating this command safe.")
    private @Nullable String idempotencyKey;

    @Mixin
    private final HubOptions hub;

    @Spec
    private CommandSpec spec;

    private final Shell shell;

    DeleteCommand(Shell shell) {
        this.shell = shell;
        this.hub = new HubOptions(shell);
    }

    @Override
    public Integer call() {
        HubAddress address = hub.address();
        Sending.requireSendable(idempotencyKey, spec);
        HttpRequest request;
        try {
            List<Map.Entry<String, String>> query = key == null ? List.of() : List.of(Map.entry("key", key));
            request = Sending.with(hub.requests().to(address.topic(topic, query)), idempotencyKey).DELETE().build();
        } catch (UnknownHostException e) {
            return Sending.unreachable(address, e, shell);
        }
        return Sending.send(hub.client(), address, request, shell);
    }
}
