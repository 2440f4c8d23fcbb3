package dev.hark.log.sqlite;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Programs of the system that tests break a disk with. A test that lacks one is skipped, or fails where {@code CI} is {@code true}. */
public final class Tools {
    private Tools() {}

    /** A file system in memory at a folder, which needs the right to mount one. */
    public record Tmpfs(Path folder) implements AutoCloseable {
        public static Tmpfs mount(Path folder, String size) throws IOException, InterruptedException {
            Files.createDirectories(folder);
            if (run("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", folder.toString()) != 0) {
                leaveOut("may not mount a tmpfs: left out is what a full or read-only disk does to the log");
            }
            return new Tmpfs(folder);
        }

        void remount(String option) throws IOException, InterruptedException {
            if (run("mount", "-o", "remount," + option, folder.toString()) != 0) {
                throw new IOException("cannot remount " + folder + " with " + option);
            }
        }

        @Override
        public void close() throws IOException, InterruptedException {
            if (run("umount", folder.toString()) != 0) {
                run("umount", "-l", folder.toString());
            }
        }
    }

    /** Another name for {@code file}, by a mount of the file alone: gone when this is closed. */
    record BindMount(Path target) implements AutoCloseable {
        static BindMount mount(Path file, Path target) throws IOException, InterruptedException {
            Files.createFile(target);
            if (run("mount", "--bind", file.toString(), target.toString()) != 0) {
                leaveOut("may not bind a file: left out is what becomes of a log that is mounted elsewhere");
            }
            return new BindMount(target);
        }

        @Override
        public void close() throws IOException, InterruptedException {
            if (run("umount", target.toString()) != 0) {
                run("umount", "-l", target.toString());
            }
        }
    }

    static void require(String program, String leftOut) {
        boolean found = Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
        if (!found) {
            leaveOut("no " + program + " on the PATH: left out is " + leftOut);
        }
    }

    private static void leaveOut(String why) {
        if ("true".equals(System.getenv("CI"))) {
            fail(why);
        }
        abort(why);
    }

    private static int run(String... command) throws IOException, InterruptedException {
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
        } catch (IOException e) {
            // Not there.
            return -1;
        }
    }
}
