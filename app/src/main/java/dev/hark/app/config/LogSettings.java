package dev.hark.app.config;

import dev.hark.log.LogConfig;
import dev.hark.log.TopicClasses;
import dev.hark.log.sqlite.SqliteSettings;
import dev.hark.log.sqlite.SqliteSettings.Durability;
import java.nio.file.Path;
import java.util.List;

/**
 * Where the event log is kept.
 *
 * @param kind       by which engine
 * @param path       the database of {@link Kind#SQLITE}
 * @param durability what an acknowledgement of it means
 * @param config     what every engine is told
 */
public record LogSettings(Kind kind, Path path, Durability durability, LogConfig config) {
    /** The engines of this version. */
    public enum Kind {
        /** In memory: gone when the process ends. */
        MEMORY,
        /** In a SQLite database. */
        SQLITE
    }

    /** The same with classes of topics by {@code rules}. */
    LogSettings withRules(List<TopicClasses.Rule> rules) {
        var classes = TopicClasses.of(rules, config.retention());
        return new LogSettings(
                kind, path, durability, new LogConfig(classes, config.hot(), config.idempotency(), config.stall()));
    }

    /** What the engine of {@link Kind#SQLITE} is told. */
    public SqliteSettings sqlite() {
        return new SqliteSettings(path, durability, config);
    }
}
