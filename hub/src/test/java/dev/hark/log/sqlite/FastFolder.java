package dev.hark.log.sqlite;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/** Temporary folders in memory where the system has some, for tests that open hundreds of logs and are not about what a disk keeps. */
public final class FastFolder implements TempDirFactory {
    private static final Path MEMORY = Path.of("/dev/shm");

    @Override
    public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext test) {
        return create();
    }

    /** One that its user deletes. */
    public static Path create() {
        try {
            return Files.isWritable(MEMORY) ? Files.createTempDirectory(MEMORY, "hark-test") : Files.createTempDirectory("hark-test");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Deletes {@code folder} and the files in it; one that is gone is left so. */
    public static void delete(Path folder) {
        try {
            if (Files.exists(folder)) {
                Logs.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
