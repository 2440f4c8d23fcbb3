package dev.hark.app.cli;

import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The options that say whose admin listener a client asks, and whom it trusts. */
final class AdminOptions extends ClientOptions {
    private static final String DEFAULT = "http://127.0.0.1:9090";

    @Option(names = "--admin", paramLabel = "URL", defaultValue = DEFAULT,
            description = "Where the admin listener of a hub is; default: ${DEFAULT-VALUE}.")
    private String admin;

    AdminOptions(Shell shell) {
        super(shell);
    }

    /** @throws ParameterException if what is given is no address of a hub */
    HubAddress address() {
        return address("--admin", admin);
    }
}
