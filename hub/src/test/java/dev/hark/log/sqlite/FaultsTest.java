package dev.hark.log.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** What SQLite's errors mean. */
class FaultsTest {
    @ParameterizedTest
    @CsvSource({
        "SQLITE_CORRUPT, true, is damaged",
        "SQLITE_NOTADB, true, is damaged",
        // The file ends before what it should hold: a replica that was cut is made anew, and no disk is to be checked.
        "SQLITE_IOERR_SHORT_READ, true, is damaged",
        "SQLITE_IOERR_READ, false, fails; check it",
        "SQLITE_IOERR_FSYNC, false, could not be flushed",
        "SQLITE_FULL, false, is full",
        "SQLITE_IOERR_SHMSIZE, false, is full",
        "SQLITE_READONLY, false, cannot be written"
    })
    void damageIsToldFromADiskThatFails(SQLiteErrorCode code, boolean damage, String words) {
        var error = new SQLiteException("said", code);
        assertThat(Faults.isDamage(error)).isEqualTo(damage);
        assertThat(Faults.inWords(Path.of("hark.db"), error)).contains("the log hark.db", words, "(said)");
        assertThat(Faults.inWords(Role.REPLICA, Path.of("hark.db"), error)).contains("the replica hark.db", words, "(said)");
    }

    /** A replica that is restored has an epoch that no other node knows. */
    @Test
    void nobodyIsToldToRestoreAReplica() {
        var error = new SQLiteException("said", SQLiteErrorCode.SQLITE_CORRUPT);
        assertThat(Faults.inWords(Path.of("hark.db"), error)).contains("restore it from a backup");
        assertThat(Faults.inWords(Role.REPLICA, Path.of("hark.db"), error)).contains("makes it anew").doesNotContain("backup");
    }
}
