package dev.hark.log.replicated;

import java.time.Duration;
import java.util.Optional;

/**
 * Says once in the log that the journal is away, and once that it is back: nothing else does where nobody publishes. A moment, as at the
 * start, is not told. Confined to one thread.
 */
final class TroubleNotice {
    private static final System.Logger LOGGER = System.getLogger(TroubleNotice.class.getName());

    private static final Duration MOMENT = Duration.ofSeconds(1);

    private boolean away;
    private boolean told;
    private long sinceNanos;

    /** @param trouble why the journal takes and gives nothing now; none where it does */
    void look(Optional<String> trouble) {
        long now = System.nanoTime();
        if (trouble.isPresent() && !away) {
            sinceNanos = now;
        }
        away = trouble.isPresent();
        Duration time = Duration.ofNanos(now - sinceNanos);
        if (away && !told && time.compareTo(MOMENT) >= 0) {
            told = true;
            LOGGER.log(System.Logger.Level.WARNING, "nothing can be published: " + trouble.get() + "; streams and replays go on");
        } else if (!away && told) {
            told = false;
            LOGGER.log(System.Logger.Level.INFO, "the journal of the log is back after " + time.toSeconds() + " s: publishing works again");
        }
    }
}
