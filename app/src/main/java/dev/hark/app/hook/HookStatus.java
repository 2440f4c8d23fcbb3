package dev.hark.app.hook;

import dev.hark.app.state.WorkState;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * How a hook is.
 *
 * @param address  without what a query may hold
 * @param behind   for how long calls have failed
 * @param failed   how many calls with the events that are on their way have failed
 * @param trouble  why it does not get on, a sentence; empty where it does
 * @param topics   how many topics of it are listened to on this node
 * @param beyond   how often a topic was not noted on this node because there were too many
 * @param counts   since the start of the process
 * @param all      of all times, as the log has it
 */
public record HookStatus(
        String name,
        String address,
        State state,
        Duration behind,
        int failed,
        String trouble,
        int topics,
        long beyond,
        Counts counts,
        Totals all) {

    /** What it does. */
    public enum State {
        /** Another node calls, or this one has not begun. */
        STANDBY,
        /** It calls where there is something to tell. */
        RUNNING,
        /** Its calls fail. */
        TROUBLE,
        /** It was told not to call any more, and does not until the next start. */
        UNWANTED;

        /** As the admin API spells it. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * What this process has done.
     *
     * @param told   events that have arrived
     * @param dead   events that were given up
     * @param calls  that were answered as they should be
     * @param failed calls that were not
     */
    public record Counts(long told, long dead, long calls, long failed) {}

    /**
     * What the log knows of all times.
     *
     * @param last the newest of what was given up, the newest last: the id of the first event and the reason
     */
    public record Totals(long told, long dead, List<WorkState.Refusal> last) {
        static final Totals NONE = new Totals(0, 0, List.of());

        public Totals {
            last = List.copyOf(last);
        }
    }
}
