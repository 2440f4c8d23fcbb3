package dev.hark.app.cli;

import dev.hark.app.config.ConfigException;
import dev.hark.app.config.Configuration;
import dev.hark.app.config.NearestKey;
import dev.hark.log.UnusableLogException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;

/** {@code hark} itself: on its own it explains itself. */
@Command(
        name = "hark",
        mixinStandardHelpOptions = true,
        versionProvider = HarkCommand.Version.class,
        description = "A push hub: events are published over HTTP and received as Server-Sent Events.",
        footer = {"", "Example: hark serve"})
public final class HarkCommand implements Runnable {
    private static final String EXPLANATION = """
            Hark pushes events: publish over HTTP, receive as Server-Sent Events.
              hark serve                     start the hub, as application.yaml says
              hark subscribe 'news/**'       print events as they come
              hark publish news/today hi     publish one; delete takes back the newest of a topic and key
              hark check-config              read the configuration without starting; also init, topic
              hark log info                  look at the log; also verify, backup, export, import, restore, and cluster status
              hark token new                 make a token to try it with; also token explain, key new

            Every command explains itself: hark help serve. The same without this program:
            curl -N 127.0.0.1:8080/topics/news/today; curl -d hi 127.0.0.1:8080/topics/news/today
            """;

    private final Shell shell;

    private HarkCommand(Shell shell) {
        this.shell = shell;
    }

    /**
     * Runs the command that {@code args} name.
     *
     * @param server what {@code hark serve} runs, returning the exit code
     * @return the exit code
     */
    public static int execute(Shell shell, ToIntFunction<Configuration> server, String... args) {
        CommandLine line = new CommandLine(new HarkCommand(shell))
                .addSubcommand(new ServeCommand(shell, server))
                .addSubcommand(new PublishCommand(shell))
                .addSubcommand(new DeleteCommand(shell))
                .addSubcommand(new SubscribeCommand(shell))
                .addSubcommand(new CheckConfigCommand(shell))
                .addSubcommand(new TopicCommand(shell))
                .addSubcommand(new InitCommand(shell))
                .addSubcommand(LogCommand.in(shell))
                .addSubcommand(ClusterCommand.in(shell))
                .addSubcommand(KeyCommand.in(shell))
                .addSubcommand(TokenCommand.in(shell))
                .addSubcommand(new CompletionCommand(shell))
                .addSubcommand(new CommandLine.HelpCommand())
                // As of --set: an alias or a script gives one, and who calls it another.
                .setOverwrittenOptionsAllowed(true)
                .setOut(new PrintWriter(shell.out(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(shell.err(), true, StandardCharsets.UTF_8))
                .setColorScheme(CommandLine.Help.defaultColorScheme(shell.colour() ? Ansi.ON : Ansi.OFF))
                .setParameterExceptionHandler((mistake, given) -> {
                    String command = mistake.getCommandLine().getCommandSpec().qualifiedName();
                    shell.warn(inWords(mistake) + "; see '" + command + " --help'");
                    return ExitCode.USAGE;
                })
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    if (failure instanceof ConfigException mistake) {
                        int more = mistake.mistakes().size() - 1;
                        shell.warn(oneLine(failure) + (more == 0 ? "" : " (and " + more + " more; 'hark check-config' names all)"));
                        return ExitCode.USAGE;
                    }
                    if (failure instanceof UnusableLogException) {
                        shell.warn(oneLine(failure));
                        return ExitCode.REFUSED;
                    }
                    failure.printStackTrace(shell.err());
                    return ExitCode.DEFECT;
                });
        return unlessLost(line.execute(args), shell);
    }

    /** {@code code}, unless all went well but for the results, which nobody will see. */
    private static int unlessLost(int code, Shell shell) {
        Optional<String> failure = shell.out().failure();
        failure.ifPresent(why -> shell.warn("standard output cannot be written (" + why + ')'));
        return failure.isPresent() && code == ExitCode.OK ? ExitCode.REFUSED : code;
    }

    @Override
    public void run() {
        shell.out().print(EXPLANATION);
    }

    /** A mistake on the command line, with what was probably meant. */
    private static String inWords(CommandLine.ParameterException mistake) {
        if (!(mistake instanceof CommandLine.UnmatchedArgumentException unmatched) || unmatched.getUnmatched().isEmpty()) {
            return oneLine(mistake);
        }
        CommandLine line = mistake.getCommandLine();
        String first = unmatched.getUnmatched().getFirst();
        if (first.startsWith("-")) {
            String name = first.split("=", 2)[0];
            List<String> options = line.getCommandSpec().options().stream().flatMap(option -> Stream.of(option.names())).toList();
            return "unknown option " + name + NearestKey.to(name, options).map(meant -> "; did you mean " + meant + "?").orElse("");
        }
        if (!line.getSubcommands().isEmpty()) {
            return "unknown command " + first
                    + NearestKey.to(first, line.getSubcommands().keySet()).map(meant -> "; did you mean " + meant + "?").orElse("");
        }
        return "'" + first + "' is one argument too many";
    }

    private static String oneLine(Exception failure) {
        // As the first part of a sentence, which picocli sometimes ends itself.
        return String.valueOf(failure.getMessage()).replaceAll("\\R", " ").replaceFirst("\\.$", "");
    }

    /** The version as the jar's manifest has it. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Optional.ofNullable(HarkCommand.class.getPackage().getImplementationVersion()).orElse("(unpackaged)");
            return new String[] {"hark " + version + " (Java " + Runtime.version() + ")"};
        }
    }
}
