package dev.hark.load.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.hark.load.measure.Nearest;
import dev.hark.load.measure.Quantities;
import dev.hark.load.report.ExitCode;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;
import picocli.CommandLine;

/** The root command: a bare {@code hark-load} explains itself. */
@Command(
        name = "hark-load",
        description = "Drives an SSE server with thousands of streams and accounts for every delivery.",
        mixinStandardHelpOptions = true,
        versionProvider = LoadCommand.Version.class,
        subcommands = {FanoutCommand.class, RunCommand.class, ChurnCommand.class, CatchUpCommand.class, CalibrateCommand.class,
            AgentCommand.class, DoctorCommand.class, CompareCommand.class, FindCapacityCommand.class, PlanCommand.class,
            CommandLine.HelpCommand.class},
        footer = {
            "",
            "Exit codes: 0 holds, 1 usage, 2 objective missed, 3 invalid (the generator was the limit),",
            "4 target unreachable or unauthorised, 5 correctness broken, 130 interrupted."
        })
public final class LoadCommand implements Runnable {
    private static final int USAGE_WIDTH = 120;

    @Spec
    CommandSpec spec;

    LoadCommand() {}

    /** Runs a command line and returns its exit code. */
    public static int execute(String... arguments) {
        return line(new PrintWriter(System.out, true, UTF_8), new PrintWriter(System.err, true, UTF_8)).execute(arguments);
    }

    static CommandLine line(PrintWriter out, PrintWriter err) {
        CommandLine line = new CommandLine(new LoadCommand()).setOut(out).setErr(err);
        // As elsewhere, what comes last counts: a script can be given one option more.
        line.setCaseInsensitiveEnumValuesAllowed(true).setOverwrittenOptionsAllowed(true).setUsageHelpWidth(USAGE_WIDTH);
        line.registerConverter(Duration.class, converter(Quantities::duration));
        line.registerConverter(int.class, converter(Quantities::whole));
        line.setParameterExceptionHandler((e, arguments) -> {
            e.getCommandLine().getErr().println("hark-load: " + message(e));
            boolean isRoot = e.getCommandLine().getParent() == null;
            String help = isRoot ? "Try 'hark-load --help'." : "Try 'hark-load help " + e.getCommandLine().getCommandName() + "'.";
            e.getCommandLine().getErr().println(help);
            return ExitCode.USAGE;
        });
        line.setExecutionExceptionHandler((e, failing, parsed) -> {
            failing.getErr().println("hark-load: " + (e.getMessage() == null ? e.toString() : e.getMessage()));
            return ExitCode.USAGE;
        });
        return line;
    }

    private static <T> CommandLine.ITypeConverter<T> converter(Function<String, T> reader) {
        return text -> {
            try {
                return reader.apply(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        };
    }

    /** What is wrong with a command line, with what was probably meant. */
    private static String message(ParameterException e) {
        if (!(e instanceof UnmatchedArgumentException unmatched) || unmatched.getUnmatched().isEmpty()) {
            return String.valueOf(e.getMessage());
        }
        String first = unmatched.getUnmatched().getFirst();
        CommandSpec command = e.getCommandLine().getCommandSpec();
        if (first.startsWith("-")) {
            String name = first.contains("=") ? first.substring(0, first.indexOf('=')) : first;
            List<String> options = command.options().stream().map(OptionSpec::longestName).toList();
            return "there is no option '" + name + "'" + Nearest.question(options, name);
        }
        return command.parent() == null
                ? "there is no command '" + first + "'" + Nearest.question(command.subcommands().keySet(), first)
                : "'" + first + "' belongs to no option";
    }

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        // Not print(): it would not flush.
        out.println("""
                hark-load drives an SSE server with thousands of streams and accounts for every delivery.

                  hark-load doctor -n 10000                   what would stop a run of 10,000 streams here?
                  hark-load calibrate -n 10000 --rate 5/s     what can be measured here at all, with a server that only writes?
                  hark-load fanout -n 10000 --rate 5/s        one topic of http://127.0.0.1:8080 for a minute: times, losses, verdict
                  hark-load run FILE                          a load that is written down; loadtest/scenarios has some
                  hark-load churn | catch-up                  10,000 streams that come and leave; streams that come back with an old id
                  hark-load agent                             does its share of a run that another process is given with --agents
                  hark-load find-capacity | plan | compare    how much one node holds, how many a goal needs, what became worse
                  hark-load help COMMAND                      every option, with an example""");
    }

    /** The version as the jar's manifest has it. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Optional.ofNullable(LoadCommand.class.getPackage().getImplementationVersion()).orElse("(unpackaged)");
            return new String[] {"hark-load " + version + " (Java " + Runtime.version() + ")"};
        }
    }
}
