package dev.hark.log;

import static dev.hark.log.EngineTest.append;
import static dev.hark.log.EngineTest.draft;
import static dev.hark.log.EngineTest.drafts;
import static dev.hark.log.EngineTest.last;
import static dev.hark.log.EngineTest.readAll;
import static dev.hark.log.EngineTest.readWhileAppending;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Event;
import dev.hark.event.Filters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** What an engine promises that has {@link Capability#RETENTION}. */
public interface RetentionContract extends EngineTest {
    @Test
    default void retainsTheNewestEvents() throws Exception {
        EventLog log = open(new Retention(3, LONG, 1L << 40));
        long start = log.tail().bounds().newest();
        List<Long> sequences = append(log, drafts(3));
        log.maintain();
        assertThat(log.tail().bounds().floor()).isEqualTo(start);
        long fourth = append(log, draft("a", "x")).getFirst();
        log.maintain();
        assertThat(log.tail().bounds()).isEqualTo(new Bounds(sequences.getFirst(), fourth));
        Page page = log.read(start, Filters.ALL, 10);
        assertThat(page.from()).isEqualTo(sequences.getFirst());
        assertThat(page.events()).extracting(Event::sequence).containsExactly(sequences.get(1), sequences.get(2), fourth);
    }

    @Test
    default void retainsByAge() throws Exception {
        EventLog log = open(new Retention(100, Duration.ofSeconds(10), 1L << 40));
        long start = log.tail().bounds().newest();
        long first = append(log, draft("a", "1")).getFirst();
        clock().advance(Duration.ofSeconds(5));
        long second = append(log, draft("a", "2")).getFirst();
        clock().advance(Duration.ofSeconds(5));
        log.maintain();
        assertThat(log.tail().bounds().floor()).as("exactly as old as it may be").isEqualTo(start);
        clock().advance(Duration.ofMillis(1));
        log.maintain();
        assertThat(log.tail().bounds()).isEqualTo(new Bounds(first, second));
        clock().advance(Duration.ofSeconds(10));
        log.maintain();
        assertThat(log.tail().bounds()).as("none retained").isEqualTo(new Bounds(second, second));
        assertThat(log.read(start, Filters.ALL, 10)).isEqualTo(new Page(log.tail().epoch(), second, List.of(), second));
        assertThat(append(log, draft("a", "3")).getFirst()).as("never used twice").isGreaterThan(second);
    }

    @Test
    default void retainsByBytes() throws Exception {
        // Its id is as long as those of the others.
        EventLog other = open();
        long otherStart = other.tail().bounds().newest();
        append(other, draft("a", "x".repeat(100)));
        Event sample = readAll(other, otherStart, Filters.ALL).getFirst();
        EventLog log = open(new Retention(100, LONG, sample.frame().length() * 3L));
        long start = log.tail().bounds().newest();
        List<Long> sequences = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            sequences.addAll(append(log, draft("a", "x".repeat(100))));
        }
        log.maintain();
        assertThat(log.tail().bounds().floor()).isEqualTo(start);
        append(log, draft("a", "x".repeat(101)));
        log.maintain();
        assertThat(log.tail().bounds().floor()).isEqualTo(sequences.get(1));
    }

    @Test
    default void saysThatATimeReachesBeyondRetention() throws Exception {
        EventLog log = open(new Retention(2, LONG, 1L << 40));
        append(log, draft("a", "1"));
        long first = clock().millis();
        clock().advance(Duration.ofSeconds(1));
        append(log, draft("a", "2"), draft("a", "3"));
        log.maintain();
        assertThat(log.since(first)).isEqualTo(new Since(log.tail().bounds().floor(), true));
        assertThat(log.since(first + 1)).isEqualTo(new Since(log.tail().bounds().floor(), false));
    }

    @Test
    default void findsTheLastMatchesAmongTheRetainedOnly() throws Exception {
        EventLog log = open(new Retention(3, LONG, 1L << 40));
        append(log, drafts(10));
        log.maintain();
        long position = last(log, Filters.ALL, 5);
        assertThat(position).isEqualTo(log.tail().bounds().floor());
        assertThat(readAll(log, position, Filters.ALL)).hasSize(3);
    }

    @Test
    default void saysWhatRetentionRemovedWhileReading() throws Exception {
        EventLog log = open(new Retention(64, LONG, 1L << 40), new HotLimits(16, 1 << 20), KEYS);
        readWhileAppending(log, true);
    }

    /** Otherwise a client would be told less than it misses: what is lost between the two. */
    @Test
    default void hasLostNothingThatItsBeginningDoesNotSay() throws Exception {
        EventLog log = open(new Retention(64, LONG, 1L << 40), new HotLimits(16, 1 << 20), KEYS);
        Era era = log.tail().era();
        var done = new AtomicBoolean();
        var looks = new CountDownLatch(1);
        var look = new FutureTask<Void>(() -> {
            do {
                long lost = era.lostStored(1);
                assertThat(lost).isLessThanOrEqualTo(era.bounds().floor());
                looks.countDown();
            } while (!done.get());
            return null;
        });
        Thread looker = Thread.ofPlatform().start(look);
        looks.await();
        for (int i = 0; i < 2_000; i++) {
            append(log, drafts(3));
        }
        log.maintain();
        done.set(true);
        looker.join();
        look.get();
    }
}
