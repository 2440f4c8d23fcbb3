package dev.hark.app.access;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.hark.Hub;
import dev.hark.event.EventId;
import dev.hark.log.Append;
import java.time.Instant;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** By which words revocations hold at this node: those that were said here, and those of the log. Thread-safe. */
final class RevocationWords {
    private static final System.Logger LOGGER = System.getLogger(RevocationWords.class.getName());

    private final Hub hub;
    private final AccessControl access;

    /** Held while something is said or taken in, and while nothing is waited for. */
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final SaidHere saidHere = new SaidHere();

    @GuardedBy("lock")
    private final HeldSince heldSince = new HeldSince();

    RevocationWords(Hub hub, AccessControl access) {
        this.hub = hub;
        this.access = access;
    }

    /** From now on the log is read on, and {@link #forget} called behind each reading. */
    void follow() {
        lock.lock();
        try {
            saidHere.follow();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Has it hold at once, before the log has it; {@link #end} is to follow.
     *
     * @return how many streams and waiting pages that ended
     * @throws IllegalStateException if too many hold
     */
    int say(Revocation revocation) {
        lock.lock();
        try {
            int ended = access.revoke(revocation);
            // Whatever the log has already, read or not, was said before.
            EventId newest = hub.newest();
            var next = new EventId(newest.epoch(), newest.sequence() + 1);
            saidHere.begin(revocation.id(), next);
            heldSince.note(revocation.id(), next, access.now(), !access.isOver(revocation));
            return ended;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The log has answered, null where it has not. What other nodes stored until then was said before, and so was what stands before it of
     * what was said here meanwhile.
     */
    void end(Revocation revocation, @Nullable Append kept) {
        EventId at = kept instanceof Append.Stored stored ? stored.entries().getFirst().id() : null;
        lock.lock();
        try {
            if (saidHere.end(revocation.id(), at) && !access.hasRevoked(revocation)) {
                access.revoke(revocation);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes in what the event at {@code at} says, if nothing was said here since; not where it is of another history than the word by which
     * it holds, and older.
     *
     * @return whether it counts
     */
    boolean take(Revocation revocation, EventId at, Instant time) {
        String id = revocation.id();
        lock.lock();
        try {
            if (heldSince.isOlder(id, at, time) && access.revocation(id) != null) {
                return false;
            }
            if (!saidHere.isOlder(id, at)) {
                if (!access.hasRevoked(revocation)) {
                    LOGGER.log(System.Logger.Level.DEBUG, "a revocation of the log holds, and has ended {0} streams and waiting pages",
                            access.revoke(revocation));
                }
                saidHere.taken(id, at);
                heldSince.note(id, at, time, !access.isOver(revocation));
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** The log has been read, and taken in, up to {@code read}; null where it has not. */
    void forget(@Nullable EventId read) {
        lock.lock();
        try {
            if (read != null) {
                saidHere.forget(read, hub.newest().epoch());
            }
            if (heldSince.size() > 2 * Revocations.MAX) {
                heldSince.retain(access.revocations().stream().map(Revocation::id).collect(Collectors.toSet()));
            }
        } finally {
            lock.unlock();
        }
    }

    /** How many it keeps in mind that were said here. */
    int said() {
        lock.lock();
        try {
            return saidHere.size();
        } finally {
            lock.unlock();
        }
    }
}
