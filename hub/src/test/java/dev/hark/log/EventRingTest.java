package dev.hark.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.hark.event.Draft;
import dev.hark.event.Event;
import dev.hark.event.Filters;
import dev.hark.event.Topic;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventRingTest {
    private static final Filters ALL = Filters.ALL;
    private static final String EPOCH = "7k3q9x2m";
    private static final Draft DRAFT = new Draft(new Topic("a"), "message", null, "x".getBytes(UTF_8), null);
    private static final long UNBOUNDED = 1L << 40;

    @Test
    void startsEmptyAtItsPosition() {
        var ring = new EventRing(4, UNBOUNDED, 41);
        assertThat(ring.bounds()).isEqualTo(new Bounds(41, 41));
        assertThat(ring.covers(41)).isTrue();
        assertThat(ring.covers(40)).isFalse();
        assertThat(ring.get(0)).isNull();
        assertThat(ring.read(EPOCH, 0, ALL, 10)).isEqualTo(new Page(EPOCH, 41, List.of(), 41));
        assertThat(ring.read(EPOCH, 50, ALL, 10)).isEqualTo(new Page(EPOCH, 50, List.of(), 50));
        assertThat(last(ring, ALL, 3)).isEqualTo(41);
    }

    @Test
    void refusesEventsThatDoNotComeAfterTheNewest() {
        var ring = new EventRing(4, UNBOUNDED, 41);
        assertThatIllegalArgumentException().isThrownBy(() -> ring.add(event(41))).withMessageContaining("event 41 does not come after 41");
        ring.add(event(42));
        assertThatIllegalArgumentException().isThrownBy(() -> ring.add(event(42)));
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 2", "2, 2", "2, 3", "3, 3", "3, 4", "4, 5", "1023, 1024", "1024, 1024", "1024, 1025",
            "1025, 1025", "1500, 5000", "3000, 3000"})
    void keepsTheNewestEvents(int maxEvents, int added) {
        var ring = new EventRing(maxEvents, UNBOUNDED, 0);
        LongStream.rangeClosed(1, added).forEach(sequence -> ring.add(event(sequence)));
        long floor = Math.max(0, added - maxEvents);
        assertThat(ring.bounds()).isEqualTo(new Bounds(floor, added));
        assertThat(ring.endOrdinal() - ring.firstOrdinal()).isEqualTo(added - floor);
        for (long ordinal = 0; ordinal <= ring.endOrdinal(); ordinal++) {
            Event event = ring.get(ordinal);
            if (ordinal < floor || ordinal == added) {
                assertThat(event).as("ordinal %s", ordinal).isNull();
            } else {
                assertThat(event).as("ordinal %s", ordinal).extracting(Event::sequence).isEqualTo(ordinal + 1);
            }
        }
    }

    @Test
    void keepsAsManyBytesAsItMay() {
        int length = event(10).frame().length();
        var ring = new EventRing(100, 3L * length, 9);
        for (long sequence = 10; sequence <= 12; sequence++) {
            ring.add(event(sequence));
        }
        assertThat(ring.bounds()).isEqualTo(new Bounds(9, 12));
        assertThat(ring.bytes()).isEqualTo(3L * length);
        ring.add(event(13));
        assertThat(ring.bounds()).isEqualTo(new Bounds(10, 13));
        assertThat(ring.bytes()).isEqualTo(3L * length);
    }

    @Test
    void keepsTheNewestEventHoweverLarge() {
        var ring = new EventRing(100, 10, 0);
        ring.add(event(1));
        ring.add(event(2));
        assertThat(ring.bounds()).isEqualTo(new Bounds(1, 2));
        assertThat(ring.bytes()).isEqualTo(event(2).frame().length());
    }

    @Test
    void removesWhatIsOlder() {
        var ring = new EventRing(100, UNBOUNDED, 0);
        for (long sequence = 1; sequence <= 4; sequence++) {
            ring.add(Event.of("7k3q9x2m", sequence, sequence * 10, DRAFT));
        }
        ring.removeBefore(20);
        assertThat(ring.bounds()).isEqualTo(new Bounds(1, 4));
        assertThat(ring.since(10)).isEqualTo(new Since(1, true));
        assertThat(ring.since(11)).isEqualTo(new Since(1, false));
        ring.removeBefore(1_000);
        assertThat(ring.bounds()).isEqualTo(new Bounds(4, 4));
        assertThat(ring.bytes()).isZero();
        assertThat(ring.since(40)).isEqualTo(new Since(4, true));
        assertThat(ring.since(41)).isEqualTo(new Since(4, false));
        ring.add(event(5));
        assertThat(ring.read(EPOCH, 0, ALL, 10).events()).extracting(Event::sequence).containsExactly(5L);
    }

    @Test
    void missesNothingForAnyTimeWhileNothingWasRemoved() {
        var ring = new EventRing(100, UNBOUNDED, 0);
        assertThat(ring.since(Long.MIN_VALUE)).isEqualTo(new Since(0, false));
        ring.add(event(1));
        assertThat(ring.since(Long.MIN_VALUE)).isEqualTo(new Since(0, false));
    }

    /** Against a list: holes in the sequence numbers, bounds, pages and filters. */
    @Property(tries = 2_000)
    void readsWhatAListWould(
            @ForAll @Size(max = 60) List<@IntRange(min = 1, max = 4) Integer> steps,
            @ForAll @IntRange(min = 1, max = 20) int maxEvents,
            @ForAll @IntRange(min = 0, max = 200) int after,
            @ForAll @IntRange(min = 1, max = 10) int limit) {
        var ring = new EventRing(maxEvents, UNBOUNDED, 0);
        var model = new ArrayList<Event>();
        long sequence = 0;
        long floor = 0;
        for (int step : steps) {
            sequence += step;
            Event event = event(sequence, "t/" + step);
            ring.add(event);
            model.add(event);
            if (model.size() > maxEvents) {
                floor = model.removeFirst().sequence();
            }
        }
        Filters filters = Filters.of("t/1", "t/3");
        long from = Math.max(after, floor);
        List<Event> matching = model.stream().filter(event -> event.sequence() > from && filters.matches(event.topic())).toList();
        Page page = ring.read(EPOCH, after, filters, limit);
        assertThat(page.from()).isEqualTo(from);
        assertThat(page.events()).isEqualTo(matching.subList(0, Math.min(limit, matching.size())));
        long newest = Math.max(from, sequence);
        if (matching.size() < limit) {
            assertThat(page.through()).isEqualTo(newest);
        } else {
            long next = matching.size() > limit ? matching.get(limit).sequence() : newest + 1;
            assertThat(page.through()).isBetween(matching.get(limit - 1).sequence(), next - 1);
        }
        List<Event> all = model.stream().filter(event -> filters.matches(event.topic())).toList();
        long position = last(ring, filters, limit);
        assertThat(all.stream().filter(event -> event.sequence() > position).toList())
                .isEqualTo(all.subList(Math.max(0, all.size() - limit), all.size()));
    }

    @Test
    void readsOnWhereAPageWasCutByItsScan() {
        var ring = new EventRing(100_000, UNBOUNDED, 0);
        LongStream.rangeClosed(1, 50_000).forEach(sequence -> ring.add(event(sequence, sequence == 45_000 ? "rare" : "a")));
        Filters rare = Filters.of("rare");
        long position = 0;
        var found = new ArrayList<Event>();
        while (position < 50_000) {
            Page page = ring.read(EPOCH, position, rare, 10);
            assertThat(page.from()).isEqualTo(position);
            assertThat(page.through()).isGreaterThan(position);
            found.addAll(page.events());
            position = page.through();
        }
        assertThat(found).extracting(Event::sequence).containsExactly(45_000L);
    }

    // ---- readers beside the writer: a ring as small as can be is nearly always being evicted from where it is read

    @ParameterizedTest
    @CsvSource({"1, 150000", "2, 150000", "4, 150000", "64, 150000", "5000, 100000"})
    void givesReadersNoWrongEventNoHoleAndNoSkip(int maxEvents, int total) throws Exception {
        var ring = new EventRing(maxEvents, UNBOUNDED, 0);
        withWriter(ring, total, done -> {
            long position = 0;
            while (!done.get() || position < total) {
                Page page = ring.read(EPOCH, position, ALL, 50);
                checkDense(position, page);
                position = page.through();
            }
        });
    }

    @ParameterizedTest
    @CsvSource({"1, 150000", "4, 150000", "64, 150000"})
    void skipsNothingForThoseWhoBeginAtItsFloor(int maxEvents, int total) throws Exception {
        var ring = new EventRing(maxEvents, UNBOUNDED, 0);
        withWriter(ring, total, done -> {
            while (!done.get()) {
                long floor = ring.bounds().floor();
                checkDense(floor, ring.read(EPOCH, floor, ALL, 3));
            }
        });
    }

    @Test
    void givesTheSameEventByOrdinalWhileItGrowsAndEvicts() throws Exception {
        int total = 150_000;
        var ring = new EventRing(5_000, UNBOUNDED, 0);
        withWriter(ring, total, done -> {
            long ordinal = 0;
            while (ordinal < total) {
                Event event = ring.get(ordinal);
                if (event != null) {
                    if (event.sequence() != ordinal + 1) {
                        throw new AssertionError("ordinal " + ordinal + " gave event " + event.sequence());
                    }
                    ordinal++;
                } else if (ordinal < ring.firstOrdinal()) {
                    ordinal = ring.firstOrdinal();
                } else {
                    Thread.onSpinWait();
                }
            }
        });
    }

    @Test
    void findsTheOrdinalOfAPositionThatStays() throws Exception {
        int total = 150_000;
        var ring = new EventRing(64, UNBOUNDED, 0);
        withWriter(ring, total, done -> {
            while (!done.get()) {
                long sequence = ring.bounds().newest();
                long ordinal = ring.ordinalAfter(sequence);
                // Unless it was overtaken, the ordinal after position n is n: there are no holes here.
                if (ring.covers(sequence) && ordinal != sequence) {
                    throw new AssertionError("ordinal " + ordinal + " after position " + sequence);
                }
            }
        });
    }

    @Test
    void neverLetsBoundsCross() throws Exception {
        var ring = new EventRing(1, UNBOUNDED, 0);
        withWriter(ring, 150_000, done -> {
            long last = 0;
            while (!done.get()) {
                Bounds bounds = ring.bounds();
                if (bounds.floor() > bounds.newest() || bounds.newest() < last) {
                    throw new AssertionError(bounds + " after newest " + last);
                }
                last = bounds.newest();
            }
        });
    }

    /** A client of another node may have been given an event before it is in the ring here. */
    @Test
    void givesNothingTwiceToThoseWhoAreAheadOfIt() throws Exception {
        int ahead = 3;
        var ring = new EventRing(64, UNBOUNDED, 0);
        withWriter(ring, 1_000_000, done -> {
            while (!done.get()) {
                long position = ring.bounds().newest() + ahead;
                Page page = ring.read(EPOCH, position, ALL, 50);
                // It may have been overtaken meanwhile.
                checkDense(Math.max(position, page.from()), page);
            }
        });
    }

    private static void checkDense(long position, Page page) {
        long next = page.from() + 1;
        boolean dense = page.from() >= position && page.through() == page.from() + page.events().size();
        for (Event event : page.events()) {
            dense &= event.sequence() == next++;
        }
        if (!dense) {
            throw new AssertionError("asked after %d, the page from %d through %d holds %s"
                    .formatted(position, page.from(), page.through(),
                            Arrays.toString(page.events().stream().mapToLong(Event::sequence).toArray())));
        }
    }

    private interface Reading {
        void run(AtomicBoolean done) throws Exception;
    }

    private static void withWriter(EventRing ring, int total, Reading reading) throws Exception {
        var done = new AtomicBoolean();
        try (ExecutorService pool = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
            var readers = new ArrayList<Future<Boolean>>();
            for (int i = 0; i < 2; i++) {
                Callable<Boolean> task = () -> {
                    reading.run(done);
                    return true;
                };
                readers.add(pool.submit(task));
            }
            for (long sequence = 1; sequence <= total; sequence++) {
                ring.add(event(sequence));
            }
            done.set(true);
            for (Future<Boolean> reader : readers) {
                reader.get(30, TimeUnit.SECONDS);
            }
        } finally {
            done.set(true);
        }
    }

    private static Event event(long sequence) {
        return Event.of("7k3q9x2m", sequence, sequence, DRAFT);
    }

    private static Event event(long sequence, String topic) {
        return Event.of("7k3q9x2m", sequence, sequence, new Draft(new Topic(topic), "message", null, "x".getBytes(UTF_8), null));
    }

    private static long last(EventRing ring, Filters filters, int count) {
        var search = new Back(ring.bounds().newest(), count, false);
        while (!search.ended()) {
            search = ring.back(search, filters);
        }
        return search.position();
    }
}
