package dev.hark.app.cli;

import dev.hark.app.config.Configuration;
import java.util.concurrent.Callable;
import java.util.function.ToIntFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code hark serve}: the hub, in the foreground. */
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        versionProvider = HarkCommand.Version.class,
        description = "Starts the hub in the foreground. SIGTERM or Ctrl-C ends it without losing an event.",
        footer = {"", "Example: hark serve --set server.port=9000 --set log.retention.age=PT1H"})
final class ServeCommand implements Callable<Integer> {
    @Mixin
    private final ConfigOptions options;

    private final Shell shell;
    private final ToIntFunction<Configuration> server;

    ServeCommand(Shell shell, ToIntFunction<Configuration> server) {
        this.shell = shell;
        this.server = server;
        this.options = new ConfigOptions(shell);
    }

    @Override
    public Integer call() {
        Configuration configuration = options.source().read();
        shell.note("configured by " + options.sourceInWords());
        return server.applyAsInt(configuration);
    }
}
