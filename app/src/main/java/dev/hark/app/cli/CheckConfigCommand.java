package dev.hark.app.cli;

import dev.hark.app.access.AccessControl;
import dev.hark.app.config.ConfigException;
import dev.hark.app.config.HarkConfig;
import dev.hark.app.config.TlsSettings;
import dev.hark.app.tls.ListenerTls;
import dev.hark.app.tls.TlsMaterial;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code hark check-config}: what {@code hark serve} would say about the configuration. */
@Command(
        name = "check-config",
        mixinStandardHelpOptions = true,
        versionProvider = HarkCommand.Version.class,
        description = "Reads the configuration as 'hark serve' does, and names all mistakes. Starts nothing.",
        footer = {"", "Example: hark check-config --config /etc/hark/application.yaml", "", "Exit code: 0 if it is fine, 1 if not."})
final class CheckConfigCommand implements Callable<Integer> {
    @Mixin
    private final ConfigOptions options;

    @Option(names = "--print", description = "Print what holds, key by key, and where each value comes from.")
    private boolean print;

    private final Shell shell;

    CheckConfigCommand(Shell shell) {
        this.shell = shell;
        this.options = new ConfigOptions(shell);
    }

    @Override
    public Integer call() {
        try {
            HarkConfig config = options.source().load();
            List<String> mistakes = new ArrayList<>();
            Stream.of(config.server().tls(), config.admin().tls()).flatMap(Optional::stream).forEach(tls -> check(tls, mistakes));
            checkAccess(config, mistakes);
            if (!mistakes.isEmpty()) {
                mistakes.forEach(shell::warn);
                return ExitCode.USAGE;
            }
        } catch (ConfigException e) {
            e.mistakes().forEach(shell::warn);
            return ExitCode.USAGE;
        }
        if (print) {
            options.source().inForce().forEach(shell.out()::println);
        } else {
            shell.out().println("The configuration is fine: " + options.sourceInWords());
        }
        return ExitCode.OK;
    }

    private static void checkAccess(HarkConfig config, List<String> mistakes) {
        try {
            AccessControl.check(config.auth());
        } catch (ConfigException e) {
            mistakes.addAll(e.mistakes());
        }
    }

    /** Reads the files that {@code tls} names, as {@code hark serve} does. */
    private void check(TlsSettings tls, List<String> mistakes) {
        try {
            ListenerTls.doubts(tls.section(), TlsMaterial.read(tls)).ifPresent(shell::warn);
        } catch (ConfigException e) {
            mistakes.addAll(e.mistakes());
        }
    }
}
