package dev.hark.load.cli;

import dev.hark.load.agent.AgentServer;
import dev.hark.load.agent.Token;
import dev.hark.load.report.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code hark-load agent}: a generator that waits for a controller. */
@Command(
        name = "agent",
        description = {
            "Waits for 'fanout --agents' or 'run --agents', and makes its share of their runs, one at a time.",
            "One process may hold only so many descriptors, one machine only so many processors: several agents hold more.",
            "Whoever knows the token can make an agent send load, and the token crosses the network in clear:",
            "agents listen on loopback unless told otherwise."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "Example:", "  HARK_LOAD_TOKEN=... hark-load agent --listen 127.0.0.1:7700"})
final class AgentCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Option(names = "--listen", paramLabel = "HOST:PORT", defaultValue = "127.0.0.1:7700",
            description = "where controllers are waited for; port 0 is any (default: ${DEFAULT-VALUE})")
    String listen = "";

    @Option(names = "--token", paramLabel = "TOKEN",
            description = "what controllers must know (default: $" + AgentOptions.TOKEN_VARIABLE + ")")
    @Nullable String token;

    @Override
    public Integer call() throws IOException {
        Token shared = Execution.reading(spec, () -> AgentOptions.token(token, "--token"));
        InetSocketAddress address = Execution.reading(spec, () -> AgentOptions.address(listen));
        PrintWriter out = spec.commandLine().getOut();
        try (var server = new AgentServer(new InetSocketAddress(address.getHostString(), address.getPort()), shared, out)) {
            out.println("agent on " + address.getHostString() + ":" + server.port());
            out.flush();
            server.serve();
        }
        return ExitCode.HOLDS;
    }
}
