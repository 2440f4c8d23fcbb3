package dev.hark.log.sqlite.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.hark.event.Draft;
import dev.hark.log.FakeClock;
import dev.hark.log.Retention;
import dev.hark.log.UnusableLogException;
import dev.hark.log.sqlite.FastFolder;
import dev.hark.log.sqlite.LogState;
import dev.hark.log.sqlite.Logs;
import dev.hark.log.sqlite.RivalWriter;
import dev.hark.log.sqlite.SqliteLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a database holds, verify and export come to an end, say little, and pass over nothing in silence. */
@Timeout(300)
class LogDamageTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int DAMAGED_LOGS = 150;
    private static final int FLOOR = 1_000;
    private static final int NEWEST = 7_000;

    @TempDir(factory = FastFolder.class)
    Path folder;

    private Path path;
    private byte[] intact;
    private Map<Long, String> stored;

    /** What the tools made of one. */
    private record Outcome(
            @Nullable Verification verification, List<String> findings, List<Long> exported, List<String> missing, boolean refused) {}

    /** Deep enough that its table has interior pages below its root, and with retention behind it. */
    @BeforeEach
    void store() throws IOException {
        path = folder.resolve("hark.db");
        try (SqliteLog log = Logs.open(path, new Retention(NEWEST - FLOOR, Duration.ofDays(1), 1L << 40), new FakeClock())) {
            for (int from = 0; from < NEWEST; from += 500) {
                Logs.append(log, IntStream.range(from, from + 500).mapToObj(LogDamageTest::draft).toArray(Draft[]::new));
                log.maintain();
            }
        }
        intact = Files.readAllBytes(path);
        stored = exported();
        assertThat(stored).hasSize(NEWEST - FLOOR);
    }

    private static Draft draft(int i) {
        String data = "event " + i + " " + "x".repeat(i % 700 == 0 ? 9_000 : i % 800);
        return Logs.draft("t/" + i % 90, data, i % 3 == 0 ? "key " + i : null);
    }

    private Map<Long, String> exported() throws IOException {
        var events = new HashMap<Long, String>();
        try (LogFile file = LogFile.open(path)) {
            file.export(new ExportStart.Oldest(), Logs.ALL, new ExportSink() {
                @Override
                public void event(ExportedEvent event) {
                    events.put(event.id().sequence(), inOneLine(event));
                }

                @Override
                public void missing(String why) {
                    throw new AssertionError(why);
                }
            });
        }
        return events;
    }

    private static String inOneLine(ExportedEvent event) {
        return event.timeMillis() + " " + event.topic() + " " + event.type() + " " + Arrays.hashCode(event.data());
    }

    private Outcome examine(String what) {
        return assertTimeoutPreemptively(PATIENCE, () -> outcome(what), () -> what + " is not through after " + PATIENCE);
    }

    /** Runs both tools, and checks what holds of every damaged log. */
    private Outcome outcome(String what) throws IOException {
        var findings = new ArrayList<String>();
        var exported = new ArrayList<Long>();
        var missing = new ArrayList<String>();
        Verification verification = null;
        boolean refused = false;
        try (LogFile file = LogFile.open(path)) {
            verification = file.verify(findings::add);
        } catch (UnusableLogException e) {
            assertThat(e.getMessage()).as(what).contains(path.toString()).doesNotContain("\n");
        }
        try (LogFile file = LogFile.open(path)) {
            file.export(new ExportStart.Oldest(), Logs.ALL, new ExportSink() {
                @Override
                public void event(ExportedEvent event) {
                    if (!stored.isEmpty()) {
                        assertThat(inOneLine(event)).as(what).isEqualTo(stored.get(event.id().sequence()));
                    }
                    exported.add(event.id().sequence());
                }

                @Override
                public void missing(String why) {
                    missing.add(why);
                }
            });
        } catch (UnusableLogException e) {
            refused = true;
            assertThat(e.getMessage()).as(what).contains(path.toString()).doesNotContain("\n");
        }
        assertThat(findings).as(what).hasSizeLessThanOrEqualTo(Findings.MAX_TOLD + 1).doesNotHaveDuplicates()
                .noneMatch(each -> each.contains("\n") || each.length() > 400);
        assertThat(missing).as(what).hasSizeLessThanOrEqualTo(Findings.MAX_TOLD + 1).doesNotHaveDuplicates();
        assertThat(exported).as(what).isSorted().doesNotHaveDuplicates();
        return new Outcome(verification, findings, exported, missing, refused);
    }

    private static boolean isFoundDamaged(Outcome outcome) {
        return outcome.verification() == null || !outcome.verification().isIntact();
    }

    /** What is not exported was said to be missing, by both. */
    private void assertThatNothingIsPassedOver(Outcome outcome, String what) {
        if (outcome.exported().size() < stored.size()) {
            int left = outcome.exported().size();
            assertThat(isFoundDamaged(outcome)).as("%s: verify finds that only %d events are left", what, left).isTrue();
            assertThat(outcome.refused() || !outcome.missing().isEmpty()).as("%s: export says that only %d are left", what, left).isTrue();
        }
    }

    private void damage(Random random, Pages pages, byte[] file, int kind) {
        int page = 1 + random.nextInt(pages.count());
        int other = 1 + random.nextInt(pages.count());
        List<Integer> leaves = pages.leaves();
        List<Integer> interiors = pages.interiors();
        switch (kind) {
            case 0 -> pages.zero(page);
            case 1 -> pages.copy(page, other);
            case 2 -> pages.swap(page, other);
            case 3 -> file[random.nextInt(file.length)] ^= (byte) (1 + random.nextInt(255));
            case 4 -> pages.swap(leaves.get(random.nextInt(leaves.size())), leaves.get(random.nextInt(leaves.size())));
            case 5 -> pages.leadAstray(interiors.get(random.nextInt(interiors.size())), random);
            case 6 -> pages.reverse(leaves.get(random.nextInt(leaves.size())));
            case 7 -> pages.renumber(leaves.get(random.nextInt(leaves.size())), random);
            default -> throw new AssertionError(kind);
        }
    }

    @Test
    @Tag("long")
    void endsOnPagesThatWereDamagedAtRandom() throws Exception {
        long seed = Long.getLong("seed", new Random().nextLong());
        var random = new Random(seed);
        int rescued = 0;
        int found = 0;
        for (int i = 0; i < DAMAGED_LOGS; i++) {
            byte[] file = intact.clone();
            var pages = new Pages(file);
            int kind = i % 8;
            int times = 1 << random.nextInt(5);
            for (int j = 0; j < times && pages.leaves().size() > 2 && !pages.interiors().isEmpty(); j++) {
                damage(random, pages, file, i % 3 == 0 ? random.nextInt(8) : kind);
            }
            Files.write(path, i % 50 == 49 ? Arrays.copyOf(file, random.nextInt(file.length)) : file);
            String what = "seed " + seed + ", log " + i + " (kind " + kind + ", " + times + " times)";
            Outcome outcome = examine(what);
            assertThatNothingIsPassedOver(outcome, what);
            rescued += outcome.exported().size() > stored.size() / 2 ? 1 : 0;
            found += isFoundDamaged(outcome) ? 1 : 0;
        }
        assertThat(rescued).as("seed %d: logs of which most is left", seed).isGreaterThan(DAMAGED_LOGS / 3);
        assertThat(found).as("seed %d: logs that were found damaged", seed).isGreaterThan(DAMAGED_LOGS / 2);
    }

    @Test
    void losesOnlyTheRowsOfPagesThatStandInEachOthersPlace() throws IOException {
        byte[] file = intact.clone();
        var pages = new Pages(file);
        List<Integer> leaves = pages.leaves();
        pages.swap(leaves.get(100), leaves.get(400));
        Files.write(path, file);
        Outcome outcome = examine("two leaves that were swapped");

        assertThat(outcome.exported()).hasSizeBetween(stored.size() - 200, stored.size() - 2);
        assertThat(outcome.missing()).isNotEmpty().allSatisfy(each -> assertThat(each).containsAnyOf("missing", "not in rising order"));
        assertThatNothingIsPassedOver(outcome, "two leaves that were swapped");
    }

    @Test
    void endsWhereEveryPageStandsInAnothersPlace() throws IOException {
        var random = new Random(3);
        byte[] file = intact.clone();
        var pages = new Pages(file);
        List<Integer> leaves = pages.leaves();
        for (int i = leaves.size() - 1; i > 0; i--) {
            pages.swap(leaves.get(i), leaves.get(random.nextInt(i)));
        }
        Files.write(path, file);
        Outcome outcome = examine("leaves in no order");

        assertThat(isFoundDamaged(outcome)).isTrue();
        assertThatNothingIsPassedOver(outcome, "leaves in no order");
    }

    @Test
    void losesOnlyARowWhoseNumberChanged() throws Exception {
        int lost = 0;
        for (int i = 0; i < 40; i++) {
            byte[] file = intact.clone();
            var pages = new Pages(file);
            var random = new Random(i);
            pages.renumber(pages.leaves().get(random.nextInt(400)), random);
            Files.write(path, file);
            Outcome outcome = examine("row " + i);
            assertThatNothingIsPassedOver(outcome, "row " + i);
            assertThat(outcome.exported()).as("row %d: %s", i, outcome.missing()).hasSizeGreaterThan(stored.size() - 60);
            lost += stored.size() - outcome.exported().size();
        }
        assertThat(lost).isPositive();
    }

    @Test
    void endsWherePagesLeadAroundInACircle() throws IOException {
        for (int keep : new int[] {0, 2, 5, 100}) {
            for (int depth = 0; depth < 4; depth++) {
                byte[] file = intact.clone();
                var pages = new Pages(file);
                List<Integer> interiors = pages.interiors();
                for (int i = 0; i < interiors.size(); i++) {
                    pages.lead(interiors.get(i), interiors.get((i + depth) % interiors.size()), keep);
                }
                Files.write(path, file);
                String what = "interior pages that lead " + depth + " further, but each " + keep + "th";
                Outcome outcome = examine(what);
                assertThat(isFoundDamaged(outcome)).as(what).isTrue();
                assertThatNothingIsPassedOver(outcome, what);
                assertTimeoutPreemptively(PATIENCE, () -> {
                    try (LogFile log = LogFile.open(path)) {
                        log.summary(10);
                    } catch (UnusableLogException e) {
                        assertThat(e.getMessage()).as(what).contains("damaged");
                    }
                }, what);
            }
        }
    }

    @Test
    void endsWherePagesFanOutToMoreRowsThanAnybodyCounts() throws IOException {
        byte[] file = intact.clone();
        var pages = new Pages(file);
        List<Integer> leaves = pages.leaves();
        List<Integer> interiors = pages.interiors();
        // Not a circle, which SQLite notices by its depth: each page leads to the next, hundreds of times.
        int next = leaves.get(50);
        for (int page : leaves.subList(100, 106)) {
            pages.copy(interiors.getFirst(), page);
            pages.lead(page, next, 0);
            next = page;
        }
        for (int page : interiors) {
            pages.lead(page, next, 0);
        }
        Files.write(path, file);
        Outcome outcome = examine("pages that fan out");

        assertThat(isFoundDamaged(outcome)).isTrue();
        assertThatNothingIsPassedOver(outcome, "pages that fan out");
        assertThatThrownBy(() -> assertTimeoutPreemptively(PATIENCE, () -> {
            try (LogFile log = LogFile.open(path)) {
                return log.summary(10);
            }
        })).isInstanceOf(UnusableLogException.class).hasMessageContaining("pages that lead to the same rows over and over");
    }

    private void forge(UnaryOperator<LogState> lie) throws SQLException, IOException {
        Files.write(path, intact);
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path)) {
            Logs.save(connection, lie.apply(Objects.requireNonNull(LogState.read(connection))));
        }
    }

    private static LogState bounds(LogState state, long floor, long newest) {
        return new LogState(state.epoch(), floor, state.floorTimeMillis(), newest, state.newestTimeMillis(), state.events(), state.bytes(),
                state.keys());
    }

    @Test
    void findsBoundsThatAreNotTrue() throws Exception {
        forge(state -> bounds(state, FLOOR, NEWEST + (1L << 50)));
        assertThat(examine("newest too high").findings()).contains("events after 7000 up to " + (NEWEST + (1L << 50)) + " are missing");
        assertThat(examine("newest too high").exported()).hasSize(stored.size());
        forge(state -> bounds(state, FLOOR, NEWEST - 10));
        assertThat(examine("newest too low").findings()).anySatisfy(each -> assertThat(each).startsWith("event 7000 stands beyond 6990"));
        forge(state -> bounds(state, 5, NEWEST));
        assertThat(examine("floor too low").findings()).contains("events after 5 up to 1000 are missing");
        forge(state -> bounds(state, FLOOR + 10, NEWEST));
        assertThat(examine("floor too high").findings()).anySatisfy(each -> assertThat(each).startsWith("event 1001 stands before 1011"));
        for (long[] impossible : new long[][] {{NEWEST + 1, NEWEST}, {-5, NEWEST}, {FLOOR, Long.MAX_VALUE}}) {
            forge(state -> bounds(state, impossible[0], impossible[1]));
            Outcome outcome = examine("impossible bounds " + Arrays.toString(impossible));
            assertThat(outcome.findings()).anySatisfy(each -> assertThat(each).contains("table log"));
            assertThat(Objects.requireNonNull(outcome.verification()).events()).isEqualTo(stored.size());
            assertThat(outcome.refused()).isTrue();
        }
        forge(state -> new LogState("No epoch", FLOOR, 0, NEWEST, 0, state.events(), state.bytes(), state.keys()));
        assertThat(examine("no epoch").findings()).anySatisfy(each -> assertThat(each).contains("table log"));
    }

    @Test
    void endsOnTablesThatAreNotWhatTheSchemaSays() throws Exception {
        String root = "UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = ";
        for (String trick : List.of(
                root + "'idempotency') WHERE name = 'event'",
                root + "'event') WHERE name = 'idempotency'",
                root + "'event') WHERE name = 'log'",
                root + "'event') WHERE name = 'event_by_chain'",
                "UPDATE sqlite_schema SET rootpage = 2 WHERE name = 'event'",
                "UPDATE sqlite_schema SET rootpage = 1 WHERE name = 'event'",
                "UPDATE sqlite_schema SET sql = 'CREATE VIEW event AS SELECT 1', type = 'view' WHERE name = 'event'",
                "UPDATE sqlite_schema SET sql = replace(sql, 'sequence INTEGER PRIMARY KEY', 'sequence INTEGER') WHERE name = 'event'",
                "UPDATE sqlite_schema SET sql = replace(sql, 'previous INTEGER NOT NULL', 'other INTEGER') WHERE name = 'event'",
                "DELETE FROM sqlite_schema WHERE name = 'event'",
                "DELETE FROM sqlite_schema WHERE name = 'event_by_chain'",
                "DELETE FROM sqlite_schema WHERE name = 'idempotency'")) {
            Files.write(path, intact);
            Logs.sql(path, "PRAGMA writable_schema = ON", trick);
            Outcome outcome = examine(trick);
            assertThat(isFoundDamaged(outcome)).as(trick).isTrue();
        }
        Files.write(path, intact);
        Logs.sql(path, "PRAGMA ignore_check_constraints = ON", "INSERT INTO log SELECT 2, epoch, 0, 0, 9, 0, 0, 0, 0, 0 FROM log",
                "UPDATE log SET one = 3 WHERE one = 1", "UPDATE log SET one = 1 WHERE one = 2");
        assertThat(examine("two rows in table log").findings()).anySatisfy(each -> assertThat(each).contains("table log"));
    }

    @Test
    void saysHowMuchMoreThereIs() throws Exception {
        Logs.sql(path, "UPDATE event SET data = 'x' WHERE sequence % 2 = 0");
        Outcome outcome = examine("every second event");

        assertThat(outcome.findings()).hasSize(Findings.MAX_TOLD + 1).startsWith("event 1002 is damaged: it is not what was stored");
        assertThat(outcome.findings().getLast()).matches("and \\d+ more");
        assertThat(outcome.missing().getLast()).isEqualTo("and 2900 more");
        assertThat(outcome.exported()).hasSize(3_000);
        assertThat(Objects.requireNonNull(outcome.verification()).findings()).isGreaterThanOrEqualTo(3_000);
    }

    @Test
    void endsOnADatabaseThatTwoProcessesWrote() throws Exception {
        Path link = Files.createDirectory(folder.resolve("other")).resolve("hark.db");
        Files.createLink(link, path);
        var writers = new ArrayList<Process>();
        var said = new ArrayList<String>();
        try {
            for (Path name : List.of(path, link)) {
                var command = List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp", System.getProperty("java.class.path"), RivalWriter.class.getName(), name.toString(), "150");
                writers.add(new ProcessBuilder(command).redirectErrorStream(true).start());
            }
            for (Process writer : writers) {
                String line = writer.inputReader().readLine();
                while (!line.equals("ready")) {
                    line = Objects.requireNonNull(writer.inputReader().readLine(), "a writer has gone");
                }
            }
            for (Process writer : writers) {
                writer.getOutputStream().write('\n');
                writer.getOutputStream().flush();
            }
            for (Process writer : writers) {
                writer.inputReader().lines().forEach(said::add);
                assertThat(writer.waitFor()).as("%s", said).isZero();
            }
        } finally {
            writers.forEach(Process::destroyForcibly);
        }
        // What both have stored is not what one of them has: only that it ends, rises, and is found damaged.
        stored = Map.of();
        Outcome outcome = examine("a database that two processes wrote");
        assertThat(isFoundDamaged(outcome)).as("%s, after %s", outcome.findings(), said).isTrue();
    }
}
