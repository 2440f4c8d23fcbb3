package dev.hark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.TestHub.Engine;
import dev.hark.TestHub.Setup;
import dev.hark.event.Draft;
import dev.hark.event.EventStreamParser.Message;
import dev.hark.event.Filters;
import dev.hark.event.Format;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import dev.hark.fanout.DeliverySettings;
import dev.hark.fanout.IndexLimits;
import dev.hark.fanout.Lease;
import dev.hark.fanout.OverflowPolicy;
import dev.hark.fanout.Start;
import dev.hark.fanout.StreamEnd;
import dev.hark.fanout.Subscription;
import dev.hark.fanout.TopicRule;
import dev.hark.log.Append;
import dev.hark.log.FakeClock;
import dev.hark.log.memory.MemoryLog;
import dev.hark.thread.VitalThreads;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Streams whose lease is over: nothing more of any event, and a word where the client takes one. */
@Timeout(60)
class HubLeaseTest {
    private static final int BACKLOG = 2_000;

    private static Subscription under(Lease lease, Start start) {
        return new Subscription(Filters.of("t"), start, Format.DATA, lease);
    }

    private static TestStream open(TestHub test, int writes, Lease lease, Start start) {
        return TestStream.open(test.hub, writes, under(lease, start));
    }

    private static void assertToldLast(TestStream stream, String reason) {
        assertThat(stream.awaitEnd()).isEqualTo(StreamEnd.CLOSED);
        Message last = stream.control("hark.close").getLast();
        assertThat(last.data()).contains("\"" + reason + "\"");
        assertThat(stream.messages().getLast().type()).as("nothing comes behind it").isEqualTo("hark.close");
    }

    @Test
    void aLiveStreamEndsWhenItsLeaseIsTakenBack() {
        try (TestHub test = TestHub.startInRealTime(Engine.MEMORY, Setup.USUAL)) {
            Lease lease = Lease.endless();
            TestStream stream = open(test, Integer.MAX_VALUE, lease, new Start.Latest()).awaitOpen();
            test.publish("t");
            stream.awaitMessages(1);
            lease.revoke();
            assertToldLast(stream, "revoked");
            test.publish("t");
            assertThat(stream.sequences()).containsExactly(1L);
        }
    }

    @Test
    void itEndsByTheClockOfTheLog() {
        try (TestHub test = TestHub.startInRealTime(Engine.MEMORY, Setup.USUAL)) {
            Lease lease = Lease.until(test.clock.instant().plusSeconds(60));
            TestStream stream = open(test, Integer.MAX_VALUE, lease, new Start.Latest()).awaitOpen();
            test.clock.advance(Duration.ofSeconds(59));
            test.publish("t");
            stream.awaitMessages(1);
            test.clock.advance(Duration.ofSeconds(2));
            assertToldLast(stream, "token-expired");
        }
    }

    /** Of a hub that looks at its streams as seldom as one does: nobody waits for that. */
    @Test
    void whatIsPublishedAfterTheEndIsNotWritten() {
        var clock = new FakeClock();
        var rules = List.of(new TopicRule(TopicFilter.ALL, OverflowPolicy.REPLAY, Setup.USUAL.mailbox()));
        var delivery = new DeliverySettings(1, TestHub.LONG, "", Duration.ofSeconds(2), TestHub.LONG);
        var config = new HubConfig(delivery, rules, 10, IndexLimits.DEFAULT, TestHub.LONG);
        var log = new MemoryLog(TestHub.EPOCH, TestHub.config(Setup.USUAL), clock);
        try (Hub hub = Hub.start(config, log, clock, System::nanoTime, new VitalThreads())) {
            Lease revoked = Lease.endless();
            Lease expired = Lease.until(clock.instant().plusSeconds(60));
            List<TestStream> streams = Stream.of(revoked, expired, Lease.endless())
                    .map(lease -> TestStream.open(hub, Integer.MAX_VALUE, under(lease, new Start.Latest())).awaitOpen()).toList();
            publish(hub);
            streams.forEach(stream -> stream.awaitMessages(1));
            revoked.revoke();
            clock.advance(Duration.ofSeconds(60));
            publish(hub);
            streams.getLast().awaitMessages(2);
            assertToldLast(streams.get(0), "revoked");
            assertToldLast(streams.get(1), "token-expired");
            assertThat(List.of(streams.get(0).sequences(), streams.get(1).sequences())).containsOnly(List.of(1L));
        }
    }

    private static void publish(Hub hub) {
        assertThat(hub.publish(List.of(new Draft(new Topic("t"), Draft.DEFAULT_TYPE, null, new byte[1], null))))
                .isInstanceOf(Append.Stored.class);
    }

    /** In the middle of a replay, of which the client has taken some. */
    @Test
    void aReplayStops() {
        try (TestHub test = TestHub.startInRealTime(Engine.SQLITE, Setup.USUAL.hot(10))) {
            IntStream.range(0, BACKLOG).forEach(i -> test.publish("t", "x".repeat(1_000), null));
            Lease lease = Lease.endless();
            TestStream stream = open(test, 5, lease, new Start.Earliest()).awaitBlocked();
            lease.revoke();
            stream.release();
            stream.awaitEnd();
            List<Long> given = stream.sequences();
            assertThat(given).hasSizeLessThan(BACKLOG / 2);
        }
    }

    /** A client that takes nothing is cut, and so is given nothing later. */
    @Test
    void aBlockedWriteIsCut() {
        try (TestHub test = TestHub.startInRealTime(Engine.MEMORY, Setup.USUAL)) {
            Lease lease = Lease.endless();
            TestStream stream = open(test, 1, lease, new Start.Latest()).awaitOpen();
            test.publish("t");
            stream.awaitBlocked();
            lease.revoke();
            assertThat(stream.awaitEnd()).isEqualTo(StreamEnd.CUT);
            assertThat(stream.wasCut()).isTrue();
            assertThat(stream.sequences()).isEmpty();
        }
    }
}
