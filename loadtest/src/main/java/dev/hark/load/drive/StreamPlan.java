package dev.hark.load.drive;

import dev.hark.load.ledger.Share;
import dev.hark.load.ledger.Spread;
import java.time.Duration;

/**
 * How streams are opened and read.
 *
 * @param subscribers how many streams in all
 * @param stalled how many of them, the last ones, stop reading once their head is in
 * @param stalledBufferBytes the receive buffer of these
 * @param connectWindow how many may be on their way at once
 * @param connectTimeout how long all together may take to start, and how long each may take to come back before it tries again
 * @param loops how many reader threads share them
 * @param late how many of them, the last ones that are not stalled, leave after their start, and come back with their last event id when
 *     {@value #LATE_PERCENT} % of measuring is over
 * @param dropsAll whether all streams are cut halfway through measuring, and resume at once
 * @param spread how they are spread over the topics
 */
public record StreamPlan(
        int subscribers, int stalled, int stalledBufferBytes, int connectWindow, Duration connectTimeout, int loops, int late,
        boolean dropsAll, Spread spread) {
    /** More than one process can hold. */
    public static final int MAX_SUBSCRIBERS = 1_000_000;

    static final int LATE_PERCENT = 80;

    public StreamPlan {
        check("subscribers", subscribers, 0, MAX_SUBSCRIBERS);
        check("stalled", stalled, 0, subscribers);
        check("late", late, 0, subscribers - stalled);
        check("stalled receive buffer in bytes", stalledBufferBytes, 1024, 1 << 24);
        check("connect window", connectWindow, 1, 10_000);
        check("loops", loops, 1, 64);
    }

    StreamPlan partOf(Share share) {
        return new StreamPlan(
                share.sizeOf(subscribers), share.sizeOf(stalled), stalledBufferBytes, connectWindow,
                connectTimeout, loops, share.sizeOf(late), dropsAll, spread);
    }

    private static void check(String subject, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException("%s is %d; it must be from %d to %d".formatted(subject, value, min, max));
        }
    }

    boolean isLate(int subscriber) {
        return subscriber >= subscribers - stalled - late && !isStalled(subscriber);
    }

    boolean isStalled(int subscriber) {
        return subscriber >= subscribers - stalled;
    }
}
