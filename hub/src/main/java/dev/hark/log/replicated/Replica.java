package dev.hark.log.replicated;

import dev.hark.event.Filters;
import dev.hark.log.Append;
import dev.hark.log.Back;
import dev.hark.log.ClassUse;
import dev.hark.log.EventLog;
import dev.hark.log.LogHealth;
import dev.hark.log.Page;
import dev.hark.log.Since;
import dev.hark.log.Tail;
import dev.hark.log.UnusableLogException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What this node keeps of a log whose groups a {@link Journal} orders: a function of those groups alone, so that it is the same on every
 * node that has applied as many. It knows nothing of where the groups come from.
 *
 * <p>It survives the end of the process, and a loss of power by being a few groups older. Groups are applied by one thread; all else is
 * thread-safe.
 */
public interface Replica extends AutoCloseable {
    /** What it has applied, and who follows. */
    Tail tail();

    /** The last group that it has applied. Any thread. */
    Applied applied();

    /** When that was appended, in milliseconds since 1970, by the node that did it; 0 before the first. Any thread. */
    long timeMillis();

    /**
     * Applies what comes next, in order, and makes it known. Groups that it has applied already are passed over.
     *
     * @throws UnusableLogException if they cannot be kept; then none of them has been applied, or the first ones
     */
    void apply(List<Step> steps);

    /** Forgets everything: what follows is applied from the beginning, as another history. Called by the thread that applies. */
    void clear();

    /**
     * Shows what it has, and what comes, under {@linkplain dev.hark.log.Epochs#interim a name that no log has}, until a group begins
     * another history, or a copy of one is taken: a journal that was put back to an older copy begins with what is {@code over}, and
     * nobody may be shown that again as if it had never ended. Called by the thread that applies, or before there is one.
     *
     * @return what is hidden: where something is already, that stays, and the next one has the name that is given now
     */
    Over hide(Over over);

    /** Whether it shows what it has under such a name; also after a restart. Any thread. */
    boolean isHidden();

    /**
     * Writes all that it has, as it is after some group, to {@code file}, and reads it again: what is damaged is not handed on. Nobody
     * waits for it meanwhile. One thread at a time, not that which applies.
     *
     * @param file which is not there
     * @throws UnusableLogException with one sentence, if that is not possible; something may be left at {@code file}
     */
    Copied copy(Path file);

    /**
     * Takes what {@link #copy} has written, here or on another node, in the place of all that it has, and says so to whoever follows.
     * Called by the thread that applies, or before there is one.
     *
     * @param file       may be changed
     * @param what       it has to be
     * @param lastMillis when its last group was appended, in milliseconds since 1970 by the journal's clock
     * @throws UnusableLogException with one sentence, if it is not such a copy, or cannot be read or written; all is as it was
     */
    void restore(Path file, Copied what, long lastMillis);

    /** Where a file may be that is needed for some time, and is of no use after the next start. */
    Path scratch(String suffix);

    /** As {@link EventLog#read}. */
    Page read(long after, Filters filters, int limit);

    /** As {@link EventLog#follow}. */
    Page follow(long after);

    /** As {@link EventLog#since}. */
    Since since(long timeMillis);

    /** As {@link EventLog#back}. */
    Back back(Back search, Filters filters);

    /** As {@link EventLog#latest}. */
    Page latest(long after, long through, Filters filters, int limit);

    /** As {@link EventLog#kept}. */
    List<ClassUse> kept();

    /** As {@link EventLog#health}. */
    LogHealth health();

    /** What the groups came to that it has applied. Any thread. */
    Checksum checksum();

    /** Looks after those who wait for it: called about once a second. Any thread. */
    void maintain();

    @Override
    void close();

    /**
     * A group that is to be applied.
     *
     * @param entry what of it the journal knows
     * @param group what it says
     * @param told  whom to tell what its batches became, once that is known to all; called once, must neither block nor throw
     */
    record Step(Journal.Entry entry, Group group, Told told) {}

    /**
     * A history that has ended.
     *
     * @param epoch      its name
     * @param lastMillis when its last group was appended
     * @param next       the name of the one that this node begins, if nobody else begins one
     */
    record Over(String epoch, long lastMillis, String next) {
        /** By how much clocks may be apart, twice over. */
        private static final long APART_MILLIS = Duration.ofMinutes(2).toMillis();

        /**
         * One of which nothing is known any more but that another was to begin: then all are over that began before {@code nowMillis}. Two
         * may be begun because of that, which is better than none.
         */
        public static Over forgotten(String epoch, long nowMillis, String next) {
            return new Over(epoch, nowMillis + APART_MILLIS, next);
        }

        /**
         * Whether the epoch {@code other} comes behind it. Another name is not enough: a journal may have been put back to a copy from
         * before both, whose positions were given out, too.
         *
         * @param seenMillis when a group of it was appended, the first one where that is known, by the journal's clock
         */
        public boolean isBefore(String other, long seenMillis) {
            return other.equals(next) || (!other.equals(epoch) && seenMillis >= lastMillis - APART_MILLIS);
        }
    }

    /** Is told what became of a group's batches, in their order. */
    @FunctionalInterface
    interface Told {
        /** Nobody on this node. */
        Told NOBODY = answers -> {};

        void tell(List<Append> answers);
    }

    /**
     * What a copy of a replica is.
     *
     * @param position of its last group
     * @param id       of that group
     * @param epoch    of the log
     * @param format   grows with what an older version would misread
     */
    record Copied(long position, String id, String epoch, int format) {}

    /**
     * How far a replica is.
     *
     * @param position of the last group, 0 before the first
     * @param id       of that group; null before the first
     */
    record Applied(long position, @Nullable String id) {}
}
