package dev.hark.app.cli;

import dev.hark.app.access.ApiKey;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hark key}: keys of services. On its own it lists its commands. */
@Command(
        name = "key",
        mixinStandardHelpOptions = true,
        versionProvider = HarkCommand.Version.class,
        description = "Makes keys for services that publish or read.",
        footer = {"", "Example: hark key new shop-backend"})
final class KeyCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    private final Shell shell;

    private KeyCommand(Shell shell) {
        this.shell = shell;
    }

    static CommandLine in(Shell shell) {
        return new CommandLine(new KeyCommand(shell)).addSubcommand(new New(shell));
    }

    @Override
    public void run() {
        spec.commandLine().usage(shell.out());
    }

    /** {@code hark key new NAME}. */
    @Command(
            name = "new",
            mixinStandardHelpOptions = true,
            versionProvider = HarkCommand.Version.class,
            description = "Prints a new key, and on standard error what the configuration of the hub has to say of it. The key stands"
                    + " nowhere else: the configuration has its hash alone. Asks no hub.",
            footer = {
                "",
                "Examples:",
                "  hark key new shop-backend",
                "  KEY=$(hark key new shop-backend)",
                "  hark key new --admin prometheus",
                "",
                "Exit code: 0, 1 wrong usage, 2 standard output cannot be written."
            })
    static final class New implements Callable<Integer> {
        private static final String TOPICS = """
                      publish: ["orders/**"]
                      subscribe: []
                """;
        private static final String ADMIN = """
                      admin: true
                """;

        private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");

        @Parameters(paramLabel = "NAME", description = "By which the hub's log and its configuration call the key.")
        private String name;

        @Option(names = "--admin", description = "The key opens the admin listener where others reach it, and no topics.")
        private boolean admin;

        @Spec
        private CommandSpec spec;

        private final Shell shell;

        New(Shell shell) {
            this.shell = shell;
        }

        @Override
        public Integer call() {
            if (!NAME.matcher(name).matches()) {
                throw new ParameterException(
                        spec.commandLine(), "the name is '" + name + "'; 1 to 64 letters, digits, and . _ - are allowed");
            }
            String key = ApiKey.create();
            shell.out().print(key + "\n");
            shell.out().flush();
            shell.err().print("""

                    Give the key to the service, as Authorization: Bearer. For the hub's configuration:

                    auth:
                      keys:
                        - name: %s
                          hash: "%s%s"
                    %s""".formatted(name, ApiKey.HASH_PREFIX, ApiKey.hash(key), admin ? ADMIN : TOPICS));
            shell.err().flush();
            return ExitCode.OK;
        }
    }
}
