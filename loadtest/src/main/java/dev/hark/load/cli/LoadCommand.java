package dev.hark.load.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.hark.load.measure.Quantities;
import java.io.PrintWriter;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine;

/** The root command: a bare {@code hark-load} explains itself. */
@Command(
        name = "hark-load",
        description = "Drives an SSE server with thousands of streams and accounts for every delivery.",
        mixinStandardHelpOptions = true,
        version = "hark-load 0.1.0",
        subcommands = {FanoutCommand.class, RunCommand.class, ChurnCommand.class, CatchUpCommand.class, CalibrateCommand.class, AgentCommand.class, DoctorCommand.class,
            CompareCommand.class, FindCapacityCommand.class, PlanCommand.class, CommandLine.HelpCommand.class},
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
        line.setCaseInsensitiveEnumValuesAllowed(true).setUsageHelpWidth(USAGE_WIDTH);
        line.registerConverter(Duration.class, text -> {
            try {
                return Quantities.duration(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        });
        line.setParameterExceptionHandler((e, arguments) -> {
            e.getCommandLine().getErr().println("hark-load: " + e.getMessage());
            e.getCommandLine().getErr().println("Try 'hark-load help " + e.getCommandLine().getCommandName() + "'.");
            return ExitCode.USAGE;
        });
        line.setExecutionExceptionHandler((e, failing, parsed) -> {
            failing.getErr().println("hark-load: " + (e.getMessage() == null ? e.toString() : e.getMessage()));
            return ExitCode.USAGE;
        });
        return line;
    }

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        out.println("hark-load drives an SSE server with thousands of streams and accounts for every delivery.");
        out.println();
        out.println("  hark-load fanout -n 10000 --rate 5/s --expect 'delivery.p99<250ms' --expect 'silentLoss==0'");
        out.println("      10,000 streams on one topic of http://127.0.0.1:8080, 5 events a second for a minute");
        out.println("  hark-load run loadtest/scenarios/reconnect-storm.yaml");
        out.println("      a load that is written down: streams, events, phases, what is expected");
        out.println("  hark-load churn --cycles 10000");
        out.println("      connect and leave 10,000 times; does the server forget every one?");
        out.println("  hark-load calibrate -n 10000 --rate 5/s");
        out.println("      the same against a server that only writes: what this machine can measure at all");
        out.println("  hark-load doctor -n 10000 · find-capacity · plan · compare BASE NEW");
        out.println("      before a run: what would stop it; after it: how much holds, how many nodes, what became worse");
        out.println("  hark-load help fanout");
        out.println("      every option, with its default");
    }
}
