package dev.hark.log.sqlite;

import static dev.hark.log.sqlite.Logs.ALL;
import static dev.hark.log.sqlite.Logs.append;
import static dev.hark.log.sqlite.Logs.draft;
import static dev.hark.log.sqlite.Logs.fill;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hark.event.Event;
import dev.hark.event.Filters;
import dev.hark.log.EventLog;
import dev.hark.log.Page;
import dev.hark.log.UnusableLogException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A database of which SQLite itself refuses to read pages. */
@Timeout(60)
class SqliteDamageTest {
    private static final int PAGE_BYTES = 4_096;
    private static final int EVENTS = 2_000;

    @TempDir(factory = FastFolder.class)
    Path folder;

    @Test
    void goesOnBehindAPageThatCannotBeRead() throws Exception {
        Path database = folder.resolve("hark.db");
        try (SqliteLog log = Logs.open(database)) {
            fill(log, EVENTS);
        }
        byte[] intact = Files.readAllBytes(database);
        int announced = 0;
        for (int page = 10; page < intact.length / PAGE_BYTES; page += 7) {
            byte[] damaged = intact.clone();
            Arrays.fill(damaged, page * PAGE_BYTES, (page + 1) * PAGE_BYTES, (byte) 0x55);
            Files.write(database, damaged);
            try (SqliteLog log = Logs.open(database)) {
                for (Filters filters : List.of(ALL, Filters.of("t/1"))) {
                    long gone = 0;
                    long position = 0;
                    var seen = new ArrayList<Event>();
                    while (position < EVENTS) {
                        Page next = log.read(position, filters, EventLog.MAX_PAGE_EVENTS);
                        gone += next.from() - position;
                        seen.addAll(next.events());
                        position = next.through();
                    }
                    assertThat(gone).as("page %d", page).isLessThan(200);
                    assertThat(seen.size()).as("page %d", page).isGreaterThan((EVENTS - (int) gone) / 3 - 2);
                    announced += gone > 0 ? 1 : 0;
                }
                assertThat(log.since(Long.MIN_VALUE).position()).isZero();
                long last = Logs.last(log, Filters.of("t/2"), EVENTS);
                assertThat(log.read(last, ALL, 10)).as("page %d", page).satisfies(page0 ->
                        assertThat(last == 0 || page0.from() > last).as("all of them, or it is announced that some are missing").isTrue());
                assertThat(Logs.trouble(log)).isEmpty();
            } catch (UnusableLogException e) {
                assertThat(e).hasMessageContaining("is damaged");
            }
        }
        assertThat(announced).isGreaterThan(4);
    }

    @Test
    void saysThatNothingCanBeReadUntilThatHasPassed() throws Exception {
        Path database = folder.resolve("hark.db");
        try (SqliteLog log = Logs.open(database)) {
            fill(log, EVENTS);
        }
        byte[] intact = Files.readAllBytes(database);
        byte[] garbage = new byte[intact.length];
        Arrays.fill(garbage, (byte) 0x55);
        try (SqliteLog log = Logs.open(database)) {
            overwrite(database, garbage);
            assertThatThrownBy(() -> log.read(0, ALL, 10))
                    .isInstanceOf(UnusableLogException.class)
                    .hasMessageContaining(database.toString());
            assertThat(Logs.trouble(log)).hasValueSatisfying(why -> assertThat(why).contains("is damaged").doesNotContain("\n"));
            assertThat(log.tail().era().hot().bounds().newest()).as("what is hot is there").isEqualTo(EVENTS);
            overwrite(database, intact);
            assertThat(log.read(0, ALL, 10).events()).hasSize(10);
            assertThat(Logs.trouble(log)).as("not until that has been calm").isPresent();
            await().until(() -> {
                log.maintain();
                return Logs.trouble(log).isEmpty();
            });
            append(log, draft("a", "x"));
        }
    }

    /** In place: the log has the file open. */
    private static void overwrite(Path database, byte[] content) throws Exception {
        try (var file = new RandomAccessFile(database.toFile(), "rw")) {
            file.write(content);
        }
    }
}
