package dev.hark.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.hark.event.Event;
import dev.hark.event.Filters;
import dev.hark.event.TopicFilter;
import dev.hark.fanout.Mailbox.Drained;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** What a lane holds back, in a time that stands still until a step moves it. */
class LingersTest {
    private static final long SHORT = Duration.ofMillis(10).toNanos();
    private static final long LONGER = Duration.ofMillis(25).toNanos();
    private static final List<TopicRule> RULES = List.of(
            rule("now/urgent", 0), rule("now/*", SHORT), rule("late/**", LONGER), rule("soon/**", SHORT), rule("**", 0));

    private final DeliveryCounters counters = new DeliveryCounters();
    private long now = Long.MAX_VALUE - SHORT;
    private final Lingers lingers = new Lingers(RULES, counters, () -> now);
    private long sequence;

    private static TopicRule rule(String match, long lingerNanos) {
        return new TopicRule(new TopicFilter(match), OverflowPolicy.REPLAY, new MailboxLimits(8, 4_000), Duration.ofNanos(lingerNanos));
    }

    /** A subscriber whose thread is this one. */
    private final class Stand {
        final Mailbox mailbox = new Mailbox(new MailboxLimits(8, 4_000), OverflowPolicy.REPLAY, Events.ERA);
        final Seat seat = new Seat(Filters.ALL, mailbox, new LongAdder());
        long position;
        /** When the first of the events that wait is due, as a model reckons it. */
        long dueNanos;
        boolean owed;

        Stand() {
            seat.join(Events.ERA, sequence);
            position = sequence;
            sleep();
        }

        /** Takes all that waits, and sleeps; what it took. */
        List<Long> sleep() {
            owed = false;
            var taken = new ArrayList<Long>();
            while (true) {
                var batch = new Batch();
                switch (mailbox.drain(batch, position)) {
                    case FILLED -> {
                        MailboxTest.events(batch).forEach(event -> taken.add(event.sequence()));
                        position = taken.getLast();
                    }
                    case BEHIND -> position = mailbox.spilledThrough();
                    case HEARTBEAT -> {}
                    case EMPTY -> {
                        return taken;
                    }
                    case RESET, CLOSED -> throw new AssertionError("neither happens here");
                }
            }
        }

        boolean sleepsThough() {
            return mailbox.isAsleep() && mailbox.size() > 0;
        }
    }

    private void offer(String topic, int bytes, Stand... stands) {
        Event event = Events.sized(++sequence, topic, null, bytes);
        LingerQueue queue = lingers.queueFor(event);
        for (Stand stand : stands) {
            stand.seat.offer(event, queue);
        }
        if (queue != null) {
            lingers.count(queue);
        }
    }

    private void offer(String topic, Stand... stands) {
        offer(topic, 100, stands);
    }

    @Test
    void asksTheFirstRuleThatMatchesTheTopic() {
        assertThat(lingerOf("now/urgent")).isZero();
        assertThat(lingerOf("now/other")).isEqualTo(SHORT);
        assertThat(lingerOf("late/a/b")).isEqualTo(LONGER);
        assertThat(lingerOf("soon/a")).isEqualTo(SHORT);
        assertThat(lingerOf("now/a/b")).isZero();
        assertThat(lingers.queueFor(Events.event(1, "now/other", null))).as("one for each length")
                .isSameAs(lingers.queueFor(Events.event(2, "soon/a", null)));
        assertThat(Events.NO_LINGERS.queueFor(Events.event(3))).isNull();
    }

    private long lingerOf(String topic) {
        LingerQueue queue = lingers.queueFor(Events.event(1, topic, null));
        return queue == null ? 0 : queue.lingerNanos();
    }

    @Test
    void wakesWhoIsDueAndSaysWhenTheNextIs() {
        var first = new Stand();
        var second = new Stand();
        assertThat(lingers.release()).isEqualTo(Long.MAX_VALUE);
        offer("soon/a", first);
        now += 3;
        offer("soon/a", first, second);
        assertThat(lingers.release()).isEqualTo(SHORT - 3);
        now += SHORT - 4;
        assertThat(lingers.release()).isEqualTo(1);
        assertThat(first.sleepsThough()).isTrue();
        now++;
        assertThat(lingers.release()).isEqualTo(3);
        assertThat(first.sleep()).containsExactly(1L, 2L);
        assertThat(second.sleepsThough()).isTrue();
        now += 3;
        assertThat(lingers.release()).isEqualTo(Long.MAX_VALUE);
        assertThat(second.sleep()).containsExactly(2L);
        assertThat(counters.lingeredWrites()).isEqualTo(2);
        assertThat(counters.lingeredEvents()).isEqualTo(3);
    }

    @Test
    void wakesAStreamWhenTheFirstOfItsEventsIsDue() {
        var stand = new Stand();
        offer("late/a", stand);
        now++;
        offer("soon/a", stand);
        assertThat(lingers.release()).isEqualTo(SHORT);
        now += SHORT;
        assertThat(lingers.release()).isEqualTo(Long.MAX_VALUE);
        assertThat(stand.sleep()).containsExactly(1L, 2L);

        offer("late/a", stand);
        now += LONGER - 5;
        offer("soon/a", stand);
        assertThat(lingers.release()).as("that of the first").isEqualTo(5);
    }

    /** What was held back before has gone: who was due then is not woken for what came since. */
    @Test
    void letsAnEventWaitItsFullTimeAfterOthersHaveGoneEarly() {
        var stand = new Stand();
        offer("soon/a", stand);
        now += 4;
        offer("now/urgent", stand);
        assertThat(stand.sleep()).containsExactly(1L, 2L);
        offer("soon/a", stand);
        assertThat(lingers.release()).isEqualTo(SHORT);
        now += SHORT - 4;
        assertThat(lingers.release()).isEqualTo(4);
        assertThat(stand.sleepsThough()).isTrue();
    }

    @Test
    void forgetsWhoLeaves() {
        var leaving = new Stand();
        var staying = new Stand();
        offer("soon/a", leaving, staying);
        assertThat(leaving.seat.vacate()).isTrue();
        assertThat(leaving.seat.vacate()).isFalse();
        assertThat(lingers.release()).isEqualTo(SHORT);
        now += SHORT;
        assertThat(lingers.release()).isEqualTo(Long.MAX_VALUE);
        assertThat(leaving.mailbox.isAsleep()).as("nobody woke it").isTrue();
        assertThat(staying.mailbox.isAsleep()).isFalse();
    }

    @Test
    void wakesAllWhereItIsTold() {
        var one = new Stand();
        var other = new Stand();
        offer("soon/a", one);
        offer("late/a", other);
        lingers.releaseAll();
        assertThat(lingers.release()).isEqualTo(Long.MAX_VALUE);
        assertThat(one.sleep()).hasSize(1);
        assertThat(other.sleep()).hasSize(1);
    }

    @Test
    void boundsHowLongARuleMayLetEventsWait() {
        var limits = new MailboxLimits(1, 1);
        assertThat(new TopicRule(TopicFilter.ALL, OverflowPolicy.REPLAY, limits).linger()).isZero();
        assertThat(new TopicRule(TopicFilter.ALL, OverflowPolicy.REPLAY, limits, TopicRule.MAX_LINGER).linger()).hasSeconds(10);
        for (Duration wrong : List.of(Duration.ofNanos(-1), TopicRule.MAX_LINGER.plusNanos(1))) {
            assertThatIllegalArgumentException().isThrownBy(() -> new TopicRule(TopicFilter.ALL, OverflowPolicy.REPLAY, limits, wrong))
                    .withMessageContaining("topics[].linger is " + wrong);
        }
    }

    // ---- whatever the order of the steps, nobody sleeps through what is due

    sealed interface Step {}

    /** To the stands whose bits are set. */
    record Offering(String topic, int bytes, int to) implements Step {}

    record Passing(long nanos) implements Step {}

    /** The subscriber comes by, for whatever reason. */
    record Coming(int stand) implements Step {}

    record Beating(int stand) implements Step {}

    record Joining(int stand) implements Step {}

    record Leaving(int stand) implements Step {}

    @Property(tries = 2_000, edgeCases = EdgeCasesMode.NONE)
    void letsNobodySleepThroughWhatIsDue(@ForAll("steps") @Size(max = 150) List<Step> steps) {
        var stands = new Stand[4];
        Arrays.setAll(stands, i -> new Stand());
        for (Step step : steps) {
            take(step, stands);
            long next = lingers.release();
            for (Stand stand : stands) {
                if (stand.sleepsThough()) {
                    assertThat(stand.owed).as("only what may wait waits").isTrue();
                    assertThat(stand.dueNanos - now).as("what is due is gone, and the lane comes by in time").isPositive()
                            .isGreaterThanOrEqualTo(next);
                }
            }
        }
        now += LONGER;
        assertThat(lingers.release()).as("nobody stands there for ever").isEqualTo(Long.MAX_VALUE);
        assertThat(stands).noneMatch(Stand::sleepsThough);
    }

    private void take(Step step, Stand[] stands) {
        switch (step) {
            case Passing(long nanos) -> now += nanos;
            case Coming(int stand) -> stands[stand].sleep();
            case Beating(int stand) -> {
                stands[stand].mailbox.heartbeat();
                stands[stand].sleep();
            }
            case Joining(int stand) -> {
                stands[stand].seat.join(Events.ERA, sequence);
                stands[stand].position = sequence;
                stands[stand].sleep();
            }
            case Leaving(int stand) -> {
                stands[stand].mailbox.close(null);
                stands[stand].seat.vacate();
                stands[stand] = new Stand();
            }
            case Offering(String topic, int bytes, int to) -> offer(topic, bytes, stands, to);
        }
    }

    private void offer(String topic, int bytes, Stand[] stands, int to) {
        Stand[] those = Stream.of(stands).filter(stand -> (to & 1 << List.of(stands).indexOf(stand)) != 0).toArray(Stand[]::new);
        offer(topic, bytes, those);
        long linger = lingerOf(topic);
        for (Stand stand : those) {
            if (stand.mailbox.size() == 0) {
                continue; // It ran over, and its owner knows.
            }
            boolean earlier = !stand.owed || now + linger - stand.dueNanos < 0;
            if (linger > 0 && earlier) {
                stand.dueNanos = now + linger;
            }
            stand.owed = linger > 0 || stand.owed;
            if (linger == 0) {
                assertThat(stand.mailbox.isAsleep()).as("an event that does not wait").isFalse();
            }
        }
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Integer> stand = Arbitraries.integers().between(0, 3);
        Arbitrary<Step> offering = Combinators.combine(
                        Arbitraries.of("soon/a", "late/a", "soon/b", "now/x", "now/urgent", "other"),
                        Arbitraries.integers().between(80, 1_500),
                        Arbitraries.integers().between(1, 15))
                .as(Offering::new);
        return Arbitraries.frequencyOf(
                        Tuple.of(8, offering),
                        Tuple.of(4, Arbitraries.longs().between(1, SHORT).map(Passing::new)),
                        Tuple.of(3, stand.map(Coming::new)),
                        Tuple.of(1, stand.map(Beating::new)),
                        Tuple.of(1, stand.map(Joining::new)),
                        Tuple.of(1, stand.map(Leaving::new)))
                .list();
    }
}
