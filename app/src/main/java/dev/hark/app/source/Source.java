package dev.hark.app.source;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hark.app.source.SourceState.Refusal;
import dev.hark.app.source.StateLog.Known;
import dev.hark.app.source.StateLog.Outcome;
import dev.hark.event.Draft;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
    private static final Duration LAST_STEPS = Duration.ofSeconds(3);

    /** Of a reason, in the log. */
    private static final int MAX_REASON = 300;

    private final String name;
    private final Upstream upstream;
    private final StateLog states;
    private final Turn turn;
    private final Terms terms;
    private final Progress progress;
    private final Thread thread;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private volatile @Nullable Reading reading;

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
        this.thread = Thread.ofPlatform().daemon().name("hark-source-" + name).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    SourceStatus status() {
        return progress.status(name, upstream);
    }

    /** Ends it behind the portion that it is at. Has an end. */
    void stop() {
        stopping.countDown();
        try {
            if (!thread.join(LAST_STEPS)) {
                Reading hangs = reading;
                if (hangs != null) {
                    hangs.abort();
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
            } catch (UpstreamException | LogAwayException e) {
                rest = trouble(String.valueOf(e.getMessage()), null);
            } catch (RuntimeException | Error e) { // its thread goes on, or nobody would know that it has ended
                rest = trouble("a defect of the hub: " + e, e);
            }
            rest(rest);
        }
    }

    private Duration trouble(String why, @Nullable Throwable defect) {
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
    private boolean takeTurn() throws UpstreamException, LogAwayException {
        Known known = states.load();
        progress.totals(known.state() == null ? SourceStatus.Totals.NONE : known.state().totals());
        if (!turn.isOurs(known)) {
            progress.standsBy();
            return false;
        }
        if (!turn.isTaken(known)) {
            Known taken = say(known, turn.node());
            if (taken == null) {
                return true;
            }
            known = taken;
            LOGGER.log(System.Logger.Level.INFO, "this node runs the source ''{0}'' from now on", name);
        }
        try (Reading opened = upstream.open()) {
            reading = opened;
            known = follow(opened, known);
        } catch (UpstreamException e) {
            if (turn.isShared()) {
                // Another node may reach what this one does not.
                say(states.load(), "");
            }
            throw e;
        } finally {
            reading = null;
        }
        if (turn.isShared() && isStopping() && turn.isTaken(known)) {
            say(known, "");
        }
        return true;
    }

    /** Stores whose turn it is; null where somebody else was faster. */
    private @Nullable Known say(Known known, String node) throws LogAwayException {
        SourceState before = known.state();
        if (node.isEmpty() && (before == null || !turn.isTaken(known))) {
            return null;
        }
        SourceState after = before == null ? SourceState.first(states.nonce(), node) : before.by(node, states.nonce());
        return states.store(known, List.of(), after) instanceof Outcome.Stored(Known stored) ? stored : null;
    }

    /** Reads and publishes until it is stopped, or the log says that something has changed; the newest state that it knows. */
    private Known follow(Reading from, Known begin) throws UpstreamException, LogAwayException {
        Known known = begin;
        JsonNode position = known.state() == null ? null : known.state().position();
        if (position != null && known.state() != null) {
            from.recall(states.positions(known.state()));
            from.stored(position, known.state().passed());
        }
        int limit = terms.batch();
        while (!isStopping() && states.isCurrent(known)) {
            Portion portion = from.read(position, limit);
            if (portion.items().isEmpty()) {
                isWell();
                position = portion.position();
                progress.isAtEnd();
                if (turn.isToBeRenewed(known)) {
                    Known renewed = say(known, turn.node());
                    if (renewed == null) {
                        return known;
                    }
                    known = renewed;
                }
                awaitMore(from);
                continue;
            }
            if (progress.trouble().isEmpty()) {
                progress.isBehind(portion.waiting() + portion.items().size());
            }
            switch (publish(known, portion)) {
                case Outcome.Stored(Known stored) -> {
                    isWell();
                    progress.isBehind(portion.waiting());
                    known = stored;
                    position = portion.position();
                    limit = terms.batch();
                    from.stored(position, stored.state() == null ? List.of() : stored.state().passed());
                }
                case Outcome.Overtaken overtaken -> {
                    return known;
                }
                case Outcome.TooLarge tooLarge -> limit = Math.max(1, portion.items().size() / 2);
            }
        }
        return isStopping() ? atRest(from, known) : known;
    }

    /** Stores what the end of a reading knows of its place. */
    private Known atRest(Reading from, Known known) throws LogAwayException {
        SourceState state = known.state();
        if (state == null || state.position() == null) {
            return known;
        }
        JsonNode rest = from.atRest(state.position());
        return !rest.equals(state.position()) && states.store(known, List.of(), state.at(rest, states.nonce())) instanceof Outcome.Stored(
                Known stored) ? stored : known;
    }

    private void awaitMore(Reading from) throws UpstreamException {
        long left = terms.poll().toNanos();
        boolean told = false;
        while (left > 0 && !told && !isStopping()) {
            long part = Math.min(left, WAIT.toNanos());
            told = from.awaitMore(Duration.ofNanos(part));
            left -= part;
        }
    }

    private Outcome publish(Known known, Portion portion) throws LogAwayException {
        Outcome outcome = store(known, portion);
        if (outcome instanceof Outcome.TooLarge(long bytes, long limit) && portion.items().size() == 1) {
            // Alone it is too large as well: it will always be.
            String reason = "it takes " + bytes + " bytes in the log, which can store " + limit + " bytes at once";
            Item refused = new Item.Refused(portion.items().getFirst().id(), reason);
            return store(known, new Portion(List.of(refused), portion.position(), portion.waiting()));
        }
        return outcome;
    }

    private Outcome store(Known known, Portion portion) throws LogAwayException {
        List<Draft> drafts = new ArrayList<>(portion.items().size());
        List<Refusal> refusals = new ArrayList<>();
        for (Item item : portion.items()) {
            switch (item) {
                case Item.Accepted(String id, Draft draft) -> drafts.add(draft);
                case Item.Refused(String id, String reason) -> refusals.add(new Refusal(id, shortened(reason)));
            }
        }
        SourceState before = known.state() == null ? SourceState.first("", turn.node()) : known.state();
        SourceState after = before.after(portion.position(), drafts.size(), refusals, states.nonce());
        Outcome outcome = states.store(known, drafts, after);
        if (outcome instanceof Outcome.Stored) {
            progress.has(drafts.size(), refusals.size());
            progress.totals(after.totals());
            report(refusals);
        }
        return outcome;
    }

    /** One line for a portion: a table full of mistakes must not fill the log. */
    private void report(List<Refusal> refusals) {
        if (!refusals.isEmpty()) {
            Refusal first = refusals.getFirst();
            LOGGER.log(System.Logger.Level.WARNING, "the source '" + name + "' passes over " + refusals.size()
                    + (refusals.size() == 1 ? " item, " : " items, the first of them ") + first.id() + ": " + first.reason());
        }
    }

    private static String shortened(String reason) {
        String printable = reason.replaceAll("\\p{Cntrl}", "\uFFFD");
        return printable.length() <= MAX_REASON ? printable : printable.substring(0, MAX_REASON) + "…";
    }
}
