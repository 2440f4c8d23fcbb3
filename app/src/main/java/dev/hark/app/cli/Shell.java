package dev.hark.app.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the shell gives the program.
 *
 * @param in             standard input
 * @param out            standard output, for results
 * @param err            standard error, for everything that is said about them
 * @param terminal       whether a person reads the output
 * @param directory      the working directory
 * @param fallbackConfig the configuration file where the working directory has none, or null
 * @param environment    the environment variables
 */
public record Shell(
        InputStream in,
        StandardOutput out,
        PrintStream err,
        boolean terminal,
        Path directory,
        @Nullable Path fallbackConfig,
        Map<String, String> environment) {

    private static final String FALLBACK_CONFIG = "hark.fallback-config";

    /** The shell that started this process. */
    public static Shell ofThisProcess() {
        String fallback = System.getProperty(FALLBACK_CONFIG);
        return new Shell(
                System.in,
                StandardOutput.ofThisProcess(),
                new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
                StandardOutput.isTerminal(),
                Path.of(""),
                fallback == null ? null : Path.of(fallback),
                System.getenv());
    }

    /** Whether to use colours (no-color.org). */
    public boolean colour() {
        return terminal && environment.getOrDefault("NO_COLOR", "").isEmpty() && !"dumb".equals(environment.get("TERM"));
    }

    /** Says something about what goes on, on standard error. */
    public void note(String sentence) {
        say(sentence, "2");
    }

    /** Says what went wrong, on standard error. */
    public void warn(String sentence) {
        say(sentence, "33");
    }

    /**
     * {@code text} without what would steer a terminal, or have it show letters in another order than they stand in (Unicode, report 36):
     * publishers write it, and they are strangers.
     */
    static String harmless(String text) {
        return text.codePoints()
                .map(point -> (Character.isISOControl(point) && point != '\n' && point != '\t') || isTurn(point) ? 0xFFFD : point)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /** Whether {@code point} turns the direction of what follows. */
    private static boolean isTurn(int point) {
        return (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
    }

    private void say(String sentence, String colour) {
        String line = "hark: " + harmless(sentence);
        err.println(colour() ? "\u001B[" + colour + "m" + line + "\u001B[0m" : line);
        err.flush();
    }
}
