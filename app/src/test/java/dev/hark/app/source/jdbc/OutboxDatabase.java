package dev.hark.app.source.jdbc;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.opentest4j.TestAbortedException;

/** A database of a test's own, on a free port, in a folder that goes with it. Confined to the test's thread, but for its connections. */
public interface OutboxDatabase extends AutoCloseable {
    /** As the hub is told. */
    String url();

    /** The hub's in it: nobody asks it for a password. */
    String user();

    /** What makes the table of the documentation, and lets {@link #user} read, mark and delete its rows. */
    List<String> table();

    /** A connection of a writer's, who may do everything. */
    Connection connect() throws SQLException;

    /** SIGKILL. */
    void kill() throws InterruptedException;

    /** Starts it once more; returns when it answers. */
    void startAgain();

    /** Ends it, and removes its folder. */
    @Override
    void close();

    default void execute(String sql) throws SQLException {
        try (Connection connection = connect(); Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    default void makeTable() throws SQLException {
        execute("DROP TABLE IF EXISTS hark_outbox");
        for (String sql : table()) {
            execute(sql);
        }
    }

    /** Servers refuse to run as root, and run as nobody then. */
    static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    /** A command line that such a server is started with. */
    static List<String> asNobody(String... command) {
        List<String> line = new ArrayList<>();
        if (isRoot()) {
            line.addAll(List.of("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"));
        }
        line.addAll(List.of(command));
        return line;
    }

    /** A folder that nobody else sees, in memory where there is such. */
    static Path newFolder(String prefix) throws IOException {
        Path memory = Path.of("/dev/shm");
        Path folder = Files.isWritable(memory) ? Files.createTempDirectory(memory, prefix) : Files.createTempDirectory(prefix);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        if (isRoot()) {
            Files.setOwner(folder, folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody"));
        }
        return folder;
    }

    /** What skips a test; fails it where {@code CI} is {@code true}. */
    static TestAbortedException missing(String message) {
        if ("true".equals(System.getenv("CI"))) {
            fail(message);
        }
        return new TestAbortedException(message);
    }
}
