package dev.hark.app.config;

import dev.hark.log.sqlite.SqliteSettings.Durability;
import java.nio.file.Path;

/**
 * Where the event log is kept.
 *
 * @param kind       by which engine
 * @param path       the database of {@link Kind#SQLITE}
 * @param durability what an acknowledgement of it means
 */
public record LogSettings(Kind kind, Path path, Durability durability) {
    /** The engines of this version. */
    public enum Kind {
        /** In memory: gone when the process ends. */
        MEMORY,
        /** In a SQLite database. */
        SQLITE
    }
}
