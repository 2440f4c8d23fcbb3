package dev.hark.app.config;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A source of events beside HTTP.
 *
 * @param name    what its position is kept under
 * @param enabled whether it runs; its position is kept either way
 * @param batch   how many events it publishes at once at most
 * @param input   what it reads
 */
public record SourceSettings(String name, boolean enabled, int batch, Input input) {
    /** Before its name, the topic of the hub's own that has its position. */
    public static final String STATE_TOPICS = "$hark/sources/";

    /** How many of its states the log keeps: of portions, and of nodes that said nothing but that they are there. */
    public static final int KEPT_STATES = 1024;

    /** What a source reads: one of a few kinds. */
    public sealed interface Input permits Jdbc, RabbitSettings {}

    /** What becomes of a row that is published. */
    public enum After {
        /** It stays. */
        KEEP,
        /** It is deleted. */
        DELETE;

        /** As the configuration spells it. */
        public String configName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Databases whose outboxes are read. */
    public enum Database {
        POSTGRESQL,
        /** MySQL as well, which speaks the same language. */
        MARIADB,
        SQL_SERVER;

        private static final Map<String, Database> SCHEMES = Map.of(
                "jdbc:postgresql:", POSTGRESQL, "jdbc:mariadb:", MARIADB, "jdbc:mysql:", MARIADB, "jdbc:sqlserver:", SQL_SERVER);

        /** @throws IllegalArgumentException if {@code url} is of none of them */
        static Database of(String url) {
            return SCHEMES.entrySet().stream()
                    .filter(each -> url.length() > each.getKey().length()
                            && url.regionMatches(true, 0, each.getKey(), 0, each.getKey().length()))
                    .map(Map.Entry::getValue)
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("of PostgreSQL, MariaDB, MySQL or SQL Server"));
        }
    }

    /**
     * A table of a database.
     *
     * @param url      of JDBC, without a password
     * @param user     the database's; the one that the driver takes where there is none
     * @param password of that user
     * @param table    with or without its schema: letters, digits and {@code _}
     * @param poll     how long it waits before it looks again where nobody calls
     * @param after    what becomes of a row that is published
     */
    public record Jdbc(
            String url, Optional<String> user, Optional<TlsSettings.Secret> password, String table, Duration poll, After after)
            implements Input {
        /** @throws IllegalArgumentException if the address is of another database */
        public Database database() {
            return Database.of(url);
        }
    }
}
