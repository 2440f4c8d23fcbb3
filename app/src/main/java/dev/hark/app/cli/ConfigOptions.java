package dev.hark.app.cli;

import dev.hark.app.config.ConfigSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say which configuration holds. */
final class ConfigOptions {
    private static final String DEFAULT_FILE = "application.yaml";

    @Option(names = "--config", paramLabel = "FILE",
            description = "The configuration file; default: application.yaml in the working directory.")
    private @Nullable Path file;

    @Option(names = "--set", paramLabel = "KEY=VALUE",
            description = "Overrides a key, such as server.port=9000. Beats environment and file. Repeatable.")
    private List<String> set = new ArrayList<>();

    private final Shell shell;

    ConfigOptions(Shell shell) {
        this.shell = shell;
    }

    /** Where the configuration comes from. */
    ConfigSource source() {
        return new ConfigSource(chosenFile(), set, shell.environment());
    }

    /** Where it comes from, in words. */
    String sourceInWords() {
        Path chosen = chosenFile();
        return chosen == null ? "the built-in defaults (no " + DEFAULT_FILE + " here)" : chosen.toString();
    }

    private @Nullable Path chosenFile() {
        if (file != null) {
            return shell.directory().resolve(file);
        }
        Path here = shell.directory().resolve(DEFAULT_FILE);
        if (Files.exists(here)) {
            return here;
        }
        Path fallback = shell.fallbackConfig();
        return fallback != null && Files.exists(fallback) ? fallback : null;
    }
}
