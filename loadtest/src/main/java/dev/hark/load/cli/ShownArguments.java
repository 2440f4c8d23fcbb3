package dev.hark.load.cli;

import dev.hark.load.report.Environment;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;

/**
 * A command line as a report may show it: the values of headers for one kind of request stay out of it, since keys are among them. {@link Environment}
 * does the same for the headers of all requests, and for tokens.
 */
final class ShownArguments {
    private static final Pattern OPTION = Pattern.compile("--(subscribe|publish)-header");
    private static final Pattern VALUE = Pattern.compile("(--(?:subscribe|publish)-header=|(?:--set=)?target\\.(?:subscribe|publish)-headers=).*", Pattern.DOTALL);

    private ShownArguments() {}

    static List<String> of(CommandSpec spec) {
        return withoutSecrets(spec.root().commandLine().getParseResult().originalArgs());
    }

    static List<String> withoutSecrets(List<String> arguments) {
        var shown = new ArrayList<String>(arguments.size());
        boolean isSecret = false;
        for (String argument : arguments) {
            shown.add(isSecret ? "..." : VALUE.matcher(argument).replaceFirst("$1..."));
            isSecret = !isSecret && OPTION.matcher(argument).matches();
        }
        return shown;
    }
}
