package dev.hark.log.replicated;

import static dev.hark.log.EngineTest.append;
import static dev.hark.log.EngineTest.draft;
import static dev.hark.log.EngineTest.readAll;
import static dev.hark.log.replicated.ReplicatedNodesTest.CONFIG;
import static dev.hark.log.replicated.ReplicatedNodesTest.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.event.Filters;
import dev.hark.log.EngineTest;
import dev.hark.log.Epochs;
import dev.hark.log.EventLog;
import dev.hark.log.FakeClock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A journal that holds nothing of what nodes have applied, or some of it twice, or does not say for a moment what it holds. */
@Timeout(120)
class OtherHistoriesTest {
    @TempDir
    Path folder;

    private final FakeClock clock = new FakeClock();
    private final LocalJournal journal = new LocalJournal(clock);
    private final List<EventLog> nodes = new ArrayList<>();
    private final Gate ofOne = new Gate();
    private final Gate ofTwo = new Gate();
    private ReplicatedLog one;
    private ReplicatedLog two;

    @BeforeEach
    void open() {
        one = node("one", ofOne, null);
        two = node("two", ofTwo, null);
    }

    private ReplicatedLog node(String name, ReplicatedLog.Journals journals, @Nullable SnapshotSettings snapshots) {
        ReplicatedLog node = ReplicatedLogTest.open(journals, folder.resolve(name + ".db"), CONFIG, clock, nodes.size() + 1, snapshots);
        nodes.add(node);
        return node;
    }

    @AfterEach
    void close() {
        ofOne.goOn();
        ofTwo.goOn();
        nodes.forEach(EventLog::close);
    }

    /** A journal that gives nothing while it is shut. */
    private final class Gate implements ReplicatedLog.Journals {
        private volatile CountDownLatch way = new CountDownLatch(0);
        private volatile boolean awaited;
        private final AtomicInteger looks = new AtomicInteger();

        void shut() {
            way = new CountDownLatch(1);
        }

        void goOn() {
            way.countDown();
        }

        @Override
        public Journal open() {
            return new GivingJournal(new Counted(journal.open(), looks), () -> {
                awaited = true;
                way.await();
                awaited = false;
            });
        }
    }

    /** How often it is asked what it holds. */
    private record Counted(Journal journal, AtomicInteger looks) implements ForwardingJournal {
        @Override
        public Extent extent() throws IOException {
            looks.incrementAndGet();
            return journal.extent();
        }
    }

    private void purge() {
        journal.trim(Long.MAX_VALUE);
        assertThat(journal.copy()).isEmpty();
    }

    private void awaitSame(ReplicatedLog first, ReplicatedLog second) {
        await().untilAsserted(() -> {
            assertThat(second.applied()).isEqualTo(first.applied());
            assertThat(second.tail().epoch()).isEqualTo(first.tail().epoch());
            assertThat(state(second)).isEqualTo(state(first));
            assertThat(List.of(first, second)).allMatch(node -> node.health().trouble() == null);
        });
    }

    /** Whoever has more of it does not go on beside the one that has less. */
    @Test
    void aPurgeEndsTheHistoryForANodeThatIsBehindAndForOneThatHungMeanwhile() {
        append(one, draft("t/1", "both"));
        await().until(() -> two.applied().equals(one.applied()));
        String before = one.tail().epoch();
        ofTwo.shut();
        append(one, draft("t/1", "on its way to the other"));
        await().until(() -> ofTwo.awaited);
        append(one, draft("t/1", "one alone"), draft("l/1", "one alone"));
        purge();
        ofOne.shut();
        ofTwo.goOn();
        await().until(() -> !two.tail().epoch().equals(before) && two.applied().position() > 0 && two.health().trouble() == null);
        append(two, draft("t/1", "new"));
        ofOne.goOn();
        awaitSame(one, two);
        assertThat(one.tail().epoch()).isNotEqualTo(before);
        assertThat(readAll(one, 0, Filters.ALL)).extracting(EngineTest::data).containsExactly("new");
    }

    @Test
    void aPurgeEndsTheHistoryForANodeThatIsStartedBehindIt() {
        append(one, draft("t/1", "both"));
        await().until(() -> two.applied().equals(one.applied()));
        String before = one.tail().epoch();
        two.close();
        append(one, draft("t/1", "one alone"));
        ofOne.shut();
        purge();
        two = node("two", journal, null);
        append(two, draft("t/1", "new"));
        ofOne.goOn();
        awaitSame(one, two);
        assertThat(one.tail().epoch()).isNotEqualTo(before);
        assertThat(readAll(one, 0, Filters.ALL)).extracting(EngineTest::data).containsExactly("new");
    }

    /** The one that goes on was quicker: what it has appended needs what it has, and nobody begins with that. */
    @Test
    void aNodeThatHasNothingDoesNotBeginInTheMiddle() {
        append(one, draft("t/1", "both"));
        await().until(() -> two.applied().equals(one.applied()));
        ReplicatedLog maker = node("maker", journal, new SnapshotSettings(
                Duration.ofDays(1), Long.MAX_VALUE, Duration.ofDays(1), Duration.ofMillis(20), "test"));
        await().until(() -> maker.snapshots().newest().isPresent());
        two.close();
        append(one, draft("t/1", "two had not this"));
        await().until(() -> maker.applied().equals(one.applied()));
        purge();
        var overtaken = new AtomicBoolean();
        two = node("two", () -> new Overtaken(journal.open(), () -> {
            if (overtaken.compareAndSet(false, true)) {
                append(one, draft("t/1", "goes on"));
            }
        }), null);
        assertThat(overtaken).isTrue();
        awaitSame(one, two);
        awaitSame(one, maker);
        assertThat(readAll(two, 0, Filters.ALL)).extracting(EngineTest::data).containsExactly("both", "two had not this", "goes on");
        append(two, draft("t/1", "new"));
        awaitSame(one, two);
    }

    /** Somebody else appends just before it would begin a history. */
    private record Overtaken(Journal journal, Runnable before) implements ForwardingJournal {
        @Override
        public Appended appendAfter(long last, String id, byte[] group, Duration patience) throws InterruptedException {
            before.run();
            return journal.appendAfter(last, id, group, patience);
        }
    }

    /** It would tell all streams of all nodes again and again that everything is over. */
    @Test
    void aNodeThatCannotApplyWhatComesPutsNoMarkerEachTimeItLooks() {
        append(one, draft("t/1", "kept"));
        List<Journal.Entry> copy = journal.copy();
        append(one, draft("t/1", "lost"));
        await().until(() -> two.applied().equals(one.applied()));
        String before = one.tail().epoch();
        ofTwo.shut();
        journal.restore(copy);
        await().until(() -> !one.tail().epoch().equals(before) && !Epochs.isInterim(one.tail().epoch())
                && one.health().trouble() == null);
        int looks = ofTwo.looks.get();
        await().atMost(Duration.ofSeconds(60)).until(() -> ofTwo.looks.get() > looks + 50);
        long markers = journal.copy().stream().skip(copy.size()).filter(OtherHistoriesTest::isMarker).count();
        assertThat(markers).isBetween(1L, 2L);
        ofTwo.goOn();
        awaitSame(one, two);
        assertThat(readAll(two, 0, Filters.ALL)).extracting(EngineTest::data).containsExactly("kept");
    }

    private static boolean isMarker(Journal.Entry entry) {
        try {
            return GroupCodec.decode(entry.group()).kind() == Group.Kind.EPOCH;
        } catch (UnreadableGroupException e) {
            throw new AssertionError(e);
        }
    }

    /** A server that was chosen to lead a moment ago has not yet applied all that it has. */
    @Test
    void aJournalThatEndsTooEarlyForAMomentIsNoOtherHistory() {
        append(one, draft("t/1", "1"));
        append(one, draft("t/1", "2"));
        await().until(() -> two.applied().equals(one.applied()));
        String before = one.tail().epoch();
        two.close();
        var looks = new AtomicInteger(3);
        two = node("two", () -> new Lagging(journal.open(), looks), null);
        assertThat(looks).hasNonPositiveValue();
        assertThat(two.tail().epoch()).isEqualTo(before);
        append(two, draft("t/1", "3"));
        awaitSame(one, two);
        assertThat(one.tail().epoch()).isEqualTo(before);
    }

    /** It lacks its last group when it is asked for the first times. */
    private record Lagging(Journal journal, AtomicInteger looks) implements ForwardingJournal {
        @Override
        public Extent extent() throws IOException {
            Extent extent = journal.extent();
            return looks.getAndDecrement() > 0 ? new Extent(extent.first(), extent.last() - 1) : extent;
        }
    }

    /** The copy holds one that has ended before, and behind it the beginning of the one that ends now. */
    @Test
    void whatIsOverIsNotShownAgainBehindWhatTheCopyBeginsWith() {
        append(one, draft("t/1", "kept"));
        List<Journal.Entry> first = journal.copy();
        append(one, draft("t/1", "lost"));
        await().until(() -> two.applied().equals(one.applied()));
        String oldest = one.tail().epoch();
        journal.restore(first);
        await().until(() -> !one.tail().epoch().equals(oldest));
        awaitSame(one, two);
        String over = one.tail().epoch();
        List<Journal.Entry> second = journal.copy();
        append(one, draft("t/1", "lost, too"));
        await().until(() -> two.applied().equals(one.applied()));

        List<String> shown = new CopyOnWriteArrayList<>();
        one.tail().follow(() -> shown.add(one.tail().epoch()));
        two.tail().follow(() -> shown.add(two.tail().epoch()));
        journal.restore(second);
        await().until(() -> !List.of(oldest, over).contains(one.tail().epoch())
                && !Epochs.isInterim(one.tail().epoch()));
        awaitSame(one, two);
        assertThat(shown).isNotEmpty().doesNotContain(over);
        append(two, draft("t/1", "new"));
        awaitSame(one, two);
        assertThat(one.tail().epoch()).isNotIn(oldest, over);
        assertThat(readAll(one, 0, Filters.ALL)).extracting(EngineTest::data).containsExactly("kept", "new");
    }
}
