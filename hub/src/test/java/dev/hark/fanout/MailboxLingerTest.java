package dev.hark.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.CloseReason;
import dev.hark.event.Event;
import dev.hark.fanout.Mailbox.Drained;
import dev.hark.log.Bounds;
import dev.hark.log.Era;
import dev.hark.log.HotLimits;
import dev.hark.log.Tail;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A mailbox whose owner sleeps on while events wait, and what ends that. */
class MailboxLingerTest {
    private static final Era OTHER = new Tail("00000001", new Bounds(0, 0), new HotLimits(1, 1)).era();

    @Test
    void letsItsOwnerSleepUntilItIsReleased() {
        Mailbox mailbox = asleep(OverflowPolicy.REPLAY, 100, 1 << 20);
        assertThat(mailbox.offerHeld(Events.event(1))).isEqualTo(Offer.HELD);
        assertThat(mailbox.offerHeld(Events.event(2))).isEqualTo(Offer.HELD_TOO);
        assertThat(mailbox.isAsleep()).isTrue();
        assertThat(mailbox.isIdle()).as("a heartbeat must not pass over what waits").isFalse();
        mailbox.release();
        assertThat(mailbox.isAsleep()).isFalse();
        assertThat(drained(mailbox, 0)).containsExactly(1L, 2L);
    }

    /** It was held back and has gone by itself: who sleeps again does so with nothing to do. */
    @Test
    void wakesNobodyForWhatHasGone() {
        Mailbox mailbox = asleep(OverflowPolicy.REPLAY, 100, 1 << 20);
        mailbox.offerHeld(Events.event(1));
        mailbox.heartbeat();
        assertThat(drained(mailbox, 0)).containsExactly(1L);
        assertThat(mailbox.drain(new Batch(), 1)).isEqualTo(Drained.EMPTY);
        mailbox.release();
        assertThat(mailbox.isAsleep()).isTrue();
        assertThat(mailbox.offerHeld(Events.event(2))).as("the first again").isEqualTo(Offer.HELD);
    }

    @Test
    void holdsNothingBackFromAnOwnerThatIsAwake() {
        Mailbox mailbox = asleep(OverflowPolicy.REPLAY, 100, 1 << 20);
        mailbox.offer(Events.event(1));
        assertThat(mailbox.offerHeld(Events.event(2))).as("it looks into its mailbox before it sleeps").isEqualTo(Offer.ACCEPTED);
        assertThat(drained(mailbox, 0)).containsExactly(1L, 2L);
    }

    @Test
    void isWokenAtOnceByAnEventThatDoesNotWait() {
        Mailbox mailbox = asleep(OverflowPolicy.REPLAY, 100, 1 << 20);
        mailbox.offerHeld(Events.event(1));
        mailbox.offer(Events.event(2));
        assertThat(mailbox.isAsleep()).isFalse();
        assertThat(drained(mailbox, 0)).containsExactly(1L, 2L);
    }

    /** Sixteen events of 1 KiB fill a write. */
    @Test
    void isWokenWhenItHoldsTheBytesOfAWrite() {
        Mailbox mailbox = asleep(OverflowPolicy.REPLAY, 100, 1 << 20);
        int fits = Batch.WRITE_BYTES / 1_024;
        for (long sequence = 1; sequence < fits; sequence++) {
            mailbox.offerHeld(Events.sized(sequence, 1_024));
            assertThat(mailbox.isAsleep()).as("with %s of %s events", sequence, fits).isTrue();
        }
        assertThat(mailbox.offerHeld(Events.sized(fits, 1_024))).isEqualTo(Offer.ACCEPTED);
        assertThat(mailbox.isAsleep()).isFalse();
        assertThat(drained(mailbox, 0)).as("in one write").hasSize(fits);
    }

    /** Fifteen of 1,050 bytes fit, and not sixteen: who waited for the sixteenth would write it by itself. */
    @Test
    void isWokenWhenAnotherOfTheSameSizeWouldNotFit() {
        Mailbox mailbox = asleep(OverflowPolicy.REPLAY, 100, 1 << 20);
        int fits = Batch.WRITE_BYTES / 1_050;
        LongStream.range(1, fits).forEach(sequence -> mailbox.offerHeld(Events.sized(sequence, 1_050)));
        assertThat(mailbox.isAsleep()).isTrue();
        mailbox.offerHeld(Events.sized(fits, 1_050));
        assertThat(mailbox.isAsleep()).isFalse();
        assertThat(drained(mailbox, 0)).hasSize(fits);
    }

    @Test
    void isWokenAtOnceByAnEventThatIsMoreThanHalfAWrite() {
        Mailbox small = asleep(OverflowPolicy.REPLAY, 100, 1 << 20);
        assertThat(small.offerHeld(Events.sized(1, Batch.WRITE_BYTES / 2))).isEqualTo(Offer.HELD);
        Mailbox large = asleep(OverflowPolicy.REPLAY, 100, 1 << 20);
        assertThat(large.offerHeld(Events.sized(1, Batch.WRITE_BYTES / 2 + 1))).isEqualTo(Offer.ACCEPTED);
        assertThat(large.isAsleep()).isFalse();
    }

    @Test
    void isWokenWhenItHoldsTheEventsOfAWrite() {
        Mailbox mailbox = asleep(OverflowPolicy.REPLAY, 1_000, 1 << 20);
        LongStream.range(1, Batch.MAX_EVENTS).forEach(sequence -> mailbox.offerHeld(Events.event(sequence)));
        assertThat(mailbox.isAsleep()).isTrue();
        mailbox.offerHeld(Events.event(Batch.MAX_EVENTS));
        assertThat(mailbox.isAsleep()).isFalse();
        assertThat(drained(mailbox, 0)).hasSize(Batch.MAX_EVENTS);
    }

    /** Nothing is dropped, spilled or ended for having waited. */
    @ParameterizedTest
    @EnumSource
    void isWokenBeforeItRunsOver(OverflowPolicy policy) {
        Mailbox events = asleep(policy, 3, 1 << 20);
        assertThat(events.offerHeld(Events.event(1))).isEqualTo(Offer.HELD);
        assertThat(events.offerHeld(Events.event(2))).isEqualTo(Offer.HELD_TOO);
        assertThat(events.offerHeld(Events.event(3))).isEqualTo(Offer.ACCEPTED);
        assertThat(drained(events, 0)).containsExactly(1L, 2L, 3L);

        Mailbox bytes = asleep(policy, 100, 300);
        assertThat(bytes.offerHeld(Events.sized(1, 100))).isEqualTo(Offer.HELD);
        assertThat(bytes.offerHeld(Events.sized(2, 100))).isEqualTo(Offer.HELD_TOO);
        assertThat(bytes.offerHeld(Events.sized(3, 100))).isEqualTo(Offer.ACCEPTED);
        assertThat(drained(bytes, 0)).containsExactly(1L, 2L, 3L);

        assertThat(asleep(policy, 1, 1 << 20).offerHeld(Events.event(1))).as("room for one").isEqualTo(Offer.ACCEPTED);
    }

    /** A larger event than those that wait may run it over all the same: the policy holds, and its owner hears of it. */
    @ParameterizedTest
    @EnumSource
    void isWokenWhenItRunsOver(OverflowPolicy policy) {
        Mailbox mailbox = asleep(policy, 100, 300);
        mailbox.offerHeld(Events.sized(1, 100));
        assertThat(mailbox.offerHeld(Events.sized(2, 250))).isEqualTo(switch (policy) {
            case REPLAY -> Offer.SPILLED;
            case DISCONNECT -> Offer.OVERFLOWED;
            case CONFLATE, DROP_OLDEST -> Offer.DISPLACED;
            case DROP_NEWEST -> Offer.DROPPED;
        });
        assertThat(mailbox.isAsleep()).isFalse();
    }

    static List<Consumer<Mailbox>> others() {
        return List.of(
                mailbox -> mailbox.join(Events.ERA, 3),
                mailbox -> mailbox.join(OTHER, 3),
                Mailbox::heartbeat,
                mailbox -> mailbox.close(CloseReason.DRAINING),
                mailbox -> mailbox.close(null));
    }

    @ParameterizedTest
    @MethodSource("others")
    void isWokenByAllThatWakesAnOwnerWithoutEvents(Consumer<Mailbox> waking) {
        Mailbox mailbox = asleep(OverflowPolicy.REPLAY, 100, 1 << 20);
        mailbox.offerHeld(Events.event(1));
        waking.accept(mailbox);
        assertThat(mailbox.isAsleep()).isFalse();
    }

    @Test
    void givesWhatItHeldBackBeforeItEnds() {
        Mailbox mailbox = asleep(OverflowPolicy.REPLAY, 100, 1 << 20);
        mailbox.offerHeld(Events.event(1));
        mailbox.close(CloseReason.DRAINING);
        assertThat(drained(mailbox, 0)).containsExactly(1L);
        assertThat(mailbox.drain(new Batch(), 1)).isEqualTo(Drained.CLOSED);
        assertThat(mailbox.offerHeld(Events.event(2))).isEqualTo(Offer.CLOSED);
    }

    @Test
    void takesNothingThatItsOwnerHasReadInTheLog() {
        Mailbox mailbox = asleep(OverflowPolicy.REPLAY, 100, 1 << 20);
        assertThat(mailbox.drain(new Batch(), 5)).isEqualTo(Drained.EMPTY);
        assertThat(mailbox.offerHeld(Events.event(5))).isEqualTo(Offer.KNOWN);
        assertThat(mailbox.isAsleep()).isTrue();
        assertThat(mailbox.offerHeld(Events.event(6))).isEqualTo(Offer.HELD);
    }

    /** It reads the log, and looks into its mailbox when it comes to the end of it. */
    @Test
    void holdsNothingBackFromAnOwnerThatIsBehind() {
        var mailbox = new Mailbox(new MailboxLimits(100, 1 << 20), OverflowPolicy.REPLAY, Events.ERA);
        mailbox.join(Events.ERA, 3);
        assertThat(mailbox.drain(new Batch(), 0)).isEqualTo(Drained.BEHIND);
        assertThat(mailbox.offerHeld(Events.event(4))).isEqualTo(Offer.ACCEPTED);
        assertThat(drained(mailbox, 3)).containsExactly(4L);
    }

    private static Mailbox asleep(OverflowPolicy policy, int events, int bytes) {
        var mailbox = new Mailbox(new MailboxLimits(events, bytes), policy, Events.ERA);
        mailbox.join(Events.ERA, 0);
        assertThat(mailbox.drain(new Batch(), 0)).isEqualTo(Drained.EMPTY);
        assertThat(mailbox.isAsleep()).isTrue();
        return mailbox;
    }

    private static List<Long> drained(Mailbox mailbox, long position) {
        var batch = new Batch();
        assertThat(mailbox.drain(batch, position)).isEqualTo(Drained.FILLED);
        return MailboxTest.events(batch).stream().map(Event::sequence).toList();
    }
}
