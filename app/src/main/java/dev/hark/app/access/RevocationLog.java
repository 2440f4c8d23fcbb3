package dev.hark.app.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.Hub;
import dev.hark.event.Draft;
import dev.hark.event.EventId;
import dev.hark.event.Filters;
import dev.hark.event.Format;
import dev.hark.event.GapReason;
import dev.hark.event.TopicFilter;
import dev.hark.fanout.EventPage;
import dev.hark.fanout.PageAnswer;
import dev.hark.fanout.PageRequest;
import dev.hark.fanout.Start;
import dev.hark.fanout.Subscription;
import dev.hark.log.Append;
import dev.hark.log.Epochs;
import dev.hark.log.UnusableLogException;
import dev.hark.thread.VitalThreads;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
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

    private final RevocationWords words;

    /** Confined to who reads: first the start, then the thread that follows. */
    private Start next = new Start.Earliest();

    private @Nullable EventId readThrough;

    private final SayingAgain again;

    private RevocationLog(Hub hub, AccessControl access) {
        this.hub = hub;
        this.access = access;
        this.words = new RevocationWords(hub, access);
        this.again = new SayingAgain(hub, access);
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
        List<String> over = log.readOn(true);
        log.forgetOver();
        log.forget(over);
        return log;
    }

    /** What the log says last under one key. */
    private static final class Newest {
        private @Nullable JsonNode said;
        private @Nullable EventId at;
        private Instant time = Instant.EPOCH;
        private boolean forgotten;
    }

    /**
     * Takes in what came since it was called last; one thread at a time. Of each key the last one alone: what was taken back since is to
     * end nobody's streams, also where all is read anew because the log has another history.
     *
     * @param isStart whether nothing is known yet
     * @return the ids of those that are over, of which the log does not say so
     * @throws UnusableLogException if that is not all that there is; then nothing is taken in
     */
    private List<String> readOn(boolean isStart) {
        if (!isStart && Epochs.isInterim(hub.newest().epoch())) {
            // What this node shows now may not be whole: a word may be there, and not yet the one that undoes it.
            return List.of();
        }
        Map<String, Newest> all = new LinkedHashMap<>();
        boolean isAnother = false;
        // Not as a snapshot, which is counted as others'.
        Start from = next;
        EventId newest = hub.newest();
        EventId before = null;
        while (before == null || !before.epoch().equals(newest.epoch()) || before.sequence() < newest.sequence()) {
            try (EventPage page = page(from)) {
                if (page.gap() != null && isAnother(page.gap().reason())) {
                    LOGGER.log(System.Logger.Level.WARNING, "the log has another history: revocations that hold at this node and are not in"
                            + " it are stored in it, if others have not done so");
                    // They hold, and what follows may know nothing of them.
                    take(all);
                    all.clear();
                    isAnother = true;
                } else if (page.gap() != null) {
                    LOGGER.log(System.Logger.Level.ERROR, "some revocations are lost with a part of the log ({0}); say them again",
                            page.gap().reason());
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
        if (!isStart && Epochs.isInterim(before.epoch())) {
            return List.of();
        }
        List<String> over = take(all);
        if (isAnother) {
            again.begin(all.keySet());
        } else {
            again.isSaid(all.keySet());
        }
        next = from;
        readThrough = before;
        return over;
    }

    private static boolean isAnother(GapReason reason) {
        return reason == GapReason.RESET || reason == GapReason.UNKNOWN_ID;
    }

    /**
     * Takes in what {@code all} says, and leaves there what counts.
     *
     * @return the ids of those that are over, of which the log does not say so
     */
    private List<String> take(Map<String, Newest> all) {
        List<String> over = new ArrayList<>();
        for (Iterator<Newest> each = all.values().iterator(); each.hasNext(); ) {
            if (!take(each.next(), over)) {
                each.remove();
            }
        }
        return over;
    }

    /** Takes in what other nodes take away, within moments, on a thread of its own that joins {@code vital}. */
    public AutoCloseable follow(VitalThreads vital) {
        if (!access.settings().saysWho()) {
            return () -> {};
        }
        words.follow();
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
                readOn(false);
                words.forget(readThrough);
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
                    newest.time = Instant.parse(event.path("time").asText());
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("a page is always JSON", e);
        }
    }

    /** Whether that counts; the ids of those that are over are added to {@code over}, where the log does not say so. */
    private boolean take(Newest newest, List<String> over) {
        JsonNode said = newest.said;
        EventId at = newest.at;
        if (said == null || at == null) {
            return false;
        }
        try {
            Revocation revocation = RevocationJson.parse(said);
            if (!words.take(revocation, at, newest.time)) {
                return false;
            }
            if (access.isOver(revocation) && !newest.forgotten) {
                over.add(revocation.id());
            }
        } catch (IllegalArgumentException | IllegalStateException e) {
            LOGGER.log(System.Logger.Level.ERROR, "a revocation in the log cannot be used; say it again: {0}", e.getMessage());
        }
        return true;
    }

    /**
     * Ends what {@code revocation} concerns, at once, and has it last.
     *
     * @throws IllegalStateException if there are too many
     */
    public Outcome add(Revocation revocation) {
        // What is over makes room, here; that the log hears of it can wait, and this cannot.
        List<String> over = new ArrayList<>(access.forgetRevocations());
        int ended = words.say(revocation);
        Append kept = null;
        try {
            kept = hub.keep(List.of(RevocationJson.draft(revocation)));
        } finally {
            words.end(revocation, kept);
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

    /** How many revocations it keeps in mind that were said here. */
    int said() {
        return words.said();
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
