package dev.hark.log.sqlite;

import static dev.hark.log.sqlite.Logs.ALL;
import static dev.hark.log.sqlite.Logs.append;
import static dev.hark.log.sqlite.Logs.draft;
import static dev.hark.log.sqlite.Logs.fill;
import static dev.hark.log.sqlite.Logs.readAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hark.log.Append;
import dev.hark.log.LogHealth;
import dev.hark.log.UnusableLogException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A log whose files somebody takes away, replaces, opens by another name or writes into. */
@Timeout(60)
class SqliteFilesTest {
    private static final int EVENTS = 10;

    @TempDir
    Path folder;

    private Path database;

    @BeforeEach
    void name() throws Exception {
        database = Files.createDirectories(folder.resolve("log")).resolve("hark.db");
    }

    @Test
    void storesNothingOnceItsFilesAreRemoved() throws Exception {
        try (SqliteLog log = filled()) {
            try (Stream<Path> files = Files.list(database.getParent())) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            stops(log, "was removed while the hub had it open");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-wal", "-mark"})
    void storesNothingOnceOneOfItsFilesIsRemoved(String suffix) throws Exception {
        try (SqliteLog log = filled()) {
            Files.delete(database.resolveSibling(database.getFileName() + suffix));
            stops(log, "hark.db" + suffix + " was removed while the hub had it open");
        }
    }

    @Test
    void storesNothingOnceItsDatabaseIsReplaced() throws Exception {
        Path backup = folder.resolve("backup.db");
        try (SqliteLog other = Logs.open(backup)) {
            fill(other, 3);
        }
        try (SqliteLog log = filled()) {
            Files.move(backup, database, StandardCopyOption.REPLACE_EXISTING);
            stops(log, "was replaced while the hub had it open");
        }
    }

    @Test
    void isNotOpenedByTwoNames() throws Exception {
        Path link = folder.resolve("link.db");
        try (SqliteLog log = filled()) {
            Files.createLink(link, database);
            assertThatThrownBy(() -> Logs.open(link))
                    .isInstanceOf(UnusableLogException.class).hasMessageContaining("in use by another process");
            append(log, draft("a", "goes on"));
            log.maintain();
            assertThat(Logs.trouble(log)).isEmpty();
        }
        for (Path name : List.of(link, database)) {
            assertThatThrownBy(() -> Logs.open(name))
                    .isInstanceOf(UnusableLogException.class).hasMessageContaining("hard links").hasMessageNotContaining("\n");
        }
        Files.delete(link);
        try (SqliteLog log = Logs.open(database)) {
            assertThat(readAll(log, 0, ALL)).hasSize(EVENTS + 1);
        }
    }

    /** As a container does it that is given the file alone. */
    @Test
    void isNotOpenedByAnotherProcessThroughAMountOfTheFile() throws Exception {
        try (SqliteLog log = filled();
                Tools.BindMount mount = Tools.BindMount.mount(database, folder.resolve("mounted.db"))) {
            Process other = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--enable-native-access=ALL-UNNAMED", "-cp",
                            System.getProperty("java.class.path"), FailingFsync.class.getName(), mount.target().toString())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(other.waitFor()).isNotZero();
            assertThat(said).contains("in use by another process");
            append(log, draft("a", "goes on"));
            log.maintain();
            assertThat(Logs.trouble(log)).isEmpty();
        }
        try (SqliteLog log = Logs.open(database)) {
            assertThat(readAll(log, 0, ALL)).hasSize(EVENTS + 1);
        }
    }

    @Test
    void storesNothingOnceAnotherProcessWroteIntoIt() throws Exception {
        Tools.require("sqlite3", "what becomes of a log that another program writes into");
        try (SqliteLog log = filled()) {
            shell("INSERT INTO idempotency VALUES (99, 'other', 0, 0, 0)");
            stops(log, "another process has written into the log");
        }
    }

    @Test
    void doesNotMindWhoReads() throws Exception {
        Tools.require("sqlite3", "what becomes of a log that another program reads");
        try (SqliteLog log = filled()) {
            for (String reading : List.of("SELECT count(*) FROM event", "VACUUM INTO '" + folder.resolve("copy.db") + "'")) {
                shell(reading);
                append(log, draft("a", "x"));
                log.maintain();
                assertThat(Logs.trouble(log)).as(reading).isEmpty();
            }
        }
    }

    @Test
    void saysWhatWasLost() throws Exception {
        Path old = folder.resolve("old.db");
        try (SqliteLog log = Logs.open(database)) {
            fill(log, 4);
        }
        Files.copy(database, old);
        try (SqliteLog log = Logs.open(database)) {
            assertThat(log.health()).isEqualTo(LogHealth.GOOD);
            fill(log, 3);
        }
        Files.copy(old, database, StandardCopyOption.REPLACE_EXISTING);
        try (SqliteLog log = Logs.open(database)) {
            LogHealth health = log.health();
            assertThat(health.lost()).isEqualTo(3);
            assertThat(health.trouble()).as("it works").isNull();
            assertThat(health.alarms()).singleElement().asString().contains("lost").contains("events up to 7");
        }
        try (SqliteLog log = Logs.open(database)) {
            assertThat(log.health()).as("told once: the new epoch begins at what is there").isEqualTo(LogHealth.GOOD);
        }
    }

    @Test
    void saysWhatIsDamaged() throws Exception {
        try (SqliteLog log = filled()) {
            assertThat(log.health().damaged()).isZero();
        }
        Logs.sql(database, "UPDATE event SET data = x'00' WHERE sequence = 3", "DELETE FROM event WHERE sequence = 6");
        try (SqliteLog log = Logs.open(database)) {
            readAll(log, 0, ALL);
            LogHealth health = log.health();
            assertThat(health.damaged()).isEqualTo(2);
            assertThat(health.trouble()).as("it works").isNull();
            assertThat(health.alarms()).singleElement().asString().contains("damaged in 2 places").contains("hark log verify");
        }
    }

    private SqliteLog filled() {
        SqliteLog log = Logs.open(database);
        fill(log, EVENTS);
        log.maintain();
        assertThat(Logs.trouble(log)).isEmpty();
        return log;
    }

    /** After the upkeep of a second or two, for good: the files are looked at by a reader, because a look may hang. */
    private static void stops(SqliteLog log, String why) {
        Awaitility.await().until(() -> {
            log.maintain();
            return Logs.trouble(log).isPresent();
        });
        for (int i = 0; i < 2; i++) {
            assertThat(Logs.trouble(log)).hasValueSatisfying(trouble -> assertThat(trouble).contains(why).doesNotContain("\n"));
            assertThat(log.append(List.of(draft("a", "x")))).isInstanceOfSatisfying(
                    Append.Unavailable.class, refused -> assertThat(refused.why()).contains(why));
            log.maintain();
        }
        assertThat(log.tail().bounds().newest()).as("nothing more").isEqualTo(EVENTS);
    }

    private void shell(String statement) throws Exception {
        Process shell = new ProcessBuilder("sqlite3", database.toString(), statement).redirectErrorStream(true).start();
        String said = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(shell.waitFor()).as(said).isZero();
    }
}
