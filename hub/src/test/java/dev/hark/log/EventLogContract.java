package dev.hark.log;

import static dev.hark.log.EngineTest.append;
import static dev.hark.log.EngineTest.bytes;
import static dev.hark.log.EngineTest.draft;
import static dev.hark.log.EngineTest.drafts;
import static dev.hark.log.EngineTest.filters;
import static dev.hark.log.EngineTest.inParallel;
import static dev.hark.log.EngineTest.last;
import static dev.hark.log.EngineTest.publishInParallel;
import static dev.hark.log.EngineTest.readAll;
import static dev.hark.log.EngineTest.readWhileAppending;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.event.Draft;
import dev.hark.event.Event;
import dev.hark.event.Filters;
import dev.hark.event.Topic;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every engine of the event log promises. An engine's test extends this, says how to open a log, and implements the contract of each
 * capability that the engine declares.
 */
@Timeout(60)
public abstract class EventLogContract implements EngineTest {
    private static final Filters ALL = Filters.ALL;

    protected final FakeClock clock = new FakeClock();
    private final List<EventLog> opened = new ArrayList<>();

    /** A new, empty log of the engine under test. */
    protected abstract EventLog openNew(LogConfig config, InstantSource clock) throws Exception;

    @Override
    public final FakeClock clock() {
        return clock;
    }

    @Override
    public final EventLog open(LogConfig config) throws Exception {
        return closedAtTheEnd(openNew(config, clock));
    }

    /** {@code log}, which is closed when the test ends. */
    protected final EventLog closedAtTheEnd(EventLog log) {
        opened.add(log);
        return log;
    }

    @AfterEach
    void closeLogs() {
        opened.forEach(EventLog::close);
    }

    // ---- capabilities

    @Test
    void isTestedForWhatItDeclares() throws Exception {
        Set<Capability> tested = Arrays.stream(Capability.values())
                .filter(capability -> contractOf(capability).isInstance(this)).collect(Collectors.toSet());
        EventLog log = open();
        assertThat(log.capabilities().has()).isEqualTo(tested);
        assertThat(log.capabilities()).as("as long as it lives").isEqualTo(log.capabilities());
    }

    private static Class<? extends EngineTest> contractOf(Capability capability) {
        return switch (capability) {
            case WHOLE_BATCHES -> WholeBatchesContract.class;
            case KEY_WINDOW -> KeyWindowContract.class;
            case RETENTION -> RetentionContract.class;
            case CLASSES -> ClassesContract.class;
            case OWN_CLOCK -> OwnClockContract.class;
            case TOPIC_INDEX -> TopicIndexContract.class;
            case DURABLE -> DurableContract.class;
        };
    }

    // ---- append and order

    @Test
    void startsEmpty() throws Exception {
        EventLog log = open();
        Bounds bounds = log.tail().bounds();
        assertThat(bounds.floor()).isEqualTo(bounds.newest());
        assertThat(log.tail().epoch()).matches("[a-z0-9]{8}");
        assertThat(log.capabilities().durability()).matches("memory|write|fsync|replicated-[135]");
        assertThat(log.read(bounds.floor(), ALL, 10)).isEqualTo(new Page(log.tail().epoch(), bounds.floor(), List.of(), bounds.newest()));
    }

    @Test
    void givesGrowingPositionsInTheOrderOfTheBatch() throws Exception {
        EventLog log = open();
        long start = log.tail().bounds().newest();
        List<Long> first = append(log, draft("a", "1"), draft("b", "2"), draft("a", "3"));
        List<Long> second = append(log, draft("a", "4"));
        var all = new ArrayList<>(first);
        all.addAll(second);
        assertThat(all).hasSize(4).doesNotHaveDuplicates().isSorted();
        assertThat(all.getFirst()).isGreaterThan(start);
        assertThat(log.tail().bounds()).isEqualTo(new Bounds(start, all.getLast()));
        assertThat(readAll(log, start, ALL)).extracting(EngineTest::data).containsExactly("1", "2", "3", "4");
        assertThat(readAll(log, start, ALL)).extracting(Event::sequence).isEqualTo(all);
    }

    @Test
    void keepsEveryFieldOfAnEvent() throws Exception {
        EventLog log = open();
        long start = log.tail().bounds().newest();
        var draft = new Draft(new Topic("a/\u20AC"), "order.created", "k\u20AC", "x\r\ny\0\uD83D\uDE00".getBytes(UTF_8), "idem");
        long sequence = append(log, draft).getFirst();
        Event stored = readAll(log, start, ALL).getFirst();
        Event expected = Event.of(log.tail().epoch(), sequence, stored.timeMillis(), draft);
        assertThat(stored.topic()).isEqualTo(expected.topic());
        assertThat(stored.key()).isEqualTo(expected.key());
        assertThat(stored.frame().bytes()).isEqualTo(expected.frame().bytes());
    }

    @Test
    void takesAnEmptyBatch() throws Exception {
        EventLog log = open();
        Bounds before = log.tail().bounds();
        assertThat(append(log)).isEmpty();
        assertThat(log.tail().bounds()).isEqualTo(before);
    }

    @Test
    void neverLetsTimesGoBack() throws Exception {
        EventLog log = open();
        long start = log.tail().bounds().newest();
        append(log, draft("a", "1"));
        clock.advance(Duration.ofMinutes(-5));
        append(log, draft("a", "2"));
        clock.advance(Duration.ofMinutes(10));
        append(log, draft("a", "3"));
        assertThat(readAll(log, start, ALL)).extracting(Event::timeMillis).isSorted();
    }

    @Test
    void takesNothingOnceClosed() throws Exception {
        EventLog log = open();
        log.close();
        assertThat(log.append(List.of(draft("a", "1")))).isInstanceOf(Append.Unavailable.class);
    }

    // ---- idempotency

    @Test
    void answersARepeatedKeyWithTheFirstPosition() throws Exception {
        EventLog log = open();
        long start = log.tail().bounds().newest();
        Draft keyed = draft("a", "x", "key");
        Append first = log.append(List.of(keyed));
        Append second = log.append(List.of(draft("a", "x", "key")));
        long sequence = ((Append.Stored) first).entries().getFirst().sequence();
        assertThat(first).isEqualTo(new Append.Stored(List.of(new Append.Entry(log.tail().epoch(), sequence, false))));
        assertThat(second).isEqualTo(new Append.Stored(List.of(new Append.Entry(log.tail().epoch(), sequence, true))));
        assertThat(readAll(log, start, ALL)).hasSize(1);
    }

    @Test
    void givesOnePositionToManyWhoPublishTheSameKey() throws Exception {
        EventLog log = open();
        long start = log.tail().bounds().newest();
        Set<Long> fresh = ConcurrentHashMap.newKeySet();
        Set<Long> answered = ConcurrentHashMap.newKeySet();
        inParallel(8, () -> {
            for (int i = 0; i < 50; i++) {
                if (log.append(List.of(draft("a", "x", "k" + i))) instanceof Append.Stored(List<Append.Entry> entries)) {
                    Append.Entry entry = entries.getFirst();
                    answered.add(entry.sequence());
                    if (!entry.replayed()) {
                        assertThat(fresh.add(entry.sequence())).isTrue();
                    }
                }
            }
        });
        assertThat(readAll(log, start, ALL))
                .hasSize(50).extracting(Event::sequence).containsExactlyElementsOf(fresh.stream().sorted().toList());
        assertThat(fresh).isEqualTo(answered);
    }

    // ---- reading

    @Test
    void readsPagesOfALimitedSizeThatJoin() throws Exception {
        EventLog log = open();
        long start = log.tail().bounds().newest();
        List<Long> sequences = append(log, drafts(10));
        Page page = log.read(start, ALL, 3);
        assertThat(page.from()).isEqualTo(start);
        assertThat(page.events()).extracting(Event::sequence).isEqualTo(sequences.subList(0, 3));
        assertThat(page.through()).isGreaterThanOrEqualTo(sequences.get(2)).isLessThan(sequences.get(3));
        Page next = log.read(page.through(), ALL, 500);
        assertThat(next.from()).isEqualTo(page.through());
        assertThat(next.events()).extracting(Event::sequence).isEqualTo(sequences.subList(3, 10));
        assertThat(next.through()).isEqualTo(sequences.getLast());
        assertThat(log.read(sequences.getLast(), ALL, 500))
                .isEqualTo(new Page(log.tail().epoch(), sequences.getLast(), List.of(), sequences.getLast()));
    }

    @Test
    void readsOnePageOfExactlyTheLimit() throws Exception {
        EventLog log = open();
        long start = log.tail().bounds().newest();
        append(log, drafts(EventLog.MAX_PAGE_EVENTS));
        assertThat(log.read(start, ALL, EventLog.MAX_PAGE_EVENTS).events()).hasSize(EventLog.MAX_PAGE_EVENTS);
        append(log, draft("a", "one more"));
        Page page = log.read(start, ALL, EventLog.MAX_PAGE_EVENTS);
        assertThat(page.events()).hasSizeLessThanOrEqualTo(EventLog.MAX_PAGE_EVENTS);
        assertThat(readAll(log, start, ALL)).hasSize(EventLog.MAX_PAGE_EVENTS + 1);
    }

    @Test
    void readsFromTheMiddle() throws Exception {
        EventLog log = open();
        List<Long> sequences = append(log, drafts(10));
        for (int i = 0; i < sequences.size(); i++) {
            assertThat(readAll(log, sequences.get(i), ALL))
                    .extracting(Event::sequence).isEqualTo(sequences.subList(i + 1, sequences.size()));
        }
    }

    @Test
    void readsWhatAnyOfTheFiltersMatchesOnce() throws Exception {
        EventLog log = open();
        long start = log.tail().bounds().newest();
        append(log, draft("a/1", "1"), draft("b", "2"), draft("a/2", "3"), draft("c/x", "4"), draft("a/1", "5"));
        assertThat(readAll(log, start, filters("a/*"))).extracting(EngineTest::data).containsExactly("1", "3", "5");
        assertThat(readAll(log, start, filters("a/1"))).extracting(EngineTest::data).containsExactly("1", "5");
        assertThat(readAll(log, start, filters("a/1", "c/**", "a/*")))
                .extracting(EngineTest::data).containsExactly("1", "3", "4", "5");
        assertThat(readAll(log, start, filters("nobody"))).isEmpty();
    }

    @Test
    void saysHowFarAPageWithoutEventsWasSearched() throws Exception {
        EventLog log = open();
        long start = log.tail().bounds().newest();
        append(log, drafts(2_000));
        long newest = append(log, draft("rare", "x")).getFirst();
        long position = start;
        var found = new ArrayList<Event>();
        int pages = 0;
        while (position < newest) {
            Page page = log.read(position, filters("rare"), 10);
            assertThat(page.from()).isEqualTo(position);
            assertThat(page.through()).as("a page makes progress").isGreaterThan(position);
            found.addAll(page.events());
            position = page.through();
            pages++;
        }
        assertThat(found).extracting(EngineTest::data).containsExactly("x");
        assertThat(pages).isLessThanOrEqualTo(2_001);
    }

    @Test
    void boundsTheBytesOfAPage() throws Exception {
        EventLog log = open();
        long start = log.tail().bounds().newest();
        String large = "x".repeat(1 << 16);
        for (int i = 0; i < 100; i++) {
            append(log, draft("a", large));
        }
        Page page = log.read(start, ALL, EventLog.MAX_PAGE_EVENTS);
        assertThat(page.events().stream().mapToLong(event -> event.frame().length()).sum()).isLessThan(4L << 20);
        assertThat(readAll(log, start, ALL)).hasSize(100);
    }

    // ---- since and last

    @Test
    void findsThePositionBeforeTheLastMatches() throws Exception {
        EventLog log = open();
        long start = log.tail().bounds().newest();
        append(log, draft("a", "1"), draft("b", "2"), draft("a", "3"), draft("b", "4"), draft("b", "5"));
        assertThat(readAll(log, last(log, filters("a"), 1), filters("a"))).extracting(EngineTest::data).containsExactly("3");
        assertThat(readAll(log, last(log, filters("a"), 2), filters("a"))).extracting(EngineTest::data).containsExactly("1", "3");
        assertThat(readAll(log, last(log, filters("b"), 2), filters("b"))).extracting(EngineTest::data).containsExactly("4", "5");
        assertThat(readAll(log, last(log, filters("a", "b"), 3), filters("a", "b")))
                .extracting(EngineTest::data).containsExactly("3", "4", "5");
        assertThat(last(log, filters("a"), 3)).isEqualTo(start);
        assertThat(last(log, ALL, 0)).isEqualTo(log.tail().bounds().newest());
        assertThat(readAll(log, last(log, filters("nobody"), 5), filters("nobody"))).isEmpty();
    }

    // ---- hot events

    @Test
    void hasWhatItAnsweredForAmongTheHotEvents() throws Exception {
        EventLog log = open(KEEPS_ALL, new HotLimits(4, 1 << 20), KEYS);
        long start = log.tail().bounds().newest();
        assertThat(log.tail().era().hot().bounds()).isEqualTo(new Bounds(start, start));
        var told = new AtomicInteger();
        log.tail().follow(told::incrementAndGet);
        List<Long> sequences = append(log, drafts(3));
        assertThat(log.tail().era().hot().bounds()).isEqualTo(new Bounds(start, sequences.getLast()));
        await("the followers were told").until(() -> told.get() > 0);
        List<Long> more = append(log, drafts(3));
        assertThat(log.tail().era().hot().bounds()).isEqualTo(new Bounds(sequences.get(1), more.getLast()));
        assertThat(log.tail().era().hot().read(log.tail().epoch(), sequences.get(1), ALL, 10).events()).hasSize(4);
        assertThat(readAll(log, start, ALL)).as("the log itself keeps all").hasSize(6);
    }

    @Test
    void tellsFollowersAfterEachBatchThatAddsSomething() throws Exception {
        EventLog log = open();
        var seen = new CopyOnWriteArrayList<Long>();
        log.tail().follow(() -> seen.add(log.tail().era().hot().bounds().newest()));
        long first = append(log, drafts(5)).getLast();
        long second = append(log, drafts(1)).getLast();
        // After the answer: who waits for a disk has waited longest.
        await("the followers were told").until(() -> seen.contains(second));
        assertThat(seen).contains(first, second).isSorted();
    }

    // ---- many threads

    @Test
    void ordersEventsAsTheyWereAnswered() throws Exception {
        EventLog log = open();
        long start = log.tail().bounds().newest();
        List<List<Long>> answered = publishInParallel(log);
        List<Event> events = readAll(log, start, ALL);
        assertThat(events).extracting(Event::sequence).isSorted().doesNotHaveDuplicates();
        assertThat(events.stream().map(Event::sequence).toList())
                .containsExactlyElementsOf(answered.stream().flatMap(List::stream).sorted().toList());
    }

    @Test
    void neitherSkipsNorRepeatsWhileAppending() throws Exception {
        EventLog log = open(KEEPS_ALL, new HotLimits(64, 1 << 20), KEYS);
        readWhileAppending(log, false);
    }
}
