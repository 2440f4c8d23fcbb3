package dev.hark.log;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a log is.
 *
 * @param trouble why it takes no events, or cannot be read, now: a sentence; null where all is well
 * @param refusal why it takes no events now though it can be read: a sentence; null where it takes them, or where {@code trouble} says it
 * @param alarms  what an operator must know though the log works: sentences
 * @param lost    how many positions that were acknowledged were found missing when it was opened
 * @param damaged how many stretches of it were found damaged since it was opened
 */
public record LogHealth(@Nullable String trouble, @Nullable String refusal, List<String> alarms, long lost, long damaged) {
    /** Nothing to say. */
    public static final LogHealth GOOD = new LogHealth(null, null, List.of(), 0, 0);

    public LogHealth {
        alarms = List.copyOf(alarms);
    }
}
