package dev.hark.log.sqlite.tools;

import dev.hark.log.ClassUse;
import java.util.List;
import java.util.OptionalLong;

/**
 * What a log holds, at one moment.
 *
 * @param schema        the version of its tables
 * @param epoch         which log
 * @param oldest        the position of the oldest event; 0 where there is none
 * @param newest        the position of the newest event, which may be gone; 0 before the first
 * @param events        how many are retained
 * @param bytes         how many bytes they have as SSE, which is what the retention counts
 * @param keys          how many idempotency keys are remembered
 * @param oldestMillis  when the oldest event was stored
 * @param newestMillis  when the newest one was; empty, as the other, where there is none
 * @param databaseBytes how long the database is
 * @param walBytes      how long its write-ahead log is
 * @param closing       how it was closed
 * @param topics        how many there are
 * @param largest       the topics with the most events, the largest first
 * @param classes       the classes of topics that it was counted by, that of all other topics first; empty where one holds all
 */
public record LogSummary(
        int schema,
        String epoch,
        long oldest,
        long newest,
        long events,
        long bytes,
        long keys,
        OptionalLong oldestMillis,
        OptionalLong newestMillis,
        long databaseBytes,
        long walBytes,
        Closing closing,
        long topics,
        List<TopicCount> largest,
        List<ClassTotal> classes) {
    public LogSummary {
        largest = List.copyOf(largest);
        classes = List.copyOf(classes);
    }

    /** What the mark beside a database says of its end. */
    public enum Closing {
        /** Closed in order. */
        CLOSED,
        /** A hub has it open, or it was not closed. */
        NOT_CLOSED,
        /** There is no mark: a backup, say. */
        NO_MARK,
        /** There is one that cannot be read. */
        DAMAGED_MARK,
        /** There is one of another log. */
        OTHER_MARK
    }

    /** How many events of {@code topic} are retained. */
    public record TopicCount(String topic, long events) {}

    /**
     * What is retained of a class of topics.
     *
     * @param name   as {@link dev.hark.log.TopicClass} has it
     * @param lost   the position up to which it has lost events to retention; 0 where it has lost none
     * @param latest whether its newest events stay, of each topic and key
     * @param kept   of how many topics and keys they do
     */
    public record ClassTotal(String name, long events, long bytes, long lost, boolean latest, ClassUse.Latest kept) {}
}
