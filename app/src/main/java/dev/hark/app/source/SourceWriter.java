package dev.hark.app.source;

import dev.hark.app.state.LogAwayException;
import dev.hark.app.state.OneLine;
import dev.hark.app.state.StateLog;
import dev.hark.app.state.StateLog.Known;
import dev.hark.app.state.StateLog.Outcome;
import dev.hark.app.state.Turn;
import dev.hark.app.state.WorkState;
import dev.hark.app.state.WorkState.Refusal;
import dev.hark.event.Draft;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one source writes into the log: portions, each with the state behind it, and whose turn it is.
 *
 * <p>Confined to the thread of its source.
 */
final class SourceWriter {
    private static final System.Logger LOGGER = System.getLogger(SourceWriter.class.getName());

    private final String name;
    private final StateLog states;
    private final Turn turn;
    private final Progress progress;

    /** What is to be told when it turns out that a try was stored, by its nonce: all that are to follow one state. */
    private final Map<String, Runnable> tries = new HashMap<>();

    SourceWriter(String name, StateLog states, Turn turn, Progress progress) {
        this.name = name;
        this.states = states;
        this.turn = turn;
        this.progress = progress;
    }

    /**
     * Stores whose turn it is; null where somebody else was faster.
     *
     * @param node empty for nobody's
     * @throws LogAwayException if the log takes nothing, or it is not known whether it has
     */
    @Nullable Known say(Known known, String node) throws LogAwayException {
        WorkState before = known.state();
        if (node.isEmpty() && (before == null || !turn.isTaken(known))) {
            return null;
        }
        WorkState after = before == null ? WorkState.first(states.nonce(), node) : before.by(node, states.nonce());
        return store(known, List.of(), after, () -> {}) instanceof Outcome.Stored(Known stored) ? stored : null;
    }

    /**
     * Stores a portion, and where it is too large for the log all alone, that it is passed over.
     *
     * @throws LogAwayException if the log takes nothing, or it is not known whether it has; the same portion may be tried again
     */
    Outcome publish(Known known, Portion portion) throws LogAwayException {
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
                case Item.Refused(String id, String reason) -> refusals.add(new Refusal(id, reason));
            }
        }
        WorkState before = known.state() == null ? WorkState.first("", turn.node()) : known.state();
        WorkState after = before.after(portion.position(), drafts.size(), refusals, states.nonce());
        int events = drafts.size();
        return store(known, drafts, after, () -> {
            progress.has(events, refusals.size());
            progress.totals(SourceStatus.Totals.of(after));
            report(refusals);
        });
    }

    private Outcome store(Known known, List<Draft> drafts, WorkState after, Runnable isStored) throws LogAwayException {
        tries.put(after.nonce(), isStored);
        Outcome outcome = states.store(known, drafts, after);
        switch (outcome) {
            case Outcome.Stored stored -> {
                tries.clear();
                isStored.run();
            }
            case Outcome.Overtaken overtaken -> {
                // Perhaps by an earlier try of this source, of which the log did not say what became of it.
                Known newest = states.load();
                WorkState is = newest.state();
                Runnable own = is == null ? null : tries.get(is.nonce());
                tries.clear();
                if (is != null && own != null) {
                    own.run();
                    return Objects.equals(is.position(), after.position()) ? new Outcome.Stored(newest) : outcome;
                }
            }
            case Outcome.TooLarge tooLarge -> tries.remove(after.nonce());
        }
        return outcome;
    }

    /** One line for a portion: a table full of mistakes must not fill the log. */
    private void report(List<Refusal> refusals) {
        if (!refusals.isEmpty()) {
            Refusal first = refusals.getFirst();
            LOGGER.log(System.Logger.Level.WARNING, "the source '" + name + "' passes over " + refusals.size()
                    + (refusals.size() == 1 ? " item, " : " items, the first of them ") + OneLine.of(first.id(), OneLine.SHORT) + ": "
                    + first.reason());
        }
    }
}
