package dev.hark.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Draft;
import dev.hark.event.Event;
import dev.hark.event.EventStreamParser;
import dev.hark.event.Filters;
import dev.hark.event.Topic;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every engine of the event log promises. An engine's test extends this and says how to open one.
 *
 * <p>Positions are compared relatively to where a log starts, and may have holes: an engine need not number from 1.
 */
@Timeout(60)
public abstract class EventLogContract {
    protected static final Duration LONG = Duration.ofDays(1);
    protected static final Retention KEEPS_ALL = new Retention(1_000_000, LONG, 1L << 40);
    protected static final HotLimits HOT = new HotLimits(1_000, 1 << 20);
    protected static final IdempotencyLimits KEYS = new IdempotencyLimits(10_000, Duration.ofHours(1));
    private static final Filters ALL = Filters.ALL;

    protected final FakeClock clock = new FakeClock();
    private final List<EventLog> opened = new ArrayList<>();

    /** A new, empty log of the engine under test. */
    protected abstract EventLog openNew(Retention retention, HotLimits hot, IdempotencyLimits idempotency, InstantSource clock)
            throws Exception;

    @AfterEach
    void closeLogs() {
        opened.forEach(EventLog::close);
    }

    private EventLog open(Retention retention, HotLimits hot, IdempotencyLimits idempotency) throws Exception {
        EventLog log = openNew(retention, hot, idempotency, clock);
        opened.add(log);
        return log;
    }

    private EventLog open(Retention retention) throws Exception {
        return open(retention, HOT, KEYS);
    }

    private EventLog open() throws Exception {
        return open(KEEPS_ALL);
    }

    // ---- append and order

    @Test
    void startsEmpty() throws Exception {
        EventLog log = open();
        Bounds bounds = log.tail().bounds();
        assertThat(bounds.floor()).isEqualTo(bounds.newest());
        assertThat(log.tail().epoch()).matches("[a-z0-9]{8}");
        assertThat(log.capabilities().durability()).isIn("memory", "write", "fsync");
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
        assertThat(readAll(log, start, ALL)).extracting(EventLogContract::data).containsExactly("1", "2", "3", "4");
        assertThat(readAll(log, start, ALL)).extracting(Event::sequence).isEqualTo(all);
    }

    @Test
    void keepsEveryFieldOfAnEvent() throws Exception {
        EventLog log = open();
        long start = log.tail().bounds().newest();
        var draft = new Draft(new Topic("a/\u20AC"), "order.created", "k\u20AC", "x\r\ny\0\uD83D\uDE00".getBytes(UTF_8), "idem");
        long sequence = append(log, draft).getFirst();
        Event stored = readAll(log, start, ALL).getFirst();
        Event expected = Event.of(log.tail().epoch(), sequence, clock.millis(), draft);
        assertThat(stored.topic()).isEqualTo(expected.topic());
        assertThat(stored.key()).isEqualTo(expected.key());
        assertThat(stored.timeMillis()).isEqualTo(expected.timeMillis());
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
        assertThat(first).isEqualTo(new Append.Stored(List.of(new Append.Entry(sequence, false))));
        assertThat(second).isEqualTo(new Append.Stored(List.of(new Append.Entry(sequence, true))));
        assertThat(readAll(log, start, ALL)).hasSize(1);
    }

    @Test
    void refusesAKeyWithAnythingElse() throws Exception {
        EventLog log = open();
        append(log, new Draft(new Topic("a"), "t", "k", bytes("x"), "key"));
        for (Draft other : List.of(
                new Draft(new Topic("b"), "t", "k", bytes("x"), "key"),
                new Draft(new Topic("a"), "u", "k", bytes("x"), "key"),
                new Draft(new Topic("a"), "t", null, bytes("x"), "key"),
                new Draft(new Topic("a"), "t", "l", bytes("x"), "key"),
                new Draft(new Topic("a"), "t", "k", bytes("y"), "key"),
                new Draft(new Topic("a"), "t", "k", bytes(""), "key"),
                // The same letters, cut differently.
                new Draft(new Topic("a"), "tk", null, bytes("x"), "key"),
                new Draft(new Topic("a"), "t", "kx", bytes(""), "key"))) {
            assertThat(log.append(List.of(other))).as("%s", other).isEqualTo(new Append.KeyReused(0));
        }
    }

    @Test
    void storesAllOfABatchOrNothing() throws Exception {
        EventLog log = open();
        append(log, draft("a", "x", "key"));
        Bounds before = log.tail().bounds();
        assertThat(log.append(List.of(draft("a", "1"), draft("a", "2", "fresh"), draft("a", "other", "key"), draft("a", "3")))).isEqualTo(new Append.KeyReused(2));
        assertThat(log.tail().bounds()).isEqualTo(before);
        assertThat(log.tail().era().hot().bounds().newest()).isEqualTo(before.newest());
        // What was refused is not remembered either.
        assertThat(((Append.Stored) log.append(List.of(draft("a", "another body", "fresh")))).entries().getFirst().replayed()).isFalse();
    }

    @Test
    void knowsKeysWithinOneBatch() throws Exception {
        EventLog log = open();
        long start = log.tail().bounds().newest();
        List<Append.Entry> entries = ((Append.Stored) log.append(List.of(draft("a", "x", "k"), draft("a", "y"), draft("a", "x", "k"), draft("a", "z")))).entries();
        assertThat(entries).extracting(Append.Entry::replayed).containsExactly(false, false, true, false);
        assertThat(entries.get(2).sequence()).isEqualTo(entries.get(0).sequence());
        assertThat(readAll(log, start, ALL)).extracting(EventLogContract::data).containsExactly("x", "y", "z");
        assertThat(log.append(List.of(draft("a", "1", "m"), draft("a", "2", "m")))).isEqualTo(new Append.KeyReused(1));
        assertThat(readAll(log, start, ALL)).hasSize(3);
    }

    @Test
    void forgetsKeysByAge() throws Exception {
        EventLog log = open(KEEPS_ALL, HOT, new IdempotencyLimits(100, Duration.ofSeconds(10)));
        append(log, draft("a", "x", "k"));
        clock.advance(Duration.ofMillis(9_999));
        log.maintain();
        assertThat(log.append(List.of(draft("a", "y", "k")))).isEqualTo(new Append.KeyReused(0));
        clock.advance(Duration.ofMillis(1));
        assertThat(((Append.Stored) log.append(List.of(draft("a", "y", "k")))).entries().getFirst().replayed()).isFalse();
        log.maintain();
        // The second one counts from its own time.
        clock.advance(Duration.ofMillis(9_999));
        log.maintain();
        assertThat(((Append.Stored) log.append(List.of(draft("a", "y", "k")))).entries().getFirst().replayed()).isTrue();
    }

    @Test
    void forgetsTheOldestKeysWhereThereAreTooMany() throws Exception {
        EventLog log = open(KEEPS_ALL, HOT, new IdempotencyLimits(3, LONG));
        for (String key : List.of("z", "y", "x", "w")) {
            append(log, draft("a", "body", key));
        }
        for (String key : List.of("y", "x", "w")) {
            assertThat(isKnown(log, key)).as(key).isTrue();
        }
        assertThat(isKnown(log, "z")).isFalse();
    }

    @Test
    void forgetsTheOldestKeysWithinABatchToo() throws Exception {
        EventLog log = open(KEEPS_ALL, HOT, new IdempotencyLimits(3, LONG));
        append(log, draft("a", "body", "z"), draft("a", "body", "y"), draft("a", "body", "x"),
                draft("a", "body", "w"), draft("a", "body", "v"));
        for (String key : List.of("x", "w", "v")) {
            assertThat(isKnown(log, key)).as(key).isTrue();
        }
        assertThat(isKnown(log, "z")).isFalse();
    }

    private static boolean isKnown(EventLog log, String key) {
        return log.append(List.of(draft("a", "another body", key))) instanceof Append.KeyReused;
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
        assertThat(log.read(sequences.getLast(), ALL, 500)).isEqualTo(new Page(log.tail().epoch(), sequences.getLast(), List.of(), sequences.getLast()));
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
        assertThat(readAll(log, start, filters("a/*"))).extracting(EventLogContract::data).containsExactly("1", "3", "5");
        assertThat(readAll(log, start, filters("a/1"))).extracting(EventLogContract::data).containsExactly("1", "5");
        assertThat(readAll(log, start, filters("a/1", "c/**", "a/*")))
                .extracting(EventLogContract::data).containsExactly("1", "3", "4", "5");
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
        assertThat(found).extracting(EventLogContract::data).containsExactly("x");
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
    void findsThePositionOfATime() throws Exception {
        EventLog log = open();
        long start = log.tail().bounds().newest();
        long first = append(log, draft("a", "1")).getFirst();
        long firstTime = clock.millis();
        clock.advance(Duration.ofSeconds(10));
        List<Long> second = append(log, draft("a", "2"), draft("a", "3"));
        long secondTime = clock.millis();
        assertThat(log.since(firstTime - 1)).isEqualTo(new Since(start, false));
        assertThat(log.since(firstTime)).isEqualTo(new Since(start, false));
        assertThat(log.since(firstTime + 1)).isEqualTo(new Since(first, false));
        assertThat(log.since(secondTime)).isEqualTo(new Since(first, false));
        assertThat(log.since(secondTime + 1)).isEqualTo(new Since(second.getLast(), false));
        assertThat(log.since(Long.MIN_VALUE)).isEqualTo(new Since(start, false));
        assertThat(log.since(Long.MAX_VALUE)).isEqualTo(new Since(second.getLast(), false));
    }

    @Test
    void saysThatATimeReachesBeyondRetention() throws Exception {
        EventLog log = open(new Retention(2, LONG, 1L << 40));
        append(log, draft("a", "1"));
        long first = clock.millis();
        clock.advance(Duration.ofSeconds(1));
        append(log, draft("a", "2"), draft("a", "3"));
        log.maintain();
        assertThat(log.since(first)).isEqualTo(new Since(log.tail().bounds().floor(), true));
        assertThat(log.since(first + 1)).isEqualTo(new Since(log.tail().bounds().floor(), false));
    }

    @Test
    void findsThePositionBeforeTheLastMatches() throws Exception {
        EventLog log = open();
        long start = log.tail().bounds().newest();
        append(log, draft("a", "1"), draft("b", "2"), draft("a", "3"), draft("b", "4"), draft("b", "5"));
        assertThat(readAll(log, last(log, filters("a"), 1), filters("a"))).extracting(EventLogContract::data).containsExactly("3");
        assertThat(readAll(log, last(log, filters("a"), 2), filters("a"))).extracting(EventLogContract::data).containsExactly("1", "3");
        assertThat(readAll(log, last(log, filters("b"), 2), filters("b"))).extracting(EventLogContract::data).containsExactly("4", "5");
        assertThat(readAll(log, last(log, filters("a", "b"), 3), filters("a", "b"))).extracting(EventLogContract::data).containsExactly("3", "4", "5");
        assertThat(last(log, filters("a"), 3)).isEqualTo(start);
        assertThat(last(log, ALL, 0)).isEqualTo(log.tail().bounds().newest());
        assertThat(readAll(log, last(log, filters("nobody"), 5), filters("nobody"))).isEmpty();
    }

    @Test
    void findsTheLastMatchesAmongTheRetainedOnly() throws Exception {
        EventLog log = open(new Retention(3, LONG, 1L << 40));
        append(log, drafts(10));
        log.maintain();
        long position = last(log, ALL, 5);
        assertThat(position).isEqualTo(log.tail().bounds().floor());
        assertThat(readAll(log, position, ALL)).hasSize(3);
    }

    // ---- retention

    @Test
    void retainsTheNewestEvents() throws Exception {
        EventLog log = open(new Retention(3, LONG, 1L << 40));
        long start = log.tail().bounds().newest();
        List<Long> sequences = append(log, drafts(3));
        log.maintain();
        assertThat(log.tail().bounds().floor()).isEqualTo(start);
        long fourth = append(log, draft("a", "x")).getFirst();
        log.maintain();
        assertThat(log.tail().bounds()).isEqualTo(new Bounds(sequences.getFirst(), fourth));
        Page page = log.read(start, ALL, 10);
        assertThat(page.from()).isEqualTo(sequences.getFirst());
        assertThat(page.events()).extracting(Event::sequence).containsExactly(sequences.get(1), sequences.get(2), fourth);
    }

    @Test
    void retainsByAge() throws Exception {
        EventLog log = open(new Retention(100, Duration.ofSeconds(10), 1L << 40));
        long start = log.tail().bounds().newest();
        long first = append(log, draft("a", "1")).getFirst();
        clock.advance(Duration.ofSeconds(5));
        long second = append(log, draft("a", "2")).getFirst();
        clock.advance(Duration.ofSeconds(5));
        log.maintain();
        assertThat(log.tail().bounds().floor()).as("exactly as old as it may be").isEqualTo(start);
        clock.advance(Duration.ofMillis(1));
        log.maintain();
        assertThat(log.tail().bounds()).isEqualTo(new Bounds(first, second));
        clock.advance(Duration.ofSeconds(10));
        log.maintain();
        assertThat(log.tail().bounds()).as("none retained").isEqualTo(new Bounds(second, second));
        assertThat(log.read(start, ALL, 10)).isEqualTo(new Page(log.tail().epoch(), second, List.of(), second));
        assertThat(append(log, draft("a", "3")).getFirst()).as("never used twice").isGreaterThan(second);
    }

    @Test
    void retainsByBytes() throws Exception {
        Event sample = Event.of("7k3q9x2m", 1, 0, draft("a", "x".repeat(100)));
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
    void forgetsNoKeyWithItsEvent() throws Exception {
        EventLog log = open(new Retention(1, LONG, 1L << 40));
        append(log, draft("a", "x", "k"));
        append(log, drafts(5));
        log.maintain();
        assertThat(((Append.Stored) log.append(List.of(draft("a", "x", "k")))).entries().getFirst().replayed()).isTrue();
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
        await("the followers were told", () -> told.get() > 0);
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
        await("the followers were told", () -> seen.contains(second));
        assertThat(seen).contains(first, second).isSorted();
    }

    // ---- many threads

    @Test
    void keepsBatchesTogetherAndOrdersThemAsTheyWereAnswered() throws Exception {
        EventLog log = open();
        long start = log.tail().bounds().newest();
        var answered = Collections.synchronizedList(new ArrayList<List<Long>>());
        var publisher = new AtomicInteger();
        inParallel(4, () -> {
            int self = publisher.getAndIncrement();
            long last = start;
            for (int i = 0; i < 200; i++) {
                Draft[] batch = IntStream.range(0, 1 + i % 3).mapToObj(n -> draft("p" + self, "x")).toArray(Draft[]::new);
                List<Long> sequences = append(log, batch);
                assertThat(sequences.getFirst()).as("later than what was answered before").isGreaterThan(last);
                last = sequences.getLast();
                answered.add(sequences);
            }
        });
        List<Event> events = readAll(log, start, ALL);
        assertThat(events).extracting(Event::sequence).isSorted().doesNotHaveDuplicates();
        assertThat(events.stream().map(Event::sequence).toList())
                .containsExactlyElementsOf(answered.stream().flatMap(List::stream).sorted().toList());
        List<Long> order = events.stream().map(Event::sequence).toList();
        for (List<Long> batch : answered) {
            int between = order.indexOf(batch.getLast()) - order.indexOf(batch.getFirst());
            assertThat(between).as("nothing stands between the events of one batch").isEqualTo(batch.size() - 1);
        }
    }

    @Test
    void neitherSkipsNorRepeatsWhileAppending() throws Exception {
        EventLog log = open(KEEPS_ALL, new HotLimits(64, 1 << 20), KEYS);
        readWhileAppending(log, false);
    }

    @Test
    void saysWhatRetentionRemovedWhileReading() throws Exception {
        EventLog log = open(new Retention(64, LONG, 1L << 40), new HotLimits(16, 1 << 20), KEYS);
        readWhileAppending(log, true);
    }

    /**
     * Every topic counts its own events, so a reader knows what should come; positions that a page leaves out must lie before
     * its {@code from}.
     */
    private void readWhileAppending(EventLog log, boolean retentionMayRemove) throws Exception {
        long start = log.tail().bounds().newest();
        int batches = 3_000;
        var done = new AtomicBoolean();
        var stored = new ConcurrentHashMap<Long, String>();
        var firstRead = new CountDownLatch(3);
        ExecutorService readers = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().name("reader-", 0).factory());
        var results = new ArrayList<Future<List<Page>>>();
        for (Filters filters : List.of(ALL, filters("t/1"), filters("t/0", "t/2"))) {
            Callable<List<Page>> reading = () -> {
                var pages = new ArrayList<Page>();
                long position = start;
                while (true) {
                    boolean last = done.get();
                    Page page = log.read(position, filters, 50);
                    assertThat(page.from()).isGreaterThanOrEqualTo(position);
                    assertThat(page.through()).isGreaterThanOrEqualTo(page.from());
                    if (page.through() > position) {
                        pages.add(page);
                        position = page.through();
                    } else if (last) {
                        return pages;
                    }
                    firstRead.countDown();
                }
            };
            results.add(readers.submit(reading));
        }
        firstRead.await();
        for (int i = 0; i < batches; i++) {
            String topic = "t/" + i % 3;
            for (long sequence : append(log, draft(topic, "x"), draft(topic, "y"))) {
                stored.put(sequence, topic);
            }
        }
        done.set(true);
        List<Filters> filters = List.of(ALL, filters("t/1"), filters("t/0", "t/2"));
        for (int i = 0; i < results.size(); i++) {
            List<Page> pages = results.get(i).get(30, TimeUnit.SECONDS);
            Filters own = filters.get(i);
            long through = start;
            for (Page page : pages) {
                if (!retentionMayRemove) {
                    assertThat(page.from()).isEqualTo(through);
                }
                List<Long> expected = LongStream.rangeClosed(page.from() + 1, page.through())
                        .filter(sequence -> stored.containsKey(sequence) && own.matches(new Topic(stored.get(sequence))))
                        .boxed()
                        .toList();
                assertThat(page.events()).as("events of (%s, %s]", page.from(), page.through())
                        .extracting(Event::sequence).isEqualTo(expected);
                through = page.through();
            }
            assertThat(through).isEqualTo(log.tail().bounds().newest());
        }
        readers.shutdown();
    }

    // ---- helpers

    protected static List<Long> append(EventLog log, Draft... batch) {
        Append append = log.append(List.of(batch));
        assertThat(append).isInstanceOf(Append.Stored.class);
        return ((Append.Stored) append).entries().stream().map(Append.Entry::sequence).toList();
    }

    protected static List<Event> readAll(EventLog log, long after, Filters filters) {
        var events = new ArrayList<Event>();
        long position = after;
        while (position < log.tail().bounds().newest()) {
            Page page = log.read(position, filters, EventLog.MAX_PAGE_EVENTS);
            assertThat(page.through()).isGreaterThan(position);
            events.addAll(page.events());
            position = page.through();
        }
        return events;
    }

    private static void await(String what, Callable<Boolean> condition) {
        Awaitility.await(what).until(condition);
    }

    private static long last(EventLog log, Filters filters, int count) throws Exception {
        return new History(log).last(filters, count, Patiences.ENDLESS);
    }

    protected static Draft draft(String topic, String data) {
        return draft(topic, data, null);
    }

    protected static Draft draft(String topic, String data, @Nullable String idempotencyKey) {
        return new Draft(new Topic(topic), Draft.DEFAULT_TYPE, null, bytes(data), idempotencyKey);
    }

    private static Draft[] drafts(int count) {
        return IntStream.rangeClosed(1, count).mapToObj(i -> draft("a", Integer.toString(i))).toArray(Draft[]::new);
    }

    protected static Filters filters(String... filters) {
        return Filters.of(filters);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private static String data(Event event) {
        return EventStreamParser.parse(event.frame().bytes()).messages().getFirst().data();
    }

    private interface Action {
        void run() throws Exception;
    }

    private static void inParallel(int threads, Action action) throws Exception {
        try (ExecutorService pool = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
            var running = IntStream.range(0, threads)
                    .mapToObj(i -> pool.submit(() -> {
                        action.run();
                        return i;
                    }))
                    .toList();
            for (Future<Integer> each : running) {
                each.get(30, TimeUnit.SECONDS);
            }
        }
    }
}
