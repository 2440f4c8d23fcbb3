package dev.hark.log.sqlite;

import static dev.hark.log.sqlite.Logs.ALL;
import static dev.hark.log.sqlite.Logs.fill;
import static dev.hark.log.sqlite.Logs.readAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hark.log.UnusableLogException;
import dev.hark.log.sqlite.tools.LogFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files that a log is not opened in: each is left as it is, and one sentence says what to do. */
@Timeout(60)
class SqliteOpeningTest {
    @TempDir
    Path folder;

    private Path path;

    @BeforeEach
    void name() {
        path = folder.resolve("hark.db");
    }

    @Test
    void leavesAnotherProgramsDatabase() throws Exception {
        Logs.sql(path, "CREATE TABLE account (id INTEGER)", "INSERT INTO account VALUES (1)");
        isRefused("belongs to another program", "Choose another log.path");
    }

    @Test
    void leavesWhatIsNoDatabase() throws Exception {
        for (String content : new String[] {"", "a", "SQLite format 3", "some notes\n".repeat(1_000)}) {
            Files.writeString(path, content);
            isRefused("is no SQLite database", "Restore it from a backup");
        }
    }

    @Test
    void leavesALogOfANewerVersion() throws Exception {
        store();
        Logs.sql(path, "PRAGMA user_version = " + (DatabaseFile.SCHEMA_VERSION + 1));
        isRefused("was written by a newer Hark", "run that version");
        Logs.sql(path, "PRAGMA user_version = " + DatabaseFile.SCHEMA_VERSION);
        try (SqliteLog log = Logs.open(path)) {
            assertThat(readAll(log, 0, ALL)).hasSize(5);
        }
    }

    @Test
    void saysThatAFolderIsNone() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        UnusableLogException refusal = catchThrowableOfType(UnusableLogException.class, () -> Logs.open(file.resolve("hark.db")));
        assertThat(refusal).hasMessageEndingWith(file + " is no folder; choose another log.path");
    }

    @Test
    void takesALinkForWhatItLeadsTo() throws Exception {
        Path link = Files.createDirectory(folder.resolve("links")).resolve("other.db");
        Files.createSymbolicLink(link, path);
        assertThat(catchThrowableOfType(UnusableLogException.class, () -> Logs.open(link)))
                .hasMessageContaining("a link to")
                .hasMessageContaining("is its disk mounted?");
        assertThat(link).isSymbolicLink();
        assertThat(path).doesNotExist();
        try (SqliteLog log = Logs.open(path)) {
            fill(log, 3);
            assertThat(catchThrowableOfType(UnusableLogException.class, () -> Logs.open(link)))
                    .hasMessageContaining("is in use by another process");
            try (LogFile file = LogFile.open(link)) {
                assertThat(file.summary(1).walBytes()).isEqualTo(Files.size(Logs.walOf(path)));
            }
        }
        try (SqliteLog log = Logs.open(link)) {
            assertThat(readAll(log, 0, ALL)).hasSize(3);
        }
        assertThat(link.getParent()).as("nothing lies beside the link").isDirectoryNotContaining(file -> !file.equals(link));
    }

    @Test
    void leavesALogThatIsOpen() {
        try (SqliteLog log = Logs.open(path)) {
            fill(log, 1);
            UnusableLogException refusal = catchThrowableOfType(UnusableLogException.class, () -> Logs.open(path));
            assertThat(refusal).hasMessageContaining("in use by another process").hasMessageContaining(path.toString());
            fill(log, 1);
            assertThat(Logs.trouble(log)).isEmpty();
        }
    }

    @Test
    void leavesALogThatAnotherProcessHasOpen() throws Exception {
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--enable-native-access=ALL-UNNAMED", "-cp",
                        System.getProperty("java.class.path"), FailingFsync.class.getName(), path.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (var answers = other.inputReader()) {
            assertThat(answers.readLine()).startsWith("pid ");
            UnusableLogException refusal = catchThrowableOfType(UnusableLogException.class, () -> Logs.open(path));
            assertThat(refusal).hasMessageContaining("in use by another process").hasMessageContaining("stop that one");
        } finally {
            other.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
        try (SqliteLog log = Logs.open(path)) {
            assertThat(fill(log, 1)).hasSize(1);
        }
    }

    @Test
    void leavesAFolder() throws Exception {
        Files.createDirectory(path);
        UnusableLogException refusal = catchThrowableOfType(UnusableLogException.class, () -> Logs.open(path));
        assertThat(refusal).hasMessageContaining("is a folder");
    }

    @Test
    void leavesAWalWithoutItsDatabase() throws Exception {
        Path killed;
        try (SqliteLog log = Logs.open(path)) {
            fill(log, 5);
            killed = Logs.crash(path, folder.resolve("killed"));
        }
        Files.delete(killed);
        byte[] wal = Files.readAllBytes(Logs.walOf(killed));
        UnusableLogException refusal = catchThrowableOfType(UnusableLogException.class, () -> Logs.open(killed));
        assertThat(refusal).hasMessageContaining("is missing").hasMessageContaining("put the database back");
        assertThat(Files.readAllBytes(Logs.walOf(killed))).isEqualTo(wal);
        assertThat(killed).doesNotExist();
    }

    @Test
    void leavesALogThatDoesNotKnowItself() throws Exception {
        store();
        Logs.sql(path, "UPDATE log SET newest = 4");
        isRefused("is damaged", "restore it from a backup");
    }

    private void store() {
        try (SqliteLog log = Logs.open(path)) {
            fill(log, 5);
        }
    }

    private void isRefused(String... words) throws Exception {
        byte[] before = Files.readAllBytes(path);
        UnusableLogException refusal = catchThrowableOfType(UnusableLogException.class, () -> Logs.open(path));
        assertThat(refusal).isNotNull();
        assertThat(refusal.getMessage()).contains(path.toString()).contains(words).doesNotContain("\n");
        assertThat(Files.readAllBytes(path)).isEqualTo(before);
    }
}
