package dev.hark.load.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** A command line that was run in this process, with what it printed. */
record CommandLineRun(int code, String printed) {
    /** Reports that nobody asked for go where the build's other files go. */
    private static final String RUNS = "target/runs";

    static CommandLineRun of(String... arguments) {
        var text = new StringWriter();
        var writer = new PrintWriter(text, true);
        int code = line(writer).execute(arguments);
        return new CommandLineRun(code, text.toString());
    }

    private static CommandLine line(PrintWriter writer) {
        return LoadCommand.line(writer, writer).setDefaultValueProvider(
                argument -> argument instanceof OptionSpec option && option.longestName().equals("--runs") ? RUNS : null);
    }
}
