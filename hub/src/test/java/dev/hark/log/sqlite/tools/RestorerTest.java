package dev.hark.log.sqlite.tools;

import static dev.hark.log.sqlite.Logs.ALL;
import static dev.hark.log.sqlite.Logs.append;
import static dev.hark.log.sqlite.Logs.draft;
import static dev.hark.log.sqlite.Logs.fill;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hark.log.FakeClock;
import dev.hark.log.UnusableLogException;
import dev.hark.log.sqlite.DatabaseFile;
import dev.hark.log.sqlite.HighWaterMark;
import dev.hark.log.sqlite.Logs;
import dev.hark.log.sqlite.SqliteLog;
import dev.hark.log.sqlite.Tools.Tmpfs;
import dev.hark.log.sqlite.tools.Restorer.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class RestorerTest {
    @TempDir
    Path folder;

    private final FakeClock clock = new FakeClock();
    private Path path;
    private Path backup;
    private String epoch;

    /** A log of ten events with a backup of the first five. */
    @BeforeEach
    void store() throws Exception {
        path = Files.createDirectory(folder.resolve("data")).resolve("hark.db");
        backup = folder.resolve("backup.db");
        try (SqliteLog log = Logs.open(path)) {
            epoch = log.tail().epoch();
            fill(log, 5);
            Logs.sql(path, "VACUUM INTO '" + backup + "'");
            fill(log, 5);
        }
    }

    private static final class Crash extends Error {
        private static final long serialVersionUID = 1;
    }

    private Restorer restorer() {
        return new Restorer(clock, new Random(7));
    }

    /** One that is cut short once it has come so far. */
    private Restorer restorer(Step last) {
        return new Restorer(clock, new Random(8), step -> {
            if (step == last) {
                throw new Crash();
            }
        });
    }

    private static long count(SqliteLog log) {
        return Logs.readAll(log, 0, ALL).size();
    }

    private static boolean isIntact(Path log) {
        var findings = new ArrayList<String>();
        try (LogFile file = LogFile.open(log)) {
            assertThat(file.verify(findings::add).isIntact()).as("%s", findings).isTrue();
        }
        return true;
    }

    private Set<String> files() throws IOException {
        try (Stream<Path> files = Files.list(path.getParent())) {
            return new HashSet<>(files.map(file -> file.getFileName().toString()).toList());
        }
    }

    @Test
    void beginsANewEpochWithWhatTheBackupHolds() {
        Restored restored = restorer().restore(backup, path, true);

        assertThat(restored.epoch()).isNotEqualTo(epoch);
        assertThat(restored.events()).isEqualTo(5);
        assertThat(restored.newest()).isEqualTo(5);
        isIntact(path);
        try (SqliteLog log = Logs.open(path)) {
            assertThat(log.tail().epoch()).as("the mark is that of the restored log").isEqualTo(restored.epoch());
            assertThat(count(log)).isEqualTo(5);
            assertThat(append(log, draft("a", "x")).getFirst()).as("no number is used again").isGreaterThan(10);
        }
    }

    @Test
    void keepsTheLogThatWasThere() throws Exception {
        Restored restored = restorer().restore(backup, path, true);
        Path kept = Objects.requireNonNull(restored.kept());

        assertThat(kept.getFileName().toString()).matches("hark\\.db-replaced-\\d{8}T\\d{6}");
        String name = kept.getFileName().toString();
        assertThat(files()).containsExactlyInAnyOrder("hark.db", "hark.db-mark", name, name + "-mark");
        isIntact(kept);
        Restored again = restorer().restore(backup, path, true);
        assertThat(again.kept()).isNotEqualTo(kept).hasFileName(kept.getFileName() + "-2");
        try (SqliteLog log = Logs.open(kept)) {
            assertThat(log.tail().epoch()).isEqualTo(epoch);
            assertThat(count(log)).isEqualTo(10);
        }
    }

    @Test
    void takesInTheWalOfALogThatWasNotClosed() throws Exception {
        Path killed;
        try (SqliteLog log = Logs.open(path)) {
            fill(log, 3);
            killed = Logs.crash(path, folder.resolve("killed"));
        }
        assertThat(Logs.walOf(killed)).isNotEmptyFile();
        Restored restored = restorer().restore(backup, killed, true);

        assertThat(Logs.walOf(killed)).doesNotExist();
        isIntact(killed);
        try (SqliteLog log = Logs.open(Objects.requireNonNull(restored.kept()))) {
            assertThat(count(log)).isEqualTo(13);
        }
        try (SqliteLog log = Logs.open(killed)) {
            assertThat(count(log)).isEqualTo(5);
        }
    }

    @Test
    void restoresTheLogOfAHubThatRunsElsewhere() {
        try (SqliteLog log = Logs.open(path)) {
            fill(log, 3);
            Path copy = folder.resolve("new/folder/hark.db");
            Restored restored = restorer().restore(path, copy, false);

            assertThat(restored.kept()).isNull();
            assertThat(restored.events()).as("with what is in the WAL").isEqualTo(13);
            isIntact(copy);
        }
    }

    @Test
    void replacesALogThatIsDamaged() throws Exception {
        byte[] garbage = new byte[50_000];
        Arrays.fill(garbage, (byte) 0x55);
        Files.write(path, garbage);
        Path kept = Objects.requireNonNull(restorer().restore(backup, path, true).kept());

        assertThat(kept).hasBinaryContent(garbage);
        isIntact(path);
        Files.delete(path);
        Files.write(Logs.walOf(path), garbage);
        assertThatThrownBy(() -> restorer().restore(backup, path, false)).isInstanceOf(UnusableLogException.class)
                .hasMessageContaining("-wal");
        kept = Objects.requireNonNull(restorer().restore(backup, path, true).kept());
        assertThat(Logs.walOf(kept)).hasBinaryContent(garbage);
        assertThat(Logs.walOf(path)).doesNotExist();
        isIntact(path);
    }

    @Test
    void restoresWhatIsLeftOfADamagedBackup() throws Exception {
        Logs.sql(backup, "UPDATE event SET data = 'x' WHERE sequence = 2");
        restorer().restore(backup, path, true);

        try (SqliteLog log = Logs.open(path)) {
            assertThat(count(log)).isEqualTo(4);
        }
    }

    @Test
    void goesOnAboveAllThatWasUsedThere() throws Exception {
        restorer().restore(backup, path, true);
        long first;
        try (SqliteLog log = Logs.open(path)) {
            first = append(log, draft("a", "x")).getFirst();
        }
        restorer().restore(backup, path, true);
        try (SqliteLog log = Logs.open(path)) {
            assertThat(append(log, draft("a", "x")).getFirst()).as("above the log that was restored before").isGreaterThan(first);
        }
        Files.delete(HighWaterMark.fileOf(path));
        restorer().restore(backup, path, true);
        try (SqliteLog log = Logs.open(path)) {
            assertThat(append(log, draft("a", "x")).getFirst()).as("far above, where nothing tells").isGreaterThan(1L << 32);
        }
    }

    @Test
    void refusesWhatIsNoLog() throws Exception {
        byte[] before = Files.readAllBytes(path);
        Set<String> files = files();
        Path text = Files.writeString(folder.resolve("text.db"), "not a database");
        Path other = folder.resolve("other.db");
        Logs.sql(other, "CREATE TABLE t (a)");
        Path newer = Files.copy(backup, folder.resolve("newer.db"));
        Logs.sql(newer, "PRAGMA user_version = " + (DatabaseFile.SCHEMA_VERSION + 1));
        Path wrong = Files.copy(backup, folder.resolve("wrong.db"));
        Logs.sql(wrong, "UPDATE log SET newest = 4");
        Path empty = Files.copy(backup, folder.resolve("empty.db"));
        Logs.sql(empty, "DROP TABLE log");

        for (Path each : List.of(text, other, newer, wrong, empty, folder.resolve("none.db"), folder)) {
            assertThatThrownBy(() -> restorer().restore(each, path, true)).as("%s", each)
                    .isInstanceOf(UnusableLogException.class).hasMessageContaining(each.toString());
        }
        assertThatThrownBy(() -> restorer().restore(path, path, true)).hasMessageContaining("is the log itself");
        assertThat(path).hasBinaryContent(before);
        assertThat(files()).isEqualTo(files);
    }

    @Test
    void leavesNothingWhereThereIsNoRoom() throws Exception {
        try (SqliteLog log = Logs.open(path);
                Tmpfs small = Tmpfs.mount(folder.resolve("small"), "256k")) {
            append(log, draft("a", "x".repeat(500_000)));
            Path target = small.folder().resolve("hark.db");

            assertThatThrownBy(() -> restorer().restore(path, target, false)).isInstanceOf(UnusableLogException.class)
                    .hasMessageContaining("cannot be copied to").hasMessageContaining("SQLITE_FULL");
            assertThat(small.folder()).isDirectoryNotContaining(file -> !file.equals(HighWaterMark.fileOf(target)));
            assertThat(restorer().restore(backup, target, false).events()).isEqualTo(5);
        }
    }

    @Test
    void refusesToReplaceALogUnasked() throws Exception {
        byte[] before = Files.readAllBytes(path);
        assertThatThrownBy(() -> restorer().restore(backup, path, false)).isInstanceOf(UnusableLogException.class)
                .hasMessageContaining("there is a log at " + path).hasMessageContaining("--replace");
        assertThat(path).hasBinaryContent(before);
    }

    @Test
    void refusesWhileAHubHasTheLogOpen() {
        try (SqliteLog log = Logs.open(path)) {
            assertThatThrownBy(() -> restorer().restore(backup, path, true)).isInstanceOf(UnusableLogException.class)
                    .hasMessageContaining("is in use by another process");
            fill(log, 3);
            assertThat(count(log)).isEqualTo(13);
        }
    }

    /** Its mark, which lies beside the other name, says nothing. */
    @Test
    void refusesWhileAHubHasTheFileOpenByAnotherName() throws Exception {
        Path link = Files.createDirectory(folder.resolve("links")).resolve("hark.db");
        Process hub = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--enable-native-access=ALL-UNNAMED", "-cp",
                        System.getProperty("java.class.path"), "dev.hark.log.sqlite.FailingFsync", path.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (var answers = hub.inputReader();
                var commands = hub.outputWriter()) {
            assertThat(answers.readLine()).startsWith("pid ");
            Files.createLink(link, path);
            Object file = Files.getAttribute(link, "unix:ino");
            assertThatThrownBy(() -> restorer().restore(backup, link, true))
                    .isInstanceOf(UnusableLogException.class)
                    .hasMessageContaining("the log " + link + " is in use by another process");
            assertThat(Files.getAttribute(link, "unix:ino")).as("the same file").isEqualTo(file);
            commands.write("publish\n");
            commands.flush();
            assertThat(answers.readLine()).isEqualTo("stored 11");
        } finally {
            hub.destroyForcibly().waitFor();
        }
        Restored restored = restorer().restore(backup, link, true);
        assertThat(restored.events()).isEqualTo(5);
    }

    @Test
    void refusesWhileSomebodyReadsAWalThatIsToBeTakenIn() throws Exception {
        Path killed;
        try (SqliteLog log = Logs.open(path)) {
            fill(log, 3);
            killed = Logs.crash(path, folder.resolve("killed"));
        }
        try (Connection reader = DriverManager.getConnection("jdbc:sqlite:" + killed);
                Statement reading = reader.createStatement()) {
            reader.setAutoCommit(false);
            reading.executeQuery("SELECT sequence FROM event").next();
            assertThatThrownBy(() -> restorer().restore(backup, killed, true)).isInstanceOf(UnusableLogException.class)
                    .hasMessageContaining("is being read by another process");
        }
        try (SqliteLog log = Logs.open(killed)) {
            assertThat(count(log)).isEqualTo(13);
        }
    }

    @ParameterizedTest
    @EnumSource
    void isCutShortWithTheOldLogInPlaceOrTheRestoredOne(Step last) throws Exception {
        try (SqliteLog log = Logs.open(path)) {
            fill(log, 3);
            path = Logs.crash(path, folder.resolve("killed"));
        }
        assertThatThrownBy(() -> restorer(last).restore(backup, path, true)).isInstanceOf(Crash.class);

        Path after = Logs.crash(path, folder.resolve("after"));
        try (SqliteLog log = Logs.open(after)) {
            boolean restored = last.compareTo(Step.RENAMED) >= 0;
            assertThat(count(log)).isEqualTo(restored ? 5 : 13);
            assertThat(log.tail().epoch().equals(epoch)).isEqualTo(!restored);
            assertThat(append(log, draft("a", "x")).getFirst()).isGreaterThan(13);
        }
        Restored again = restorer().restore(backup, path, true);
        assertThat(again.events()).isEqualTo(5);
        isIntact(path);
        @Nullable Path kept = again.kept();
        assertThat(kept).isNotNull();
        assertThat(files()).noneMatch(file -> file.contains("-restoring"));
    }
}
