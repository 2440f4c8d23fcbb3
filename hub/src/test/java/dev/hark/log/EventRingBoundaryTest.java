package dev.hark.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Draft;
import dev.hark.event.Event;
import dev.hark.event.Filters;
import dev.hark.event.Topic;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Where a read or a search in the ring is cut, on both sides of each bound. */
class EventRingBoundaryTest {
    private static final String EPOCH = "7k3q9x2m";
    private static final long UNBOUNDED = 1L << 40;
    private static final Filters RARE = Filters.of("rare");
    private static final int MAX_COMPARISONS = 20_000;

    // ---- searches back

    @Test
    void searchesBackByAsManyComparisonsAsItMay() {
        EventRing ring = filled(MAX_COMPARISONS + 10, MAX_COMPARISONS + 10);
        long newest = ring.bounds().newest();
        assertThat(ring.back(new Back(newest, 1, false), RARE)).isEqualTo(new Back(10, 1, false));
        assertThat(ring.back(new Back(newest, 1, false), Filters.of("rare", "rarer")))
                .isEqualTo(new Back(10 + MAX_COMPARISONS / 2, 1, false));
        assertThat(ring.back(new Back(10, 1, false), RARE)).as("from where it was cut").isEqualTo(new Back(0, 1, true));
    }

    @Test
    void findsWhatIsTheLastThatItMayCompare() {
        EventRing ring = filled(MAX_COMPARISONS - 1, MAX_COMPARISONS - 1);
        assertThat(ring.back(new Back(MAX_COMPARISONS - 1, 1, false), RARE)).isEqualTo(new Back(0, 1, true));
        EventRing exact = filled(MAX_COMPARISONS, MAX_COMPARISONS);
        assertThat(exact.back(new Back(MAX_COMPARISONS, 1, false), RARE)).isEqualTo(new Back(0, 1, false));
        assertThat(exact.back(new Back(MAX_COMPARISONS, 1, false), Filters.ALL)).isEqualTo(new Back(MAX_COMPARISONS - 1, 0, true));
    }

    @Test
    void searchesNothingAfterItsPositionAndNothingBeforeItsFloor() {
        EventRing ring = filled(10, 4);
        assertThat(ring.bounds()).isEqualTo(new Bounds(6, 10));
        assertThat(ring.back(new Back(9, 1, false), Filters.ALL)).isEqualTo(new Back(8, 0, true));
        assertThat(ring.back(new Back(9, 3, false), Filters.ALL)).isEqualTo(new Back(6, 0, true));
        assertThat(ring.back(new Back(9, 4, false), Filters.ALL)).as("one more than there are").isEqualTo(new Back(6, 1, true));
        assertThat(ring.back(new Back(9, 0, false), Filters.ALL)).isEqualTo(new Back(9, 0, true));
        assertThat(ring.back(new Back(3, 2, false), Filters.ALL)).as("from before its floor").isEqualTo(new Back(3, 2, true));
    }

    // ---- reads

    @Test
    void readsOnByAsManyComparisonsAsItMay() {
        EventRing ring = filled(MAX_COMPARISONS + 10, MAX_COMPARISONS + 10);
        assertThat(ring.read(EPOCH, 0, RARE, 10)).isEqualTo(new Page(EPOCH, 0, List.of(), MAX_COMPARISONS));
        assertThat(ring.read(EPOCH, 0, Filters.of("rare", "rarer"), 10)).isEqualTo(new Page(EPOCH, 0, List.of(), MAX_COMPARISONS / 2));
        assertThat(ring.read(EPOCH, 10, RARE, 10).through()).as("all there is").isEqualTo(MAX_COMPARISONS + 10);
        assertThat(ring.read(EPOCH, 9, RARE, 10).through()).isEqualTo(MAX_COMPARISONS + 9);
    }

    @Test
    void cutsAPageAtItsLimitAndNotAtTheLastEventThere() {
        EventRing ring = filled(10, 10);
        assertThat(ring.read(EPOCH, 0, Filters.ALL, 9).through()).isEqualTo(9);
        Page all = ring.read(EPOCH, 0, Filters.ALL, 10);
        assertThat(all.events()).hasSize(10);
        assertThat(all.through()).isEqualTo(10);
    }

    @Test
    void cutsAPageOnceItHasMoreBytesThanItMay() {
        int quarter = (1 << 20) / 4;
        var ring = new EventRing(100, UNBOUNDED, 0);
        LongStream.rangeClosed(1, 8).forEach(sequence -> ring.add(sized(sequence, quarter)));
        assertThat(ring.read(EPOCH, 0, Filters.ALL, 100).events()).as("four are as many as it may, one comes on top").hasSize(5);
        var larger = new EventRing(100, UNBOUNDED, 0);
        larger.add(sized(1, quarter + 1));
        LongStream.rangeClosed(2, 8).forEach(sequence -> larger.add(sized(sequence, quarter)));
        assertThat(larger.read(EPOCH, 0, Filters.ALL, 100).events()).as("four are one too many").hasSize(4);
    }

    // ---- removal and growth

    @Test
    void countsTheBytesOfWhatItHoldsThroughGrowthAndRemoval() {
        var ring = new EventRing(1_500, UNBOUNDED, 0);
        for (long sequence = 1; sequence <= 5_000; sequence++) {
            ring.add(sized(sequence, 40 + (int) (sequence % 7)));
            long first = Math.max(1, sequence - 1_499);
            if (sequence % 250 == 0 || sequence == 1_024 || sequence == 1_025) {
                assertThat(ring.bytes()).isEqualTo(LongStream.rangeClosed(first, sequence).map(each -> 40 + each % 7).sum());
                assertThat(ring.get(first - 1)).extracting(Event::sequence).isEqualTo(first);
                assertThat(ring.get(sequence - 1)).extracting(Event::sequence).isEqualTo(sequence);
                assertThat(ring.firstOrdinal()).isEqualTo(first - 1);
            }
        }
    }

    @Test
    void knowsTheTimeOfWhatItRemovedLast() {
        EventRing ring = filled(3, 2);
        // Event 1, of the time 1, has gone to make room.
        assertThat(ring.since(1)).isEqualTo(new Since(1, true));
        assertThat(ring.since(2)).isEqualTo(new Since(1, false));
        assertThat(ring.covers(1)).isTrue();
        assertThat(ring.covers(0)).isFalse();
    }

    private static EventRing filled(int events, int retained) {
        var ring = new EventRing(retained, UNBOUNDED, 0);
        LongStream.rangeClosed(1, events).forEach(sequence -> ring.add(sized(sequence, 40)));
        return ring;
    }

    /** With a frame of {@code bytes} bytes, and a time that is its position. */
    private static Event sized(long sequence, int bytes) {
        int head = ("id: " + EPOCH + '-' + sequence + "\ndata: \n\n").length();
        var draft = new Draft(new Topic("often"), Draft.DEFAULT_TYPE, null, "x".repeat(bytes - head).getBytes(UTF_8), null);
        return Event.of(EPOCH, sequence, sequence, draft);
    }
}
