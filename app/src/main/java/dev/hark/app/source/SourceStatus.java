package dev.hark.app.source;

import dev.hark.app.state.WorkState;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How a source is.
 *
 * @param behind    what was there that long ago is published; zero where it was at the end when it looked last
 * @param waiting   how many items are known to wait
 * @param trouble   why it does not get on, a sentence; empty where it does
 * @param published events since the start of the process
 * @param refused   items that were passed over since the start of the process
 * @param inAll     events and refusals of all times, as the log has them
 */
public record SourceStatus(
        String name,
        String kind,
        String address,
        State state,
        Duration behind,
        long waiting,
        String trouble,
        long published,
        long refused,
        Totals inAll) {

    /** What it does. */
    public enum State {
        /** It does not run, as the configuration says. */
        DISABLED,
        /** Another node runs it, or this one has not begun. */
        STANDBY,
        /** It reads and publishes. */
        RUNNING,
        /** It does not get on. */
        TROUBLE;

        /** As the admin API spells it. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * What the log knows of all times.
     *
     * @param last the newest of what was refused, the newest last
     */
    public record Totals(long published, long refused, List<WorkState.Refusal> last) {
        static final Totals NONE = new Totals(0, 0, List.of());

        /** What {@code state} says; null for a source of which nothing is known. */
        static Totals of(@Nullable WorkState state) {
            return state == null ? NONE : new Totals(state.published(), state.refused(), state.refusals());
        }

        public Totals {
            last = List.copyOf(last);
        }
    }
}
