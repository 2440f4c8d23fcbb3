package dev.hark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.TestHub.Engine;
import dev.hark.TestHub.Setup;
import dev.hark.event.CloseReason;
import dev.hark.event.EventStreamParser.Message;
import dev.hark.fanout.OverflowPolicy;
import dev.hark.fanout.Start;
import dev.hark.fanout.StreamEnd;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The ends of a stream that write nothing more of any event, and what they leave in the socket. */
@Timeout(60)
class CutTest {
    /** How long a write may go on when the right to be written to has ended. */
    private static final Duration BARRED_WRITE = Duration.ofSeconds(1);

    private static final Message REVOKED = new Message("hark.close", "{\"reason\":\"revoked\"}", "7k3q9x2m-1");

    @Test
    void leavesNothingInTheSocketOfAStalledReader() {
        try (TestHub test = TestHub.start(Engine.MEMORY)) {
            TestStream stream = stalledInItsFirstEvent(test);
            test.pass(TestHub.WRITE_TIMEOUT);
            assertThat(stream.awaitEnd()).isEqualTo(StreamEnd.STALLED);
            assertThat(stream.wasCut()).isTrue();
        }
    }

    @Test
    void leavesNothingInTheSocketOfAClientThatIsGone() {
        try (TestHub test = TestHub.start(Engine.MEMORY)) {
            TestStream stream = stalledInItsFirstEvent(test);
            stream.clientGone();
            assertThat(stream.awaitEnd()).isEqualTo(StreamEnd.CLIENT_GONE);
            assertThat(stream.wasCut()).isTrue();
        }
    }

    @Test
    void neverResetsWhoWasTold() {
        try (TestHub test = TestHub.start(Engine.MEMORY)) {
            TestStream closed = TestStream.open(test.hub, new Start.Latest(), "a").awaitOpen();
            TestStream barred = TestStream.open(test.hub, new Start.Latest(), "a").awaitOpen();
            closed.close(CloseReason.SLOW);
            barred.cut(CloseReason.TOKEN_EXPIRED);
            assertThat(closed.awaitEnd()).isEqualTo(StreamEnd.CLOSED);
            assertThat(barred.awaitEnd()).isEqualTo(StreamEnd.CLOSED);
            assertThat(closed.wasCut()).isFalse();
            assertThat(barred.wasCut()).isFalse();
        }
    }

    @Test
    void writesNothingOfWhatWaits() {
        try (TestHub test = TestHub.start(Engine.MEMORY)) {
            TestStream stream = stalledInItsFirstEvent(test);
            IntStream.range(0, 5).forEach(i -> test.publish("a"));
            test.awaitWalked();
            stream.cut(CloseReason.REVOKED);
            stream.release();
            assertThat(stream.awaitEnd()).isEqualTo(StreamEnd.CLOSED);
            assertThat(stream.sequences()).as("but what was under way").containsExactly(1L);
            assertThat(stream.messages().getLast()).isEqualTo(REVOKED);
        }
    }

    @Test
    void writesNothingOfAReplay() {
        // More than one write carries.
        String large = "x".repeat(10_000);
        try (TestHub test = TestHub.start(Engine.MEMORY)) {
            IntStream.range(0, 50).forEach(i -> test.publish("a", large, null));
            TestStream stream = TestStream.open(test.hub, 1, new Start.Earliest(), "a").awaitOpen().awaitBlocked();
            stream.cut(CloseReason.REVOKED);
            stream.release();
            assertThat(stream.awaitEnd()).isEqualTo(StreamEnd.CLOSED);
            assertThat(stream.sequences()).containsExactly(1L);
            assertThat(stream.messages().getLast()).isEqualTo(REVOKED);
        }
    }

    @Test
    void cutsAWriteOfEventsThatIsNotTakenInTime() {
        try (TestHub test = TestHub.start(Engine.MEMORY)) {
            TestStream stream = stalledInItsFirstEvent(test);
            stream.cut(CloseReason.REVOKED);
            test.pass(BARRED_WRITE.minusNanos(1));
            test.awaitSwept();
            assertThat(stream.wasCut()).isFalse();
            assertThat(stream.hasEnded()).isFalse();
            test.pass(Duration.ofNanos(1));
            assertThat(stream.awaitEnd()).isEqualTo(StreamEnd.CUT);
            assertThat(stream.wasCut()).isTrue();
            assertThat(stream.messages()).isEmpty();
            assertThat(test.read(HubMeter.STREAMS_CUT)).isEqualTo(1);
            assertThat(test.read(HubMeter.STREAMS_STALLED)).isZero();
            assertThat(test.read(HubMeter.MAILBOX_WAITING)).isZero();
        }
    }

    /** A machine that has too much to do is no reason to take its last word from a client that takes all. */
    @Test
    void cutsNobodyWhoseThreadStandsStill() {
        try (TestHub test = TestHub.start(Engine.MEMORY)) {
            TestStream stream = TestStream.open(test.hub, new Start.Latest(), "a").awaitOpen();
            stream.standStill(true);
            test.publish("a");
            test.awaitWalked();
            TestHub.await("the write", () -> test.read(HubMeter.MAILBOX_WAITING) == 0);
            stream.cut(CloseReason.REVOKED);
            test.pass(BARRED_WRITE.multipliedBy(2));
            test.awaitSwept();
            assertThat(stream.wasCut()).isFalse();
            stream.standStill(false);
            assertThat(stream.awaitEnd()).isEqualTo(StreamEnd.CLOSED);
            assertThat(stream.messages().getLast()).isEqualTo(REVOKED);
        }
    }

    @Test
    void saysNothingInTheMiddleOfAnEvent() {
        try (TestHub test = TestHub.start(Engine.MEMORY)) {
            TestStream stream = TestStream.open(test.hub, 1, new Start.Latest(), "a").awaitOpen();
            test.publish("a", "x".repeat(40_000), null);
            stream.awaitBlocked();
            stream.permit(1);
            stream.await("has the first part", each -> each.moments().size() == 2).awaitBlocked();
            stream.cut(CloseReason.REVOKED);
            stream.release();
            assertThat(stream.awaitEnd()).isEqualTo(StreamEnd.CUT);
            assertThat(stream.messages()).isEmpty();
            assertThat(stream.moments()).as("two parts of three").hasSize(3);
        }
    }

    /** The word of farewell has the time that any write has: it is no event. */
    @Test
    void givesTheLastWordItsTime() {
        try (TestHub test = TestHub.start(Engine.MEMORY)) {
            TestStream stream = TestStream.open(test.hub, 1, new Start.Latest(), "a").awaitOpen();
            stream.cut(CloseReason.REVOKED);
            stream.awaitBlocked();
            test.pass(TestHub.WRITE_TIMEOUT.minusNanos(1));
            test.awaitSwept();
            assertThat(stream.wasCut()).isFalse();
            assertThat(stream.hasEnded()).isFalse();
            stream.release();
            assertThat(stream.awaitEnd()).isEqualTo(StreamEnd.CLOSED);
        }
    }

    @Test
    void endsAStreamThatWasClosedAndStalls() {
        try (TestHub test = TestHub.start(Engine.MEMORY, Setup.USUAL.policy(OverflowPolicy.DISCONNECT, 2, 1 << 20))) {
            TestStream stream = stalledInItsFirstEvent(test);
            IntStream.range(0, 5).forEach(i -> test.publish("a"));
            test.awaitWalked();
            test.pass(TestHub.WRITE_TIMEOUT);
            assertThat(stream.awaitEnd()).isEqualTo(StreamEnd.STALLED);
            assertThat(stream.wasCut()).isTrue();
        }
    }

    /** The end waits 2 s of real time for those who were told. */
    @Test
    void cutsWhoTakesNothingAtTheEnd() throws Exception {
        try (TestHub test = TestHub.startInRealTime(Engine.MEMORY, Setup.USUAL)) {
            TestStream stalled = stalledInItsFirstEvent(test);
            TestStream healthy = TestStream.open(test.hub, new Start.Latest(), "b").awaitOpen();
            test.hub.drain(Duration.ZERO);
            assertThat(stalled.awaitEnd()).isEqualTo(StreamEnd.CUT);
            assertThat(stalled.wasCut()).isTrue();
            assertThat(healthy.awaitEnd()).isEqualTo(StreamEnd.CLOSED);
            assertThat(healthy.wasCut()).isFalse();
        }
    }

    private static TestStream stalledInItsFirstEvent(TestHub test) {
        TestStream stream = TestStream.open(test.hub, 1, new Start.Latest(), "a").awaitOpen();
        test.publish("a");
        return stream.awaitBlocked();
    }
}
