package dev.hark.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hark.event.Draft;
import dev.hark.event.Event;
import dev.hark.event.Filters;
import dev.hark.event.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TailTest {
    private static final Duration ENDLESS = Duration.ofHours(1);
    private static final HotLimits HOT = new HotLimits(4, 1 << 20);

    private final Tail tail = new Tail("7k3q9x2m", new Bounds(0, 0), HOT);

    // ---- commits

    @Test
    void answersOnceTheEventsAreKnownAndHotAndTellsThen() {
        var steps = new ArrayList<String>();
        tail.follow(() -> steps.add("told of " + tail.bounds().newest()));
        tail.commit(events(1, 3), 0, () -> steps.add("answered at " + tail.bounds() + ", hot " + tail.era().hot().bounds().newest()));
        tail.commit(events(4, 6), 2, () -> steps.add("answered at " + tail.bounds() + ", hot " + tail.era().hot().bounds().newest()));
        assertThat(steps).containsExactly(
                "answered at Bounds[floor=0, newest=3], hot 3", "told of 3", "answered at Bounds[floor=2, newest=6], hot 6", "told of 6");
        assertThat(tail.era().hot().bounds()).as("bounded").isEqualTo(new Bounds(2, 6));
    }

    @Test
    void movesTheFloorAloneWithoutTellingAnybody() {
        tail.commit(events(1, 3), 0, () -> {});
        var steps = new ArrayList<String>();
        tail.follow(() -> steps.add("told"));
        tail.commit(List.of(), 2, () -> steps.add("answered"));
        assertThat(steps).containsExactly("answered");
        assertThat(tail.bounds()).isEqualTo(new Bounds(2, 3));
    }

    @Test
    void beginsWithHotEvents() {
        var begun = new Tail("7k3q9x2m", new Bounds(0, 5), HOT, 3, events(4, 5));
        assertThat(begun.era().hot().bounds()).isEqualTo(new Bounds(3, 5));
        assertThat(begun.bounds()).isEqualTo(new Bounds(0, 5));
    }

    /** Positions after the last stored event were given to what nobody stored, before a restart. */
    @Test
    void beginsAtItsNewestPositionWhateverIsHot() {
        var classes = TopicClasses.one(new Retention(10, ENDLESS, 1L << 20));
        var begun = new Tail("7k3q9x2m", 9, new Retained(0, 5, Floors.of(0L)), classes, HOT, 3, events(4, 5));
        Page page = begun.era().hot().read("7k3q9x2m", 5, Filters.ALL, 10);
        assertThat(page.through()).as("a reader gets there").isEqualTo(9);
        assertThat(begun.era().hot().read("7k3q9x2m", 3, Filters.ALL, 10).events()).hasSize(2);
        begun.commit(events(10, 10), 0, () -> {});
        assertThat(begun.era().hot().bounds()).isEqualTo(new Bounds(3, 10));
    }

    // ---- resets

    @Test
    void beginsAnotherHistoryWithNothingHot() {
        tail.commit(events(1, 3), 0, () -> {});
        Era before = tail.era();
        var told = new ArrayList<String>();
        tail.follow(() -> told.add(tail.epoch()));
        tail.follow(() -> told.add(tail.era().hot().bounds().toString()));
        tail.reset("00000001", new Bounds(1, 2));
        assertThat(told).as("every follower").containsExactly("00000001", "Bounds[floor=2, newest=2]");
        assertThat(tail.era()).isNotSameAs(before);
        assertThat(tail.bounds()).isEqualTo(new Bounds(1, 2));
        tail.commit(events(3, 3), 1, () -> {});
        assertThat(tail.era().hot().bounds()).isEqualTo(new Bounds(2, 3));
        assertThat(before.hot().bounds()).as("whoever still reads it finds it as it was").isEqualTo(new Bounds(0, 3));
    }

    // ---- waits

    @Test
    void doesNotWaitForWhatIsThere() throws InterruptedException {
        tail.commit(events(1, 3), 0, () -> {});
        assertThat(tail.awaitPosition(3, Duration.ZERO)).isTrue();
        assertThat(tail.awaitPosition(4, Duration.ZERO)).isFalse();
        assertThat(tail.awaitPosition(4, Duration.ofMillis(-1))).isFalse();
        assertThat(tail.awaitPosition(4, Duration.ofMillis(1))).isFalse();
    }

    @Test
    void waitsThroughCommitsThatDoNotComeSoFar() throws Exception {
        CompletableFuture<Boolean> reached = new CompletableFuture<>();
        Thread waiter = waiter(3, reached);
        tail.commit(events(1, 2), 0, () -> {});
        tail.commit(List.of(), 1, () -> {});
        await().until(() -> waiter.getState() == Thread.State.TIMED_WAITING);
        assertThat(reached).isNotDone();
        tail.commit(events(3, 3), 1, () -> {});
        assertThat(reached.get(10, TimeUnit.SECONDS)).isTrue();
    }

    /** The same position of another history is not the one that a client was given. */
    @Test
    void waitsForNothingOfAnotherHistory() throws Exception {
        for (long newest : new long[] {0, 3, 7}) {
            CompletableFuture<Boolean> reached = new CompletableFuture<>();
            waiter(3, reached);
            tail.reset("00000001", new Bounds(0, newest));
            assertThat(reached.get(10, TimeUnit.SECONDS)).isFalse();
            tail.reset("00000002", new Bounds(0, 0));
        }
    }

    @Test
    void stopsWaitingWhenItIsInterrupted() throws Exception {
        CompletableFuture<Boolean> reached = new CompletableFuture<>();
        waiter(3, reached).interrupt();
        assertThatThrownBy(reached::get).isInstanceOf(ExecutionException.class).hasCauseInstanceOf(InterruptedException.class);
        // It left nothing behind.
        tail.commit(events(1, 3), 0, () -> {});
        assertThat(tail.awaitPosition(3, ENDLESS)).isTrue();
    }

    private Thread waiter(long position, CompletableFuture<Boolean> reached) {
        Thread waiter = Thread.ofVirtual().start(() -> {
            try {
                reached.complete(tail.awaitPosition(position, ENDLESS));
            } catch (InterruptedException e) {
                reached.completeExceptionally(e);
            }
        });
        await().until(() -> waiter.getState() == Thread.State.TIMED_WAITING);
        return waiter;
    }

    /** As many times as they can meet in a moment: a commit that nobody was woken by would leave the waiter there for an hour. */
    @Test
    void wakesWhoeverWaitsHoweverTheyMeet() throws InterruptedException {
        int rounds = 20_000;
        var seen = new AtomicLong();
        var early = new AtomicLong();
        Thread waiter = Thread.ofPlatform().start(() -> {
            try {
                for (long position = 1; position <= rounds; position++) {
                    if (!tail.awaitPosition(position, ENDLESS) || tail.bounds().newest() < position) {
                        early.incrementAndGet();
                    }
                    seen.set(position);
                }
            } catch (InterruptedException e) {
                early.incrementAndGet();
            }
        });
        for (long position = 1; position <= rounds; position++) {
            while (seen.get() < position - 1) {
                Thread.onSpinWait();
            }
            for (long spin = position % 200; spin > 0; spin--) {
                Thread.onSpinWait();
            }
            tail.commit(events(position, position), 0, () -> {});
        }
        assertThat(waiter.join(Duration.ofSeconds(30))).as("every commit was heard of; the last was %s", seen).isTrue();
        assertThat(early).hasValue(0);
    }

    static List<Event> events(long first, long last) {
        var draft = new Draft(new Topic("a"), Draft.DEFAULT_TYPE, null, "x".getBytes(UTF_8), null);
        return LongStream.rangeClosed(first, last).mapToObj(sequence -> Event.of("7k3q9x2m", sequence, 0, draft)).toList();
    }
}
