package dev.hark.log.replicated;

import java.time.Duration;
import java.util.Optional;

/** Says once in the log that the journal is away, and once that it is back: nothing else does where nobody publishes. Confined to one thread. */
final class TroubleNotice {
    private static final System.Logger LOGGER = System.getLogger(TroubleNotice.class.getName());

    private boolean told;
    private long sinceNanos;

    /** @param trouble why the journal takes and gives nothing now; none where it does */
    void look(Optional<String> trouble) {
        if (trouble.isPresent() == told) {
            return;
        }
        if (trouble.isPresent()) {
            told = true;
            sinceNanos = System.nanoTime();
            LOGGER.log(System.Logger.Level.WARNING, "nothing can be published: " + trouble.get() + "; streams and replays go on");
        } else {
            told = false;
            long seconds = Duration.ofNanos(System.nanoTime() - sinceNanos).toSeconds();
            LOGGER.log(System.Logger.Level.INFO, "the journal of the log is back after " + seconds + " s: publishing works again");
        }
    }
}
