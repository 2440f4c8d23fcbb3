package dev.hark.log.sqlite;

import static dev.hark.log.sqlite.Logs.ALL;
import static dev.hark.log.sqlite.Logs.append;
import static dev.hark.log.sqlite.Logs.draft;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Event;
import dev.hark.event.Filters;
import dev.hark.event.TopicFilter;
import dev.hark.log.EventLog;
import dev.hark.log.FakeClock;
import dev.hark.log.Keep;
import dev.hark.log.Page;
import dev.hark.log.Retention;
import dev.hark.log.TopicClasses;
import dev.hark.log.UnusableLogException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A log of which one bit has flipped, somewhere in its database or its WAL. */
@Timeout(120)
class SqliteBitFlipTest {
    private static final int FLIPS = 500;
    private static final List<Filters> FILTERS = List.of(
            ALL, Filters.of("t/1"), Filters.of("t/0", "t/2"), Filters.of("t/*"));

    @TempDir(factory = FastFolder.class)
    Path folder;

    private TopicClasses classes = TopicClasses.one(Logs.KEEPS_ALL);
    private Path killed = Path.of("not stored");
    private String epoch = "";
    private List<Event> stored = List.of();

    /** What retention has removed since may be there again where the end of the WAL is gone. */
    private List<Event> published = List.of();

    /** A log that was not closed, with most of its events in the database and the last ones in the WAL. */
    private void store() throws Exception {
        Path database = folder.resolve("data").resolve("hark.db");
        try (SqliteLog log = open(database)) {
            for (int i = 0; i < 300; i++) {
                append(log, draft("t/" + i % 3, "event number " + i + " ".repeat(i % 50), i % 7 == 0 ? "key " + i : null));
            }
            append(log, draft("t/1", "long".repeat(5_000)));
        }
        try (SqliteLog log = open(database)) {
            epoch = log.tail().epoch();
            Logs.fill(log, 5);
            published = Logs.readAll(log, 0, ALL);
            log.maintain();
            stored = Logs.readAll(log, 0, ALL);
            killed = Logs.crash(database, folder.resolve("killed"));
        }
    }

    private SqliteLog open(Path path) {
        return Logs.open(path, classes, new FakeClock());
    }

    @Test
    void isRefusedOrReadRightOrAnnounced() throws Exception {
        flipBits();
    }

    /** A third of the topics have lost all but their last events, out of the middle of the others'. */
    @Test
    void isRefusedOrReadRightOrAnnouncedWhereThereAreClasses() throws Exception {
        var keep = new Keep(new Retention(30, Duration.ofDays(1), 1 << 20));
        classes = TopicClasses.of(List.of(new TopicClasses.Rule(new TopicFilter("t/1"), keep)), Logs.KEEPS_ALL);
        flipBits();
        assertThat(stored).hasSizeLessThan(250);
    }

    private void flipBits() throws Exception {
        store();
        long seed = Long.getLong("seed", new Random().nextLong());
        var random = new Random(seed);
        byte[] database = Files.readAllBytes(killed);
        byte[] wal = Files.readAllBytes(Logs.walOf(killed));
        int refused = 0;
        int announced = 0;
        for (int i = 0; i < FLIPS; i++) {
            boolean inWal = i % 5 == 0;
            byte[] file = (inWal ? wal : database).clone();
            // Page 1 holds all that SQLite knows of the file; it gets more than its share.
            int at = !inWal && i % 10 == 1 ? random.nextInt(4_096) : random.nextInt(file.length);
            int bit = random.nextInt(8);
            file[at] ^= (byte) (1 << bit);
            Path flipped = Logs.crash(killed, folder.resolve("flipped-" + i));
            Files.write(inWal ? Logs.walOf(flipped) : flipped, file);
            String what = "seed " + seed + ", flip " + i + ": bit " + bit + " of byte " + at + " of the " + (inWal ? "WAL" : "database");
            try (SqliteLog log = open(flipped)) {
                for (Filters filters : FILTERS) {
                    announced += check(log, filters, what);
                }
                checkSearches(log, what);
            } catch (UnusableLogException e) {
                refused++;
                assertThat(e.getMessage()).as(what).contains(flipped.toString()).doesNotContain("\n");
            }
            Logs.delete(folder.resolve("flipped-" + i));
        }
        assertThat(announced).as("seed %d: announced", seed).isPositive();
        assertThat(refused).as("seed %d: refused", seed).isLessThan(FLIPS / 2);
    }

    /** Reads all that matches; whether anything was announced as missing. */
    private int check(EventLog log, Filters filters, String what) throws Exception {
        Set<Long> missing = new HashSet<>();
        stored.stream().filter(event -> filters.matches(event.topic())).forEach(event -> missing.add(event.sequence()));
        boolean gap = !log.tail().epoch().equals(epoch);
        if (gap) {
            // Everybody is told that the history is another.
            missing.clear();
        }
        long position = 0;
        var seen = new ArrayList<Event>();
        while (position < log.tail().bounds().newest()) {
            Page page = log.read(position, filters, EventLog.MAX_PAGE_EVENTS);
            assertThat(page.through()).as(what).isGreaterThan(position);
            if (page.from() > position) {
                gap = true;
                missing.removeIf(sequence -> sequence <= page.from());
            }
            seen.addAll(page.events());
            position = page.through();
        }
        seen.forEach(event -> missing.remove(event.sequence()));
        assertThat(missing).as(what + ": neither read nor announced with " + filters).isEmpty();
        assertThat(Logs.payloads(published)).as(what).containsAll(Logs.payloads(seen));
        assertThat(seen).as(what).extracting(Event::sequence).isSorted().doesNotHaveDuplicates();
        return gap ? 1 : 0;
    }

    private void checkSearches(EventLog log, String what) throws Exception {
        if (log.tail().epoch().equals(epoch)) {
            long time = stored.getFirst().timeMillis();
            assertThat(log.since(time).position()).as(what).isZero();
            assertThat(Logs.last(log, ALL, 50)).as(what).isBetween(0L, log.tail().bounds().newest());
        }
    }
}
