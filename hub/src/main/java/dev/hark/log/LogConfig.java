package dev.hark.log;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * What every engine is told of the log that it keeps.
 *
 * @param classes     how much stays readable of which topics
 * @param hot         how much of it stays in memory
 * @param idempotency how long idempotency keys are remembered
 * @param latestKeys  of how many topics and keys the newest event stays at most, over all classes that keep it
 * @param stall       for how long a commit or a read may be under way before nobody waits for it any more and the log is not well, positive
 */
public record LogConfig(TopicClasses classes, HotLimits hot, IdempotencyLimits idempotency, int latestKeys, Duration stall) {
    /** What a disk that works may take, and less than what clients and proxies wait for. */
    public static final Duration DEFAULT_STALL = Duration.ofSeconds(10);

    public static final int DEFAULT_LATEST_KEYS = 1_000_000;

    /** @throws IllegalArgumentException if {@code latestKeys} or {@code stall} is not positive */
    public LogConfig {
        if (latestKeys < 1) {
            throw new IllegalArgumentException("log.latest.keys is " + latestKeys + "; it must be positive");
        }
        if (stall.isNegative() || stall.isZero()) {
            throw new IllegalArgumentException("health.stall is " + stall + "; it must be positive");
        }
    }

    /** With {@link #DEFAULT_LATEST_KEYS}. */
    public LogConfig(TopicClasses classes, HotLimits hot, IdempotencyLimits idempotency, Duration stall) {
        this(classes, hot, idempotency, DEFAULT_LATEST_KEYS, stall);
    }

    /** One class for all topics. */
    public LogConfig(Retention retention, HotLimits hot, IdempotencyLimits idempotency, Duration stall) {
        this(TopicClasses.one(retention), hot, idempotency, stall);
    }

    /** One class for all topics, with {@link #DEFAULT_STALL}. */
    public LogConfig(Retention retention, HotLimits hot, IdempotencyLimits idempotency) {
        this(retention, hot, idempotency, DEFAULT_STALL);
    }

    /**
     * Eight hexadecimal digits over what all nodes that share a log must have in common, or what they keep comes to differ: which topics
     * are kept how, and how many idempotency keys and newest events. All else is each node's own. The same in one release.
     */
    public String fingerprint() {
        var text = new StringBuilder();
        for (TopicClass each : classes.all()) {
            text.append(each.number()).append(' ').append(each.name()).append(' ').append(each.keep()).append('\n');
        }
        for (TopicClasses.Assignment each : classes.assignments()) {
            text.append(each.match().value()).append(' ').append(each.number()).append('\n');
        }
        text.append(idempotency).append(' ').append(latestKeys);
        var sum = new CRC32C();
        sum.update(text.toString().getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().toHexDigits((int) sum.getValue());
    }

    /** What is kept of topics that no rule says anything else of. */
    public Retention retention() {
        Retention retention = classes.all().getFirst().keep().retention();
        if (retention == null) {
            throw new IllegalStateException("the default class is always stored");
        }
        return retention;
    }
}
