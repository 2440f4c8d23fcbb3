package dev.hark.app.cluster;

import dev.hark.app.crash.History.Attempt;
import dev.hark.app.crash.History.Follower;
import java.util.List;

/**
 * What everybody saw of a log that several nodes share, whose retention keeps everything: each publish with its outcome, each stream block
 * by block, at the end the whole log as each node shows it, and what was done to the stream that orders it.
 *
 * @param attempts     in any order
 * @param nodes        the log as each node shows it at the end, one at least
 * @param destructions in the order in which they were done
 */
record ClusterHistory(List<Attempt> attempts, List<Follower> followers, List<Follower> nodes, List<Destruction> destructions) {
    ClusterHistory {
        attempts = List.copyOf(attempts);
        followers = List.copyOf(followers);
        nodes = List.copyOf(nodes);
        destructions = List.copyOf(destructions);
    }

    /**
     * What took events away that were acknowledged: each that was acknowledged after {@code kept} and whose request had begun before {@code
     * done}, in ticks of the publishers' clock, may be gone.
     *
     * @param what   in a word
     * @param epoch  the one that is over with it, unless all that was in it is there
     * @param copied whether an older copy was put back, so that positions are given again before anybody notices
     * @param kept   what was acknowledged before that is there; {@link #NOTHING} where nothing is, {@link #EVERYTHING} where all is
     */
    record Destruction(String what, String epoch, boolean copied, long kept, long done) {
        static final long NOTHING = Long.MIN_VALUE;
        static final long EVERYTHING = Long.MAX_VALUE;

        /** Whether that epoch is over with it. */
        boolean ends(String of) {
            return epoch.equals(of) && kept != EVERYTHING;
        }

        boolean mayTake(Attempt attempt) {
            return attempt.ended() > kept && attempt.began() < done;
        }
    }
}
