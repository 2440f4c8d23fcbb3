package dev.hark.app.admin;

import dev.hark.HubMeter;
import dev.hark.log.replicated.JournalState;
import dev.hark.log.replicated.NodeState;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** What is measured of a node that shares its log with others, each with its sentence. */
enum NodeMeter {
    JOURNAL_TROUBLE(false, "Whether nothing can be appended to the journal, or followed in it: 1; 0 where all is well.",
            state -> state.trouble().isPresent() ? 1 : 0),
    JOURNAL_CONNECTED(false, "Whether the node is connected to a server of the journal: 1; 0 where it is not.",
            state -> state.journal().filter(journal -> !journal.server().isEmpty()).isPresent() ? 1 : 0),
    JOURNAL_APPENDED_GROUPS(true, "Groups that this node appended to the journal and that were acknowledged.",
            state -> state.appends().groups()),
    JOURNAL_APPENDED_BYTES(true, "Bytes of the groups that this node appended.", state -> state.appends().bytes()),
    JOURNAL_APPEND_SECONDS(true, "Seconds that acknowledgements took; divided by appended groups it is the round trip.",
            state -> state.appends().nanos() / 1e9),
    JOURNAL_APPENDS_FAILED(true, "Groups that the journal refused, or did not acknowledge in time.", state -> state.appends().failed()),
    JOURNAL_POSITION(false, "The position of the newest group in the journal, as it said last.",
            state -> state.journal().map(journal -> journal.extent().last()).orElse(0L)),
    JOURNAL_BYTES(false, "Bytes that the journal takes on each of its servers.",
            state -> state.journal().map(JournalState::bytes).orElse(0L)),
    REPLICA_POSITION(false, "The position of the last group that this node has applied.", NodeState::position),
    REPLICA_LAG_GROUPS(false, "Groups in the journal that this node has not applied yet.", NodeState::behind),
    REPLICA_LAG_SECONDS(false, "How many seconds the newest group is younger than the last one that this node has applied.",
            state -> state.lag().toMillis() / 1e3),
    REPLICA_CHECKSUM(false, "What the groups up to its position came to here: the same on all nodes at the same position.",
            state -> state.checksum().value()),
    REPLICA_CHECKSUM_POSITION(false, "Of which position the checksum is, a multiple of 64; 0 where there was none since the start.",
            state -> state.checksum().position());

    private final boolean isCounter;
    private final String sentence;

    @SuppressWarnings("ImmutableEnumChecker") // every one is a lambda without state
    private final ToDoubleFunction<NodeState> reading;

    NodeMeter(boolean isCounter, String sentence, ToDoubleFunction<NodeState> reading) {
        this.isCounter = isCounter;
        this.sentence = sentence;
        this.reading = reading;
    }

    boolean isCounter() {
        return isCounter;
    }

    String sentence() {
        return sentence;
    }

    String metricName() {
        return HubMeter.PREFIX + name().toLowerCase(Locale.ROOT);
    }

    double read(NodeState state) {
        return reading.applyAsDouble(state);
    }
}
