package dev.hark.app.cli;

import dev.hark.app.access.AccessControl;
import dev.hark.app.access.AccessException;
import dev.hark.app.access.Explanation;
import dev.hark.app.access.Explanation.Granted;
import dev.hark.app.access.Explanation.Use;
import dev.hark.app.access.Grant;
import dev.hark.event.Filters;
import dev.hark.event.InvalidEventException;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hark token explain}: what a hub with this configuration makes of a token, and why. */
@Command(
        name = "explain",
        mixinStandardHelpOptions = true,
        versionProvider = HarkCommand.Version.class,
        description = "Says what a token or a key lets do, who gives each right, and why it is refused. Reads the configuration as"
                + " 'hark serve' does, and decides as the hub does. Asks no hub: whether the token was revoked only the hub knows.",
        footer = {
            "",
            "Examples: hark token explain --subscribe 'orders/**'          of HARK_TOKEN",
            "          pbpaste | hark token explain - --publish orders/1",
            "",
            "Exit code: 0 if all that is asked for is allowed, 1 wrong usage or configuration, 2 something is refused."
        })
final class TokenExplainCommand implements Callable<Integer> {
    private static final String STANDARD_INPUT = "-";
    private static final String SCHEME = "bearer ";
    private static final int MAX_BYTES = 64 << 10;

    @Mixin
    private final ConfigOptions options;

    // More than one word is what a header says: Bearer and the token.
    @Parameters(paramLabel = "TOKEN", arity = "0..*",
            description = "The token or key; - reads standard input. Default: HARK_TOKEN, which other users of the machine cannot see.")
    private List<String> given = new ArrayList<>();

    @Option(names = "--subscribe", paramLabel = "FILTER", description = "May it subscribe to this? Repeatable.")
    private List<String> subscribe = new ArrayList<>();

    @Option(names = "--publish", paramLabel = "TOPIC", description = "May it publish to this? Repeatable.")
    private List<String> publish = new ArrayList<>();

    @Spec
    private CommandSpec spec;

    private final Shell shell;

    TokenExplainCommand(Shell shell) {
        this.shell = shell;
        this.options = new ConfigOptions(shell);
    }

    @Override
    public Integer call() {
        List<TopicFilter> filters = read("--subscribe", subscribe, TopicFilter::new);
        List<Topic> topics = read("--publish", publish, Topic::new);
        String credential = credential();
        try (var access = new AccessControl(options.source().load().auth(), InstantSource.system())) {
            Explanation explanation = access.explain(credential);
            explanation.facts().forEach(fact -> line(fact.about(), fact.words()));
            Optional<Grant> grant = explanation.grant();
            if (grant.isEmpty()) {
                line("refused", explanation.refusal());
                return ExitCode.REFUSED;
            }
            line("holds", String.valueOf(grant.get().caller()));
            for (Use use : Use.values()) {
                printRights(use, grant.get(), explanation.granted());
            }
            boolean allAllowed = true;
            for (TopicFilter filter : filters) {
                allAllowed &= ask(Use.SUBSCRIBE, filter, explanation.granted(),
                        () -> access.requireSubscribe(grant.get(), Filters.of(List.of(filter))));
            }
            for (Topic topic : topics) {
                allAllowed &= ask(Use.PUBLISH, new TopicFilter(topic.value()), explanation.granted(),
                        () -> access.requirePublish(grant.get(), topic));
            }
            return allAllowed ? ExitCode.OK : ExitCode.REFUSED;
        }
    }

    /** Never part of a message: whoever has it can use it. */
    private String credential() {
        String text = String.join(" ", given);
        if (text.equals(STANDARD_INPUT)) {
            text = standardInput();
        } else if (text.isBlank()) {
            text = shell.environment().getOrDefault(HubOptions.CREDENTIAL_VARIABLE, "");
        }
        text = text.strip();
        if (text.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            text = text.substring(SCHEME.length()).strip();
        }
        if (text.isEmpty()) {
            throw mistake("there is no token: neither as an argument, nor in " + HubOptions.CREDENTIAL_VARIABLE);
        }
        if (!text.chars().allMatch(c -> c > ' ' && c <= '~')) {
            throw mistake("what is given has characters that no token or key has");
        }
        return text;
    }

    private String standardInput() {
        try {
            byte[] bytes = shell.in().readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw mistake("standard input has more than any token");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw mistake("standard input cannot be read (" + e.getMessage() + ')');
        }
    }

    private void printRights(Use use, Grant grant, List<Granted> granted) {
        String label = "may " + use.name().toLowerCase(Locale.ROOT);
        List<TopicFilter> all = use == Use.PUBLISH ? grant.rights().publish() : grant.rights().subscribe();
        if (all.isEmpty()) {
            line(label, use == Use.PUBLISH ? "nowhere" : "to nothing");
        }
        for (TopicFilter filter : all) {
            line(label, filter + by(use, filter, granted));
        }
    }

    private static String by(Use use, TopicFilter filter, List<Granted> granted) {
        return granted.stream().filter(each -> each.use() == use && each.filter().equals(filter)).findFirst()
                .map(each -> "   by " + each.by()).orElse("");
    }

    private boolean ask(Use use, TopicFilter wanted, List<Granted> granted, Runnable decision) {
        String label = use.name().toLowerCase(Locale.ROOT);
        try {
            decision.run();
            line(label, wanted + ": allowed" + granted.stream()
                    .filter(each -> each.use() == use && each.filter().covers(wanted)).findFirst()
                    .map(each -> ", by " + each.filter()).orElse(""));
            return true;
        } catch (AccessException e) {
            line(label, wanted + ": refused" + nearest(use, wanted, granted).map(each -> "; the nearest is " + each).orElse(""));
            return false;
        }
    }

    /** The granted filter that most of {@code wanted} falls under: one with topics in common, and then the one that begins alike. */
    private static Optional<TopicFilter> nearest(Use use, TopicFilter wanted, List<Granted> granted) {
        return granted.stream().filter(each -> each.use() == use).map(Granted::filter)
                .max(Comparator.comparing((TopicFilter each) -> each.overlaps(wanted)).thenComparingInt(each -> alike(each, wanted)));
    }

    private static int alike(TopicFilter one, TopicFilter other) {
        List<String> mine = one.segments();
        List<String> theirs = other.segments();
        int same = 0;
        while (same < Math.min(mine.size(), theirs.size()) && mine.get(same).equals(theirs.get(same))) {
            same++;
        }
        return same;
    }

    private <T> List<T> read(String option, List<String> texts, Function<String, T> reader) {
        try {
            return texts.stream().map(reader).toList();
        } catch (InvalidEventException e) {
            throw mistake(option + ": " + e.getMessage());
        }
    }

    private void line(String key, String value) {
        shell.out().println(Shell.harmless(String.format(Locale.ROOT, "%-15s%s", key, value)));
    }

    private ParameterException mistake(String words) {
        return new ParameterException(spec.commandLine(), words);
    }
}
