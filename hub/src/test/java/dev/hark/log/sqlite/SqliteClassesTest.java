package dev.hark.log.sqlite;

import static dev.hark.log.sqlite.Logs.append;
import static dev.hark.log.sqlite.Logs.draft;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hark.event.Draft;
import dev.hark.event.Event;
import dev.hark.event.EventKind;
import dev.hark.event.Filters;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import dev.hark.log.FakeClock;
import dev.hark.log.HotLimits;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.Keep;
import dev.hark.log.LogConfig;
import dev.hark.log.Page;
import dev.hark.log.Retention;
import dev.hark.log.TopicClass;
import dev.hark.log.TopicClasses;
import dev.hark.log.UnusableLogException;
import dev.hark.log.sqlite.SqliteSettings.Durability;
import dev.hark.log.sqlite.tools.LogFile;
import dev.hark.log.sqlite.tools.Verification;
import dev.hark.thread.VitalThreads;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Classes of topics in a database: over restarts and changed rules, and beside damage. */
@Timeout(120)
class SqliteClassesTest {
    private static final Duration DAY = Duration.ofDays(1);
    private static final long SEED = Long.getLong("hark.seed", 20261129L);

    @TempDir(factory = FastFolder.class)
    Path folder;

    private final FakeClock clock = new FakeClock();

    private SqliteLog open(Path path, TopicClasses classes) {
        var config = new LogConfig(classes, new HotLimits(4, 1 << 20), new IdempotencyLimits(1_000, DAY), LogConfig.DEFAULT_STALL);
        return SqliteLog.open(new SqliteSettings(path, Durability.WRITE, config), clock, new Random(SEED), new VitalThreads());
    }

    private static TopicClasses classes(Retention byDefault, Object... matchesAndKeeps) {
        var rules = new ArrayList<TopicClasses.Rule>();
        for (int i = 0; i < matchesAndKeeps.length; i += 2) {
            rules.add(new TopicClasses.Rule(new TopicFilter((String) matchesAndKeeps[i]), (Keep) matchesAndKeeps[i + 1]));
        }
        return TopicClasses.of(rules, byDefault);
    }

    private static Keep keep(long events, Duration age, long bytes) {
        return new Keep(new Retention(events, age, bytes));
    }

    // ---- a model

    private record Known(long sequence, String topic, @Nullable String key, boolean deletes) {}

    @Test
    void keepsWhatAModelKeeps() throws Exception {
        for (int round = 0; round < 12; round++) {
            simulate(round, 60);
        }
    }

    @Tag("long")
    @Timeout(600)
    @Test
    void keepsWhatAModelKeepsForLong() throws Exception {
        for (int round = 100; round < 180; round++) {
            simulate(round, 200);
        }
    }

    private static final List<String> TOPICS = List.of("a/1", "a/2", "a/x/y", "b/1", "b/2", "c", "d/e", "live/1", "live/2");
    private static final List<String> MATCHES = List.of("a/**", "a/1", "*/1", "b/*", "d/**", "c", "live/*");

    private static TopicClasses randomClasses(SplittableRandom random) {
        var rules = new ArrayList<Object>();
        int count = random.nextInt(4);
        for (int i = 0; i < count; i++) {
            rules.add(MATCHES.get(random.nextInt(MATCHES.size())));
            rules.add(randomKeep(random));
        }
        if (random.nextBoolean()) {
            rules.add("live/*");
            rules.add(Keep.NOTHING);
        }
        return classes(random.nextBoolean() ? new Retention(40, DAY, 1 << 20) : new Retention(10_000, Duration.ofSeconds(40), 1 << 20),
                rules.toArray());
    }

    private static Keep randomKeep(SplittableRandom random) {
        return switch (random.nextInt(5)) {
            case 0 -> keep(random.nextInt(1, 20), DAY, 1 << 20);
            case 1 -> new Keep(new Retention(random.nextInt(1, 20), DAY, 1 << 20), true);
            case 2 -> new Keep(new Retention(1_000, Duration.ofSeconds(random.nextInt(1, 30)), 1 << 20), true);
            case 3 -> keep(1_000, Duration.ofSeconds(random.nextInt(1, 30)), 1 << 20);
            default -> keep(1_000, DAY, random.nextInt(100, 2_000));
        };
    }

    private void simulate(int round, int steps) throws Exception {
        var random = new SplittableRandom(SEED + round);
        Path path = folder.resolve("log-" + round + ".db");
        TopicClasses classes = randomClasses(random);
        SqliteLog log = open(path, classes);
        var known = new ArrayList<Known>();
        boolean changed = false;
        try {
            for (int step = 0; step < steps; step++) {
                String at = "round " + round + ", step " + step + ", seed " + SEED + ", " + classes.assignments();
                switch (random.nextInt(10)) {
                    case 0 -> clock.advance(Duration.ofSeconds(random.nextInt(1, 15)));
                    case 1 -> {
                        log.maintain();
                        checkBounds(at, log, classes);
                    }
                    case 2 -> {
                        boolean crash = random.nextBoolean();
                        long before = log.tail().bounds().newest();
                        Path next = crash ? Logs.crash(path, folder.resolve("crash-" + round + "-" + step)) : path;
                        log.close();
                        verify(at, path);
                        path = next;
                        if (random.nextInt(3) == 0) {
                            classes = randomClasses(random);
                            changed = true;
                        }
                        log = open(path, classes);
                        assertThat(classes.unstored() == 0 || log.tail().bounds().newest() >= before).as(at).isTrue();
                    }
                    default -> publish(log, random, known);
                }
                check(at, log, classes, known, changed, random);
            }
        } finally {
            log.close();
        }
        verify("round " + round, path);
    }

    private void publish(SqliteLog log, SplittableRandom random, List<Known> known) {
        int count = random.nextInt(1, 8);
        var batch = new ArrayList<Draft>();
        for (int i = 0; i < count; i++) {
            var topic = new Topic(TOPICS.get(random.nextInt(TOPICS.size())));
            String key = random.nextInt(3) == 0 ? null : "k" + random.nextInt(4);
            byte[] data = ("event " + known.size() + "-" + i).getBytes(UTF_8);
            batch.add(random.nextInt(12) == 0 ? Draft.deleted(topic, key, null) : new Draft(topic, "message", key, data, null));
        }
        List<Long> sequences = append(log, batch.toArray(Draft[]::new));
        for (int i = 0; i < count; i++) {
            long last = known.isEmpty() ? 0 : known.getLast().sequence();
            assertThat(sequences.get(i)).isGreaterThan(last);
            Draft draft = batch.get(i);
            known.add(new Known(sequences.get(i), draft.topic().value(), draft.key(), draft.kind() == EventKind.DELETED));
        }
    }

    /**
     * What is read is what was published, but for what each class says that it has lost; nothing of that is left either, unless the rules
     * have changed: then a class may say more than it has lost.
     */
    private static void check(
            String at, SqliteLog log, TopicClasses classes, List<Known> known, boolean changed, SplittableRandom random) {
        List<Long> all = Logs.readAll(log, 0, Filters.ALL).stream().map(Event::sequence).toList();
        var expected = new ArrayList<Long>();
        Map<Long, Known> newest = newest(known, classes);
        for (Known each : known) {
            TopicClass of = classes.of(each.topic());
            boolean isLost = each.sequence() <= log.tail().era().lostStored(1L << of.number());
            boolean isThere = all.contains(each.sequence());
            if (of.keep().isStored()) {
                // What was published while another rule said that nothing is stored of it was never there.
                assertThat(!changed && isThere && isLost && !newest.containsKey(each.sequence()))
                        .as("%s: event %s of %s is there, and said to be lost", at, each.sequence(), each.topic())
                        .isFalse();
                if (!isLost && !each.topic().startsWith("live/")) {
                    assertThat(isThere).as("%s: event %s of %s is missing", at, each.sequence(), each.topic()).isTrue();
                }
            }
            if (isThere) {
                expected.add(each.sequence());
            }
        }
        assertThat(all).as(at).isEqualTo(expected);
        // Where rules have changed, what another rule did not keep is gone.
        Map<Long, Known> kept = changed ? newest(known.stream().filter(each -> all.contains(each.sequence())).toList(), classes) : newest;
        for (Filters filters : List.of(Filters.ALL, Filters.of("a/*"), Filters.of("b/1", "c"))) {
            assertThat(latest(log, filters)).as("%s: the newest of %s", at, filters).isEqualTo(kept.values().stream()
                    .filter(each -> filters.matches(each.topic())).map(Known::sequence).toList());
        }
        String topic = TOPICS.get(random.nextInt(TOPICS.size()));
        Filters filters = random.nextBoolean() ? Filters.of(topic) : Filters.of(topic, "a/*");
        long after = known.isEmpty() ? 0 : known.get(random.nextInt(known.size())).sequence();
        assertThat(Logs.readAll(log, after, filters).stream().map(Event::sequence).toList()).as("%s: %s after %s", at, filters, after)
                .isEqualTo(known.stream()
                        .filter(each -> each.sequence() > after && filters.matches(each.topic()) && all.contains(each.sequence()))
                        .map(Known::sequence)
                        .toList());
        assertThat(log.health().damaged()).as(at).isZero();
    }

    /** The newest of each topic and key that stays, by position. */
    private static Map<Long, Known> newest(List<Known> known, TopicClasses classes) {
        Map<List<String>, Known> byName = new HashMap<>();
        for (Known each : known) {
            if (classes.of(each.topic()).keep().latest()) {
                List<String> name = List.of(each.topic(), String.valueOf(each.key()));
                byName.put(name, each);
                if (each.deletes()) {
                    byName.remove(name);
                }
            }
        }
        Map<Long, Known> newest = new TreeMap<>();
        byName.values().forEach(each -> newest.put(each.sequence(), each));
        return newest;
    }

    private static List<Long> latest(SqliteLog log, Filters filters) {
        var found = new ArrayList<Long>();
        long through = log.tail().bounds().newest();
        long position = 0;
        while (position < through) {
            Page page = log.latest(position, through, filters, 3);
            page.events().forEach(event -> found.add(event.sequence()));
            assertThat(page.through()).isGreaterThan(position);
            position = page.through();
        }
        return found;
    }

    /** After upkeep each class is within its bounds, but for the newest event of all. */
    private void checkBounds(String at, SqliteLog log, TopicClasses classes) {
        List<Event> all = Logs.readAll(log, 0, Filters.ALL);
        List<Long> newest = latest(log, Filters.ALL);
        long last = log.tail().era().ends().stored();
        for (TopicClass each : classes.all()) {
            Retention retention = each.keep().retention();
            List<Event> own = all.stream()
                    .filter(event -> !newest.contains(event.sequence()))
                    .filter(event -> classes.numberOf(event.topic().value()) == each.number() && event.sequence() != last).toList();
            if (retention == null) {
                assertThat(own).as(at).isEmpty();
                continue;
            }
            long oldest = clock.millis() - retention.age().toMillis();
            assertThat(own.size()).as("%s: %s", at, each).isLessThanOrEqualTo((int) retention.events());
            assertThat(own).as("%s: %s", at, each).allMatch(event -> event.timeMillis() >= oldest);
            long bytes = own.stream().mapToLong(event -> event.frame().length()).sum();
            assertThat(bytes <= retention.bytes() || own.size() <= 1).as("%s: %s holds %s bytes", at, each, bytes).isTrue();
        }
    }

    private static void verify(String at, Path path) throws IOException {
        var findings = new ArrayList<String>();
        try (LogFile file = LogFile.open(path)) {
            Verification verification = file.verify(findings::add);
            assertThat(findings).as(at).isEmpty();
            assertThat(verification.notes()).as("%s: everything was compared", at).noneMatch(note -> note.contains("not compared"));
        }
    }

    // ---- damage

    /** Whatever one row is damaged in, what is missing afterwards is told as damage, whatever retention takes around it. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void neverTakesDamageForRetention(int seed) throws Exception {
        var random = new SplittableRandom(seed);
        Path path = folder.resolve("log.db");
        TopicClasses classes = classes(new Retention(1_000, DAY, 1 << 20), "a/**", keep(30, DAY, 1 << 20));
        List<Long> kept = new ArrayList<>();
        try (SqliteLog log = open(path, classes)) {
            for (int i = 0; i < 100; i++) {
                append(log, draft("a/" + i % 3, "x" + i));
                kept.addAll(append(log, draft("b/" + i % 5, "y" + i)));
            }
        }
        long victim = kept.get(random.nextInt(10, 60));
        // A row that is gone without a trace, as a torn write-ahead log leaves it.
        Logs.sql(path, "DELETE FROM event WHERE sequence = " + victim);
        try (SqliteLog log = open(path, classes)) {
            for (int i = 0; i < 60; i++) {
                append(log, draft("a/" + i % 3, "x" + i));
                log.maintain();
            }
            assertThat(log.tail().era().lostStored(1L << classes.numberOf("a/1"))).as("retention has passed it").isGreaterThan(victim);
            boolean told = false;
            long position = 0;
            var read = new ArrayList<Long>();
            while (position < log.tail().bounds().newest()) {
                Page page = log.read(position, Filters.ALL, 7);
                told |= page.damaged() && page.from() >= victim;
                page.events().stream().map(Event::sequence).forEach(read::add);
                position = page.through();
            }
            assertThat(told).as("seed %s: event %s is gone", seed, victim).isTrue();
            assertThat(read).containsAll(kept.stream().filter(each -> each != victim).toList()).doesNotContain(victim);
        }
    }

    @Test
    void refusesWhatItSaysOfItsClassesWhereThatIsDamaged() throws Exception {
        Path path = folder.resolve("log.db");
        TopicClasses classes = classes(new Retention(100, DAY, 1 << 20), "a/**", keep(3, DAY, 1 << 20));
        try (SqliteLog log = open(path, classes)) {
            append(log, draft("a/1", "x"));
        }
        Logs.sql(path, "UPDATE class SET events = events + 1 WHERE number = 1");
        assertThatThrownBy(() -> open(path, classes)).isInstanceOf(UnusableLogException.class).hasMessageContaining("table class");
        var findings = new ArrayList<String>();
        try (LogFile file = LogFile.open(path)) {
            file.verify(findings::add);
        }
        assertThat(findings).anyMatch(finding -> finding.contains("table class"));
    }

    // ---- what one class costs

    @Test
    void writesNothingForClassesWhereThereAreNone() throws Exception {
        Path path = folder.resolve("log.db");
        try (SqliteLog log = open(path, classes(new Retention(100, DAY, 1 << 20)))) {
            append(log, draft("a/1", "x"));
        }
        assertThat(count(path, "class")).isZero();
        assertThat(count(path, "rule")).isZero();
    }

    @Test
    void forgetsClassesOnceNothingOfThemCanBeAskedFor() throws Exception {
        Path path = folder.resolve("log.db");
        var one = new Retention(20, DAY, 1 << 20);
        try (SqliteLog log = open(path, classes(one, "a/**", keep(2, DAY, 1 << 20)))) {
            for (int i = 0; i < 5; i++) {
                append(log, draft("a/1", "x"), draft("b", "y"));
            }
            log.maintain();
        }
        assertThat(count(path, "class")).isEqualTo(2);
        try (SqliteLog log = open(path, classes(one))) {
            assertThat(log.tail().era().lostStored(1)).as("of topics that were in a/**").isPositive();
            for (int i = 0; i < 30; i++) {
                append(log, draft("b", "z"));
            }
            log.maintain();
            assertThat(Logs.readAll(log, 0, Filters.ALL)).hasSize(20);
        }
        try (SqliteLog log = open(path, classes(one))) {
            assertThat(Logs.readAll(log, 0, Filters.ALL)).hasSize(20);
        }
        assertThat(count(path, "class")).isZero();
        verify("at the end", path);
    }

    @Test
    void changedRulesHandNothingOnToTopicsThatTheyDoNotMatch() throws Exception {
        Path path = folder.resolve("log.db");
        var all = new Retention(1_000, DAY, 1 << 20);
        Keep jobs = keep(1_000, DAY, 1 << 20);
        for (int round = 0; round < 6; round++) {
            // A class of its own for one topic of a/**, or none: the rules are others with each start.
            TopicClasses rules = round % 2 == 0
                    ? classes(all, "a/**", keep(2, DAY, 1 << 20), "jobs/**", jobs)
                    : classes(all, "a/1", keep(2, DAY, 1 << 20), "a/**", keep(2, DAY, 1 << 20), "jobs/**", jobs);
            try (SqliteLog log = open(path, rules)) {
                append(log, draft("jobs/" + round, "begun"));
                for (int i = 0; i < 8; i++) {
                    append(log, draft("a/" + i % 2, "x"));
                }
                append(log, draft("c", "y"));
                log.maintain();
                assertThat(log.tail().era().lostStored(rules.touchedBy(Filters.of("a/*")))).as("a/*, round %s", round).isPositive();
                assertThat(log.tail().era().lostStored(rules.touchedBy(Filters.of("jobs/*")))).as("jobs/*, round %s", round).isZero();
            }
        }
        verify("at the end", path);
    }

    private static long count(Path path, String table) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM " + table)) {
            return row.getLong(1);
        }
    }

    // ---- positions of what is not stored

    @Test
    void neverGivesAPositionTwice() throws Exception {
        TopicClasses classes = classes(new Retention(100, DAY, 1 << 20), "live/**", Keep.NOTHING);
        Path path = folder.resolve("log.db");
        long last = 0;
        for (int i = 0; i < 6; i++) {
            Path next = path;
            try (SqliteLog log = open(path, classes)) {
                assertThat(log.tail().bounds().newest()).isGreaterThanOrEqualTo(last);
                if (i % 3 != 0) {
                    append(log, draft("kept", "x"));
                }
                long first = append(log, draft("live/1", "y")).getFirst();
                assertThat(first).isGreaterThan(last);
                last = append(log, draft("live/1", "z")).getFirst();
                assertThat(log.tail().bounds().newest()).isEqualTo(last);
                if (i % 2 == 0) {
                    next = Logs.crash(path, folder.resolve("crash-" + i));
                }
            }
            path = next;
        }
        try (SqliteLog log = open(path, classes)) {
            assertThat(log.tail().era().lostStored(1L << classes.numberOf("live/1"))).as("what was in memory is lost")
                    .isGreaterThanOrEqualTo(last);
            assertThat(log.tail().era().lostStored(1)).as("and nothing else").isZero();
        }
    }
}
