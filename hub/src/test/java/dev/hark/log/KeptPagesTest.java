package dev.hark.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Draft;
import dev.hark.event.Event;
import dev.hark.event.Filters;
import dev.hark.event.Topic;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class KeptPagesTest {
    private static final String EPOCH = "7k3q9x2m";
    private static final Filters EXACT = Filters.of("a");

    private final KeptPages kept = new KeptPages();

    @Test
    void givesAPageOfEveryTopicToWhoeverIsWithinIt() {
        Page page = page(EPOCH, 10, 20);
        kept.keep(query(10, Filters.EVERYTHING), page);
        assertThat(find(9, Filters.EVERYTHING)).isNull();
        assertThat(find(10, Filters.EVERYTHING)).isSameAs(page);
        assertThat(find(19, Filters.EVERYTHING)).isSameAs(page);
        assertThat(find(20, Filters.EVERYTHING)).as("nothing follows there").isNull();
        assertThat(find(10, EXACT)).isNull();
    }

    @Test
    void givesAPageOfSomeTopicsToWhoeverAsksForTheSame() {
        Page page = page(EPOCH, 10, 20);
        kept.keep(query(10, EXACT), page);
        assertThat(find(10, EXACT)).isSameAs(page);
        assertThat(find(11, EXACT)).isNull();
        assertThat(find(10, Filters.of("b"))).isNull();
        assertThat(find(10, Filters.EVERYTHING)).isNull();
    }

    @Test
    void tellsHistoriesApart() {
        kept.keep(query(10, Filters.EVERYTHING), page(EPOCH, 10, 20));
        kept.keep(query(10, EXACT), page(EPOCH, 10, 20));
        assertThat(kept.find(new History.Query("00000001", 10, Filters.EVERYTHING), 0, Floors.NONE)).isNull();
        assertThat(kept.find(new History.Query("00000001", 10, EXACT), 0, Floors.NONE)).isNull();
        // Asked for in one history, answered from the other.
        kept.keep(query(30, Filters.EVERYTHING), page("00000001", 30, 40));
        assertThat(find(30, Filters.EVERYTHING)).isNull();
        Page other = page("00000001", 10, 15);
        kept.keep(new History.Query("00000001", 10, Filters.EVERYTHING), other);
        assertThat(kept.find(new History.Query("00000001", 12, Filters.EVERYTHING), 0, Floors.NONE)).isSameAs(other);
        assertThat(find(12, Filters.EVERYTHING)).isNull();
    }

    @Test
    void givesNothingThatRetentionHasRemovedOrThatLacksSomething() {
        kept.keep(query(10, Filters.EVERYTHING), page(EPOCH, 10, 20));
        assertThat(kept.find(query(10, Filters.EVERYTHING), 10, Floors.NONE)).isNotNull();
        assertThat(kept.find(query(10, Filters.EVERYTHING), 11, Floors.NONE)).isNull();
        kept.keep(query(30, EXACT), page(EPOCH, 31, 40));
        assertThat(find(30, EXACT)).isNull();
    }

    @Test
    void givesNothingThatRetentionHasRemovedFromAmongOthers() {
        for (Filters filters : List.of(Filters.EVERYTHING, EXACT)) {
            kept.keep(query(10, filters), new Page(EPOCH, 10, List.of(), 20, false, Floors.of(0, 5)));
            assertThat(kept.find(query(10, filters), 0, Floors.of(0, 10))).as("before it").isNotNull();
            assertThat(kept.find(query(10, filters), 0, Floors.of(0, 11))).isNull();
            assertThat(find(10, filters)).as("it is gone").isNull();
            Page anew = new Page(EPOCH, 10, List.of(), 20, false, Floors.of(0, 11));
            kept.keep(query(10, filters), anew);
            assertThat(kept.find(query(10, filters), 0, Floors.of(0, 11))).isSameAs(anew);
        }
    }

    @Test
    void dropsWhatWasNotAskedForLongest() {
        // Four of five megabytes each are too many.
        for (long from = 0; from < 30; from += 10) {
            kept.keep(query(from, Filters.EVERYTHING), page(EPOCH, from, from + 10, 5 << 20));
        }
        assertThat(find(0, Filters.EVERYTHING)).isNotNull();
        kept.keep(query(30, Filters.EVERYTHING), page(EPOCH, 30, 40, 5 << 20));
        assertThat(find(10, Filters.EVERYTHING)).isNull();
        assertThat(find(0, Filters.EVERYTHING)).isNotNull();
        assertThat(find(20, Filters.EVERYTHING)).isNotNull();
        assertThat(find(30, Filters.EVERYTHING)).isNotNull();
        // Kept twice, counted once.
        for (int i = 0; i < 10; i++) {
            kept.keep(query(30, Filters.EVERYTHING), page(EPOCH, 30, 40, 5 << 20));
        }
        assertThat(find(0, Filters.EVERYTHING)).isNotNull();
    }

    @Test
    void tellsSnapshotsApartAndFromTheLog() {
        Page one = page(EPOCH, 0, 20);
        Page other = page(EPOCH, 0, 30);
        for (Filters filters : List.of(Filters.EVERYTHING, EXACT)) {
            kept.keep(snapshot(20, 0, filters), one);
            kept.keep(snapshot(30, 0, filters), other);
            assertThat(kept.find(snapshot(20, 0, filters), 0, Floors.NONE)).isSameAs(one);
            assertThat(kept.find(snapshot(30, 0, filters), 0, Floors.NONE)).isSameAs(other);
            assertThat(kept.find(snapshot(25, 0, filters), 0, Floors.NONE)).isNull();
            assertThat(kept.find(snapshot(31, 0, filters), 0, Floors.NONE)).isNull();
            assertThat(find(0, filters)).isNull();
        }
        assertThat(kept.find(snapshot(20, 19, Filters.EVERYTHING), 0, Floors.NONE)).isSameAs(one);
        assertThat(kept.find(snapshot(20, 20, Filters.EVERYTHING), 0, Floors.NONE)).isNull();
        assertThat(kept.find(snapshot(25, 10, Filters.EVERYTHING), 0, Floors.NONE)).isNull();
        Page ofLog = page(EPOCH, 5, 15);
        kept.keep(query(5, Filters.EVERYTHING), ofLog);
        assertThat(find(10, Filters.EVERYTHING)).isSameAs(ofLog);
        assertThat(kept.find(snapshot(20, 10, Filters.EVERYTHING), 0, Floors.NONE)).isSameAs(one);
    }

    /** What retention removes from the log, and is still in a snapshot, was superseded behind that. */
    @Test
    void givesASnapshotWhateverRetentionHasRemoved() {
        Page one = page(EPOCH, 0, 20);
        kept.keep(snapshot(20, 0, Filters.EVERYTHING), one);
        assertThat(kept.find(snapshot(20, 0, Filters.EVERYTHING), 100, Floors.NONE)).isSameAs(one);
        assertThat(kept.find(new History.Query("00000001", 20, 0, Filters.EVERYTHING), 0, Floors.NONE)).isNull();
    }

    private static History.Query snapshot(long position, long after, Filters filters) {
        return new History.Query(EPOCH, position, after, filters);
    }

    private @Nullable Page find(long after, Filters filters) {
        return kept.find(query(after, filters), 0, Floors.NONE);
    }

    private static History.Query query(long after, Filters filters) {
        return new History.Query(EPOCH, after, filters);
    }

    private static Page page(String epoch, long from, long through) {
        return page(epoch, from, through, 1);
    }

    private static Page page(String epoch, long from, long through, int bytes) {
        var draft = new Draft(new Topic("a"), Draft.DEFAULT_TYPE, null, "x".repeat(bytes).getBytes(UTF_8), null);
        return new Page(epoch, from, List.of(Event.of(epoch, through, 0, draft)), through);
    }
}
