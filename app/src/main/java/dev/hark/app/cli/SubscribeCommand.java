package dev.hark.app.cli;

import java.net.URI;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hark subscribe}: events as they come. */
@Command(
        name = "subscribe",
        mixinStandardHelpOptions = true,
        versionProvider = HarkCommand.Version.class,
        description = "Prints events as they come. Reconnects and resumes like a browser; Ctrl-C ends it.",
        footer = {
            "",
            "Examples: hark subscribe 'orders/*' 'news/**' --since 10m",
            "          hark subscribe jobs/42 --last 1 --json",
            "          hark subscribe 'orders/**' --since 1d --no-follow > orders.txt",
            "          hark subscribe 'prices/*' --since current",
            "",
            "On a terminal each event has its time, topic and type;",
            "in a pipe or a file it is the data alone.",
            "What the hub says about the stream (gaps, its end) goes to standard error;",
            "so do deletions (hark.deleted), where the data alone is printed.",
            "A hub that sends nothing for 60 s, not even a heartbeat, is taken for lost.",
            "Exit code: 1 wrong usage, 2 refused, or standard output cannot be written (it says why), 130 after Ctrl-C."
        })
final class SubscribeCommand implements Callable<Integer> {
    @Parameters(arity = "1..100", paramLabel = "FILTER", description = "Topics; * is any segment, ** at the end is any rest. Quote them.")
    private List<String> filters;

    @Option(names = "--since", paramLabel = "POINT",
            description = {"Where to start: latest (default), earliest, an id, a time back such as 10m,",
                "or current: with the newest event of each topic and key, where the hub keeps that."})
    private @Nullable String since;

    @Option(names = "--last", paramLabel = "N", description = "Start with the last N matching events.")
    private @Nullable Integer last;

    @Option(names = "--id", paramLabel = "ID", defaultValue = "", description = "Resume after this id, as a browser would.")
    private String id;

    @Mixin
    private final HubOptions hub;

    @Option(names = {"-n", "--count"}, paramLabel = "N", description = "End after N events.")
    private @Nullable Long count;

    @Option(names = "--no-follow",
            description = "End when all that matches now is printed. Where nothing matches at all, that takes a heartbeat (15 s).")
    private boolean once;

    @Option(names = "--json", description = "One JSON object a line: id, topic, type, data.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    private final Shell shell;

    SubscribeCommand(Shell shell) {
        this.shell = shell;
        this.hub = new HubOptions(shell);
    }

    @Override
    public Integer call() {
        Reconnection reconnection = new Reconnection(RandomGenerator.getDefault());
        HubAddress address = hub.address();
        var printer = new EventPrinter(shell, json, onlyTopic(), InstantSource.system());
        var request = new Subscription.Request(
                uri(address, printer.wantsEnvelopes()), hub.requests(), id, hub.client(), end(address));
        Subscription subscription = new Subscription(request, shell, printer, reconnection, Subscription.Patience.USUAL);
        StandardOutput.whenReaderIsGone(() -> Runtime.getRuntime().halt(ExitCode.OK));
        try {
            return subscription.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitCode.OK;
        }
    }

    private Subscription.End end(HubAddress address) {
        if (count != null && count < 1) {
            throw new ParameterException(spec.commandLine(), "--count is " + count + "; 1 or more is allowed");
        }
        long events = count == null ? Long.MAX_VALUE : count;
        return new Subscription.End(events, once ? probe(address) : null);
    }

    private Probe probe(HubAddress address) {
        return new Probe(events(address, "last", "1"), events(address, "since", "latest"), hub.requests());
    }

    private URI events(HubAddress address, String start, String value) {
        List<Map.Entry<String, String>> query = new ArrayList<>();
        filters.forEach(filter -> query.add(Map.entry("topic", filter)));
        query.add(Map.entry(start, value));
        return address.events(query);
    }

    /** The topic of all that comes; null where there may be several. */
    private @Nullable String onlyTopic() {
        String first = filters.getFirst();
        boolean exact = Arrays.stream(first.split("/", -1)).noneMatch(segment -> segment.equals("*") || segment.equals("**"));
        return filters.size() == 1 && exact ? first : null;
    }

    private URI uri(HubAddress address, boolean envelopes) {
        if (since != null && last != null) {
            throw new ParameterException(spec.commandLine(), "--since and --last are two starting points; one is allowed");
        }
        if (!id.chars().allMatch(c -> c > ' ' && c <= '~')) {
            throw new ParameterException(spec.commandLine(), "--id must be printable ASCII: it travels in a header");
        }
        List<Map.Entry<String, String>> query = new ArrayList<>();
        filters.forEach(filter -> query.add(Map.entry("topic", filter)));
        if (since != null) {
            query.add(Map.entry("since", since));
        }
        if (last != null) {
            query.add(Map.entry("last", last.toString()));
        }
        if (envelopes) {
            query.add(Map.entry("format", "envelope"));
        }
        return address.events(query);
    }
}
