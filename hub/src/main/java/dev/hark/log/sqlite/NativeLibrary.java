package dev.hark.log.sqlite;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.hark.log.UnusableLogException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.sqlite.SQLiteJDBCLoader;

/** SQLite itself, which the driver loads from a copy that it makes: loaded once, with nothing of that copy left behind. Thread-safe. */
final class NativeLibrary {
    /* The driver leaves it to the JVM to remove the copy when it ends. One that is killed, or halted, does not, and a hub that a supervisor
       starts again and again would fill the disk, a megabyte at a time. So the copy gets a folder of its own, and goes with it as soon as
       it is loaded: what is mapped into memory needs no name. */

    private static final System.Logger LOGGER = System.getLogger(NativeLibrary.class.getName());

    /** Where the driver puts its copy, and where a library stands of which it makes none. */
    private static final String COPY_FOLDER = "org.sqlite.tmpdir";

    private static final String LIBRARY_FOLDER = "org.sqlite.lib.path";

    @GuardedBy("NativeLibrary.class")
    private static boolean loaded;

    private NativeLibrary() {}

    /** @throws UnusableLogException if it cannot be: its folder must be one that can be written to and executed from */
    static synchronized void load() {
        if (loaded || System.getProperty(LIBRARY_FOLDER) != null) {
            return;
        }
        String given = System.getProperty(COPY_FOLDER);
        Path parent = Path.of(given == null ? System.getProperty("java.io.tmpdir") : given);
        try {
            Path folder = Files.createTempDirectory(parent, "hark-sqlite-");
            try {
                System.setProperty(COPY_FOLDER, folder.toString());
                loaded = SQLiteJDBCLoader.initialize();
            } finally {
                if (given == null) {
                    System.clearProperty(COPY_FOLDER);
                } else {
                    System.setProperty(COPY_FOLDER, given);
                }
                remove(folder);
            }
        } catch (Exception e) { // as the driver declares it
            throw new UnusableLogException("SQLite cannot be loaded from a copy in " + parent
                    + " (" + e.getClass().getSimpleName() + "); make that a folder "
                    + "which can be written to and executed from, or name another with -D" + COPY_FOLDER + "=FOLDER in HARK_JAVA_OPTS", e);
        }
    }

    private static void remove(Path folder) {
        try {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
                for (Path file : files) {
                    Files.delete(file);
                }
            }
            Files.delete(folder);
        } catch (IOException e) {
            // Windows keeps what is loaded.
            LOGGER.log(System.Logger.Level.DEBUG, "a copy of SQLite stays in " + folder, e);
        }
    }
}
