package dev.hark.app.hook;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hark.app.config.HookSettings;
import dev.hark.app.hook.NoteLog.Notes;
import dev.hark.app.hook.Place.Anew;
import dev.hark.app.state.LogAwayException;
import dev.hark.app.state.OneLine;
import dev.hark.app.state.StateLog;
import dev.hark.app.state.StateLog.Known;
import dev.hark.app.state.StateLog.Outcome;
import dev.hark.app.state.Turn;
import dev.hark.app.state.WorkState;
import dev.hark.app.state.WorkState.Refusal;
import dev.hark.event.EventId;
import dev.hark.event.GapReason;
import dev.hark.fanout.PageRequest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One hook at work: reads its notes, calls its address with what they make, and notes only then how far it is. So a crash between the two
 * calls once more, and loses nothing.
 *
 * <p>One thread of its own does it all; {@link #stop} and {@link #progress} may be called by any.
 */
final class Hook {
    private static final System.Logger LOGGER = System.getLogger(Hook.class.getName());

    /** How often a node looks whether it is its turn. */
    private static final Duration LOOK = Duration.ofSeconds(1);

    /** For how long it waits at once where there is nothing to tell. */
    private static final Duration WAIT = Duration.ofMillis(100);

    private static final Duration LEAST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    /** How long the end waits for the call that is under way, and then for what was cut short. */
    private static final Duration LAST_STEPS = Duration.ofSeconds(2);

    /** After how many notes that change nothing its place is noted nevertheless. */
    private static final int UNNOTED = 1_000;

    private static final String UNWANTED = "it answered 410, and is not called again before the next start";

    private final HookSettings hook;
    private final NoteLog notes;
    private final StateLog states;
    private final Turn turn;
    private final Endpoint endpoint;
    private final Backoff backoff;
    private final InstantSource clock;
    private final Progress progress;
    private final Letters letters;
    private final Thread thread;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private volatile @Nullable CompletableFuture<Answer> call;

    // Confined to its thread.
    private Known known = new Known("", null);
    private Duration pause = LEAST_PAUSE;

    /** The id of the last call that was taken: where the log did not store that, it alone is tried again. */
    private String taken = "";

    /** How the last call that failed is getting on; it stays so where the log is away for a moment, and all begins where it was. */
    private Trying trying = new Trying("", 0, "", Instant.EPOCH);

    /** Of which notes the last call was made: of the same ones, where it begins there again, or it would be another call. */
    private @Nullable Asked asked;

    /** Since when it begins anew where it is, so that a second try is the same call. */
    private @Nullable Beginning beginning;

    /** Whether this node was told not to call any more. */
    private boolean unwanted;

    /**
     * A call that has failed.
     *
     * @param failed    how often
     * @param why       it has done so the last time
     * @param notBefore when anybody is called again
     */
    private record Trying(String id, int failed, String why, Instant notBefore) {
        Trying of(String next) {
            return id.equals(next) ? this : new Trying(next, 0, "", notBefore);
        }
    }

    /**
     * Notes of which a call was made.
     *
     * @param stored where the log says that the hook is: between that and {@code behind} there is nothing to tell
     */
    private record Asked(@Nullable Place stored, EventId behind, int notes) {}

    private record Beginning(Place place, Instant since) {}

    /** Another node has the turn now, or this one is being stopped. */
    private static final class OverException extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /** Where a hook's notes and states are. */
    record Logs(NoteLog notes, StateLog states) {}

    Hook(HookSettings hook, Logs logs, Turn turn, Endpoint endpoint, Backoff backoff, InstantSource clock, Progress progress) {
        this.hook = hook;
        this.notes = logs.notes();
        this.states = logs.states();
        this.turn = turn;
        this.endpoint = endpoint;
        this.backoff = backoff;
        this.clock = clock;
        this.progress = progress;
        this.letters = new Letters(hook);
        this.thread = Thread.ofPlatform().daemon().name("hark-hook-" + hook.name()).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    Progress progress() {
        return progress;
    }

    HookSettings settings() {
        return hook;
    }

    /** Ends it behind the call that it is at. Has an end. */
    void stop() {
        stopping.countDown();
        try {
            if (!thread.join(LAST_STEPS)) {
                CompletableFuture<Answer> hangs = call;
                if (hangs != null) {
                    hangs.cancel(true);
                }
                if (!thread.join(LAST_STEPS)) {
                    LOGGER.log(System.Logger.Level.WARNING, "the hook ''{0}'' does not end; its position is safe", hook.name());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isStopping() {
        return stopping.getCount() == 0;
    }

    private void run() {
        while (!isStopping()) {
            Duration rest = LOOK;
            try {
                if (takeTurn()) {
                    rest = Duration.ZERO;
                }
            } catch (OverException e) {
                rest = LEAST_PAUSE;
            } catch (LogAwayException e) {
                rest = trouble(String.valueOf(e.getMessage()), null);
            } catch (RuntimeException | Error e) { // its thread goes on, or nobody would know that it has ended
                rest = trouble("a defect of the hub: " + e, e);
            }
            rest(rest);
        }
    }

    private Duration trouble(String why, @Nullable Throwable defect) {
        tell(why, 0, defect);
        Duration rest = pause;
        pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        return rest;
    }

    /** Once for each reason. */
    private void tell(String words, int failed, @Nullable Throwable defect) {
        String why = OneLine.of(words, OneLine.LONG);
        if (!isStopping() && (defect != null || !progress.trouble().equals(why))) {
            LOGGER.log(defect == null ? System.Logger.Level.WARNING : System.Logger.Level.ERROR,
                    "the hook '" + hook.name() + "' does not get on, and tries again: " + why, defect);
        }
        progress.isInTrouble(why, failed);
    }

    private void isWell() {
        if (!progress.trouble().isEmpty()) {
            LOGGER.log(System.Logger.Level.INFO, "the hook ''{0}'' gets on again", hook.name());
        }
        progress.isWell();
        pause = LEAST_PAUSE;
    }

    private void rest(Duration most) {
        try {
            stopping.await(most.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stopping.countDown();
        }
    }

    /** @return whether to look again at once: something has changed */
    private boolean takeTurn() throws LogAwayException, OverException {
        known = states.load();
        progress.totals(known.state());
        if (!turn.isOurs(known)) {
            progress.standsBy();
            return false;
        }
        if (!turn.isTaken(known)) {
            store(before().by(turn.node(), states.nonce()));
            LOGGER.log(System.Logger.Level.INFO, "this node runs the hook ''{0}'' from now on", hook.name());
        }
        try {
            if (unwanted) {
                endure();
            }
            follow();
        } finally {
            if (turn.isShared() && isStopping() && turn.isTaken(known)) {
                store(before().by("", states.nonce()));
            }
        }
        return true;
    }

    private WorkState before() {
        return known.state() == null ? WorkState.first(states.nonce(), turn.node()) : known.state();
    }

    private void store(WorkState after) throws LogAwayException, OverException {
        long nanos = turn.nanos();
        switch (states.store(known, List.of(), after)) {
            case Outcome.Stored(Known stored) -> {
                turn.isStored(stored, nanos);
                known = stored;
                progress.totals(stored.state());
            }
            case Outcome.Overtaken overtaken -> throw new OverException();
            case Outcome.TooLarge(long bytes, long limit) -> throw new LogAwayException(
                    "its position of " + bytes + " bytes is too much for the log, which takes " + limit);
        }
    }

    /** Stores that all up to {@code place} is told, or given up. */
    private void arrive(Place place, long told, List<Refusal> given, long dead) throws LogAwayException, OverException {
        WorkState before = before();
        WorkState after = before.after(place.toJson(), told, given, states.nonce());
        // One entry for a call, and a count for its events.
        store(new WorkState(after.nonce(), after.node(), after.position(), List.of(), after.published(), before.refused() + dead,
                after.refusals()));
        progress.has(told, dead);
    }

    /** Says that this node is still there, where it has to. */
    private void keepTurn() throws LogAwayException, OverException {
        if (turn.isToBeRenewed(known)) {
            store(before().by(turn.node(), states.nonce()));
        }
    }

    /** Reads and calls until it is stopped, or the log says that something has changed. */
    private void follow() throws LogAwayException, OverException {
        Place place = begin();
        int unnoted = 0;
        while (!isStopping() && states.isCurrent(known)) {
            if (place.anew() != null) {
                place = tellAnew(place, place.anew());
            }
            Asked last = asked;
            Notes next = notes.read(place.id(), last != null && last.behind().equals(place.id()) ? last.notes() : hook.batch());
            if (next.lost() != null) {
                place = lost(next.lost() == GapReason.RETENTION || next.lost() == GapReason.DAMAGE ? Anew.RETENTION : Anew.HISTORY);
                continue;
            }
            List<ObjectNode> events = letters.events(next.notes());
            Place behind = new Place(next.next(), null);
            if (!events.isEmpty()) {
                asked = new Asked(stored(), place.id(), next.events());
                place = tell(Call.of(hook.name(), events), behind);
                unnoted = 0;
            } else {
                place = behind;
                unnoted += next.events();
                if (unnoted >= UNNOTED) {
                    arrive(place, 0, List.of(), 0);
                    unnoted = 0;
                }
            }
            if (next.events() == 0) {
                keepTurn();
                isWell();
                awaitNotes(place.id());
            }
        }
    }

    private void awaitNotes(EventId seen) {
        EventId newest = notes.newest();
        do {
            rest(WAIT);
        } while (!isStopping() && newest.equals(seen) && notes.newest().equals(newest) && !turn.isToBeRenewed(known));
    }

    private @Nullable Place stored() {
        return known.state() == null ? null : Place.parse(known.state().position()).orElse(null);
    }

    /** Where it goes on, once it knows who is known to listen there. */
    private Place begin() throws LogAwayException, OverException {
        Place before = stored();
        if (before == null) {
            return lost(Anew.NEW);
        }
        Asked last = asked;
        if (last != null && before.equals(last.stored())) {
            before = new Place(last.behind(), null);
        }
        Notes next = notes.read(before.id(), 1);
        if (next.lost() == GapReason.RESET || next.lost() == GapReason.UNKNOWN_ID) {
            return lost(Anew.HISTORY);
        }
        know(before.id());
        return before;
    }

    /** It goes on with what comes now; what came before is void. */
    private Place lost(Anew why) throws LogAwayException, OverException {
        Place now = new Place(notes.newest(), why);
        know(now.id());
        arrive(now, 0, List.of(), 0);
        if (why != Anew.NEW) {
            LOGGER.log(System.Logger.Level.WARNING, "the hook ''{0}'' begins anew, because some of what it was to tell is lost: {1}",
                    hook.name(), why.reason());
        }
        return now;
    }

    /** Takes in who listens as of {@code through}, which is told already. */
    private void know(EventId through) throws LogAwayException, OverException {
        letters.clear();
        EventId at = null;
        boolean more = true;
        while (more) {
            keepTurn();
            Notes next = notes.read(at, PageRequest.MAX_LIMIT);
            letters.know(next.notes().stream().filter(noted -> isWithin(noted.id(), through)).toList());
            if (!next.next().epoch().equals(through.epoch()) || next.next().equals(at)) {
                throw new LogAwayException("its notes cannot be read now");
            }
            at = next.next();
            more = at.sequence() < through.sequence();
        }
    }

    private static boolean isWithin(String id, EventId through) {
        return EventId.parse(id).filter(each -> each.sequence() <= through.sequence()).isPresent();
    }

    /** Has what was told before forgotten, however long that takes: what comes behind means nothing without it. */
    private Place tellAnew(Place place, Anew why) throws LogAwayException, OverException {
        Beginning begins = beginning != null && beginning.place().equals(place) ? beginning : new Beginning(place, clock.instant());
        beginning = begins;
        List<ObjectNode> events = letters.anew(place, why, begins.since());
        for (int from = 0; from < events.size(); from += hook.batch()) {
            call(Call.of(hook.name(), events.subList(from, Math.min(from + hook.batch(), events.size()))), Integer.MAX_VALUE);
        }
        Place begun = place.begun();
        arrive(begun, events.size(), List.of(), 0);
        isWell();
        return begun;
    }

    /** Calls until that is taken, or given up: where it goes on then. */
    private Place tell(Call next, Place behind) throws LogAwayException, OverException {
        Optional<String> failure = call(next, hook.attempts());
        if (failure.isEmpty()) {
            arrive(behind, next.count(), List.of(), 0);
            isWell();
            return behind;
        }
        String why = next.count() + (next.count() == 1 ? " event" : " events") + " given up after " + hook.attempts()
                + (hook.attempts() == 1 ? " call" : " calls") + ": " + failure.get();
        LOGGER.log(System.Logger.Level.WARNING, "a dead letter of the hook ''{0}'', from {1} on: {2}", hook.name(), next.first(), why);
        Place anew = new Place(behind.id(), Anew.UNDELIVERED);
        arrive(anew, 0, List.of(new Refusal(next.first(), why)), next.count());
        return anew;
    }

    /**
     * Calls, again and again where it has to.
     *
     * @return empty where it is taken, or why the last of {@code most} calls was not
     */
    private Optional<String> call(Call next, int most) throws LogAwayException, OverException {
        if (next.id().equals(taken)) {
            return Optional.empty();
        }
        trying = trying.of(next.id());
        if (trying.failed() >= most) {
            // It is given up already, and only that was not stored.
            return Optional.of(trying.why());
        }
        if (trying.failed() > 0) {
            // What it waits for now is this, whatever came between.
            tell(trying.why(), trying.failed(), null);
        }
        while (true) {
            restInTurn(Duration.between(clock.instant(), trying.notBefore()));
            switch (send(next)) {
                case Answer.Taken answer -> {
                    progress.called(true);
                    taken = next.id();
                    return Optional.empty();
                }
                case Answer.Failed(String why, Optional<Duration> peace) -> {
                    progress.called(false);
                    int failed = trying.failed() + 1;
                    // Behind what is given up comes another call at once.
                    Duration pause = failed < most ? backoff.pause(failed, peace) : Duration.ZERO;
                    trying = new Trying(next.id(), failed, why, clock.instant().plus(pause));
                    tell(why, failed, null);
                    if (failed >= most) {
                        return Optional.of(why);
                    }
                }
                case Answer.Unwanted answer -> {
                    progress.called(false);
                    LOGGER.log(System.Logger.Level.WARNING, "the hook ''{0}'' has an end: {1}", hook.name(), UNWANTED);
                    unwanted = true;
                    endure();
                }
            }
        }
    }

    /** Calls nobody, and keeps its turn so that no other node does. */
    private void endure() throws LogAwayException, OverException {
        progress.isUnwanted(UNWANTED);
        restInTurn(Duration.ofSeconds(Long.MAX_VALUE));
    }

    private void restInTurn(Duration pause) throws LogAwayException, OverException {
        Duration left = pause;
        while (left.isPositive()) {
            requireGoingOn();
            Duration part = left.compareTo(LOOK) < 0 ? left : LOOK;
            rest(part);
            left = left.minus(part);
            keepTurn();
        }
        requireGoingOn();
    }

    private void requireGoingOn() throws OverException {
        if (isStopping() || !states.isCurrent(known)) {
            throw new OverException();
        }
    }

    private Answer send(Call next) throws LogAwayException, OverException {
        requireGoingOn();
        // Of many calls that are answered soon as well.
        keepTurn();
        if (turn.isAboutToEnd(known)) {
            throw new OverException();
        }
        // To say so may have taken long: the end may have come meanwhile, and looks for a call once.
        requireGoingOn();
        CompletableFuture<Answer> sent = endpoint.send(next);
        call = sent;
        try {
            Duration left = hook.timeout();
            while (left.isPositive()) {
                Duration part = left.compareTo(LOOK) < 0 ? left : LOOK;
                try {
                    return sent.get(part.toMillis() + 1, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    left = left.minus(part);
                    keepTurn();
                }
            }
            return Answer.late(hook.timeout());
        } catch (ExecutionException e) {
            throw new IllegalStateException("a call never fails", e);
        } catch (CancellationException e) {
            throw new OverException();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stopping.countDown();
            throw new OverException();
        } finally {
            sent.cancel(true);
            call = null;
        }
    }
}
