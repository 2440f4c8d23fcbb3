package dev.hark.log.replicated;

import java.time.Duration;
import java.util.Optional;

/**
 * How far a node is.
 *
 * @param node      what tells its groups from those of others; another one after a restart
 * @param epoch     of the log
 * @param position  of the last group that it has applied
 * @param behind    how many groups the journal holds after that, as it was asked last
 * @param lag       how much later the last of those was appended; zero where the node has applied all
 * @param checksum  what its replica came to
 * @param appends   what it has appended
 * @param trouble   why nothing can be appended or followed now; none where all is well
 * @param journal   what the journal said of itself; none where it has not been asked yet
 */
public record NodeState(
        String node,
        String epoch,
        long position,
        long behind,
        Duration lag,
        Checksum checksum,
        Appends appends,
        Optional<String> trouble,
        Optional<JournalState> journal) {
    /**
     * What a node has appended to the journal since it was started.
     *
     * @param groups  that were acknowledged
     * @param bytes   that those have
     * @param nanos   that their acknowledgements took, all together
     * @param failed  groups that were refused, or of which it is not known whether they were appended
     */
    public record Appends(long groups, long bytes, long nanos, long failed) {}
}
