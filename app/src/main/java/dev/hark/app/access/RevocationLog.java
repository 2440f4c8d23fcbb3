package dev.hark.app.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.hark.Hub;
import dev.hark.event.Draft;
import dev.hark.event.EventId;
import dev.hark.event.Filters;
import dev.hark.event.Format;
import dev.hark.event.TopicFilter;
import dev.hark.fanout.EventPage;
import dev.hark.fanout.PageAnswer;
import dev.hark.fanout.PageRequest;
import dev.hark.fanout.Start;
import dev.hark.fanout.Subscription;
import dev.hark.log.Append;
import dev.hark.log.UnusableLogException;
import dev.hark.thread.VitalThreads;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Revocations in the event log: events of a topic of the hub's own, of which the newest of each key stays. So they are there after a
 * restart, and on every node that shares the log; those that hold at a node survive another history of it. Thread-safe.
 */
public final class RevocationLog {
    private static final System.Logger LOGGER = System.getLogger(RevocationLog.class.getName());
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Filters FILTERS = Filters.of(List.of(TopicFilter.stored(RevocationJson.TOPIC.value())));

    /** How often it looks for what other nodes take away: a right has to end within 2 s. */
    private static final Duration PERIOD = Duration.ofMillis(250);

    /** How many are stored at once. */
    private static final int MAX_AT_ONCE = 500;

    private static final Duration LAST_READ = Duration.ofSeconds(5);

    private final Hub hub;
    private final AccessControl access;
    private volatile boolean closed;

    /** Held while something is said or taken in, and while nothing is waited for. */
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final SaidHere saidHere = new SaidHere();

    /** Confined to who reads: first the start, then the thread that follows. */
    private Start next = new Start.Earliest();

    private @Nullable EventId readThrough;

    private final SayingAgain again;

    private RevocationLog(Hub hub, AccessControl access) {
        this.hub = hub;
        this.access = access;
        this.again = new SayingAgain(hub, access, MAX_AT_ONCE);
    }

    /** Whether a revocation is stored. */
    public sealed interface Outcome {
        /** How many streams and waiting pages it ended. */
        int ended();

        /** It is. */
        record Stored(int ended) implements Outcome {}

        /** @param why it may not be; until this node stops it holds all the same */
        record NotStored(int ended, String why) implements Outcome {}
    }

    /**
     * Tells {@code access} of all that are stored.
     *
     * @throws UnusableLogException if they cannot be read: then nobody may be let in
     */
    public static RevocationLog load(Hub hub, AccessControl access) {
        var log = new RevocationLog(hub, access);
        if (!access.settings().saysWho()) {
            // Of a hub that is open although it says who may, a reload can close it.
            return log;
        }
        List<String> over = log.readOn();
        log.forgetOver();
        log.forget(over);
        return log;
    }

    /** What the log says last under one key. */
    private static final class Newest {
        private @Nullable JsonNode said;
        private @Nullable EventId at;
        private boolean forgotten;
    }

    /**
     * Takes in what came since it was called last; one thread at a time. Of each key the last one alone: what was taken back since is to
     * end nobody's streams, also where all is read anew because the log has another history.
     *
     * @return the ids of those that are over, of which the log does not say so
     * @throws UnusableLogException if that is not all that there is; then nothing is taken in
     */
    private List<String> readOn() {
        Map<String, Newest> all = new LinkedHashMap<>();
        List<String> over = new ArrayList<>();
        boolean lost = false;
        // Not as a snapshot, which is counted as others'.
        Start from = next;
        EventId newest = hub.newest();
        EventId before = null;
        while (before == null || !before.epoch().equals(newest.epoch()) || before.sequence() < newest.sequence()) {
            try (EventPage page = page(from)) {
                if (page.gap() != null) {
                    LOGGER.log(System.Logger.Level.ERROR, "revocations may be lost with a part of the log ({0}): those that this node knows"
                            + " are stored again, and others have to be said again", page.gap().reason());
                    // They hold, and are not in what follows.
                    over.addAll(take(all));
                    all.clear();
                    lost = true;
                }
                collect(page.json(Format.ENVELOPE), all);
                // A search that takes long gives what it has found until then.
                if (page.next().equals(before) && page.events().isEmpty() && hub.newest().epoch().equals(newest.epoch())) {
                    throw new UnusableLogException("the revocations cannot be read: it takes too long to find them in the log");
                }
                before = page.next();
                from = new Start.After(before.toString());
                newest = before.epoch().equals(newest.epoch()) ? newest : hub.newest();
            }
        }
        over.addAll(take(all));
        if (lost) {
            again.begin(all.keySet());
        }
        next = from;
        readThrough = before;
        return over;
    }

    private List<String> take(Map<String, Newest> all) {
        return all.values().stream().map(this::take).flatMap(Optional::stream).toList();
    }

    private void forgetSaid() {
        EventId read = readThrough;
        lock.lock();
        try {
            if (read != null) {
                saidHere.forget(read, hub.newest().epoch());
            }
        } finally {
            lock.unlock();
        }
    }

    /** Takes in what other nodes take away, within moments, on a thread of its own that joins {@code vital}. */
    public AutoCloseable follow(VitalThreads vital) {
        if (!access.settings().saysWho()) {
            return () -> {};
        }
        lock.lock();
        try {
            saidHere.follow();
        } finally {
            lock.unlock();
        }
        Thread thread = vital.unstarted("hark-revocations", this::followOn);
        thread.start();
        return () -> {
            closed = true;
            LockSupport.unpark(thread);
            thread.join(LAST_READ);
        };
    }

    private void followOn() {
        boolean told = false;
        while (!closed) {
            LockSupport.parkNanos(this, PERIOD.toNanos());
            try {
                readOn();
                forgetSaid();
                again.goOn();
                told = false;
            } catch (UnusableLogException e) {
                // What is read again later is not lost; streams that were to end go on until then.
                if (!told && !closed) {
                    LOGGER.log(System.Logger.Level.WARNING, "revocations of other nodes cannot be read now: {0}", e.getMessage());
                }
                told = true;
            }
        }
    }

    private EventPage page(Start start) {
        var request = new PageRequest(new Subscription(FILTERS, start, Format.ENVELOPE), PageRequest.MAX_LIMIT, Duration.ZERO);
        try {
            return switch (hub.look(request)) {
                case PageAnswer.Given(EventPage page) -> page;
                case PageAnswer.Refused refused -> throw new UnusableLogException("the revocations cannot be read: " + refused.detail());
            };
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnusableLogException("the revocations cannot be read: interrupted");
        }
    }

    private static void collect(byte[] page, Map<String, Newest> all) {
        try {
            for (JsonNode event : JSON.readTree(page).path("events")) {
                Newest newest = all.computeIfAbsent(event.path("key").asText(), key -> new Newest());
                // What is deleted is over.
                newest.forgotten = !event.path("type").asText().equals(Draft.DEFAULT_TYPE);
                if (!newest.forgotten) {
                    newest.said = event.path("data");
                    newest.at = EventId.parse(event.path("id").asText()).orElseThrow();
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("a page is always JSON", e);
        }
    }

    /** The id of one that is over, where the log does not say so. */
    private Optional<String> take(Newest newest) {
        JsonNode said = newest.said;
        EventId at = newest.at;
        if (said == null || at == null) {
            return Optional.empty();
        }
        try {
            Revocation revocation = RevocationJson.parse(said);
            take(revocation, at);
            return access.isOver(revocation) && !newest.forgotten ? Optional.of(revocation.id()) : Optional.empty();
        } catch (IllegalArgumentException | IllegalStateException e) {
            LOGGER.log(System.Logger.Level.ERROR, "a revocation in the log cannot be used; say it again: {0}", e.getMessage());
            return Optional.empty();
        }
    }

    /** Takes in what the event at {@code at} says, if nothing was said here since. */
    private void take(Revocation revocation, EventId at) {
        lock.lock();
        try {
            if (!saidHere.isOlder(revocation.id(), at) && !access.hasRevoked(revocation)) {
                int ended = access.revoke(revocation);
                LOGGER.log(System.Logger.Level.DEBUG, "a revocation of the log holds, and has ended {0} streams and waiting pages", ended);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends what {@code revocation} concerns, at once, and has it last.
     *
     * @throws IllegalStateException if there are too many
     */
    public Outcome add(Revocation revocation) {
        // What is over makes room, here; that the log hears of it can wait, and this cannot.
        List<String> over = new ArrayList<>(access.forgetRevocations());
        int ended = say(revocation);
        Append kept = null;
        try {
            kept = hub.keep(List.of(RevocationJson.draft(revocation)));
        } finally {
            end(revocation, kept);
        }
        String why = why(kept);
        over.remove(revocation.id());
        if (access.isOver(revocation)) {
            // The nodes have read it, or will, before they read that it is forgotten.
            over.add(revocation.id());
        }
        if (why.isEmpty()) {
            forget(over);
        }
        return why.isEmpty() ? new Outcome.Stored(ended) : new Outcome.NotStored(ended, why);
    }

    private int say(Revocation revocation) {
        lock.lock();
        try {
            int ended = access.revoke(revocation);
            // Whatever the log has already, read or not, was said before.
            EventId newest = hub.newest();
            saidHere.begin(revocation.id(), new EventId(newest.epoch(), newest.sequence() + 1));
            return ended;
        } finally {
            lock.unlock();
        }
    }

    /** What other nodes stored until then was said before, too, and so was what stands before it of what was said here meanwhile. */
    private void end(Revocation revocation, @Nullable Append kept) {
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

    /** How many revocations it keeps in mind that were said here. */
    int said() {
        lock.lock();
        try {
            return saidHere.size();
        } finally {
            lock.unlock();
        }
    }

    private void forgetOver() {
        forget(access.forgetRevocations());
    }

    /** Says in the log that those with these ids are over. */
    private void forget(List<String> ids) {
        for (int i = 0; i < ids.size(); i += MAX_AT_ONCE) {
            List<String> some = ids.subList(i, Math.min(ids.size(), i + MAX_AT_ONCE));
            String why = why(hub.keep(some.stream().map(id -> Draft.deleted(RevocationJson.TOPIC, ApiKey.hash(id), null)).toList()));
            if (!why.isEmpty()) {
                LOGGER.log(System.Logger.Level.DEBUG, "{0} revocations that are over stay in the log for now: {1}", some.size(), why);
            }
        }
    }

    /** Why it may not be stored; empty where it is. */
    private static String why(Append kept) {
        return switch (kept) {
            case Append.Stored stored -> "";
            case Append.Unavailable(String why) -> why;
            case Append.Unknown(String why) -> why;
            case Append.TooLarge tooLarge -> throw new IllegalStateException("each has a few hundred bytes");
            case Append.KeyReused reused -> throw new IllegalStateException("it has no idempotency key");
            case Append.KeyInFlight inFlight -> throw new IllegalStateException("it has no idempotency key");
        };
    }
}
