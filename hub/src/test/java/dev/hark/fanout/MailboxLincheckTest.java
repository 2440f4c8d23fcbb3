package dev.hark.fanout;

import dev.hark.event.CloseReason;
import dev.hark.event.Event;
import java.util.List;
import java.util.stream.LongStream;
import org.jetbrains.lincheck.Lincheck;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The mailbox under Lincheck's model checker, which tries the interleavings of a lane and a subscriber one after the other.
 *
 * <p>To Lincheck 3.7 a park may return at any time, so it sees a flag that stays up for ever but not an unpark that is missing. That is
 * left to {@link MailboxSimulationTest}, whose reader really parks.
 */
@Isolated("it instruments the classes that others use")
class MailboxLincheckTest {
    private static final int INVOCATIONS = 100;
    private static final int EVENTS = 4;

    private static final List<Event> OFFERED = LongStream.rangeClosed(1, EVENTS).mapToObj(Events::event).toList();

    @ParameterizedTest
    @EnumSource
    void countsExactly(OverflowPolicy policy) {
        Lincheck.runConcurrentTest(INVOCATIONS, () -> {
            var mailbox = new Mailbox(new MailboxLimits(2, 1 << 20), policy, Events.ERA);
            var lane = new Thread(() -> {
                mailbox.join(Events.ERA, 0);
                for (Event event : OFFERED) {
                    mailbox.offer(event);
                    mailbox.shrink();
                }
                mailbox.close(CloseReason.DRAINING);
            });
            lane.start();
            var reader = new MailboxReader(mailbox);
            for (int i = 0; i < 3; i++) {
                reader.readOnce();
            }
            uninterrupted(() -> {
                lane.join();
                reader.readToTheEnd();
            });
            reader.check();
            boolean leftToTheLog = mailbox.spilledThrough() > reader.position();
            if (reader.position() < EVENTS && !leftToTheLog && mailbox.closeReason() != CloseReason.SLOW) {
                throw new AssertionError(policy + " ended at position " + reader.position() + " of " + EVENTS);
            }
        });
    }

    /** Any of them may be the one that the subscriber waits for. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.INCLUDE, names = {"REPLAY", "DROP_NEWEST"})
    void hearsOfEveryOffer(OverflowPolicy policy) {
        Lincheck.runConcurrentTest(INVOCATIONS, () -> {
            var mailbox = new Mailbox(new MailboxLimits(2, 1 << 20), policy, Events.ERA);
            var lane = new Thread(() -> {
                mailbox.join(Events.ERA, 0);
                mailbox.offer(OFFERED.get(0));
                mailbox.offer(OFFERED.get(1));
            });
            lane.start();
            var reader = new MailboxReader(mailbox);
            uninterrupted(() -> reader.readThrough(2));
            reader.check();
        });
    }

    /** Somebody releases what was held, and only that. */
    @Test
    void hearsOfWhatWasHeld() {
        Lincheck.runConcurrentTest(INVOCATIONS, () -> {
            var mailbox = new Mailbox(new MailboxLimits(4, 1 << 20), OverflowPolicy.REPLAY, Events.ERA);
            var lane = new Thread(() -> {
                mailbox.join(Events.ERA, 0);
                boolean held = mailbox.offerHeld(OFFERED.get(0)) == Offer.HELD;
                mailbox.heartbeat();
                held |= mailbox.offerHeld(OFFERED.get(1)) == Offer.HELD;
                if (held) {
                    mailbox.release();
                }
            });
            lane.start();
            var reader = new MailboxReader(mailbox);
            uninterrupted(() -> reader.readThrough(2));
            reader.check();
        });
    }

    private interface Waiting {
        void run() throws InterruptedException;
    }

    private static void uninterrupted(Waiting waiting) {
        try {
            waiting.run();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
