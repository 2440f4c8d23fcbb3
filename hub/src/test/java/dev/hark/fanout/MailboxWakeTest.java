package dev.hark.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.event.CloseReason;
import dev.hark.event.Event;
import dev.hark.fanout.Mailbox.Drained;
import dev.hark.log.Bounds;
import dev.hark.log.Era;
import dev.hark.log.HotLimits;
import dev.hark.log.Tail;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What wakes the owner of a mailbox, and what it finds then. */
@Timeout(30)
class MailboxWakeTest {
    private static final Era OTHER = new Tail("00000001", new Bounds(0, 0), new HotLimits(1, 1)).era();

    enum Wake {
        OFFER(Drained.FILLED),
        JOIN(Drained.BEHIND),
        RESET(Drained.RESET),
        HEARTBEAT(Drained.HEARTBEAT),
        CLOSE(Drained.CLOSED),
        GONE(Drained.CLOSED);

        private final Drained found;

        Wake(Drained found) {
            this.found = found;
        }

        void wake(Mailbox mailbox) {
            switch (this) {
                case OFFER -> mailbox.offer(Events.event(1));
                case JOIN -> mailbox.join(Events.ERA, 3);
                case RESET -> mailbox.join(OTHER, 3);
                case HEARTBEAT -> mailbox.heartbeat();
                case CLOSE -> mailbox.close(CloseReason.DRAINING);
                case GONE -> mailbox.close(null);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void wakesItsParkedOwner(Wake wake) throws InterruptedException {
        Mailbox mailbox = joined(OverflowPolicy.REPLAY, 4);
        var found = new AtomicReference<Drained>();
        Thread owner = Thread.ofVirtual().start(() -> {
            try {
                assertThat(mailbox.drain(new Batch(), 0)).isEqualTo(Drained.EMPTY);
                mailbox.await();
                found.set(mailbox.drain(new Batch(), 0));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        await().until(() -> owner.getState() == Thread.State.WAITING);
        wake.wake(mailbox);
        assertThat(owner.join(Duration.ofSeconds(10))).as("it woke").isTrue();
        assertThat(found).hasValue(wake.found);
    }

    // ---- what a drain says was dropped

    /** It has read the log past what was dropped: its position does not go back. */
    @Test
    void saysWhatWasDroppedAtThePositionOfItsOwner() {
        Mailbox mailbox = joined(OverflowPolicy.DROP_OLDEST, 3);
        LongStream.rangeClosed(1, 5).forEach(sequence -> mailbox.offer(Events.event(sequence)));
        var batch = new Batch();
        assertThat(mailbox.drain(batch, 4)).isEqualTo(Drained.FILLED);
        assertThat(batch.droppedBefore()).isEqualTo(2);
        assertThat(batch.resumedBefore()).isEqualTo(4);
        assertThat(MailboxTest.events(batch)).extracting(Event::sequence).containsExactly(5L);
    }

    /** All that it kept was dropped since: the position is that of the last one that was. */
    @Test
    void saysWhatWasDroppedThoughNothingWaits() {
        Mailbox mailbox = joined(OverflowPolicy.DROP_NEWEST, 1);
        mailbox.offer(Events.event(1));
        mailbox.offer(Events.event(2));
        var batch = new Batch();
        assertThat(mailbox.drain(batch, 1)).isEqualTo(Drained.FILLED);
        assertThat(batch.count()).isZero();
        assertThat(batch.droppedAfter()).isEqualTo(1);
        assertThat(batch.resumedAfter()).isEqualTo(2);
        batch.clear();
        assertThat(mailbox.drain(batch, 2)).as("said once").isEqualTo(Drained.EMPTY);
    }

    /** What is left after conflation stands anywhere in the ring; what comes then follows it. */
    @Test
    void keepsItsOrderAfterItWasConflated() {
        Mailbox mailbox = joined(OverflowPolicy.CONFLATE, 4);
        var given = new ArrayList<Long>();
        long sequence = 1;
        long position = 0;
        for (int round = 0; round < 20; round++) {
            for (String key : List.of("a", "a", "b", "b", "c" + round)) {
                mailbox.offer(Events.event(sequence++, "t", key));
            }
            var batch = new Batch();
            assertThat(mailbox.drain(batch, position)).isEqualTo(Drained.FILLED);
            assertThat(batch.droppedBefore()).as("the first a and the first b").isEqualTo(2);
            MailboxTest.events(batch).forEach(event -> given.add(event.sequence()));
            position = given.getLast();
            assertThat(mailbox.isIdle()).isTrue();
        }
        assertThat(given).isEqualTo(LongStream.rangeClosed(1, 100).filter(each -> each % 5 != 1 && each % 5 != 3).boxed().toList());
    }

    private static Mailbox joined(OverflowPolicy policy, int events) {
        var mailbox = new Mailbox(new MailboxLimits(events, 1 << 20), policy, Events.ERA);
        mailbox.join(Events.ERA, 0);
        assertThat(mailbox.drain(new Batch(), 0)).isEqualTo(Drained.EMPTY);
        return mailbox;
    }
}
