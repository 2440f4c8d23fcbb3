package dev.hark.app.config;

import dev.hark.log.HotLimits;
import dev.hark.log.LogConfig;
import dev.hark.log.Retention;
import dev.hark.log.TopicClass;
import dev.hark.log.TopicClasses;
import dev.hark.log.sqlite.SqliteSettings;
import dev.hark.log.sqlite.SqliteSettings.Durability;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the event log is kept.
 *
 * @param kind       by which engine
 * @param path       the database of {@link Kind#SQLITE}, or the replica of {@link Kind#JETSTREAM}
 * @param durability what an acknowledgement of {@link Kind#SQLITE} means
 * @param shared     what {@link Kind#JETSTREAM} is told beside; null for others
 * @param config     what every engine is told
 */
public record LogSettings(Kind kind, Path path, Durability durability, @Nullable ClusterSettings shared, LogConfig config) {
    /** The engines of this version. */
    public enum Kind {
        /** In memory: gone when the process ends. */
        MEMORY,
        /** In a SQLite database. */
        SQLITE,
        /** In a stream of NATS JetStream that several nodes share, and in a replica on each of them. */
        JETSTREAM
    }

    /**
     * The same with classes of topics by {@code rules}.
     *
     * @throws ConfigException if there are more than a log can tell apart
     */
    LogSettings withRules(List<TopicClasses.Rule> rules) {
        List<String> keeps = rules.stream().filter(rule -> rule.keep() != null).map(rule -> rule.match().value()).toList();
        if (keeps.size() >= TopicClasses.MAX) {
            throw new ConfigException("topics has " + keeps.size() + " rules with a keep of their own, the last for '" + keeps.getLast()
                    + "'; at most " + (TopicClasses.MAX - 1) + " are allowed: give topics that are kept alike one rule");
        }
        var classes = TopicClasses.of(rules, config.retention());
        return new LogSettings(
                kind, path, durability, shared,
                new LogConfig(classes, hot(classes), config.idempotency(), config.latestKeys(), config.stall()));
    }

    /**
     * What is hot is a part of the log: a small retention bounds it without a second key having to follow. But what is stored nowhere else
     * is bounded by it alone.
     */
    private HotLimits hot(TopicClasses classes) {
        long events = 0;
        long bytes = 0;
        for (TopicClass each : classes.all()) {
            Retention retention = each.keep().retention();
            if (retention == null) {
                return config.hot();
            }
            events += retention.events();
            bytes += retention.bytes();
        }
        return new HotLimits(Math.toIntExact(Math.min(config.hot().events(), events)), Math.min(config.hot().bytes(), bytes));
    }

    /** What {@link Kind#JETSTREAM} is told beside. */
    public ClusterSettings cluster() {
        if (shared == null) {
            throw new IllegalStateException("the log is no cluster's");
        }
        return shared;
    }

    /** What an acknowledgement means, in the word that publishers are told. */
    public String durabilityName() {
        return switch (kind) {
            case MEMORY -> "memory";
            case SQLITE -> durability.configName();
            case JETSTREAM -> "replicated-" + cluster().replicas();
        };
    }

    /** What the replica of {@link Kind#JETSTREAM} is told: its log is durable elsewhere. */
    public SqliteSettings replica() {
        return new SqliteSettings(path, Durability.WRITE, config);
    }

    /** What the engine of {@link Kind#SQLITE} is told. */
    public SqliteSettings sqlite() {
        return new SqliteSettings(path, durability, config);
    }
}
