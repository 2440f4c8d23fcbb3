package dev.hark.load.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A program of ours in a process of its own, from its greeting to its end. */
final class Program implements AutoCloseable {
    private static final long END_SECONDS = 20;

    private final Process process;
    private final String address;

    private Program(Process process, String address) {
        this.process = process;
        this.address = address;
    }

    /**
     * Starts one.
     *
     * @param greeting a line that it prints when it is ready, with its address as the first group
     * @throws IOException with all that it said, if it ends without that
     */
    static Program start(ProcessBuilder builder, Pattern greeting) throws IOException {
        Process process = builder.redirectErrorStream(true).start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        var said = new StringBuilder();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            said.append(line).append('\n');
            Matcher found = greeting.matcher(line);
            if (found.find()) {
                Thread.startVirtualThread(() -> drain(out));
                return new Program(process, found.group(1));
            }
        }
        process.destroyForcibly();
        throw new IOException("the program did not start: " + said);
    }

    /** As in its greeting. */
    String address() {
        return address;
    }

    long pid() {
        return process.pid();
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
