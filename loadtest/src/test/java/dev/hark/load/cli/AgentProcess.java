package dev.hark.load.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** The packaged load tester as an agent. */
final class AgentProcess {
    static final String TOKEN = "the tests' token";

    private AgentProcess() {}

    static Program start() throws IOException {
        var builder = new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"), "-XX:+UseSerialGC", "-jar",
                Path.of("target", "hark-load.jar").toAbsolutePath().toString(), "agent", "--listen", "127.0.0.1:0");
        builder.environment().put("HARK_LOAD_TOKEN", TOKEN);
        return Program.start(builder, Pattern.compile("^agent on (.+)"));
    }
}
