package dev.hark.app.cli;

import dev.hark.app.access.AccessControl;
import dev.hark.app.config.ClusterSettings;
import dev.hark.app.config.ConfigException;
import dev.hark.app.config.HarkConfig;
import dev.hark.app.config.LogSettings;
import dev.hark.app.config.TlsSettings;
import dev.hark.app.tls.ListenerTls;
import dev.hark.app.tls.TlsMaterial;
import dev.hark.log.jetstream.JetStreamSettings;
import dev.hark.log.jetstream.ServerCheck;
import dev.hark.log.jetstream.UnfitException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
        description = "Reads the configuration as 'hark serve' does, and names all mistakes. Starts nothing. Where nodes share a log, asks"
                + " the servers of NATS whether they, and a stream that is there, are as they have to be, and makes nothing; so it does not"
                + " say what the credentials may write.",
        footer = {
            "",
            "Example: hark check-config --config /etc/hark/application.yaml",
            "",
            "Exit code: 0 if it is fine, 1 if not, 4 if no server of NATS answers within 5 seconds."
        })
final class CheckConfigCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    @Mixin
    private final ConfigOptions options;

    @Option(names = "--print", description = "Print what holds, key by key, and where each value comes from.")
    private boolean print;

    @Option(names = "--offline", description = "Ask no servers of NATS.")
    private boolean offline;

    private final Shell shell;

    CheckConfigCommand(Shell shell) {
        this.shell = shell;
        this.options = new ConfigOptions(shell);
    }

    @Override
    public Integer call() {
        HarkConfig config;
        try {
            config = options.source().load();
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
        return config.log().kind() == LogSettings.Kind.JETSTREAM && !offline ? ask(config.log().cluster()) : ExitCode.OK;
    }

    /** Asks the servers of NATS, and makes nothing. */
    private int ask(ClusterSettings cluster) {
        JetStreamSettings settings;
        try {
            settings = cluster.jetStream();
        } catch (IOException e) {
            shell.warn(String.valueOf(e.getMessage()));
            return ExitCode.USAGE;
        }
        try {
            ServerCheck.Found found = ServerCheck.ask(settings, PATIENCE);
            found.doubts().forEach(shell::warn);
            found.differences().forEach(each -> shell.warn("the stream " + cluster.stream() + " is not as configured: " + each));
            if (!found.differences().isEmpty()) {
                return ExitCode.USAGE;
            }
            // Where the configuration is printed, nothing else may stand beside it.
            String sentence = "NATS answers, " + Shell.harmless(found.server()) + " of version " + Shell.harmless(found.version()) + ": "
                    + (found.isThere() ? there(cluster, found) : missing(cluster));
            String name = cluster.stream();
            String unseen = "Not looked at, because nothing is written: whether these credentials may append to " + name + ".groups, use "
                    + name + ".nodes, and keep snapshots in the bucket " + name + "-snapshots";
            for (String each : List.of(sentence, unseen, ServerCheck.FLUSHING)) {
                if (print) {
                    shell.note(each);
                } else {
                    shell.out().println(each);
                }
            }
            return ExitCode.OK;
        } catch (UnfitException e) {
            shell.warn(String.valueOf(e.getMessage()));
            return ExitCode.USAGE;
        } catch (IOException e) {
            shell.warn(String.valueOf(e.getMessage()));
            return ExitCode.UNREACHABLE;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitCode.UNREACHABLE;
        }
    }

    private static String there(ClusterSettings cluster, ServerCheck.Found found) {
        return "the stream " + cluster.stream() + " is there, as configured, with " + String.format(Locale.ROOT, "%,d", found.groups())
                + " groups, " + Sizes.inWords(found.bytes());
    }

    private static String missing(ClusterSettings cluster) {
        return "the stream " + cluster.stream() + " is not there; the first node makes it, in files, kept by " + cluster.replicas()
                + (cluster.replicas() == 1 ? " server" : " servers");
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
