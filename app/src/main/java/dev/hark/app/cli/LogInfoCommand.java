package dev.hark.app.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hark.app.config.HarkConfig;
import dev.hark.log.sqlite.tools.LogFile;
import dev.hark.log.sqlite.tools.LogSummary;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code hark log info}: what the log holds. */
@Command(
        name = "info",
        mixinStandardHelpOptions = true,
        versionProvider = HarkCommand.Version.class,
        description = "Says what the event log holds. Works while a hub has it open, and on a copy.",
        footer = {
            "",
            "Examples: hark log info --topics all",
            "          hark log info --set log.path=/backup/hark.db --json",
            "",
            "Exit code: 0, 1 wrong usage or configuration, 2 there is no log, or it cannot be read, or standard output cannot be written"
                    + " (it says which and why)."
        })
final class LogInfoCommand implements Callable<Integer> {
    private static final String ALL = "all";

    @Mixin
    private final LogOptions options;

    @Option(names = "--topics", paramLabel = "N", defaultValue = "20",
            description = "How many topics to list, the largest first, or 'all'; default: ${DEFAULT-VALUE}.")
    private String topics;

    @Option(names = "--json", description = "One JSON object.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    private final Shell shell;

    LogInfoCommand(Shell shell) {
        this.shell = shell;
        this.options = new LogOptions(shell);
    }

    @Override
    public Integer call() {
        int listed = listed();
        HarkConfig config = options.load();
        Path path = options.path(config);
        String durability = config.log().durabilityName();
        LogSummary summary;
        try (LogFile file = LogFile.open(path)) {
            summary = file.summary(listed);
        }
        if (json) {
            shell.out().println(asJson(path, durability, summary));
        } else {
            print(path, durability, summary);
        }
        return ExitCode.OK;
    }

    private int listed() {
        if (topics.equals(ALL)) {
            return Integer.MAX_VALUE;
        }
        if (!topics.matches("[0-9]{1,9}")) {
            throw new ParameterException(spec.commandLine(), "--topics is '" + topics + "'; a whole number and 'all' are allowed");
        }
        return Integer.parseInt(topics);
    }

    private void print(Path path, String durability, LogSummary log) {
        line("log", path.toString());
        line("epoch", log.epoch());
        line("state", state(log.closing()));
        line("durability", durability + ", by the configuration");
        line("schema", String.valueOf(log.schema()));
        line("events", count(log.events()));
        line("oldest", position(log, log.oldest(), log.oldestMillis()));
        line("newest", position(log, log.newest(), log.newestMillis()));
        line("bytes", Sizes.inWords(log.bytes()) + ", as the retention counts them");
        line("database", Sizes.inWords(log.databaseBytes()));
        line("WAL", Sizes.inWords(log.walBytes()));
        line("keys", count(log.keys()) + (log.keys() == 1 ? " idempotency key" : " idempotency keys"));
        line("topics", count(log.topics()));
        printClasses(log);
        if (log.largest().isEmpty()) {
            return;
        }
        shell.out().println();
        long shown = log.largest().stream().mapToLong(LogSummary.TopicCount::events).sum();
        int width = Math.max("events".length(), count(log.events()).length());
        shell.out().println(padded("events", width) + "  topic");
        for (LogSummary.TopicCount topic : log.largest()) {
            shell.out().println(padded(count(topic.events()), width) + "  " + Shell.harmless(topic.topic()));
        }
        long others = log.topics() - log.largest().size();
        if (others > 0) {
            shell.out().println(padded(count(log.events() - shown), width) + "  in " + count(others)
                    + (others == 1 ? " other topic" : " other topics"));
        }
        shell.out().println(padded(count(log.events()), width) + "  in total");
    }

    private void printClasses(LogSummary log) {
        if (log.classes().isEmpty()) {
            return;
        }
        int events = width("events", log, LogSummary.ClassTotal::events);
        int bytes = width("bytes", log, LogSummary.ClassTotal::bytes);
        List<String> lost = log.classes().stream().map(each -> each.lost() == 0 ? "none" : log.epoch() + '-' + each.lost()).toList();
        int ids = lost.stream().mapToInt(String::length).reduce("lost up to".length(), Math::max);
        boolean newest = log.classes().stream().anyMatch(LogSummary.ClassTotal::latest);
        int keys = width("keys", log, each -> each.kept().keys());
        shell.out().println();
        shell.out().println(padded("events", events) + "  " + padded("bytes", bytes) + "  " + padded("lost up to", ids)
                + (newest ? "  " + padded("keys", keys) : "") + "  class");
        for (int i = 0; i < log.classes().size(); i++) {
            LogSummary.ClassTotal each = log.classes().get(i);
            shell.out().println(padded(count(each.events()), events) + "  " + padded(count(each.bytes()), bytes) + "  "
                    + padded(lost.get(i), ids) + (newest ? "  " + padded(each.latest() ? count(each.kept().keys()) : "-", keys) : "")
                    + "  " + Shell.harmless(each.name()));
        }
        if (newest) {
            shell.out().println();
            shell.out().println("keys: topics and keys whose newest event stays (keep.latest)");
        }
        log.classes().stream().filter(each -> each.kept().evicted() > 0).forEach(each -> shell.out().println(
                Shell.harmless(each.name()) + ": newest events up to " + log.epoch() + '-' + each.kept().evicted()
                        + " had to go, because there were more than log.latest.keys"));
    }

    private static int width(String heading, LogSummary log, ToLongFunction<LogSummary.ClassTotal> number) {
        return log.classes().stream().mapToInt(each -> count(number.applyAsLong(each)).length()).reduce(heading.length(), Math::max);
    }

    private static String state(LogSummary.Closing closing) {
        return switch (closing) {
            case CLOSED -> "closed in order";
            case NOT_CLOSED -> "open in a hub, not closed in order, or just restored";
            case NO_MARK -> "no mark beside it, as with a backup";
            case DAMAGED_MARK -> "the mark beside it is damaged; 'hark log verify' says more";
            case OTHER_MARK -> "the mark beside it belongs to another log";
        };
    }

    private static String position(LogSummary log, long sequence, OptionalLong millis) {
        if (sequence == 0) {
            return "none";
        }
        String id = log.epoch() + '-' + sequence;
        return millis.isEmpty() ? id + ", no longer retained" : id + ", stored " + Instant.ofEpochMilli(millis.getAsLong());
    }

    private void line(String name, String value) {
        shell.out().println(String.format(Locale.ROOT, "%-12s%s", name, value));
    }

    private static String padded(String number, int width) {
        return " ".repeat(Math.max(0, width - number.length())) + number;
    }

    private static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    private static String asJson(Path path, String durability, LogSummary log) {
        ObjectNode object = new ObjectMapper().createObjectNode()
                .put("path", path.toString())
                .put("epoch", log.epoch())
                .put("state", log.closing().name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .put("durability", durability)
                .put("schema", log.schema())
                .put("events", log.events())
                .put("oldest", log.oldest() == 0 ? null : log.epoch() + '-' + log.oldest())
                .put("newest", log.newest() == 0 ? null : log.epoch() + '-' + log.newest())
                .put("oldestTime", time(log.oldestMillis()))
                .put("newestTime", time(log.newestMillis()))
                .put("bytes", log.bytes())
                .put("databaseBytes", log.databaseBytes())
                .put("walBytes", log.walBytes())
                .put("idempotencyKeys", log.keys())
                .put("topics", log.topics());
        ArrayNode largest = object.putArray("largestTopics");
        log.largest().forEach(topic -> largest.addObject().put("topic", topic.topic()).put("events", topic.events()));
        ArrayNode classes = object.putArray("classes");
        log.classes().forEach(each -> classes.addObject()
                .put("class", each.name())
                .put("events", each.events())
                .put("bytes", each.bytes())
                .put("lost", each.lost() == 0 ? null : log.epoch() + '-' + each.lost())
                .put("latest", each.latest())
                .put("keys", each.kept().keys())
                .put("evicted", each.kept().evicted() == 0 ? null : log.epoch() + '-' + each.kept().evicted()));
        return object.toString();
    }

    private static @Nullable String time(OptionalLong millis) {
        return millis.isPresent() ? Instant.ofEpochMilli(millis.getAsLong()).toString() : null;
    }
}
