package dev.hark.app.source;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hark.app.config.SourceSettings;
import dev.hark.app.state.LogAwayException;
import dev.hark.app.state.OneLine;
import dev.hark.app.state.StateLog;
import dev.hark.app.state.StateLog.Known;
import dev.hark.app.state.StateLog.Outcome;
import dev.hark.app.state.Turn;
import dev.hark.app.state.WorkState;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One source at work: reads a portion, publishes it together with its position, and only then reads the next one.
 *
 * <p>One thread of its own does it all; {@link #stop} and {@link #status} may be called by any.
 */
final class Source {
    private static final System.Logger LOGGER = System.getLogger(Source.class.getName());

    private static final Duration LEAST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    /** How often a node looks whether it is its turn. */
    private static final Duration LOOK = Duration.ofSeconds(1);

    /** For how long it waits at once, so that it ends soon. */
    private static final Duration WAIT = Duration.ofMillis(250);

    /** How long the end waits for what the thread is at, and then for what was aborted. */
    private static final Duration LAST_STEPS = Duration.ofSeconds(1);

    private final String name;
    private final Upstream upstream;
    private final StateLog states;
    private final Turn turn;
    private final Terms terms;
    private final Progress progress;
    private final SourceWriter writer;
    private final Opening opening;
    private final Courtesy courtesy;
    private final Thread thread;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private volatile @Nullable Reading reading;

    /** What another node had stored at the last look; null where it was this one's turn. */
    private @Nullable WorkState seen;

    /** How long it waits after what went wrong now. */
    private Duration pause = LEAST_PAUSE;

    /**
     * How it reads.
     *
     * @param batch how many items at once, positive
     * @param poll  how long it waits at the end before it looks again
     */
    record Terms(int batch, Duration poll) {}

    Source(String name, Upstream upstream, StateLog states, Turn turn, Terms terms, Progress progress) {
        this.name = name;
        this.upstream = upstream;
        this.states = states;
        this.turn = turn;
        this.terms = terms;
        this.progress = progress;
        this.writer = new SourceWriter(name, states, turn, progress);
        this.opening = new Opening(name, upstream);
        this.courtesy = new Courtesy(states::published, System::nanoTime);
        this.thread = Thread.ofPlatform().daemon().name("hark-source-" + name).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    SourceStatus status() {
        return progress.status(name, upstream);
    }

    /** Whether its thread is still there. */
    boolean isAlive() {
        return thread.isAlive();
    }

    /** Ends it behind the portion that it is at. Has an end: twice {@link #LAST_STEPS}, whatever its upstream or the log does. */
    void stop() {
        stopping.countDown();
        opening.end();
        try {
            if (!thread.join(LAST_STEPS)) {
                Reading hangs = reading;
                if (hangs != null) {
                    // It may hang itself, on a lock of what it is to end.
                    Thread.ofPlatform().daemon().name("hark-source-" + name + "-end").start(hangs::abort);
                }
                if (!thread.join(LAST_STEPS)) {
                    LOGGER.log(System.Logger.Level.WARNING, "the source ''{0}'' does not end; its position is safe", name);
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
            } catch (UpstreamException | HeldUpException | LogAwayException e) {
                rest = trouble(String.valueOf(e.getMessage()), null);
            } catch (RuntimeException | Error e) { // its thread goes on, or nobody would know that it has ended
                rest = trouble("a defect of the hub: " + e, e);
            }
            rest(rest);
        }
    }

    private Duration trouble(String words, @Nullable Throwable defect) {
        String why = OneLine.of(words, OneLine.LONG);
        if (!isStopping() && (defect != null || !progress.trouble().equals(why))) {
            LOGGER.log(defect == null ? System.Logger.Level.WARNING : System.Logger.Level.ERROR,
                    "the source '" + name + "' does not get on, and tries again: " + why, defect);
        }
        progress.isInTrouble(why);
        Duration rest = pause;
        pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        return rest;
    }

    private void isWell() {
        if (!progress.trouble().isEmpty()) {
            LOGGER.log(System.Logger.Level.INFO, "the source ''{0}'' gets on again", name);
        }
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
    private boolean takeTurn() throws UpstreamException, HeldUpException, LogAwayException {
        Known known = states.load();
        progress.totals(SourceStatus.Totals.of(known.state()));
        if (!turn.isOurs(known)) {
            if (progress.trouble().isEmpty() || othersGetOn(known.state())) {
                progress.standsBy();
                pause = LEAST_PAUSE;
            }
            return false;
        }
        seen = null;
        Known last;
        try {
            Reading next = opening.open();
            last = next == null ? known : work(next, known);
        } catch (UpstreamException e) {
            if (turn.isShared()) {
                // Another node may reach what this one does not.
                writer.say(states.load(), "");
            }
            throw e;
        }
        if (turn.isShared() && isStopping() && last != null && turn.isTaken(last)) {
            writer.say(last, "");
        }
        return true;
    }

    /** The newest state that it knows when it has done with {@code next}; null where another node was faster. */
    private @Nullable Known work(Reading next, Known begin) throws UpstreamException, HeldUpException, LogAwayException {
        Known known = begin;
        try (Reading opened = next) {
            reading = opened;
            // Only now: a node that does not reach its upstream has nothing to say, and may try for days.
            if (!turn.isTaken(known)) {
                Known taken = writer.say(known, turn.node());
                if (taken == null) {
                    return null;
                }
                known = taken;
                LOGGER.log(System.Logger.Level.INFO, "this node runs the source ''{0}'' from now on", name);
            }
            return follow(opened, known);
        } finally {
            reading = null;
        }
    }

    /** Whether another node has done something since the last look, and not only taken the turn: it reaches what this one does not. */
    private boolean othersGetOn(@Nullable WorkState now) {
        WorkState before = seen;
        seen = now;
        return before != null && now != null && (!Objects.equals(before.position(), now.position())
                || (before.node().equals(now.node()) && !before.nonce().equals(now.nonce())));
    }

    /** Reads and publishes until it is stopped, or the log says that something has changed; the newest state that it knows. */
    private Known follow(Reading from, Known begin) throws UpstreamException, HeldUpException, LogAwayException {
        Known known = begin;
        JsonNode position = known.state() == null ? null : known.state().position();
        if (position != null && known.state() != null) {
            if (from.needsRecall()) {
                from.recall(states.positions(known.state(), SourceSettings.KEPT_STATES));
            }
            from.stored(position, known.state().passed());
        }
        int limit = terms.batch();
        long waited = 0;
        while (!isStopping() && states.isCurrent(known)) {
            try {
                if (turn.isToBeRenewed(known)) {
                    Known renewed = writer.say(known, turn.node());
                    if (renewed == null) {
                        return known;
                    }
                    known = renewed;
                }
                progress.looks();
                courtesy.begin();
                Portion portion = from.read(position, limit);
                if (portion.items().isEmpty()) {
                    position = portion.position();
                    progress.hasAll();
                    if (progress.trouble().isEmpty() || waited >= LOOK.toNanos()) {
                        isWell();
                        progress.isAtEnd();
                    }
                    waited += awaitMore(from);
                    continue;
                }
                waited = 0;
                if (progress.trouble().isEmpty()) {
                    progress.isBehind(portion.waiting() + portion.items().size());
                }
                switch (writer.publish(known, portion)) {
                    case Outcome.Stored(Known stored) -> {
                        long own = published(stored) - published(known);
                        known = stored;
                        position = portion.position();
                        limit = terms.batch();
                        from.stored(position, stored.state() == null ? List.of() : stored.state().passed());
                        isWell();
                        progress.isBehind(portion.waiting());
                        if (portion.waiting() == 0) {
                            progress.hasAll();
                        } else {
                            rest(courtesy.rest(own));
                        }
                    }
                    case Outcome.Overtaken overtaken -> {
                        return known;
                    }
                    case Outcome.TooLarge tooLarge -> limit = Math.max(1, portion.items().size() / 2);
                }
            } catch (HeldUpException | LogAwayException e) {
                // The reading is kept, and gives the same again: a queue counts how often a message goes back to it.
                if (isStopping() || turn.isOver()) {
                    throw e;
                }
                waited = 0;
                Duration rest = trouble(String.valueOf(e.getMessage()), null);
                rest(turn.isShared() && rest.compareTo(Turn.RENEWAL) > 0 ? Turn.RENEWAL : rest);
            }
        }
        return isStopping() ? atRest(from, known) : known;
    }

    private static long published(Known known) {
        return known.state() == null ? 0 : known.state().published();
    }

    /** Stores what the end of a reading knows of its place. */
    private Known atRest(Reading from, Known known) throws LogAwayException {
        WorkState state = known.state();
        if (state == null || state.position() == null) {
            return known;
        }
        JsonNode rest = from.atRest(state.position());
        return !rest.equals(state.position()) && states.store(known, List.of(), state.at(rest, states.nonce())) instanceof Outcome.Stored(
                Known stored) ? stored : known;
    }

    /** @return for how long it has waited, in nanoseconds */
    private long awaitMore(Reading from) throws UpstreamException, HeldUpException {
        long left = terms.poll().toNanos();
        boolean told = false;
        while (left > 0 && !told && !isStopping()) {
            long part = Math.min(left, WAIT.toNanos());
            told = from.awaitMore(Duration.ofNanos(part));
            left -= part;
        }
        return terms.poll().toNanos() - left;
    }
}
