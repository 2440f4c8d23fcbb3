package dev.hark.app.cli;

import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of a client that say who it is, and whom it trusts. */
abstract class ClientOptions {
    /** The variable for a token or a key. */
    static final String CREDENTIAL_VARIABLE = "HARK_TOKEN";

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    @Option(names = "--cacert", paramLabel = "FILE",
            description = "For https: certificates (PEM) to trust beside the usual ones, such as that of your own authority.")
    private @Nullable String certificates;

    @Option(names = "--token", paramLabel = "TOKEN",
            description = {"A token or a key, where the hub asks for one; default: " + CREDENTIAL_VARIABLE + ", which other",
                "users of the machine cannot see, as they can what stands here."})
    private @Nullable String token;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    private final Shell shell;

    ClientOptions(Shell shell) {
        this.shell = shell;
    }

    /** The environment that the command has. */
    final String variable(String name) {
        return shell.environment().getOrDefault(name, "");
    }

    /**
     * What {@code given} is as the address of a hub.
     *
     * @param from where it was given, such as {@code --url}
     * @throws ParameterException if it is none
     */
    final HubAddress address(String from, String given) {
        try {
            return new HubAddress(given);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), from + " is '" + given + "': " + e.getMessage(), e);
        }
    }

    /** @throws ParameterException if the token or key cannot travel in a header */
    HubRequest requests() {
        String given = token != null ? token : shell.environment().getOrDefault(CREDENTIAL_VARIABLE, "");
        if (!given.chars().allMatch(c -> c > ' ' && c <= '~')) {
            // Not what it is: it may be a secret all the same.
            throw new ParameterException(command.commandLine(),
                    (token != null ? "--token" : CREDENTIAL_VARIABLE) + " has characters that no token or key has");
        }
        return new HubRequest(given.isEmpty() ? null : given);
    }

    /** @throws ParameterException if the certificates cannot be read */
    HttpClient.Builder client() {
        HttpClient.Builder client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT_TIMEOUT);
        if (certificates == null) {
            return client;
        }
        Path file = shell.directory().resolve(certificates);
        try {
            return client.sslContext(Trust.beside(file));
        } catch (Trust.UnreadableException e) {
            throw new ParameterException(command.commandLine(), "--cacert is '" + certificates + "': " + e.getMessage(), e);
        }
    }
}
