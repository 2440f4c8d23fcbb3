package dev.hark.app.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The wall clock of one process, which a test sets while it runs: libfaketime answers in the system's place whoever asks what time it is,
 * but not whoever asks how much has passed. Where the library is missing a process has the machine's clock, which is said. Confined to the
 * test's thread.
 */
final class NodeClock {
    private static final System.Logger LOGGER = System.getLogger(NodeClock.class.getName());

    /** Where Debian has it, in a folder for each kind of machine. */
    private static final Path LIBRARIES = Path.of("/usr/lib");
    private static final String LIBRARY = "faketime/libfaketimeMT.so.1";

    /** How long it takes until a process has noticed, in seconds. */
    private static final int NOTICED_WITHIN = 1;

    private static final Optional<Path> FOUND = find();

    private final Path file;
    private Duration ahead = Duration.ZERO;

    /**
     * As long as it was not set it is the machine's.
     *
     * @param file says what it is set to
     */
    NodeClock(Path file) {
        this.file = file;
    }

    private static Optional<Path> find() {
        try (Stream<Path> folders = Files.list(LIBRARIES)) {
            return folders.map(folder -> folder.resolve(LIBRARY)).filter(Files::exists).findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether there is anything to set; fails where {@code CI} is {@code true} and there is not. */
    static boolean isThere() {
        if (FOUND.isEmpty()) {
            String missing = "no " + LIBRARIES + "/*/" + LIBRARY + " (apt install libfaketime): all nodes have the machine's clock";
            assertThat(System.getenv("CI")).as(missing).isNotEqualTo("true");
            LOGGER.log(System.Logger.Level.WARNING, missing);
        }
        return FOUND.isPresent();
    }

    Duration ahead() {
        return ahead;
    }

    /** Sets the clock so far before the machine's; a process that runs has noticed within a second or two. */
    void set(Duration before) throws IOException {
        // Never half a file.
        Path next = file.resolveSibling(file.getFileName() + ".next");
        Files.writeString(next, "%+d".formatted(before.toSeconds()));
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        ahead = before;
    }

    /** What stands before the command that starts the process. */
    List<String> command() {
        return FOUND.filter(library -> Files.exists(file)).map(library -> List.of(
                "env", "LD_PRELOAD=" + library, "FAKETIME_TIMESTAMP_FILE=" + file, "FAKETIME_CACHE_DURATION=" + NOTICED_WITHIN,
                // Only what time it is: what passes goes on as it does, and so do waits for a time that is to pass.
                "FAKETIME_DONT_FAKE_MONOTONIC=1", "FAKETIME_FORCE_MONOTONIC_FIX=0",
                // Nothing that is left behind where the process is killed.
                "FAKETIME_DISABLE_SHM=1")).orElse(List.of());
    }

    /** Requires that {@code millis}, of a process that began with this clock, is that clock's time and not the machine's. */
    void requireShows(long millis) {
        if (FOUND.isPresent()) {
            assertThat(Duration.ofMillis(millis - System.currentTimeMillis()).minus(ahead).abs())
                    .as("a clock that is set %s before the machine's", ahead).isLessThan(Duration.ofSeconds(30));
        }
    }
}
