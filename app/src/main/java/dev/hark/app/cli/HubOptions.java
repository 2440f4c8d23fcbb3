package dev.hark.app.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The options that say which hub a client speaks with, and whom it trusts. */
final class HubOptions extends ClientOptions {
    /** The variable for who speaks with the same hub all day. */
    static final String VARIABLE = "HARK_URL";

    @Option(names = "--url", paramLabel = "URL",
            description = {"Where the hub is; default: " + VARIABLE + ", or", HubAddress.DEFAULT + "."})
    private @Nullable String url;

    HubOptions(Shell shell) {
        super(shell);
    }

    /** @throws ParameterException if what is given is no address of a hub */
    HubAddress address() {
        String variable = variable(VARIABLE);
        String given = url != null ? url : variable.isBlank() ? HubAddress.DEFAULT : variable;
        return address(url != null ? "--url" : VARIABLE, given);
    }
}
