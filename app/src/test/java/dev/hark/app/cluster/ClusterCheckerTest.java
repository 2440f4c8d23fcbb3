package dev.hark.app.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.cluster.ClusterHistory.Destruction;
import dev.hark.app.crash.History;
import dev.hark.app.crash.History.Attempt;
import dev.hark.app.crash.History.Block;
import dev.hark.app.crash.History.Block.Delivered;
import dev.hark.app.crash.History.Block.Gap;
import dev.hark.app.crash.History.Block.Position;
import dev.hark.app.crash.History.Follower;
import dev.hark.app.crash.History.Outcome;
import dev.hark.app.crash.History.Sent;
import dev.hark.app.crash.Plant;
import dev.hark.app.crash.SimulatedRun;
import dev.hark.app.crash.Verdict;
import dev.hark.event.EventId;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class ClusterCheckerTest {
    private static final int SEEDS = 300;
    private static final String OLD = "old00000";
    private static final String NEW = "new00000";

    /** A node that has been asked for everything shows the same as one that has not. */
    private static ClusterHistory clustered(History history) {
        return new ClusterHistory(
                history.attempts(), history.followers(), List.of(history.readBack(), named("other", history.readBack())), List.of());
    }

    private static Follower named(String name, Follower node) {
        return new Follower(name, node.topic(), node.blocks());
    }

    @Test
    void blamesNothingInACleanHistory() {
        for (long seed = 0; seed < 2 * SEEDS; seed++) {
            assertThat(ClusterChecker.judge(clustered(SimulatedRun.of(seed).history()))).as("seed " + seed).isEmpty();
        }
    }

    /** Rights that end are the other checker's. */
    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = {"GIVEN_AFTER_THE_END", "ENDED_WITHOUT_A_WORD", "ENDED_FOR_NO_REASON"})
    void callsAFaultByItsNameAndNothingElse(Plant plant) {
        int planted = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            SimulatedRun run = SimulatedRun.of(seed);
            if (plant.plant(run, new Random(seed))) {
                planted++;
                List<Verdict> verdicts = ClusterChecker.judge(clustered(run.history()));
                boolean endsElsewhere = plant == Plant.A_NEW_EPOCH_WITHOUT_A_RESET || plant == Plant.A_RESET_WITHOUT_A_LOSS;
                assertThat(verdicts).as("seed " + seed).isNotEmpty()
                        .allMatch(verdict -> plant.verdict.isInstance(verdict)
                                || (endsElsewhere && verdict instanceof Verdict.MissingGap));
            }
        }
        assertThat(planted).as("histories with a place for it").isGreaterThan(SEEDS / 10);
    }

    @Test
    void findsNodesThatShowDifferentLogs() {
        ClusterHistory clean = clustered(SimulatedRun.of(1).history());
        Follower other = clean.nodes().getLast();
        for (int left : List.of(0, other.blocks().size() / 2, other.blocks().size() - 1)) {
            var blocks = new ArrayList<>(other.blocks());
            while (!(blocks.get(left) instanceof Delivered)) {
                blocks.remove(left);
            }
            blocks.remove(left);
            var unequal = new Follower("other", other.topic(), blocks);
            assertThat(judge(clean.attempts(), clean.followers(), List.of(clean.nodes().getFirst(), unequal), List.of()))
                    .hasAtLeastOneElementOfType(Verdict.Unequal.class);
        }
    }

    /* Three events before the copy was made, three behind it that it takes away, and three in the new epoch, at the same numbers. Ticks are
       ten for each event: 10 to 90. The copy was made at 35, and put back at 65. */

    private static final Destruction PUT_BACK = new Destruction("put back", OLD, true, 35, 65);
    private static final Destruction PURGED = new Destruction("purged", OLD, false, Destruction.NOTHING, 65);

    private static Attempt attempt(int event, EventId id) {
        return new Attempt("p", List.of(sent(event)), event * 10L, event * 10L + 1, new Outcome.Acknowledged(List.of(id)));
    }

    private static Sent sent(int event) {
        return new Sent("a", "e" + event, null);
    }

    private static EventId old(int sequence) {
        return new EventId(OLD, sequence);
    }

    private static EventId fresh(int sequence) {
        return new EventId(NEW, sequence);
    }

    private static List<Attempt> attempts() {
        return IntStream.rangeClosed(1, 9).mapToObj(i -> attempt(i, i <= 6 ? old(i) : fresh(i - 3))).toList();
    }

    private static List<Block> log() {
        return new ArrayList<>(List.of(
                new Position(fresh(0)),
                new Delivered(fresh(1), "e1"), new Delivered(fresh(2), "e2"), new Delivered(fresh(3), "e3"),
                new Delivered(fresh(4), "e7"), new Delivered(fresh(5), "e8"), new Delivered(fresh(6), "e9")));
    }

    /** Somebody who saw all of it, and was told. */
    private static List<Block> witness() {
        var blocks = new ArrayList<Block>();
        blocks.add(new Position(old(0)));
        IntStream.rangeClosed(1, 6).forEach(i -> blocks.add(new Delivered(old(i), "e" + i)));
        blocks.add(new Gap("reset", old(6), fresh(0)));
        blocks.addAll(log().subList(1, 7));
        return blocks;
    }

    private static List<Verdict> judge(
            List<Attempt> attempts, List<Follower> followers, List<Follower> nodes, List<Destruction> destructions) {
        return ClusterChecker.judge(new ClusterHistory(attempts, followers, nodes, destructions));
    }

    private static List<Verdict> judge(List<Attempt> attempts, List<Block> witness, List<Block> log, Destruction... destructions) {
        return judge(attempts, List.of(new Follower("f", History.EVERYTHING, witness)),
                List.of(new Follower("node", History.EVERYTHING, log)), List.of(destructions));
    }

    @Test
    void takesItThatWhatACopyLacksIsGone() {
        assertThat(judge(attempts(), witness(), log(), PUT_BACK)).isEmpty();
    }

    @Test
    void findsTheLossOfWhatTheCopyHad() {
        List<Block> log = log();
        log.remove(2);
        List<Block> witness = witness();
        witness.remove(new Delivered(fresh(2), "e2"));
        assertThat(judge(attempts(), witness, log, PUT_BACK)).containsExactly(new Verdict.Lost(2, "e2"));
    }

    @Test
    void findsTheLossOfWhatCameAfterTheDestruction() {
        for (Destruction destruction : List.of(PUT_BACK, PURGED)) {
            List<Block> log = log();
            log.remove(5);
            assertThat(judge(attempts(), witness(), log, destruction)).hasOnlyElementsOfType(Verdict.Lost.class).hasSize(1);
        }
    }

    @Test
    void findsThatNobodyWasToldOfTheDestruction() {
        List<Block> witness = witness();
        witness.removeIf(block -> block instanceof Gap);
        assertThat(judge(attempts(), witness, log(), PUT_BACK)).hasOnlyElementsOfType(Verdict.MissingGap.class).hasSize(1);
        assertThat(judge(attempts(), witness().subList(0, 7), log(), PUT_BACK)).as("it never hears of it")
                .hasOnlyElementsOfType(Verdict.MissingGap.class).hasSize(1);
    }

    @Test
    void findsWhatIsMissingBeforeAndBehindTheReset() {
        for (Delivered missing : List.of(new Delivered(old(2), "e2"), new Delivered(fresh(1), "e1"), new Delivered(fresh(5), "e8"))) {
            List<Block> witness = witness();
            witness.remove(missing);
            assertThat(judge(attempts(), witness, log(), PUT_BACK)).as(missing.toString())
                    .containsExactly(new Verdict.Undelivered("f", missing.id().sequence()));
        }
    }

    @Test
    void findsANumberOfAnEpochThatStandsForTwo() {
        // Behind the copy another node may have used it again, and told a reset; where no copy was put back, it must not.
        List<Block> other = new ArrayList<>(List.of(new Position(old(3)), new Delivered(old(4), "e7"), new Gap("reset", old(4), fresh(0))));
        other.addAll(log().subList(1, 7));
        assertThat(judge(attempts(), other, log(), PUT_BACK)).isEmpty();
        assertThat(judge(attempts(), other, log(), PURGED)).hasOnlyElementsOfType(Verdict.Reused.class).hasSize(1);
        List<Block> before = new ArrayList<>(
                List.of(new Position(old(1)), new Delivered(old(2), "e7"), new Gap("reset", old(4), fresh(0))));
        before.addAll(log().subList(1, 7));
        assertThat(judge(attempts(), before, log(), PUT_BACK)).hasAtLeastOneElementOfType(Verdict.Reused.class);
    }

    @Test
    void findsAKeyThatTheNewEpochDoesNotKnowAgain() {
        List<Block> log = log();
        log.add(new Delivered(fresh(7), "e2"));
        List<Block> witness = witness();
        witness.add(new Delivered(fresh(7), "e2"));
        assertThat(judge(attempts(), witness, log, PUT_BACK)).hasOnlyElementsOfType(Verdict.StoredTwice.class).hasSize(1);
    }

    /** From a node that was still about to begin the new epoch, a client that has it already. */
    @Test
    void takesItThatAResetComesTwice() {
        List<Block> witness = witness();
        witness.add(new Gap("reset", fresh(6), fresh(0)));
        witness.addAll(log().subList(1, 7));
        assertThat(judge(attempts(), witness, log(), PUT_BACK)).isEmpty();
        witness.remove(witness.size() - 2);
        assertThat(judge(attempts(), witness, log(), PUT_BACK)).containsExactly(new Verdict.Undelivered("f", 5));
    }

    @Test
    void takesItThatANodeThatIsBehindSaysSoAndGoesBack() {
        List<Block> witness = witness();
        witness.add(new Gap("unknown-id", fresh(6), fresh(4)));
        witness.addAll(log().subList(5, 7));
        assertThat(judge(attempts(), witness, log(), PUT_BACK)).isEmpty();
        witness.removeIf(block -> block instanceof Gap gap && gap.reason().equals("unknown-id"));
        assertThat(judge(attempts(), witness, log(), PUT_BACK)).hasOnlyElementsOfType(Verdict.DeliveredTwice.class).hasSize(2);
    }

    /** A node tries to append what its client has given up: it may stand behind what was sent and acknowledged since. */
    @Test
    void takesItThatWhatWasGivenUpIsStoredLater() {
        List<Attempt> attempts = new ArrayList<>(List.of(
                new Attempt("p", List.of(sent(1)), 10, 11, new Outcome.Unknown()), attempt(2, fresh(1)), attempt(3, fresh(3))));
        List<Block> log = List.of(new Position(fresh(0)), new Delivered(fresh(1), "e2"), new Delivered(fresh(2), "e1"),
                new Delivered(fresh(3), "e3"));
        assertThat(judge(attempts, log, log)).isEmpty();
        // Told to its publisher in time, it has to stand before.
        attempts.set(0, new Attempt("p", List.of(sent(1)), 10, 11, new Outcome.Acknowledged(List.of(fresh(2)))));
        assertThat(judge(attempts, log, log)).containsExactly(new Verdict.StoredOutOfOrder(1, 2, true));
        // And never before what was acknowledged before it was sent.
        attempts.set(0, attempt(2, fresh(1)));
        attempts.set(1, attempt(3, fresh(3)));
        attempts.set(2, new Attempt("p", List.of(sent(1)), 40, 41, new Outcome.Unknown()));
        assertThat(judge(attempts, log, log)).containsExactly(new Verdict.StoredOutOfOrder(2, 3, true));
    }

    /** A purge behind which all nodes went on excuses a reset of those who lacked something, and no loss. */
    @Test
    void takesAPurgeThatTookNothingForAReasonOfAResetAlone() {
        var purged = new Destruction("purged", NEW, false, Destruction.EVERYTHING, 65);
        List<Block> log = log();
        List<Block> witness = log();
        witness.add(new Gap("reset", fresh(6), fresh(0)));
        witness.addAll(log.subList(1, 7));
        List<Attempt> attempts = IntStream.rangeClosed(1, 6)
                .mapToObj(i -> attempt(i <= 3 ? i : i + 3, fresh(i))).toList();
        assertThat(judge(attempts, witness, log, purged)).isEmpty();
        assertThat(judge(attempts, witness, log)).hasOnlyElementsOfType(Verdict.UnneededGap.class).hasSize(1);
        List<Block> less = log();
        less.remove(2);
        assertThat(judge(attempts, less, less, purged)).containsExactly(new Verdict.Lost(2, "e2"));
    }

    /** A node that shows a copy that was put back gives it a name of its own, and may find it damaged. */
    @Test
    void takesDamageInACopyThatOneNodeShowsForTheLossOfWhatOthersWereTold() {
        Block damage = new Gap("damage", copy(1), copy(2));
        assertThat(judgeCopy(new Delivered(copy(1), "e1"), damage, new Delivered(copy(3), "e3"))).isEmpty();
        assertThat(judgeCopy(new Delivered(copy(1), "e1"), new Delivered(copy(2), "e2"), damage, new Delivered(copy(3), "e3")))
                .as("nothing is missing").hasOnlyElementsOfType(Verdict.UnneededGap.class).hasSize(1);
        assertThat(judgeCopy(new Delivered(copy(1), "e4"), damage)).as("no copy of anything that is known")
                .hasOnlyElementsOfType(Verdict.UnneededGap.class).hasSize(1);
    }

    /** Of somebody who was shown {@code blocks} between the end of one history and the beginning of the next. */
    private static List<Verdict> judgeCopy(Block... blocks) {
        List<Block> witness = witness();
        witness.addAll(7, List.of(blocks));
        witness.add(7, new Gap("reset", old(6), copy(0)));
        return judge(attempts(), witness, log(), PUT_BACK);
    }

    private static EventId copy(int sequence) {
        return new EventId("zzz00000", sequence);
    }

    /** A replica that begins anew shows nothing for a moment, under a name of its own. */
    @Test
    void takesItThatAResetLeadsToTheNewEpochThroughAnEmptyOne() {
        var empty = new EventId("rnd00000", 0);
        List<Block> witness = witness();
        witness.set(7, new Gap("reset", old(6), empty));
        witness.add(8, new Gap("reset", empty, fresh(0)));
        assertThat(judge(attempts(), witness, log(), PUT_BACK)).isEmpty();
        assertThat(judge(attempts(), witness, log())).hasAtLeastOneElementOfType(Verdict.UnneededGap.class);
    }

    /** There was one, and it ended another epoch than the one that this follower was sent away from. */
    @Test
    void findsAResetThatAnotherDestructionDoesNotExplain() {
        var elsewhere = new Destruction("purged", "other000", false, Destruction.NOTHING, 65);
        assertThat(judge(attempts(), witness(), log(), elsewhere)).hasOnlyElementsOfType(Verdict.UnneededGap.class).hasSize(1);
    }

    @Test
    void findsAResetOfWhichNothingWasTheReason() {
        assertThat(judge(attempts().subList(6, 9), List.of(new Follower("f", History.EVERYTHING, witness().subList(7, 14))),
                List.of(new Follower("node", History.EVERYTHING, witness().subList(7, 14))), List.of()))
                .hasAtLeastOneElementOfType(Verdict.UnneededGap.class);
    }
}
