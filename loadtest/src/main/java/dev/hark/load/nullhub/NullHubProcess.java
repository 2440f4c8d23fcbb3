package dev.hark.load.nullhub;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A null hub in a process of its own, so that it shares neither descriptors nor a heap with the generator. It ends with its parent: it
 * reads its standard input, and stops when that is closed.
 */
public final class NullHubProcess implements AutoCloseable {
    private static final long END_SECONDS = 5;

    private final Process process;
    private final String url;

    private NullHubProcess(Process process, String url) {
        this.process = process;
        this.url = url;
    }

    /** The program of the child process: prints the hub's URL. */
    public static void main(String[] arguments) throws IOException {
        try (NullHub hub = NullHub.start(Delivery.FAITHFUL, 0)) {
            System.out.println(hub.url());
            while (System.in.read() >= 0) {
                // Only its end matters.
            }
        }
    }

    /** Starts one with the Java that runs this process. */
    public static NullHubProcess start() throws IOException {
        String java = ProcessHandle.current().info().command().orElse("java");
        Process process = new ProcessBuilder(List.of(
                        java, "-XX:+UseSerialGC", "-Xmx512m", "-cp", System.getProperty("java.class.path"), NullHubProcess.class.getName()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        String url = out.readLine();
        if (url == null) {
            process.destroyForcibly();
            throw new IOException("the null hub's process ended before it listened");
        }
        return new NullHubProcess(process, url);
    }

    public String url() {
        return url;
    }

    public long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
