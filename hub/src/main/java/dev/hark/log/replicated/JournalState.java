package dev.hark.log.replicated;

import java.time.Duration;
import java.util.List;

/**
 * What a journal said of itself when it was last asked.
 *
 * @param name           what it is called, such as the name of a stream
 * @param server         to which of its servers this node is connected; "" where it is connected to none
 * @param version        that server's
 * @param extent         what it holds
 * @param lastTimeMillis when its last entry was appended, by its own clock; 0 where it has none
 * @param bytes          how many bytes it takes
 * @param replicas       how many servers are to keep it
 * @param copies         those that keep it
 * @param age            how long ago it said so
 */
public record JournalState(
        String name,
        String server,
        String version,
        Journal.Extent extent,
        long lastTimeMillis,
        long bytes,
        int replicas,
        List<Copy> copies,
        Duration age) {
    public JournalState {
        copies = List.copyOf(copies);
    }

    /**
     * A server that keeps the journal.
     *
     * @param isLeader whether it orders what is appended
     * @param isUp     whether the leader hears from it
     * @param behind   how many entries it has not got yet
     */
    public record Copy(String server, boolean isLeader, boolean isUp, long behind) {}
}
