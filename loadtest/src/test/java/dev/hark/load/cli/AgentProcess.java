package dev.hark.load.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The packaged program as an agent, in a process of its own. */
final class AgentProcess implements AutoCloseable {
    static final String TOKEN = "the tests' token";

    private static final String GREETING = "agent on ";
    private static final long END_SECONDS = 10;

    private final Process process;
    private final String address;

    private AgentProcess(Process process, String address) {
        this.process = process;
        this.address = address;
    }

    static AgentProcess start() throws IOException {
        var builder = new ProcessBuilder(List.of(
                        ProcessHandle.current().info().command().orElse("java"), "-XX:+UseSerialGC", "-jar",
                        Path.of("target", "hark-load.jar").toAbsolutePath().toString(), "agent", "--listen", "127.0.0.1:0"))
                .redirectErrorStream(true);
        builder.environment().put("HARK_LOAD_TOKEN", TOKEN);
        Process process = builder.start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        String line = out.readLine();
        if (line == null || !line.startsWith(GREETING)) {
            process.destroyForcibly();
            throw new IOException("the agent said " + line);
        }
        Thread.startVirtualThread(() -> drain(out));
        return new AgentProcess(process, line.substring(GREETING.length()));
    }

    String address() {
        return address;
    }

    void kill() {
        process.destroyForcibly();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** What nobody reads must not fill the pipe. */
    private static void drain(BufferedReader out) {
        try {
            while (out.readLine() != null) {
                // It is of no interest.
            }
        } catch (IOException e) {
            // The process is gone.
        }
    }
}
