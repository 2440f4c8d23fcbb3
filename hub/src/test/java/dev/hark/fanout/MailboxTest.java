package dev.hark.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.hark.event.CloseReason;
import dev.hark.event.Event;
import dev.hark.fanout.Mailbox.Drained;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.EnumSource;

class MailboxTest {
    private static final int LARGE = 1 << 20;

    // ---- joining and being behind

    @ParameterizedTest
    @EnumSource
    void isEmptyUntilItsLaneJoins(OverflowPolicy policy) {
        Mailbox mailbox = mailbox(policy, 4, LARGE);
        assertThat(drain(mailbox, 0)).isEqualTo(new Found(Drained.EMPTY, 0, 0, List.of(), 0, 0));
        assertThat(mailbox.isIdle()).as("somebody is still to say from where on it gets events").isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void isNotBehindWhereItJoinsAtItsPosition(OverflowPolicy policy) {
        Mailbox mailbox = mailbox(policy, 4, LARGE);
        mailbox.join(Events.ERA, 7);
        assertThat(drain(mailbox, 7).drained()).isEqualTo(Drained.EMPTY);
        assertThat(mailbox.isIdle()).isTrue();
        assertThat(mailbox.offer(Events.event(8))).isEqualTo(Offer.ACCEPTED);
        assertThat(drain(mailbox, 7).sequences()).containsExactly(8L);
    }

    @ParameterizedTest
    @EnumSource
    void isBehindUntilTheLogWasReadUpToWhereItJoined(OverflowPolicy policy) {
        Mailbox mailbox = mailbox(policy, 4, LARGE);
        mailbox.join(Events.ERA, 7);
        mailbox.offer(Events.event(8));
        mailbox.offer(Events.event(9));
        assertThat(drain(mailbox, 6).drained()).isEqualTo(Drained.BEHIND);
        assertThat(mailbox.spilledThrough()).isEqualTo(7);
        assertThat(mailbox.isIdle()).isFalse();
        assertThat(drain(mailbox, 7).sequences()).containsExactly(8L, 9L);
    }

    @ParameterizedTest
    @EnumSource
    void leavesToTheLogWhatDoesNotFitWhileItIsBehind(OverflowPolicy policy) {
        Mailbox mailbox = mailbox(policy, 2, LARGE);
        mailbox.join(Events.ERA, 7);
        assertThat(offers(mailbox, 8, 9)).containsExactly(Offer.ACCEPTED, Offer.ACCEPTED);
        assertThat(offers(mailbox, 10, 10)).containsExactly(Offer.SPILLED);
        assertThat(mailbox.spilledThrough()).isEqualTo(10);
        assertThat(offers(mailbox, 11, 12)).containsExactly(Offer.ACCEPTED, Offer.ACCEPTED);
        assertThat(drain(mailbox, 9).drained()).isEqualTo(Drained.BEHIND);
        assertThat(drain(mailbox, 10)).isEqualTo(new Found(Drained.FILLED, 0, 0, List.of(11L, 12L), 0, 0));
    }

    @ParameterizedTest
    @EnumSource
    void passesOverWhatItsOwnerReadInTheLog(OverflowPolicy policy) {
        Mailbox mailbox = mailbox(policy, 8, LARGE);
        mailbox.join(Events.ERA, 5);
        offers(mailbox, 6, 9);
        assertThat(drain(mailbox, 8).sequences()).containsExactly(9L);
        assertThat(drain(mailbox, 9).drained()).isEqualTo(Drained.EMPTY);
    }

    @ParameterizedTest
    @EnumSource
    void neitherKeepsNorCountsWhatItsOwnerHasFromTheLogAlready(OverflowPolicy policy) {
        Mailbox mailbox = mailbox(policy, 2, LARGE);
        mailbox.join(Events.ERA, 5);
        // The owner read ahead of the lane, to position 9.
        assertThat(drain(mailbox, 9).drained()).isEqualTo(Drained.EMPTY);
        assertThat(offers(mailbox, 6, 9)).containsOnly(Offer.KNOWN);
        assertThat(mailbox.size()).isZero();
        assertThat(offers(mailbox, 10, 11)).containsOnly(Offer.ACCEPTED);
        assertThat(drain(mailbox, 9)).isEqualTo(new Found(Drained.FILLED, 0, 0, List.of(10L, 11L), 0, 0));
        assertThat(mailbox.closeReason()).isNull();
    }

    // ---- each policy at its boundary

    @ParameterizedTest
    @EnumSource
    void takesAsManyEventsAsItMay(OverflowPolicy policy) {
        Mailbox mailbox = joined(policy, 5, LARGE);
        assertThat(offers(mailbox, 1, 5)).containsOnly(Offer.ACCEPTED).hasSize(5);
        assertThat(mailbox.size()).isEqualTo(5);
        assertThat(drain(mailbox, 0)).isEqualTo(new Found(Drained.FILLED, 0, 0, List.of(1L, 2L, 3L, 4L, 5L), 0, 0));
    }

    @ParameterizedTest
    @EnumSource
    void takesAsManyBytesAsItMay(OverflowPolicy policy) {
        Mailbox mailbox = joined(policy, 100, 300);
        for (long sequence = 1; sequence <= 3; sequence++) {
            assertThat(mailbox.offer(Events.sized(sequence, 100))).isEqualTo(Offer.ACCEPTED);
        }
        assertThat(mailbox.offer(Events.sized(4, 100))).isNotEqualTo(Offer.ACCEPTED);
        Mailbox tighter = joined(policy, 100, 299);
        assertThat(tighter.offer(Events.sized(1, 100))).isEqualTo(Offer.ACCEPTED);
        assertThat(tighter.offer(Events.sized(2, 100))).isEqualTo(Offer.ACCEPTED);
        assertThat(tighter.offer(Events.sized(3, 100))).isNotEqualTo(Offer.ACCEPTED);
    }

    @ParameterizedTest
    @EnumSource
    void takesOneEventHoweverLarge(OverflowPolicy policy) {
        Mailbox mailbox = joined(policy, 1, 10);
        assertThat(mailbox.offer(Events.sized(1, 5_000))).isEqualTo(Offer.ACCEPTED);
        assertThat(drain(mailbox, 0).sequences()).containsExactly(1L);
        assertThat(mailbox.offer(Events.sized(2, 50_000))).isEqualTo(Offer.ACCEPTED);
        assertThat(drain(mailbox, 1).sequences()).containsExactly(2L);
    }

    @ParameterizedTest
    @EnumSource
    void givesBackTheBytesOfWhatItGave(OverflowPolicy policy) {
        Mailbox mailbox = joined(policy, 100, 300);
        for (long sequence = 1; sequence <= 30; sequence += 3) {
            for (long each = sequence; each < sequence + 3; each++) {
                assertThat(mailbox.offer(Events.sized(each, 100))).as("event %s", each).isEqualTo(Offer.ACCEPTED);
            }
            assertThat(drain(mailbox, sequence - 1).sequences()).hasSize(3);
        }
    }

    @Test
    void dropsTheOldestAndSaysSoBeforeTheRest() {
        Mailbox mailbox = joined(OverflowPolicy.DROP_OLDEST, 3, LARGE);
        offers(mailbox, 1, 3);
        assertThat(offers(mailbox, 4, 5)).containsOnly(Offer.DISPLACED);
        assertThat(mailbox.size()).isEqualTo(3);
        assertThat(drain(mailbox, 0)).isEqualTo(new Found(Drained.FILLED, 2, 2, List.of(3L, 4L, 5L), 0, 0));
        assertThat(mailbox.isIdle()).isTrue();
        assertThat(mailbox.offer(Events.event(6))).isEqualTo(Offer.ACCEPTED);
        assertThat(drain(mailbox, 5)).isEqualTo(new Found(Drained.FILLED, 0, 0, List.of(6L), 0, 0));
    }

    @Test
    void dropsAsManyOldestAsALargeEventNeeds() {
        Mailbox mailbox = joined(OverflowPolicy.DROP_OLDEST, 100, 300);
        for (long sequence = 1; sequence <= 3; sequence++) {
            mailbox.offer(Events.sized(sequence, 100));
        }
        assertThat(mailbox.offer(Events.sized(4, 150))).isEqualTo(Offer.DISPLACED);
        assertThat(drain(mailbox, 0)).isEqualTo(new Found(Drained.FILLED, 2, 2, List.of(3L, 4L), 0, 0));
        mailbox.offer(Events.sized(5, 100));
        assertThat(mailbox.offer(Events.sized(6, 5_000))).isEqualTo(Offer.DISPLACED);
        assertThat(drain(mailbox, 4)).isEqualTo(new Found(Drained.FILLED, 1, 5, List.of(6L), 0, 0));
    }

    @Test
    void dropsTheNewestAndSaysSoAfterTheRest() {
        Mailbox mailbox = joined(OverflowPolicy.DROP_NEWEST, 3, LARGE);
        offers(mailbox, 1, 3);
        assertThat(offers(mailbox, 4, 5)).containsOnly(Offer.DROPPED);
        assertThat(drain(mailbox, 0)).isEqualTo(new Found(Drained.FILLED, 0, 0, List.of(1L, 2L, 3L), 2, 5));
        assertThat(mailbox.offer(Events.event(6))).isEqualTo(Offer.ACCEPTED);
        assertThat(drain(mailbox, 5)).isEqualTo(new Found(Drained.FILLED, 0, 0, List.of(6L), 0, 0));
    }

    @Test
    void letsNoSmallEventOvertakeTheGap() {
        Mailbox mailbox = joined(OverflowPolicy.DROP_NEWEST, 100, 300);
        mailbox.offer(Events.sized(1, 100));
        assertThat(mailbox.offer(Events.sized(2, 250))).isEqualTo(Offer.DROPPED);
        assertThat(mailbox.offer(Events.sized(3, 50))).isEqualTo(Offer.DROPPED);
        assertThat(drain(mailbox, 0)).isEqualTo(new Found(Drained.FILLED, 0, 0, List.of(1L), 2, 3));
    }

    @Test
    void saysWhatWasDroppedLastOnlyAfterAllThatWaited() {
        Mailbox mailbox = joined(OverflowPolicy.DROP_NEWEST, 3, LARGE);
        for (long sequence = 1; sequence <= 3; sequence++) {
            mailbox.offer(Events.sized(sequence, 10_000));
        }
        mailbox.offer(Events.event(4));
        assertThat(drain(mailbox, 0)).isEqualTo(new Found(Drained.FILLED, 0, 0, List.of(1L), 0, 0));
        // There is room again, but the gap is not announced yet.
        assertThat(mailbox.offer(Events.event(5))).isEqualTo(Offer.DROPPED);
        assertThat(drain(mailbox, 1).sequences()).containsExactly(2L);
        assertThat(drain(mailbox, 2)).isEqualTo(new Found(Drained.FILLED, 0, 0, List.of(3L), 2, 5));
    }

    @Test
    void keepsTheLatestOfEachTopicAndKey() {
        Mailbox mailbox = joined(OverflowPolicy.CONFLATE, 4, LARGE);
        mailbox.offer(Events.event(1, "t", "a"));
        mailbox.offer(Events.event(2, "t", "b"));
        mailbox.offer(Events.event(3, "u", "a"));
        mailbox.offer(Events.event(4, "t", null));
        assertThat(mailbox.offer(Events.event(5, "t", "a"))).isEqualTo(Offer.DISPLACED);
        assertThat(mailbox.size()).isEqualTo(4);
        assertThat(drain(mailbox, 0)).isEqualTo(new Found(Drained.FILLED, 1, 1, List.of(2L, 3L, 4L, 5L), 0, 0));
    }

    @Test
    void conflatesAllThatWaitsWhereTheNewEventSupersedesNone() {
        Mailbox mailbox = joined(OverflowPolicy.CONFLATE, 4, LARGE);
        mailbox.offer(Events.event(1, "t", "b"));
        mailbox.offer(Events.event(2, "t", "a"));
        mailbox.offer(Events.event(3, "t", "a"));
        mailbox.offer(Events.event(4, "t", "a"));
        assertThat(mailbox.offer(Events.event(5, "t", "c"))).isEqualTo(Offer.DISPLACED);
        // 2 and 3 went, but 1 still comes: the client's position must not move past it.
        assertThat(drain(mailbox, 0)).isEqualTo(new Found(Drained.FILLED, 2, 0, List.of(1L, 4L, 5L), 0, 0));
    }

    @Test
    void dropsTheOldestWhereConflationFreesNothing() {
        Mailbox mailbox = joined(OverflowPolicy.CONFLATE, 3, LARGE);
        mailbox.offer(Events.event(1, "t", "a"));
        mailbox.offer(Events.event(2, "t", "b"));
        mailbox.offer(Events.event(3, "t", "c"));
        assertThat(mailbox.offer(Events.event(4, "t", "d"))).isEqualTo(Offer.DISPLACED);
        assertThat(mailbox.offer(Events.event(5, "t", "e"))).isEqualTo(Offer.DISPLACED);
        assertThat(drain(mailbox, 0)).isEqualTo(new Found(Drained.FILLED, 2, 2, List.of(3L, 4L, 5L), 0, 0));
    }

    /** For who began with the newest of each: none of those is to be missed. */
    @Test
    void readsTheLogWhereConflationFreesNothingAndTheNewestMustStay() {
        var mailbox = new Mailbox(new MailboxLimits(3, LARGE), OverflowPolicy.CONFLATE, Events.ERA, true);
        mailbox.join(Events.ERA, 0);
        assertThat(drain(mailbox, 0).drained()).isEqualTo(Drained.EMPTY);
        mailbox.offer(Events.event(1, "t", "a"));
        mailbox.offer(Events.event(2, "t", "b"));
        mailbox.offer(Events.event(3, "t", "c"));
        assertThat(mailbox.offer(Events.event(4, "t", "a"))).as("one is superseded").isEqualTo(Offer.DISPLACED);
        assertThat(mailbox.offer(Events.event(5, "t", "d"))).isEqualTo(Offer.SPILLED);
        assertThat(drain(mailbox, 0).drained()).isEqualTo(Drained.BEHIND);
        assertThat(mailbox.spilledThrough()).isEqualTo(5);
        mailbox.offer(Events.event(6, "t", "e"));
        assertThat(drain(mailbox, 5)).as("what was dropped came from the log")
                .isEqualTo(new Found(Drained.FILLED, 0, 0, List.of(6L), 0, 0));
    }

    @Test
    void conflatesByBytesToo() {
        Mailbox mailbox = joined(OverflowPolicy.CONFLATE, 100, 300);
        mailbox.offer(Events.sized(1, "t", "a", 100));
        mailbox.offer(Events.sized(2, "t", "b", 100));
        mailbox.offer(Events.sized(3, "t", "a", 100));
        assertThat(mailbox.offer(Events.sized(4, "t", "b", 100))).isEqualTo(Offer.DISPLACED);
        assertThat(drain(mailbox, 0)).isEqualTo(new Found(Drained.FILLED, 1, 0, List.of(1L, 3L, 4L), 0, 0));
    }

    @Test
    void endsTheStreamWhereThePolicySaysSo() {
        Mailbox mailbox = joined(OverflowPolicy.DISCONNECT, 3, LARGE);
        offers(mailbox, 1, 3);
        assertThat(mailbox.offer(Events.event(4))).isEqualTo(Offer.OVERFLOWED);
        assertThat(mailbox.offer(Events.event(5))).isEqualTo(Offer.CLOSED);
        assertThat(drain(mailbox, 0)).isEqualTo(new Found(Drained.CLOSED, 0, 0, List.of(), 0, 0));
        assertThat(mailbox.closeReason()).isEqualTo(CloseReason.SLOW);
        assertThat(mailbox.size()).isZero();
    }

    @Test
    void isEmptiedAndLeftToTheLogUnderReplay() {
        Mailbox mailbox = joined(OverflowPolicy.REPLAY, 3, LARGE);
        offers(mailbox, 1, 3);
        assertThat(mailbox.offer(Events.event(4))).isEqualTo(Offer.SPILLED);
        assertThat(mailbox.size()).isZero();
        assertThat(mailbox.spilledThrough()).isEqualTo(4);
        assertThat(mailbox.offer(Events.event(5))).isEqualTo(Offer.ACCEPTED);
        assertThat(drain(mailbox, 0).drained()).isEqualTo(Drained.BEHIND);
        assertThat(drain(mailbox, 3).drained()).isEqualTo(Drained.BEHIND);
        assertThat(drain(mailbox, 4).sequences()).containsExactly(5L);
        assertThat(mailbox.isIdle()).isTrue();
    }

    // ---- drains

    @Test
    void givesNoMoreThanOneWriteCarries() {
        Mailbox mailbox = joined(OverflowPolicy.REPLAY, 1_000, LARGE);
        for (long sequence = 1; sequence <= 20; sequence++) {
            mailbox.offer(Events.sized(sequence, 1 << 10));
        }
        assertThat(drain(mailbox, 0).sequences()).hasSize(16);
        assertThat(drain(mailbox, 16).sequences()).containsExactly(17L, 18L, 19L, 20L);
    }

    @Test
    void keepsItsOrderWhileItGrowsAndWraps() {
        Mailbox mailbox = joined(OverflowPolicy.REPLAY, 1_000, LARGE);
        var drained = new ArrayList<Long>();
        long next = 1;
        for (int round = 1; round < 60; round++) {
            offers(mailbox, next, next + round - 1);
            next += round;
            if (round % 3 != 0) {
                drained.addAll(drain(mailbox, drained.isEmpty() ? 0 : drained.getLast()).sequences());
            }
        }
        while (mailbox.size() > 0) {
            drained.addAll(drain(mailbox, drained.getLast()).sequences());
        }
        assertThat(drained).isEqualTo(LongStream.range(1, next).boxed().toList());
    }

    // ---- what a burst leaves behind

    @Test
    void givesBackWhatABurstMadeItTakeOnceItWasNotNeededForAWholePeriod() {
        Mailbox mailbox = joined(OverflowPolicy.REPLAY, 256, LARGE);
        offers(mailbox, 1, 256);
        drain(mailbox, 0);
        assertThat(mailbox.slots()).isEqualTo(256);
        mailbox.shrink();
        assertThat(mailbox.slots()).as("the burst was in this period").isEqualTo(256);
        mailbox.shrink();
        assertThat(mailbox.slots()).isEqualTo(4);
    }

    @ParameterizedTest
    @CsvSource({"0, 4", "1, 4", "2, 4", "3, 8", "32, 64", "33, 128", "64, 128", "65, 256", "256, 256"})
    void keepsTwiceWhatWasNeededWhereThatWasAQuarterAtMost(int needed, int slots) {
        Mailbox mailbox = joined(OverflowPolicy.REPLAY, 256, LARGE);
        offers(mailbox, 1, 256);
        drain(mailbox, 0);
        mailbox.shrink();
        offers(mailbox, 257, 256 + needed);
        drain(mailbox, 256);
        mailbox.shrink();
        assertThat(mailbox.slots()).isEqualTo(slots);
    }

    /** The same slots all the time: steady load allocates nothing. */
    @Test
    void keepsItsSlotsUnderASteadyLoad() {
        Mailbox mailbox = joined(OverflowPolicy.REPLAY, 256, LARGE);
        long next = 1;
        for (int period = 0; period < 20; period++) {
            offers(mailbox, next, next + 99);
            drain(mailbox, next - 1);
            offers(mailbox, next + 100, next + 100);
            drain(mailbox, next + 99);
            mailbox.shrink();
            assertThat(mailbox.slots()).as("after period %s", period).isEqualTo(128);
            next += 101;
        }
    }

    @Test
    void keepsWhatWaitsAndItsOrderWhereItShrinks() {
        Mailbox mailbox = joined(OverflowPolicy.REPLAY, 256, LARGE);
        offers(mailbox, 1, 250);
        drain(mailbox, 0);
        mailbox.shrink();
        // Around the end of the ring.
        offers(mailbox, 251, 262);
        mailbox.shrink();
        assertThat(mailbox.slots()).isEqualTo(32);
        mailbox.shrink();
        assertThat(mailbox.slots()).as("what waits is needed").isEqualTo(32);
        assertThat(drain(mailbox, 250).sequences()).isEqualTo(LongStream.rangeClosed(251, 262).boxed().toList());
        assertThat(mailbox.isIdle()).isTrue();
    }

    @Test
    void needsNoMoreAfterItRanOver() {
        Mailbox mailbox = joined(OverflowPolicy.REPLAY, 16, LARGE);
        offers(mailbox, 1, 17);
        assertThat(mailbox.slots()).isEqualTo(4);
        mailbox.shrink();
        mailbox.shrink();
        assertThat(mailbox.slots()).isEqualTo(4);
        offers(mailbox, 18, 22);
        assertThat(drain(mailbox, 17).sequences()).containsExactly(18L, 19L, 20L, 21L, 22L);
    }

    // ---- closing

    @ParameterizedTest
    @EnumSource
    void givesWhatWaitsBeforeItCloses(OverflowPolicy policy) {
        Mailbox mailbox = joined(policy, 5, LARGE);
        offers(mailbox, 1, 3);
        mailbox.close(CloseReason.DRAINING);
        assertThat(mailbox.offer(Events.event(4))).isEqualTo(Offer.CLOSED);
        assertThat(drain(mailbox, 0).sequences()).containsExactly(1L, 2L, 3L);
        assertThat(drain(mailbox, 3).drained()).isEqualTo(Drained.CLOSED);
        assertThat(mailbox.closeReason()).isEqualTo(CloseReason.DRAINING);
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.INCLUDE, names = {"DROP_OLDEST", "DROP_NEWEST", "CONFLATE"})
    void saysWhatWasDroppedBeforeItCloses(OverflowPolicy policy) {
        Mailbox mailbox = joined(policy, 2, LARGE);
        offers(mailbox, 1, 5);
        mailbox.close(CloseReason.KICKED);
        Found found = drain(mailbox, 0);
        assertThat(found.droppedBefore() + found.droppedAfter() + found.sequences().size()).isEqualTo(5);
        assertThat(drain(mailbox, 5).drained()).isEqualTo(Drained.CLOSED);
    }

    @Test
    void keepsTheFirstReason() {
        Mailbox mailbox = joined(OverflowPolicy.REPLAY, 5, LARGE);
        mailbox.close(CloseReason.TOKEN_EXPIRED);
        mailbox.close(CloseReason.DRAINING);
        assertThat(mailbox.closeReason()).isEqualTo(CloseReason.TOKEN_EXPIRED);
    }

    @ParameterizedTest
    @EnumSource
    void givesNothingMoreWhereNobodyReads(OverflowPolicy policy) {
        Mailbox mailbox = joined(policy, 2, LARGE);
        offers(mailbox, 1, 2);
        mailbox.close(null);
        assertThat(mailbox.size()).isZero();
        assertThat(drain(mailbox, 0).drained()).isEqualTo(Drained.CLOSED);
        assertThat(mailbox.closeReason()).isNull();
    }

    @Test
    void givesNothingMoreWhereNobodyReadsAfterItWasToldToClose() {
        Mailbox mailbox = joined(OverflowPolicy.DROP_NEWEST, 2, LARGE);
        offers(mailbox, 1, 3);
        mailbox.close(CloseReason.DRAINING);
        mailbox.close(null);
        assertThat(drain(mailbox, 0).drained()).isEqualTo(Drained.CLOSED);
        assertThat(mailbox.closeReason()).as("nobody is left to be told").isNull();
    }

    @Test
    void closesWithoutTheLogWhereItIsBehind() {
        Mailbox mailbox = mailbox(OverflowPolicy.REPLAY, 2, LARGE);
        mailbox.join(Events.ERA, 9);
        mailbox.offer(Events.event(10));
        mailbox.close(CloseReason.DRAINING);
        // 10 must not be given: the client would resume after it and miss what was in the log.
        assertThat(drain(mailbox, 0)).isEqualTo(new Found(Drained.CLOSED, 0, 0, List.of(), 0, 0));
    }

    @Test
    void closesBeforeItsLaneJoined() {
        Mailbox mailbox = mailbox(OverflowPolicy.REPLAY, 2, LARGE);
        mailbox.close(CloseReason.DRAINING);
        assertThat(drain(mailbox, 0).drained()).isEqualTo(Drained.CLOSED);
        mailbox.join(Events.ERA, 3);
        assertThat(drain(mailbox, 0).drained()).isEqualTo(Drained.CLOSED);
    }

    // ---- heartbeats

    @Test
    void asksForASignOfLifeOnceWhereItsOwnerWaits() {
        Mailbox mailbox = joined(OverflowPolicy.REPLAY, 2, LARGE);
        assertThat(drain(mailbox, 0).drained()).isEqualTo(Drained.EMPTY);
        mailbox.heartbeat();
        assertThat(drain(mailbox, 0).drained()).isEqualTo(Drained.HEARTBEAT);
        assertThat(drain(mailbox, 0).drained()).isEqualTo(Drained.EMPTY);
    }

    @Test
    void stillAsksWhereItIsAskedAgainBeforeItsOwnerWoke() {
        Mailbox mailbox = joined(OverflowPolicy.REPLAY, 2, LARGE);
        drain(mailbox, 0);
        mailbox.heartbeat();
        mailbox.heartbeat();
        assertThat(drain(mailbox, 0).drained()).isEqualTo(Drained.HEARTBEAT);
    }

    @Test
    void needsNoSignOfLifeWhereItsOwnerIsAtWorkOrHasSomethingToWrite() {
        Mailbox mailbox = joined(OverflowPolicy.REPLAY, 2, LARGE);
        mailbox.heartbeat();
        mailbox.offer(Events.event(1));
        assertThat(drain(mailbox, 0).sequences()).containsExactly(1L);
        mailbox.heartbeat();
        assertThat(drain(mailbox, 1).drained()).isEqualTo(Drained.EMPTY);
    }

    @Test
    void isIdleOnlyWhereNothingIsOwed() {
        Mailbox mailbox = joined(OverflowPolicy.DROP_NEWEST, 1, LARGE);
        assertThat(mailbox.isIdle()).isTrue();
        mailbox.offer(Events.event(1));
        assertThat(mailbox.isIdle()).isFalse();
        drain(mailbox, 0);
        assertThat(mailbox.isIdle()).isTrue();
    }

    @Test
    void hasBoundsOfAtLeastOne() {
        assertThat(new MailboxLimits(1, 1)).isNotNull();
        assertThatIllegalArgumentException().isThrownBy(() -> new MailboxLimits(0, 1)).withMessageContaining("0 events");
        assertThatIllegalArgumentException().isThrownBy(() -> new MailboxLimits(1, 0)).withMessageContaining("0 bytes");
    }

    // ---- helpers

    private record Found(
            Drained drained, long droppedBefore, long resumedBefore, List<Long> sequences, long droppedAfter, long resumedAfter) {}

    private static Found drain(Mailbox mailbox, long position) {
        var batch = new Batch();
        Drained drained = mailbox.drain(batch, position);
        var sequences = LongStream.range(0, batch.count()).map(i -> batch.event((int) i).sequence()).boxed().toList();
        return new Found(
                drained,
                batch.droppedBefore(),
                batch.droppedBefore() > 0 ? batch.resumedBefore() : 0,
                sequences,
                batch.droppedAfter(),
                batch.droppedAfter() > 0 ? batch.resumedAfter() : 0);
    }

    private static List<Offer> offers(Mailbox mailbox, long first, long last) {
        return LongStream.rangeClosed(first, last).mapToObj(sequence -> mailbox.offer(Events.event(sequence))).toList();
    }

    private static Mailbox joined(OverflowPolicy policy, int events, int bytes) {
        Mailbox mailbox = mailbox(policy, events, bytes);
        mailbox.join(Events.ERA, 0);
        assertThat(drain(mailbox, 0).drained()).isEqualTo(Drained.EMPTY);
        return mailbox;
    }

    private static Mailbox mailbox(OverflowPolicy policy, int events, int bytes) {
        return new Mailbox(new MailboxLimits(events, bytes), policy, Events.ERA);
    }

    static List<Event> events(Batch batch) {
        return LongStream.range(0, batch.count()).mapToObj(i -> batch.event((int) i)).toList();
    }
}
