package dev.hark.app.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.hark.app.Program;
import dev.hark.app.Wire;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * strace, which has system calls of single threads of a program wait or fail for as long as it is there. Confined to the test's thread.
 */
final class Strace implements AutoCloseable {
    /** What Linux keeps of a thread's name. */
    private static final int COMM_CHARACTERS = 15;

    private final Process process;
    private final Path log;

    private Strace(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** Skips the test where there is no strace, or fails it where {@code CI} is {@code true}. */
    static void require(String leftOut) {
        boolean found = Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "strace")));
        if (!found) {
            leaveOut("no strace on the PATH: left out is " + leftOut);
        }
    }

    static void leaveOut(String why) {
        if ("true".equals(System.getenv("CI"))) {
            fail(why);
        }
        abort(why);
    }

    /**
     * Returns when every thread whose name begins with {@code thread} is under its hands.
     *
     * @param log     a new file
     * @param options what it does to them
     */
    static Strace attach(Program program, String thread, Path log, String... options) throws IOException {
        var command = new ArrayList<>(List.of("strace", "-tt"));
        List<String> threads = threads(program, thread);
        threads.forEach(id -> command.addAll(List.of("-p", id)));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        var strace = new Strace(process, log);
        await("strace").atMost(Wire.PATIENCE)
                .until(() -> strace.said().split(" attached", -1).length > threads.size() || !process.isAlive());
        assertThat(process.isAlive()).as("strace: %s", strace.said()).isTrue();
        return strace;
    }

    private static List<String> threads(Program program, String name) throws IOException {
        String comm = name.substring(0, Math.min(COMM_CHARACTERS, name.length()));
        var found = new ArrayList<String>();
        try (Stream<Path> tasks = Files.list(Path.of("/proc", Long.toString(program.process().pid()), "task"))) {
            for (Path task : tasks.toList()) {
                if (Files.readString(task.resolve("comm")).startsWith(comm)) {
                    found.add(task.getFileName().toString());
                }
            }
        }
        assertThat(found).as("threads named %s", name).isNotEmpty();
        return found;
    }

    /** What it saw. */
    String said() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Lets the program go: what waited goes on. */
    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(Wire.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
