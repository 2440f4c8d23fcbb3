package dev.hark.app.cli;

import dev.hark.app.config.HarkConfig;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A shell whose streams a test reads. */
final class TestShell {
    final List<HarkConfig> served = new ArrayList<>();

    private final OutputStream out;
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    final Shell shell;

    TestShell() {
        this("", false, Path.of("target"), Map.of());
    }

    TestShell(String input, boolean terminal, Path directory, Map<String, String> environment) {
        this(input, terminal, directory, environment, new ByteArrayOutputStream(), false);
    }

    private TestShell(String input, boolean terminal, Path directory, Map<String, String> environment, OutputStream out, boolean pipe) {
        this.out = out;
        this.shell = new Shell(
                new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                new StandardOutput(out, () -> pipe),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                terminal,
                directory,
                null,
                environment);
    }

    static TestShell withInput(String input) {
        return new TestShell(input, false, Path.of("target"), Map.of());
    }

    static TestShell in(Path directory) {
        return new TestShell("", false, directory, Map.of());
    }

    /** A shell whose standard output is lost: {@code why}, or because nobody reads the pipe that it is. */
    static TestShell unwritable(Path directory, String why, boolean pipe) {
        OutputStream out = new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                throw new IOException(why);
            }
        };
        return new TestShell("", false, directory, Map.of(), out, pipe);
    }

    static TestShell onTerminal(Map<String, String> environment) {
        return new TestShell("", true, Path.of("target"), environment);
    }

    int run(String... args) {
        return HarkCommand.execute(shell, configuration -> {
            served.add(configuration.config());
            return 7;
        }, args);
    }

    String out() {
        shell.out().flush();
        return out instanceof ByteArrayOutputStream written ? written.toString(StandardCharsets.UTF_8) : "";
    }

    String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
