package dev.hark.load.cli;

import dev.hark.load.agent.Token;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which processes make a run, where it is not this one. */
final class AgentOptions {
    /** The environment variable that is looked at where no token is given: a command line can be seen by everybody on a machine. */
    static final String TOKEN_VARIABLE = "HARK_LOAD_TOKEN";

    private static final int MAX_PORT = 65_535;

    @Option(names = "--agents", paramLabel = "HOST:PORT", split = ",",
            description = "processes started with 'hark-load agent' that share the streams and the events, such as a:7700,b:7700")
    List<String> agents = new ArrayList<>();

    @Option(names = "--agents-token", paramLabel = "TOKEN",
            description = "the token that the agents were started with (default: $" + TOKEN_VARIABLE + ")")
    @Nullable String agentsToken;

    /** The agents' addresses; empty where this process makes the run. Names are not resolved yet. */
    List<InetSocketAddress> addresses() {
        return agents.stream().map(AgentOptions::address).toList();
    }

    static InetSocketAddress address(String text) {
        int colon = text.lastIndexOf(':');
        String port = text.substring(colon + 1);
        if (colon < 1 || !port.matches("\\d{1,5}") || Integer.parseInt(port) > MAX_PORT) {
            throw new IllegalArgumentException("'" + text + "' is not of the form host:port");
        }
        return InetSocketAddress.createUnresolved(text.substring(0, colon), Integer.parseInt(port));
    }

    /** @throws IllegalArgumentException if there are agents and no token for them */
    void requireToken() {
        if (!addresses().isEmpty()) {
            token();
        }
    }

    Token token() {
        return token(agentsToken, "--agents-token");
    }

    static Token token(@Nullable String given, String option) {
        String value = given == null ? System.getenv(TOKEN_VARIABLE) : given;
        if (value == null || value.isEmpty()) {
            throw new IllegalArgumentException("agents need a token: give " + option + " or set " + TOKEN_VARIABLE);
        }
        return new Token(value);
    }
}
