package dev.hark.log.sqlite;

import static dev.hark.log.sqlite.Logs.ALL;
import static dev.hark.log.sqlite.Logs.append;
import static dev.hark.log.sqlite.Logs.draft;
import static dev.hark.log.sqlite.Logs.readAll;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Event;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A log of which only the beginning of the WAL is left. */
@Timeout(120)
class SqliteTornWalTest {
    private static final int STEP_BYTES = 100;

    /** More than a page has room for, so that frames differ in what they hold. */
    private static final String LONG_DATA = "x".repeat(5_000);

    @TempDir(factory = FastFolder.class)
    Path folder;

    @Test
    @Tag("long")
    void keepsABeginningOfTheHistoryAndReportsWhatIsGone() throws Exception {
        Path database = folder.resolve("data").resolve("hark.db");
        Path killed;
        String epoch;
        List<Event> stored;
        long acknowledged;
        try (SqliteLog log = Logs.open(database)) {
            epoch = log.tail().epoch();
            append(log, draft("a", "one", "key"));
            append(log, draft("b", LONG_DATA), draft("a", "three"));
            append(log, draft("c", "four"));
            // Writes the mark: up to here the loss of an event must be noticed.
            log.maintain();
            acknowledged = log.tail().bounds().newest();
            append(log, draft("a", "five"));
            stored = readAll(log, 0, ALL);
            killed = Logs.crash(database, folder.resolve("killed"));
        }
        long size = Files.size(Logs.walOf(killed));
        assertThat(size).isGreaterThan(20_000);
        int gone = 0;
        for (long length = 0; length <= size; length += STEP_BYTES) {
            Path torn = Logs.crash(killed, folder.resolve("torn-" + length));
            try (var file = new RandomAccessFile(Logs.walOf(torn).toFile(), "rw")) {
                file.setLength(length);
            }
            try (SqliteLog log = Logs.open(torn)) {
                long newest = log.tail().bounds().newest();
                assertThat(Logs.payloads(readAll(log, 0, ALL)))
                        .as("with %d of %d bytes of the WAL", length, size)
                        .isEqualTo(Logs.payloads(stored.subList(0, (int) newest)));
                assertThat(log.tail().epoch().equals(epoch)).as("with %d of %d bytes of the WAL it ends at %d", length, size, newest)
                        .isEqualTo(newest >= acknowledged);
                gone += newest < acknowledged ? 1 : 0;
                assertThat(append(log, draft("a", "next")).getFirst()).as("never used").isGreaterThan(stored.getLast().sequence());
            }
        }
        assertThat(gone).as("lengths with which acknowledged events were gone").isPositive();
    }
}
