package dev.hark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.hark.TestHub.Engine;
import dev.hark.TestHub.Setup;
import dev.hark.event.CloseReason;
import dev.hark.event.Draft;
import dev.hark.event.Filters;
import dev.hark.event.InvalidEventException;
import dev.hark.fanout.PageAnswer;
import dev.hark.fanout.PageRequest;
import dev.hark.fanout.Start;
import dev.hark.fanout.Subscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Pages, read and waited for, on each engine, the usual one first. */
@ParameterizedClass
@EnumSource
@Timeout(60)
class HubPageTest {
    private static final Duration WAIT = Duration.ofSeconds(60);

    private final Engine engine;

    HubPageTest(Engine engine) {
        this.engine = engine;
    }

    // ---- what is there

    @Test
    void startsWhereItIsAskedTo() {
        try (TestHub test = TestHub.start(engine)) {
            test.publish("a");
            test.publish("b");
            test.clock.advance(Duration.ofMinutes(1));
            test.publish("a");
            test.publish("b");
            test.publish("a");
            test.publish("b");
            assertThat(read(test, new Start.Latest())).isEmpty();
            assertThat(read(test, new Start.Earliest())).containsExactly(1L, 3L, 5L);
            assertThat(read(test, new Start.After("7k3q9x2m-1"))).containsExactly(3L, 5L);
            assertThat(read(test, new Start.After("7k3q9x2m-2"))).containsExactly(3L, 5L);
            assertThat(read(test, new Start.Last(2))).containsExactly(3L, 5L);
            assertThat(read(test, new Start.Last(0))).isEmpty();
            assertThat(read(test, new Start.Back(Duration.ofSeconds(30)))).containsExactly(3L, 5L);
            assertThat(test.read(HubMeter.PAGES)).isEqualTo(7);
            assertThat(test.read(HubMeter.PAGE_EVENTS)).isEqualTo(11);
        }
    }

    /** Of topic {@code a}; all of them have searched the whole log. */
    private static List<Long> read(TestHub test, Start start) {
        TestPage page = TestPage.ask(test.hub, start, "a");
        assertThat(page.next()).isEqualTo("7k3q9x2m-6");
        assertThat(page.gap()).isEqualTo("null");
        return page.sequences();
    }

    @Test
    void hasNoMoreThanItsLimitAndSaysWhereItGoesOn() {
        try (TestHub test = TestHub.start(engine)) {
            for (int i = 0; i < 10; i++) {
                test.publish(i % 2 == 0 ? "a" : "b");
            }
            var seen = new ArrayList<Long>();
            Start start = new Start.Earliest();
            for (List<Long> expected : List.of(List.of(1L, 3L), List.of(5L, 7L), List.of(9L), List.<Long>of())) {
                TestPage page = TestPage.ask(test.hub, 2, Duration.ZERO, start, "a");
                assertThat(page.sequences()).isEqualTo(expected);
                seen.addAll(page.sequences());
                start = new Start.After(page.next());
            }
            assertThat(seen).containsExactly(1L, 3L, 5L, 7L, 9L);
            assertThat(start).isEqualTo(new Start.After("7k3q9x2m-10"));
        }
    }

    @Test
    void isBoundedInBytesToo() {
        try (TestHub test = TestHub.start(engine)) {
            for (int i = 0; i < 6; i++) {
                test.publish("a", "x".repeat(50_000), null);
            }
            TestPage first = TestPage.ask(test.hub, new Start.Earliest(), "a");
            assertThat(first.sequences()).as("128 KiB and an event").containsExactly(1L, 2L, 3L);
            TestPage second = TestPage.ask(test.hub, new Start.After(first.next()), "a");
            assertThat(second.sequences()).containsExactly(4L, 5L, 6L);
        }
    }

    @Test
    void readsOnThroughALogThatIsNoLongerHot() {
        try (TestHub test = TestHub.start(engine, Setup.USUAL.hot(10))) {
            for (int i = 0; i < 6_000; i++) {
                batch(test, i % 1_000 == 0 ? "a" : "b");
            }
            TestPage page = TestPage.ask(test.hub, new Start.Earliest(), "a", "c/*");
            assertThat(page.sequences()).containsExactly(1L, 1_001L, 2_001L, 3_001L, 4_001L, 5_001L);
            assertThat(page.position()).isEqualTo(6_000);
            assertThat(TestPage.ask(test.hub, 3, Duration.ZERO, new Start.Last(4), "a").sequences())
                    .containsExactly(2_001L, 3_001L, 4_001L);
        }
    }

    /** In batches, because each by itself would be an fsync. */
    private final List<Draft> pending = new ArrayList<>();

    private void batch(TestHub test, String topic) {
        pending.add(TestHub.draft(topic, "x", null));
        if (pending.size() == 1_000) {
            test.publish(pending.toArray(Draft[]::new));
            pending.clear();
        }
    }

    // ---- what is missing

    @Test
    void tellsWhatTheClientMisses() {
        try (TestHub test = TestHub.start(engine, Setup.USUAL.retention(3))) {
            LongStream.rangeClosed(1, 5).forEach(i -> test.publish("a"));
            test.maintain();
            TestPage late = TestPage.ask(test.hub, new Start.After("7k3q9x2m-1"), "a");
            assertThat(late.gap()).isEqualTo("retention 7k3q9x2m-1 7k3q9x2m-2");
            assertThat(late.sequences()).containsExactly(3L, 4L, 5L);
            TestPage other = TestPage.ask(test.hub, new Start.After("00000000-4"), "a");
            assertThat(other.gap()).isEqualTo("reset 00000000-4 7k3q9x2m-2");
            assertThat(other.sequences()).containsExactly(3L, 4L, 5L);
            TestPage unknown = TestPage.ask(test.hub, new Start.After("7k3q9x2m-99"), "a");
            assertThat(unknown.gap()).isEqualTo("unknown-id 7k3q9x2m-99 7k3q9x2m-5");
            assertThat(unknown.sequences()).isEmpty();
            TestPage lost = TestPage.ask(test.hub, new Start.Lost(new Start.Last(1)), "a");
            assertThat(lost.gap()).isEqualTo("unknown-id null 7k3q9x2m-4");
            assertThat(lost.sequences()).containsExactly(5L);
            assertThat(TestPage.ask(test.hub, new Start.After("7k3q9x2m-2"), "a").gap()).isEqualTo("null");
            assertThat(test.read(HubMeter.GAPS_RETENTION)).isOne();
            assertThat(test.read(HubMeter.GAPS_UNKNOWN_ID)).isEqualTo(2);
        }
    }

    @Test
    void waitsForNothingWhereSomethingIsMissing() {
        try (TestHub test = TestHub.start(engine)) {
            TestPage page = TestPage.ask(test.hub, 1, WAIT, new Start.After("00000000-4"), "a");
            assertThat(page.gap()).isEqualTo("reset 00000000-4 7k3q9x2m-0");
            assertThat(page.sequences()).isEmpty();
        }
    }

    // ---- waiting

    @Test
    void waitsUntilSomethingMatches() {
        try (TestHub test = TestHub.start(engine)) {
            test.publish("a");
            TestPage page = TestPage.ask(test.hub, 10, WAIT, new Start.Latest(), "a", "c/*");
            awaitWaiting(test, 1);
            test.publish("b");
            test.awaitMeter(HubMeter.LANE_BACKLOG, 0);
            assertThat(page.isAnswered()).isFalse();
            test.publish("c/d");
            assertThat(page.sequences()).containsExactly(3L);
            assertThat(page.next()).isEqualTo("7k3q9x2m-3");
            assertThat(page.gap()).isEqualTo("null");
            test.awaitMeter(HubMeter.STREAMS_INDEXED, 0);
            assertThat(test.read(HubMeter.PAGES_WAITING)).isZero();
            test.awaitMeter(HubMeter.INDEX_BYTES, 0);
        }
    }

    @Test
    void givesWhatComesTogetherAndLeavesTheRestToTheNextPage() {
        try (TestHub test = TestHub.start(engine)) {
            TestPage page = TestPage.ask(test.hub, 3, WAIT, new Start.Latest(), "a");
            awaitWaiting(test, 1);
            test.publish(IntStream.range(0, 10).mapToObj(i -> TestHub.draft("a", "x", null)).toArray(Draft[]::new));
            assertThat(page.sequences()).hasSizeBetween(1, 3).startsWith(1L);
            assertThat(follow(test, page, 3)).isEqualTo(LongStream.rangeClosed(page.position() + 1, 10).boxed().toList());
            assertThat(test.read(HubMeter.DROPPED_NEWEST)).as("nothing is dropped").isZero();
        }
    }

    /** All that a client is given which follows {@code page}, until there is no more. */
    private static List<Long> follow(TestHub test, TestPage page, int limit) {
        var seen = new ArrayList<Long>();
        TestPage next = page;
        do {
            next = TestPage.ask(test.hub, limit, Duration.ZERO, new Start.After(next.next()), "a");
            assertThat(next.gap()).isEqualTo("null");
            seen.addAll(next.sequences());
        } while (!next.sequences().isEmpty());
        return seen;
    }

    @Test
    void isEmptyAndMovesOnWhereNothingCameInTime() {
        Duration wait = Duration.ofMillis(300);
        try (TestHub test = TestHub.start(engine)) {
            TestPage page = TestPage.ask(test.hub, 10, wait, new Start.Latest(), "a");
            awaitWaiting(test, 1);
            test.publish("b");
            test.publish("b");
            test.awaitMeter(HubMeter.LANE_BACKLOG, 0);
            test.pass(wait);
            assertThat(page.sequences()).isEmpty();
            assertThat(page.next()).as("what was passed is not searched again").isEqualTo("7k3q9x2m-2");
            assertThat(page.gap()).isEqualTo("null");
        }
    }

    @Test
    void isAnsweredAtOnceWhenTheHubIsDrained() throws Exception {
        try (TestHub test = TestHub.start(engine)) {
            List<TestPage> pages = IntStream.range(0, 20)
                    .mapToObj(i -> TestPage.ask(test.hub, 10, WAIT, new Start.Latest(), "a", "b/" + i)).toList();
            awaitWaiting(test, 20);
            test.publish("c");
            test.awaitWalked();
            test.hub.drain(Duration.ZERO);
            for (TestPage page : pages) {
                assertThat(page.sequences()).isEmpty();
                assertThat(page.next()).isEqualTo("7k3q9x2m-1");
            }
            assertThat(TestPage.ask(test.hub, 10, WAIT, new Start.Earliest(), "a").answer())
                    .isInstanceOfSatisfying(PageAnswer.Refused.class, refused -> {
                        assertThat(refused.reason()).isEqualTo(CloseReason.DRAINING);
                        assertThat(refused.detail()).isEqualTo("the hub is draining");
                    });
            assertThat(TestPage.ask(test.hub, new Start.Earliest(), "c").sequences()).as("what is there is given").containsExactly(1L);
        }
    }

    @Test
    void leavesWithItsClient() {
        try (TestHub test = TestHub.start(engine)) {
            TestPage page = TestPage.ask(test.hub, 10, WAIT, new Start.Latest(), "a");
            awaitWaiting(test, 1);
            page.clientGone();
            assertThat(page.sequences()).isEmpty();
            test.awaitMeter(HubMeter.PAGES_WAITING, 0);
            test.awaitMeter(HubMeter.STREAMS_INDEXED, 0);
            test.awaitMeter(HubMeter.INDEX_BYTES, 0);
        }
    }

    @Test
    void endsWithItsThread() {
        try (TestHub test = TestHub.start(engine)) {
            TestPage page = TestPage.ask(test.hub, 10, WAIT, new Start.Latest(), "a");
            awaitWaiting(test, 1);
            page.interrupt();
            assertThat(page.failure()).isInstanceOf(InterruptedException.class);
            test.awaitMeter(HubMeter.STREAMS_INDEXED, 0);
        }
    }

    @Test
    void hasAPlaceAmongTheStreamsWhileItMayWait() {
        try (TestHub test = TestHub.start(engine, Setup.USUAL.maxSubscribers(2))) {
            test.publish("a");
            TestStream stream = TestStream.open(test.hub, new Start.Latest(), "a").awaitOpen();
            TestPage page = TestPage.ask(test.hub, 10, WAIT, new Start.Latest(), "b");
            awaitWaiting(test, 1);
            assertThat(test.read(HubMeter.STREAMS)).isEqualTo(2);
            assertThat(TestPage.ask(test.hub, 10, WAIT, new Start.Earliest(), "a").answer())
                    .isInstanceOfSatisfying(PageAnswer.Refused.class, refused ->
                            assertThat(refused.detail()).isEqualTo("the hub holds 2 streams, which is the limit (limits.subscribers)"));
            assertThat(TestStream.open(test.hub, new Start.Latest(), "a").awaitRefused()).isEqualTo(CloseReason.OVERLOADED);
            assertThat(TestPage.ask(test.hub, new Start.Earliest(), "a").sequences()).as("it does not wait").containsExactly(1L);
            assertThat(test.read(HubMeter.STREAMS_REFUSED)).isEqualTo(2);

            test.publish("b");
            assertThat(page.sequences()).containsExactly(2L);
            assertThat(TestPage.ask(test.hub, 10, WAIT, new Start.Earliest(), "a").sequences()).containsExactly(1L);
            stream.clientGone();
        }
    }

    @Test
    void isRefusedWhatIsBeyondItsBounds() {
        var all = new Subscription(Filters.ALL, new Start.Latest());
        for (int limit : new int[] {-1, 0, 501}) {
            assertThatExceptionOfType(InvalidEventException.class).isThrownBy(() -> new PageRequest(all, limit, Duration.ZERO))
                    .withMessage("limit is " + limit + "; 1 to 500 are allowed");
        }
        for (Duration wait : List.of(Duration.ofMillis(-1), Duration.ofSeconds(60).plusNanos(1))) {
            assertThatExceptionOfType(InvalidEventException.class).isThrownBy(() -> new PageRequest(all, 1, wait))
                    .withMessageStartingWith("wait is ").withMessageEndingWith("; up to 60 s are allowed");
        }
        assertThat(new PageRequest(all, 500, Duration.ofSeconds(60)).waits()).isTrue();
        assertThat(new PageRequest(all, 1, Duration.ZERO).waits()).isFalse();
    }

    private static void awaitWaiting(TestHub test, int count) {
        test.awaitMeter(HubMeter.PAGES_WAITING, count);
        test.awaitWalked();
    }
}
