package dev.hark.load.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportOptionsTest {
    private static final LocalDateTime TIME = LocalDateTime.of(2026, 11, 28, 17, 40, 12);

    @TempDir
    Path folder;

    private final ReportOptions options = new ReportOptions();

    @BeforeEach
    void setUp() {
        options.runs = folder.resolve("runs");
    }

    @Test
    void givesEachRunAFolderOfItsOwn() throws IOException {
        options.prepare();
        assertThat(options.folder("fanout", TIME, true)).isEqualTo(options.runs.resolve("2026-11-28T17-40-12-fanout")).isDirectory();
        assertThat(options.folder("fanout", TIME, true)).isEqualTo(options.runs.resolve("2026-11-28T17-40-12-fanout-2"));
        assertThat(options.folder("a/../b c", TIME, true)).isEqualTo(options.runs.resolve("2026-11-28T17-40-12-a-..-b-c"));
        assertThat(options.folder("fanout", TIME, false)).as("a run that did not begin").isNull();
    }

    @Test
    void leavesNothingBehindWhereNoRunBegins() {
        options.prepare();
        assertThat(options.runs).doesNotExist();
    }

    @Test
    void takesTheFolderThatWasNamed() throws IOException {
        options.out = folder.resolve("here");
        options.prepare();
        assertThat(options.folder("fanout", TIME, false)).isEqualTo(options.out);
        assertThat(options.runs).doesNotExist();
    }

    @Test
    void writesNothingWhereNothingIsWanted() throws IOException {
        options.noReport = true;
        options.prepare();
        assertThat(options.folder("fanout", TIME, true)).isNull();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void saysWhichFolderCannotBeWritten() throws IOException {
        options.runs = Files.writeString(folder.resolve("file"), "");
        assertThatThrownBy(options::prepare).hasMessageContaining("--runs '" + options.runs + "' cannot be written");
    }
}
