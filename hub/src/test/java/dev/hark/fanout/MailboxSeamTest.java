package dev.hark.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.CloseReason;
import dev.hark.event.Draft;
import dev.hark.event.Event;
import dev.hark.event.Topic;
import org.junit.jupiter.api.Test;

/** What a mailbox says of events that its subscriber was not given, and of those that it was given already. */
class MailboxSeamTest {
    private final Batch batch = new Batch();

    @Test
    void isNotIdleOnceItOverflowed() {
        Mailbox mailbox = joined(OverflowPolicy.DISCONNECT, 1);
        mailbox.offer(event(1));
        mailbox.offer(event(2));

        assertThat(mailbox.isIdle()).as("a heartbeat would move the client's position past 1 and 2").isFalse();
    }

    @Test
    void isNotIdleOnceItIsClosed() {
        Mailbox mailbox = joined(OverflowPolicy.REPLAY, 1);
        mailbox.close(CloseReason.DRAINING);
        assertThat(mailbox.offer(event(1))).isEqualTo(Offer.CLOSED);

        assertThat(mailbox.isIdle()).as("a heartbeat would move the client's position past 1").isFalse();
    }

    /** A lane may lag behind a subscriber that replayed, or that began with the newest event. */
    @Test
    void dropsNothingThatWasGivenAlready() {
        Mailbox mailbox = joined(OverflowPolicy.DROP_OLDEST, 2);
        assertThat(mailbox.drain(batch, 10)).isEqualTo(Mailbox.Drained.EMPTY);
        for (int sequence = 1; sequence <= 11; sequence++) {
            mailbox.offer(event(sequence));
        }

        assertThat(mailbox.drain(batch, 10)).isEqualTo(Mailbox.Drained.FILLED);
        assertThat(batch.droppedBefore()).isZero();
        assertThat(batch.count()).isEqualTo(1);
        assertThat(batch.event(0).sequence()).isEqualTo(11);
    }

    @Test
    void doesNotDisconnectForWhatWasGivenAlready() {
        Mailbox mailbox = joined(OverflowPolicy.DISCONNECT, 2);
        assertThat(mailbox.drain(batch, 10)).isEqualTo(Mailbox.Drained.EMPTY);
        for (int sequence = 1; sequence <= 10; sequence++) {
            assertThat(mailbox.offer(event(sequence))).isEqualTo(Offer.KNOWN);
        }
        assertThat(mailbox.size()).isZero();
    }

    private static Mailbox joined(OverflowPolicy policy, int events) {
        var mailbox = new Mailbox(new MailboxLimits(events, 1 << 20), policy, Events.ERA);
        mailbox.join(Events.ERA, 0);
        assertThat(mailbox.drain(new Batch(), 0)).isEqualTo(Mailbox.Drained.EMPTY);
        return mailbox;
    }

    private static Event event(long sequence) {
        return Event.of("0123abcd", sequence, 0, new Draft(new Topic("a"), "message", null, new byte[1], null));
    }
}
