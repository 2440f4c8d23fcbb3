package dev.hark.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.CloseReason;
import dev.hark.event.Event;
import dev.hark.fanout.Mailbox.Drained;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/**
 * A mailbox between a log, a lane and a reader, all three as simple as can be: whatever the order of their steps, each event is drained
 * once and in order, or counted as dropped in the batch that announces it, or left to the log.
 */
class MailboxModelTest {
    sealed interface Step {}

    /** The log gets an event, {@code hole} positions after the last. */
    record Append(int hole, String key, int bytes) implements Step {}

    /** The lane offers what it has not yet, up to {@code count} events. */
    record Walk(int count) implements Step {}

    /** The subscriber wakes once. */
    record Wake() implements Step {}

    record Heartbeat() implements Step {}

    private static final class World {
        final OverflowPolicy policy;
        final Mailbox mailbox;
        final long start;
        final int pageEvents;
        final List<Event> log = new ArrayList<>();
        int walked;
        boolean joined;

        final List<Event> delivered = new ArrayList<>();
        long announced;
        long position;
        boolean ended;

        World(OverflowPolicy policy, MailboxLimits limits, long start, int pageEvents) {
            this.policy = policy;
            this.mailbox = new Mailbox(limits, policy, Events.ERA);
            this.start = start;
            this.position = start;
            this.pageEvents = pageEvents;
        }

        long newest() {
            return log.isEmpty() ? 0 : log.getLast().sequence();
        }

        void take(Step step) {
            switch (step) {
                case Append(int hole, String key, int bytes) -> log.add(Events.sized(newest() + 1 + hole, "t", key, bytes));
                case Walk(int count) -> walk(count);
                case Wake() -> wake();
                case Heartbeat() -> mailbox.heartbeat();
            }
        }

        void join() {
            joined = true;
            mailbox.join(Events.ERA, walked == 0 ? 0 : log.get(walked - 1).sequence());
        }

        void walk(int count) {
            for (int i = 0; i < count && walked < log.size(); i++) {
                Event event = log.get(walked++);
                if (joined) {
                    mailbox.offer(event);
                }
            }
        }

        /** One turn of the loop of {@link Subscriber}. */
        Drained wake() {
            var batch = new Batch();
            Drained drained = mailbox.drain(batch, position);
            switch (drained) {
                case FILLED -> read(batch);
                case BEHIND -> replay();
                case EMPTY -> {
                    if (joined) {
                        checkNothingIsOwed();
                    }
                }
                case HEARTBEAT -> assertThat(batch.isEmpty()).isTrue();
                case RESET -> throw new AssertionError("the history did not change");
                case CLOSED -> ended = true;
            }
            return drained;
        }

        private void read(Batch batch) {
            List<Event> events = MailboxTest.events(batch);
            if (batch.droppedBefore() > 0) {
                assertThat(batch.resumedBefore()).isGreaterThanOrEqualTo(position);
                if (policy == OverflowPolicy.DROP_OLDEST) {
                    long next = events.isEmpty() ? Long.MAX_VALUE : events.getFirst().sequence();
                    assertThat(batch.droppedBefore()).as("dropped between %s and %s", position, next)
                            .isEqualTo(eventsBetween(position, next - 1));
                    assertThat(eventsBetween(position, batch.resumedBefore())).isEqualTo(batch.droppedBefore());
                }
                announced += batch.droppedBefore();
                position = batch.resumedBefore();
            }
            events.forEach(this::deliver);
            if (batch.droppedAfter() > 0) {
                assertThat(policy).isEqualTo(OverflowPolicy.DROP_NEWEST);
                assertThat(eventsBetween(position, batch.resumedAfter())).isEqualTo(batch.droppedAfter());
                announced += batch.droppedAfter();
                position = batch.resumedAfter();
            }
        }

        private void deliver(Event event) {
            assertThat(event.sequence()).as("in order and once").isGreaterThan(position);
            delivered.add(event);
            position = event.sequence();
        }

        /** A page may reach beyond where the lane is. */
        private void replay() {
            assertThat(mailbox.spilledThrough()).isGreaterThan(position);
            long after = position;
            List<Event> page = log.stream().filter(event -> event.sequence() > after).limit(pageEvents).toList();
            page.forEach(this::deliver);
            if (page.size() < pageEvents) {
                position = Math.max(position, newest());
            }
        }

        private long eventsBetween(long after, long through) {
            return log.stream().filter(event -> event.sequence() > after && event.sequence() <= through).count();
        }

        /** Every event that the lane has offered, from the start on, was drained or announced; and those that were read ahead. */
        private void checkNothingIsOwed() {
            long walkedTo = walked == 0 ? 0 : log.get(walked - 1).sequence();
            long due = eventsBetween(start, Math.max(walkedTo, position));
            assertThat(delivered.size() + announced).as("delivered %s and announced %s, of %s", delivered.size(), announced, due)
                    .isEqualTo(due);
            assertThat(mailbox.isIdle()).isTrue();
            assertThat(mailbox.size()).isZero();
        }

        void finish() {
            if (!joined) {
                join();
            }
            walk(log.size());
            int turns = 0;
            while (!ended && wake() != Drained.EMPTY) {
                assertThat(++turns).as("turns to the end").isLessThan(10_000);
            }
        }
    }

    @Property(tries = 4_000, edgeCases = EdgeCasesMode.NONE)
    void losesNothingSilently(
            @ForAll OverflowPolicy policy,
            @ForAll @IntRange(min = 1, max = 6) int maxEvents,
            @ForAll("byteBounds") int maxBytes,
            @ForAll @IntRange(min = 0, max = 12) int startAt,
            @ForAll @IntRange(min = 1, max = 5) int pageEvents,
            @ForAll @IntRange(min = 0, max = 40) int joinAfterSteps,
            @ForAll("steps") @Size(max = 120) List<Step> steps) {
        World world = world(policy, new MailboxLimits(maxEvents, maxBytes), startAt, pageEvents, joinAfterSteps, steps);
        world.finish();
        long due = world.eventsBetween(world.start, Long.MAX_VALUE);
        switch (policy) {
            case REPLAY -> assertThat(world.delivered).hasSize((int) due);
            case DISCONNECT -> {
                if (world.ended) {
                    assertThat(world.mailbox.closeReason()).isEqualTo(CloseReason.SLOW);
                    // Whoever resumes has had all up to his position.
                    assertThat(world.delivered).hasSize((int) world.eventsBetween(world.start, world.position));
                } else {
                    assertThat(world.delivered).hasSize((int) due);
                }
                assertThat(world.announced).isZero();
            }
            case CONFLATE, DROP_OLDEST, DROP_NEWEST -> assertThat(world.delivered.size() + world.announced).isEqualTo(due);
        }
    }

    @Property(tries = 2_000, edgeCases = EdgeCasesMode.NONE)
    void keepsTheLatestOfEachKeyWhereTheyFit(
            @ForAll @IntRange(min = 3, max = 6) int maxEvents,
            @ForAll @IntRange(min = 0, max = 40) int joinAfterSteps,
            @ForAll("steps") @Size(max = 120) List<Step> steps) {
        World world = world(OverflowPolicy.CONFLATE, new MailboxLimits(maxEvents, 1 << 20), 0, 3, joinAfterSteps, steps);
        world.finish();
        var latest = new HashMap<String, Event>();
        world.log.forEach(event -> latest.put(Objects.requireNonNull(event.key()), event));
        assertThat(world.delivered).containsAll(latest.values());
    }

    @Property(tries = 2_000, edgeCases = EdgeCasesMode.NONE)
    void givesAPrefixWhereItIsClosed(
            @ForAll OverflowPolicy policy,
            @ForAll @IntRange(min = 1, max = 6) int maxEvents,
            @ForAll @IntRange(min = 0, max = 12) int startAt,
            @ForAll @IntRange(min = 0, max = 40) int joinAfterSteps,
            @ForAll("steps") @Size(max = 60) List<Step> steps,
            @ForAll("steps") @Size(max = 20) List<Step> after) {
        World world = world(policy, new MailboxLimits(maxEvents, 1 << 20), startAt, 3, joinAfterSteps, steps);
        world.mailbox.close(CloseReason.DRAINING);
        after.forEach(world::take);
        for (int turns = 0; !world.ended; turns++) {
            assertThat(turns).as("turns to the end").isLessThan(1_000);
            world.wake();
        }
        long given = world.eventsBetween(world.start, world.position);
        assertThat(world.delivered.size() + world.announced).as("all up to position %s", world.position).isEqualTo(given);
    }

    private static World world(
            OverflowPolicy policy, MailboxLimits limits, int startAt, int pageEvents, int joinAfterSteps, List<Step> steps) {
        int first = 0;
        var before = new ArrayList<Step>();
        while (first < steps.size() && before.stream().filter(Append.class::isInstance).count() < startAt) {
            before.add(steps.get(first++));
        }
        // The log as it was before somebody came: a stream starts at one of its positions.
        var history = new ArrayList<Event>();
        long newest = 0;
        for (Step step : before) {
            if (step instanceof Append(int hole, String key, int bytes)) {
                newest += 1 + hole;
                history.add(Events.sized(newest, "t", key, bytes));
            }
        }
        long start = history.isEmpty() ? 0 : history.get(Math.floorMod(startAt * 7, history.size())).sequence();
        var world = new World(policy, limits, start, pageEvents);
        world.log.addAll(history);
        int taken = 0;
        for (Step step : steps.subList(first, steps.size())) {
            if (!world.joined && taken++ >= joinAfterSteps) {
                world.join();
            }
            world.take(step);
        }
        return world;
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Step> append = Combinators.combine(
                        Arbitraries.frequency(Tuple.of(4, 0), Tuple.of(1, 2)), Arbitraries.of("a", "b", "c"),
                        Arbitraries.of(100, 100, 200, 900, 9_000))
                .as(Append::new);
        Arbitrary<Step> walk = Arbitraries.of(1, 2, 5, 20).map(Walk::new);
        return Arbitraries.frequencyOf(
                        Tuple.of(8, append), Tuple.of(5, walk), Tuple.of(5, Arbitraries.just(new Wake())),
                        Tuple.of(1, Arbitraries.just(new Heartbeat())))
                .list();
    }

    @Provide
    Arbitrary<Integer> byteBounds() {
        return Arbitraries.of(1, 250, 500, 1_000, 20_000, 1 << 20);
    }
}
