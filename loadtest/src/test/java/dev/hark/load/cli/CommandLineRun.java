package dev.hark.load.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/** A command line that was run in this process, with what it printed. */
record CommandLineRun(int code, String printed) {
    static CommandLineRun of(String... arguments) {
        var text = new StringWriter();
        var writer = new PrintWriter(text, true);
        int code = LoadCommand.line(writer, writer).execute(arguments);
        return new CommandLineRun(code, text.toString());
    }
}
