package dev.hark.log.sqlite;

import static dev.hark.log.sqlite.Logs.ALL;
import static dev.hark.log.sqlite.Logs.append;
import static dev.hark.log.sqlite.Logs.draft;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Draft;
import dev.hark.event.Event;
import dev.hark.event.Filters;
import dev.hark.event.Topic;
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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A log of which one bit has flipped, somewhere in its database or its WAL. */
@Timeout(120)
class SqliteBitFlipTest {
    private static final int FLIPS = 150;
    private static final int MANY_FLIPS = 2_000;

    /** As many as it takes until some are sure to be announced. */
    private static final int FLIPS_OF_NEWEST = 80;

    private static final List<Filters> FILTERS = List.of(
            ALL, Filters.of("t/1"), Filters.of("t/0", "t/2"), Filters.of("t/*"));

    /** A row of table latest, or its entry in the index: a topic with a key right behind, and positions around. */
    private static final Pattern TABLE_LATEST = Pattern.compile("l/[0-2](key|often)");

    @TempDir(factory = FastFolder.class)
    Path folder;

    private TopicClasses classes = TopicClasses.one(Logs.KEEPS_ALL);
    private Path killed = Path.of("not stored");
    private String epoch = "";
    private List<Event> stored = List.of();
    private List<Event> newest = List.of();
    private int announcedOfNewest;
    private int unannounced;

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
            if (classes.latest() != 0) {
                storeNewest(log);
            }
        }
        try (SqliteLog log = open(database)) {
            epoch = log.tail().epoch();
            Logs.fill(log, 5);
            published = Logs.readAll(log, 0, ALL);
            log.maintain();
            stored = Logs.readAll(log, 0, ALL);
            newest = latest(log, ALL, "before", new AtomicBoolean());
            killed = Logs.crash(database, folder.resolve("killed"));
        }
    }

    private SqliteLog open(Path path) {
        return Logs.open(path, classes, new FakeClock());
    }

    @Test
    void isRefusedOrReadRightOrAnnounced() throws Exception {
        flipBits(FLIPS);
    }

    @Tag("long")
    @Timeout(600)
    @Test
    void isRefusedOrReadRightOrAnnouncedForLong() throws Exception {
        flipBits(MANY_FLIPS);
    }

    /** A third of the topics have lost all but their last events, out of the middle of the others'. */
    @Test
    void isRefusedOrReadRightOrAnnouncedWhereThereAreClasses() throws Exception {
        var keep = new Keep(new Retention(30, Duration.ofDays(1), 1 << 20));
        classes = TopicClasses.of(List.of(new TopicClasses.Rule(new TopicFilter("t/1"), keep)), Logs.KEEPS_ALL);
        flipBits(FLIPS);
        assertThat(stored).hasSizeLessThan(250);
    }

    /** Retention has taken all but the newest events of topics and keys, and some of those were taken back. */
    @Test
    void isRefusedOrReadRightOrAnnouncedWhereNewestEventsStay() throws Exception {
        var keep = new Keep(new Retention(30, Duration.ofDays(1), 1 << 20), true);
        classes = TopicClasses.of(List.of(new TopicClasses.Rule(new TopicFilter("l/*"), keep)), Logs.KEEPS_ALL);
        flipBits(FLIPS_OF_NEWEST);
        assertThat(newest).hasSizeGreaterThan(100);
        assertThat(announcedOfNewest).as("of the newest events").isGreaterThan(2 * unannounced).isPositive();
    }

    /** One bit makes the position that of an older event of the same topic and key, which is as intact as the newest. */
    @Test
    void neverGivesAnOlderEventForTheNewest() throws Exception {
        var keep = new Keep(new Retention(1_000, Duration.ofDays(1), 1 << 20), true);
        classes = TopicClasses.of(List.of(new TopicClasses.Rule(new TopicFilter("l/*"), keep)), Logs.KEEPS_ALL);
        Path database = folder.resolve("hark.db");
        try (SqliteLog log = open(database)) {
            for (int i = 1; i <= 140; i++) {
                String key = i % 2 == 0 && i <= 130 ? "key" : "k" + i;
                append(log, new Draft(new Topic("l/1"), Draft.DEFAULT_TYPE, key, "x".getBytes(UTF_8), null));
            }
        }
        byte[] file = Files.readAllBytes(database);
        // A row of the table: its position, a header of four bytes, its topic and its key.
        int row = new String(file, ISO_8859_1).indexOf("\u0081\u0002\u0004\0\u0013\u0013l/1key");
        assertThat(row).as("the row at position 130").isPositive();
        file[row + 1] ^= 2;
        Files.write(database, file);
        try (SqliteLog log = open(database)) {
            for (Filters filters : List.of(ALL, Filters.of("l/1"))) {
                Page page = log.latest(0, log.tail().bounds().newest(), filters, 1_000);
                assertThat(page.damaged()).as("told with %s", filters).isTrue();
                assertThat(page.events()).hasSizeGreaterThan(70).noneMatch(event -> "key".equals(event.key()));
            }
        }
    }

    private void storeNewest(SqliteLog log) {
        for (int i = 0; i < 400; i++) {
            var topic = new Topic("l/" + i % 3);
            // Some change all the time, and most only now and then.
            String key = i % 4 == 0 ? "often" : "key " + i * 7 % 130;
            append(log, i % 20 == 19
                    ? Draft.deleted(topic, key, null)
                    : new Draft(topic, Draft.DEFAULT_TYPE, key, ("newest number " + i).getBytes(UTF_8), null));
        }
        log.maintain();
    }

    private static List<Event> latest(EventLog log, Filters filters, String what, AtomicBoolean damaged) {
        var found = new ArrayList<Event>();
        long through = log.tail().bounds().newest();
        long position = 0;
        while (position < through) {
            Page page = log.latest(position, through, filters, 50);
            assertThat(page.through()).as(what).isGreaterThan(position);
            found.addAll(page.events());
            if (page.damaged()) {
                damaged.set(true);
            }
            position = page.through();
        }
        return found;
    }

    /** What is given as the newest of a topic and key is that; where it is not given, it is most often said that something is damaged. */
    private void checkNewest(EventLog log, Filters filters, String what) {
        if (log.tail().bounds().newest() < published.getLast().sequence()) {
            // The end of the WAL is gone: what was the newest before that is so again.
            return;
        }
        var damaged = new AtomicBoolean();
        List<Event> found = latest(log, filters, what, damaged);
        List<String> right = Logs.payloads(newest.stream().filter(event -> filters.matches(event.topic())).toList());
        assertThat(right).as(what + ": the newest of " + filters).containsAll(Logs.payloads(found));
        announcedOfNewest += damaged.get() ? 1 : 0;
        // A row that has left no trace, in a page whose own words have changed or in the index, is only noticed by counting them all.
        unannounced += !damaged.get() && found.size() < right.size() ? 1 : 0;
    }

    private void flipBits(int flips) throws Exception {
        store();
        long seed = Long.getLong("seed", new Random().nextLong());
        var random = new Random(seed);
        byte[] database = Files.readAllBytes(killed);
        byte[] wal = Files.readAllBytes(Logs.walOf(killed));
        List<Integer> names = TABLE_LATEST.matcher(new String(database, ISO_8859_1)).results().map(MatchResult::start).toList();
        int refused = 0;
        int announced = 0;
        for (int i = 0; i < flips; i++) {
            boolean inWal = i % 5 == 0;
            byte[] file = (inWal ? wal : database).clone();
            // Page 1 holds all that SQLite knows of the file; it gets more than its share.
            int at = !inWal && i % 10 == 1 ? random.nextInt(4_096) : random.nextInt(file.length);
            if (!inWal && i % 2 == 0 && !names.isEmpty()) {
                at = names.get(random.nextInt(names.size())) + random.nextInt(-8, 16);
            }
            int bit = random.nextInt(8);
            file[at] ^= (byte) (1 << bit);
            Path flipped = Logs.crash(killed, folder.resolve("flipped-" + i));
            Files.write(inWal ? Logs.walOf(flipped) : flipped, file);
            String what = "seed " + seed + ", flip " + i + ": bit " + bit + " of byte " + at + " of the " + (inWal ? "WAL" : "database");
            try (SqliteLog log = open(flipped)) {
                for (Filters filters : FILTERS) {
                    announced += check(log, filters, what);
                }
                for (Filters filters : List.of(ALL, Filters.of("l/1"))) {
                    checkNewest(log, filters, what);
                }
                checkSearches(log, what);
            } catch (UnusableLogException e) {
                refused++;
                assertThat(e.getMessage()).as(what).contains(flipped.toString()).doesNotContain("\n");
            }
            Logs.delete(folder.resolve("flipped-" + i));
        }
        assertThat(announced).as("seed %d: announced", seed).isPositive();
        assertThat(refused).as("seed %d: refused", seed).isLessThan(flips / 2);
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
