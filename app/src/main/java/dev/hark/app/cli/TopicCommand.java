package dev.hark.app.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hark.app.config.ConfigSource;
import dev.hark.app.config.HarkConfig;
import dev.hark.app.config.TopicRules;
import dev.hark.event.InvalidEventException;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hark topic}: what the configuration makes of a topic. */
@Command(
        name = "topic",
        mixinStandardHelpOptions = true,
        versionProvider = HarkCommand.Version.class,
        description = "Says which rule of the configuration a topic falls under, what the log keeps of it, and how its"
                + " subscribers are treated. Asks no hub.",
        footer = {
            "",
            "Examples: hark topic prices/eurusd",
            "          hark topic 'prices/*' --config /etc/hark/application.yaml",
            "",
            "Exit code: 0, 1 wrong usage or configuration, 2 standard output cannot be written."
        })
final class TopicCommand implements Callable<Integer> {
    @Mixin
    private final ConfigOptions options;

    @Parameters(paramLabel = "TOPIC", description = "A topic, or a filter: * is any segment, ** at the end is any rest.")
    private String name;

    @Option(names = "--json", description = "One JSON object.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    private final Shell shell;

    TopicCommand(Shell shell) {
        this.shell = shell;
        this.options = new ConfigOptions(shell);
    }

    @Override
    public Integer call() {
        TopicFilter filter = filter();
        ConfigSource source = options.source();
        HarkConfig config = source.load();
        var rules = new TopicRules(config, source.origins());
        if (json) {
            shell.out().println(asJson(filter, rules));
        } else {
            print(filter, rules);
        }
        return ExitCode.OK;
    }

    private TopicFilter filter() {
        try {
            var filter = new TopicFilter(name);
            return filter.isExact() ? new TopicFilter(new Topic(name).value()) : filter;
        } catch (InvalidEventException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private void print(TopicFilter filter, TopicRules rules) {
        List<TopicRules.Treatment> treatments = rules.ofTopicsIn(filter);
        TopicRules.Treatment stream = rules.ofSubscription(filter);
        if (filter.isExact()) {
            line("topic", filter.value());
            line("rule", stream.place() + ", match " + stream.match());
            printKept(stream);
            printStream(stream);
            printPublished(stream);
            return;
        }
        line("filter", filter.value());
        line("rule", stream.place() + ", match " + stream.match() + ": the first that covers the filter whole");
        printStream(stream);
        shell.out().println();
        shell.out().println(treatments.size() == 1
                ? "All topics that it matches fall under one rule:"
                : "Topics that it matches fall under the first of these rules that matches them:");
        for (TopicRules.Treatment each : treatments) {
            shell.out().println();
            line("rule", each.place() + ", match " + each.match());
            printKept(each);
            printPublished(each);
        }
    }

    private void printKept(TopicRules.Treatment treatment) {
        line("class", treatment.topicClass());
        if (treatment.bounds().isEmpty()) {
            line("kept", "nothing, by " + treatment.keptBy() + ": live, and among the hot events");
        }
        for (TopicRules.Bound bound : treatment.bounds()) {
            line("kept", String.format(Locale.ROOT, "%-20s by %s", bound.inWords(), bound.by()));
        }
    }

    private void printStream(TopicRules.Treatment stream) {
        line("overflow", stream.overflow());
        line("mailbox", stream.mailbox());
    }

    private void printPublished(TopicRules.Treatment treatment) {
        line("linger", treatment.linger());
        line("durability", treatment.durability());
    }

    private void line(String key, String value) {
        shell.out().println(Shell.harmless(String.format(Locale.ROOT, "%-12s%s", key, value)));
    }

    private static String asJson(TopicFilter filter, TopicRules rules) {
        ObjectNode object = new ObjectMapper().createObjectNode().put(filter.isExact() ? "topic" : "filter", filter.value());
        TopicRules.Treatment stream = rules.ofSubscription(filter);
        object.putObject("subscription")
                .put("rule", stream.number())
                .put("match", stream.match())
                .put("overflow", stream.overflow())
                .put("mailboxEvents", stream.mailboxEvents())
                .put("mailboxBytes", stream.mailboxBytes());
        var topics = object.putArray("topics");
        for (TopicRules.Treatment each : rules.ofTopicsIn(filter)) {
            ObjectNode rule = topics.addObject()
                    .put("rule", each.number())
                    .put("match", each.match())
                    .put("class", each.topicClass())
                    .put("stored", !each.bounds().isEmpty());
            for (TopicRules.Bound bound : each.bounds()) {
                rule.putPOJO(bound.name(), bound.value());
            }
            rule.put("latest", each.keepsLatest());
            ObjectNode by = rule.putObject("by");
            if (each.bounds().isEmpty()) {
                by.put("keep", each.keptBy());
            }
            each.bounds().forEach(bound -> by.put(bound.name(), bound.by()));
            rule.put("linger", each.lingerTime().toString()).put("durability", each.durability());
        }
        return object.toString();
    }
}
