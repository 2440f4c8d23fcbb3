package dev.hark.log.replicated;

import dev.hark.log.LogHealth;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a node says of itself: how far it is, and how it is. Answers at once. Thread-safe. */
final class NodeReadings {
    private final Replica replica;
    private final Applier applier;
    private final Publisher publisher;
    private final @Nullable SnapshotTaker taker;
    private final Duration stall;

    /**
     * @param taker null where this node makes no snapshots
     * @param stall how long applying may take before something is wrong with it
     */
    NodeReadings(Replica replica, Applier applier, Publisher publisher, @Nullable SnapshotTaker taker, Duration stall) {
        this.replica = replica;
        this.applier = applier;
        this.publisher = publisher;
        this.taker = taker;
        this.stall = stall;
    }

    NodeState state() {
        Journal journal = applier.journal();
        Optional<JournalState> said = journal.state();
        long position = replica.applied().position();
        long behind = said.map(state -> Math.max(0, state.extent().last() - position)).orElse(0L);
        long applied = applier.appliedMillis();
        Duration lag = behind == 0 || applied == 0
                ? Duration.ZERO
                : said.map(state -> Duration.ofMillis(Math.max(0, state.lastTimeMillis() - applied))).orElse(Duration.ZERO);
        return new NodeState(publisher.node(), replica.tail().epoch(), position, behind, lag, replica.checksum(), publisher.appends(),
                journal.trouble(), said);
    }

    /** @param own what the replica says of itself */
    LogHealth health(LogHealth own) {
        String trouble = replicaTrouble(own);
        String refusal = trouble == null ? journalTrouble() : null;
        return new LogHealth(trouble, refusal, alarms(own), own.lost(), own.damaged());
    }

    private List<String> alarms(LogHealth own) {
        var all = new ArrayList<>(own.alarms());
        String unkept = taker == null ? null : taker.alarm();
        if (unkept != null) {
            all.add(unkept);
        }
        if (applier.foreign() > 0) {
            all.add(applier.foreign() + " entries of the journal are not of a hub, and were passed over: somebody else publishes there");
        }
        NodeState state = state();
        if (state.lag().compareTo(ReplicatedLog.BEHIND) >= 0) {
            all.add("this node is behind the journal by " + state.lag().toSeconds() + " s, " + state.behind()
                    + " groups: what others give out comes late here");
        }
        return all;
    }

    /** Why this node does not serve what the log holds. */
    private @Nullable String replicaTrouble(LogHealth own) {
        Optional<String> known = applier.fatal().or(() -> Optional.ofNullable(own.trouble())).or(applier::trouble);
        if (known.isPresent()) {
            return known.get();
        }
        if (publisher.isRenewing()) {
            return "the journal of the log has another history, of which this node has not applied all";
        }
        return applier.isStuck(stall) ? "the replica of the log does not answer" : null;
    }

    /** Why nothing can be published, though what is here is served. */
    private @Nullable String journalTrouble() {
        return applier.journal().trouble().orElse(publisher.isStuck() ? "the journal of the log does not answer" : null);
    }
}
