package dev.hark.app.hook;

import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** How long a hook waits after calls that failed: twice as long each time, and each time by chance up to half of that less. Stateless. */
final class Backoff {
    private static final Duration FIRST = Duration.ofMillis(500);

    static final Duration LONGEST = Duration.ofMinutes(5);

    /** However long an answer asks for. */
    static final Duration LONGEST_ASKED = Duration.ofHours(1);

    private static final int MOST_DOUBLINGS = 20;

    private final RandomGenerator random;

    Backoff(RandomGenerator random) {
        this.random = random;
    }

    /**
     * Before the next call.
     *
     * @param failed how many calls with the same events have failed, at least 1
     * @param asked  for how long the last answer asked for peace
     */
    Duration pause(int failed, Optional<Duration> asked) {
        long doubled = FIRST.toNanos() << Math.min(failed - 1, MOST_DOUBLINGS);
        long most = Math.min(doubled, LONGEST.toNanos());
        Duration own = Duration.ofNanos(most - random.nextLong(most / 2 + 1));
        return asked.filter(each -> each.compareTo(own) > 0)
                .map(each -> each.compareTo(LONGEST_ASKED) > 0 ? LONGEST_ASKED : each)
                .orElse(own);
    }
}
