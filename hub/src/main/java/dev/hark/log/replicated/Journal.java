package dev.hark.log.replicated;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What orders groups: an append gives a group its position, and every node that follows sees the same groups in the same order. It knows
 * nothing of events.
 *
 * <p>Positions begin at 1 and grow; some may be without an entry. The oldest entries may be removed, where snapshots cover them. A journal
 * may also be lost, made anew, or put back to an older copy: then it is another history, which {@link #follow} notices. Thread-safe; every
 * wait has an end.
 */
public interface Journal extends AutoCloseable {
    /** How many bytes a group may have. */
    int maxBytes();

    /** What an acknowledgement means, in the word that publishers are told, such as {@code replicated-3}. */
    String durability();

    /** @throws IOException if the journal does not say so now */
    Extent extent() throws IOException;

    /**
     * The first entry at {@code position} or later; none where there is none.
     *
     * @throws IOException if the journal does not say so now
     */
    Optional<Entry> entry(long position) throws IOException;

    /**
     * Appends {@code group}, once, however often that has to be tried; waits at most for {@code patience}.
     *
     * @param id    tells this group from every other
     * @param group at most {@link #maxBytes} long
     */
    Appended append(String id, byte[] group, Duration patience) throws InterruptedException;

    /** The same where {@code last} is the position of the last entry, 0 where there has been none; otherwise nothing is appended. */
    Appended appendAfter(long last, String id, byte[] group, Duration patience) throws InterruptedException;

    /**
     * Gives {@code follower} every entry after {@code after}, in order and none twice, until the journal is closed. Goes on by itself when
     * what it is connected to has been away. Called once.
     *
     * @param after the position of the last entry that the follower knows, 0 if it knows none
     * @param id    that entry's id, by which its history is told from another; null with 0
     */
    void follow(long after, @Nullable String id, Follower follower);

    /** Where copies of replicas are kept beside it; none where there is no such place. */
    default Optional<Snapshots> snapshots() {
        return Optional.empty();
    }

    /**
     * Removes every entry before {@code position}, which snapshots cover. One that cannot do so keeps them.
     *
     * @throws IOException if they may be there still
     */
    default void trim(long position) throws IOException {
        // It keeps all.
    }

    /** Why nothing can be appended or followed now, a sentence; none where all is well. Answers at once. */
    Optional<String> trouble();

    /** What it said of itself last, a second ago or so where all is well; none before that. Answers at once. */
    Optional<JournalState> state();

    /** Gives what {@code answer} says to whoever calls the roll, from now on. Called once; what it gives has 16 KiB at most. */
    void answerRollCall(Supplier<byte[]> answer);

    /**
     * What each node that is connected now answers, in no order, this one among them. None is stored, and who answers late is left out.
     *
     * @param patience how long to wait at most
     * @throws IOException if nobody can be asked now
     */
    List<byte[]> callRoll(Duration patience) throws IOException, InterruptedException;

    /** Returns when the follower will not be called any more. */
    @Override
    void close();

    /**
     * What a journal holds.
     *
     * @param first the position of its first entry; after {@code last} where it has none
     * @param last  the position of its last entry, which may have been removed since; 0 where there has been none
     */
    record Extent(long first, long last) {}

    /**
     * A group that has its position.
     *
     * @param id         as it was appended with
     * @param timeMillis when it was appended, by the journal's clock
     * @param group      not to be changed
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never copied and never compared
    record Entry(long position, String id, long timeMillis, byte[] group) {}

    /** What became of a group that was to be appended. */
    sealed interface Appended {
        /** It stands at {@code position}, as durable as the journal is configured. */
        record At(long position) implements Appended {}

        /** Another entry was the last: nothing was appended. */
        record Overtaken() implements Appended {}

        /** Nothing was appended, nor will be. */
        record Refused(String why) implements Appended {}

        /** It may have been appended, or may still be. */
        record Unknown(String why) implements Appended {}
    }

    /** Who is given entries, on one thread of the journal's. */
    interface Follower {
        /** Takes the next entry; may wait, and nothing more is given meanwhile. */
        void take(Entry entry) throws InterruptedException;

        /**
         * The journal does not hold the entries any more that were given: it has another history, or has removed what comes next before it
         * was given. Nothing more is given.
         *
         * @param why a sentence for the operator
         */
        void lost(String why);
    }
}
