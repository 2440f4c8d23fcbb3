package dev.hark.log.sqlite;

import dev.hark.log.LogConfig;
import java.nio.file.Path;

/**
 * What a log in SQLite is told.
 *
 * @param path       the database; other files lie beside it, with its name and a suffix
 * @param durability what an acknowledgement means
 * @param config     what every engine is told
 */
public record SqliteSettings(Path path, Durability durability, LogConfig config) {
    /** The same, of the database at {@code other}. */
    SqliteSettings withPath(Path other) {
        return new SqliteSettings(other, durability, config);
    }

    /** What an acknowledgement means. */
    public enum Durability {
        /** On disk: a loss of power loses nothing. */
        FSYNC("fsync", "FULL"),
        /** With the operating system: the end of the process loses nothing, a loss of power may lose the last seconds. */
        WRITE("write", "NORMAL");

        private final String configName;
        private final String synchronous;

        Durability(String configName, String synchronous) {
            this.configName = configName;
            this.synchronous = synchronous;
        }

        /** How the configuration and the acknowledgements spell it. */
        public String configName() {
            return configName;
        }

        /** SQLite's word for it. */
        String synchronous() {
            return synchronous;
        }
    }
}
