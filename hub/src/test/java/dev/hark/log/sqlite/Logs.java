package dev.hark.log.sqlite;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Draft;
import dev.hark.event.Event;
import dev.hark.event.Filters;
import dev.hark.event.Topic;
import dev.hark.log.Append;
import dev.hark.log.EventLog;
import dev.hark.log.FakeClock;
import dev.hark.log.History;
import dev.hark.log.HotLimits;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.LogConfig;
import dev.hark.log.Page;
import dev.hark.log.Patiences;
import dev.hark.log.Retention;
import dev.hark.log.TopicClasses;
import dev.hark.log.sqlite.SqliteSettings.Durability;
import dev.hark.thread.VitalThreads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Logs in a folder, and what tests do to them. */
public final class Logs {
    public static final Filters ALL = Filters.ALL;
    public static final Retention KEEPS_ALL = new Retention(1_000_000, Duration.ofDays(1), 1L << 40);
    private static final AtomicLong SEED = new AtomicLong(42);

    private Logs() {}

    public static SqliteLog open(Path path) {
        return open(path, KEEPS_ALL, new FakeClock());
    }

    public static SqliteLog open(Path path, TopicClasses classes, FakeClock clock) {
        var config = new LogConfig(
                classes, new HotLimits(4, 1 << 20), new IdempotencyLimits(1_000, Duration.ofHours(1)), LogConfig.DEFAULT_STALL);
        return SqliteLog.open(
                new SqliteSettings(path, Durability.FSYNC, config), clock, new Random(SEED.incrementAndGet()), new VitalThreads());
    }

    public static SqliteLog open(Path path, Retention retention, FakeClock clock) {
        return open(path, retention, new IdempotencyLimits(1_000, Duration.ofHours(1)), clock);
    }

    public static SqliteLog open(Path path, Retention retention, IdempotencyLimits keys, FakeClock clock) {
        return open(path, retention, keys, clock, new VitalThreads());
    }

    public static SqliteLog open(Path path, Retention retention, IdempotencyLimits keys, FakeClock clock, VitalThreads vital) {
        // Few hot events, so that what is read comes from the disk.
        var settings = new SqliteSettings(path, Durability.FSYNC, new LogConfig(retention, new HotLimits(4, 1 << 20), keys));
        return SqliteLog.open(settings, clock, new Random(SEED.incrementAndGet()), vital);
    }

    /** Why it takes no events, or cannot be read. */
    public static Optional<String> trouble(EventLog log) {
        return Optional.ofNullable(log.health().trouble());
    }

    /** Where to read from for the last {@code count} events. */
    public static long last(EventLog log, Filters filters, int count) throws IOException, InterruptedException {
        return new History(log).last(filters, count, Patiences.ENDLESS);
    }

    public static Draft draft(String topic, String data) {
        return draft(topic, data, null);
    }

    public static Draft draft(String topic, String data, @Nullable String idempotencyKey) {
        return new Draft(new Topic(topic), Draft.DEFAULT_TYPE, null, data.getBytes(UTF_8), idempotencyKey);
    }

    public static List<Long> append(EventLog log, Draft... batch) {
        Append append = log.append(List.of(batch));
        assertThat(append).isInstanceOf(Append.Stored.class);
        return ((Append.Stored) append).entries().stream().map(Append.Entry::sequence).toList();
    }

    /** The answer to who appended one event. */
    public static Append stored(EventLog log, long sequence, boolean replayed) {
        return new Append.Stored(List.of(new Append.Entry(log.tail().epoch(), sequence, replayed)));
    }

    /** Appends {@code count} events, one by one. */
    public static List<Long> fill(EventLog log, int count) {
        var sequences = new ArrayList<Long>();
        for (int i = 0; i < count; i++) {
            sequences.addAll(append(log, draft("t/" + i % 3, "event number " + i)));
        }
        return sequences;
    }

    public static List<Event> readAll(EventLog log, long after, Filters filters) {
        var events = new ArrayList<Event>();
        long position = after;
        while (position < log.tail().bounds().newest()) {
            Page page = log.read(position, filters, EventLog.MAX_PAGE_EVENTS);
            assertThat(page.through()).isGreaterThan(position);
            events.addAll(page.events());
            position = page.through();
        }
        return events;
    }

    /** The data of {@code events} as a client would be given it, but for the ids, whose epoch may be another. */
    public static List<String> payloads(List<Event> events) {
        return events.stream()
                .map(event -> event.sequence() + " " + event.topic() + " " + event.timeMillis() + " "
                        + new String(event.frame().bytes(), 0, event.frame().length(), UTF_8).replaceAll("(?m)^id: \\w+-", "id: "))
                .toList();
    }

    /** What a crash leaves: the files as they are now, copied to a folder of their own. Gives the database's path there. */
    public static Path crash(Path database, Path into) throws IOException {
        Files.createDirectories(into);
        try (Stream<Path> files = Files.list(database.getParent())) {
            for (Path file : files.filter(each -> each.getFileName().toString().startsWith(database.getFileName().toString())).toList()) {
                if (!file.toString().endsWith("-shm")) {
                    Files.copy(file, into.resolve(file.getFileName()));
                }
            }
        }
        return into.resolve(database.getFileName());
    }

    public static Path walOf(Path database) {
        return database.resolveSibling(database.getFileName() + "-wal");
    }

    /** Deletes a folder of files. */
    public static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    /** Does to a closed database what only an accident would. */
    public static void sql(Path path, String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path);
                Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    /** Writes what a database says of itself, with a checksum that is right, whether it is true or not. */
    public static void save(Connection connection, LogState state) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate(("UPDATE log SET epoch = '%s', floor = %d, floor_time = %d, newest = %d, newest_time = %d, events = %d,"
                    + " bytes = %d, keys = %d, crc = %d").formatted(state.epoch(), state.floor(), state.floorTimeMillis(), state.newest(),
                            state.newestTimeMillis(), state.events(), state.bytes(), state.keys(), state.crc()));
        }
    }
}
