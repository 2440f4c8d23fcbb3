package dev.hark.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Draft;
import dev.hark.event.Event;
import dev.hark.event.Topic;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class MailboxAwaitTest {
    /** Found with 10,000 streams: the last event of a run did not reach 307 of them, until another event came. */
    @Test
    @Timeout(value = 10, unit = TimeUnit.SECONDS)
    void returnsThoughAnotherLockHasUsedUpThePermit() throws InterruptedException {
        var mailbox = new Mailbox(new MailboxLimits(8, 1024), OverflowPolicy.REPLAY, Events.ERA);
        mailbox.join(Events.ERA, 0);
        var batch = new Batch();
        assertThat(mailbox.drain(batch, 0)).isEqualTo(Mailbox.Drained.EMPTY);

        mailbox.offer(Event.of("0123abcd", 1, 0, new Draft(new Topic("a"), "message", null, new byte[1], null)));
        LockSupport.park(); // as any contended lock between drain and await does

        mailbox.await();
        assertThat(mailbox.drain(batch, 0)).isEqualTo(Mailbox.Drained.FILLED);
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.SECONDS)
    void returnsWhenItsTimeIsOverOrSomethingComes() throws InterruptedException {
        var mailbox = new Mailbox(new MailboxLimits(8, 1024), OverflowPolicy.REPLAY, Events.ERA);
        mailbox.join(Events.ERA, 0);
        var batch = new Batch();
        assertThat(mailbox.drain(batch, 0)).isEqualTo(Mailbox.Drained.EMPTY);
        long begun = System.nanoTime();
        mailbox.await(TimeUnit.MILLISECONDS.toNanos(20));
        assertThat(System.nanoTime() - begun).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(20));
        mailbox.await(-1);

        assertThat(mailbox.drain(batch, 0)).isEqualTo(Mailbox.Drained.EMPTY);
        Thread offering = Thread.ofVirtual().start(() -> mailbox.offer(Events.event(1)));
        mailbox.await(TimeUnit.DAYS.toNanos(1));
        assertThat(mailbox.drain(batch, 0)).isEqualTo(Mailbox.Drained.FILLED);
        offering.join();
    }
}
