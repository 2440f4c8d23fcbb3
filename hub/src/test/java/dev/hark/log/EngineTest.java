package dev.hark.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Draft;
import dev.hark.event.Event;
import dev.hark.event.EventStreamParser;
import dev.hark.event.Filters;
import dev.hark.event.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * The test of an engine of the event log: opens logs of it, on a clock that the test moves.
 *
 * <p>Positions are compared relatively to where a log starts, and may have holes: an engine need not number from 1.
 */
public interface EngineTest {
    Duration LONG = Duration.ofDays(1);
    Retention KEEPS_ALL = new Retention(1_000_000, LONG, 1L << 40);
    HotLimits HOT = new HotLimits(1_000, 1 << 20);
    IdempotencyLimits KEYS = new IdempotencyLimits(10_000, Duration.ofHours(1));

    FakeClock clock();

    /** A new, empty log, which is closed when the test ends. */
    EventLog open(LogConfig config) throws Exception;

    default EventLog open(Retention retention, HotLimits hot, IdempotencyLimits idempotency) throws Exception {
        return open(new LogConfig(retention, hot, idempotency));
    }

    default EventLog open(Retention retention) throws Exception {
        return open(retention, HOT, KEYS);
    }

    default EventLog open() throws Exception {
        return open(KEEPS_ALL);
    }

    // ---- what a test does with a log

    static List<Long> append(EventLog log, Draft... batch) {
        Append append = log.append(List.of(batch));
        assertThat(append).isInstanceOf(Append.Stored.class);
        return ((Append.Stored) append).entries().stream().map(Append.Entry::sequence).toList();
    }

    static List<Event> readAll(EventLog log, long after, Filters filters) {
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

    static long last(EventLog log, Filters filters, int count) throws Exception {
        return new History(log).last(filters, count, Patiences.ENDLESS);
    }

    static Draft draft(String topic, String data) {
        return draft(topic, data, null);
    }

    static Draft draft(String topic, String data, @Nullable String idempotencyKey) {
        return new Draft(new Topic(topic), Draft.DEFAULT_TYPE, null, bytes(data), idempotencyKey);
    }

    static Draft[] drafts(int count) {
        return IntStream.rangeClosed(1, count).mapToObj(i -> draft("a", Integer.toString(i))).toArray(Draft[]::new);
    }

    static Filters filters(String... filters) {
        return Filters.of(filters);
    }

    static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    static String data(Event event) {
        return EventStreamParser.parse(event.frame().bytes()).messages().getFirst().data();
    }

    // ---- many threads

    /** What several threads do. */
    interface Action {
        void run() throws Exception;
    }

    static void inParallel(int threads, Action action) throws Exception {
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

    /** Has four publishers append batches of one to three events; the positions of each batch. */
    static List<List<Long>> publishInParallel(EventLog log) throws Exception {
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
        return answered;
    }

    /**
     * Every topic counts its own events, so a reader knows what should come; positions that a page leaves out must lie before
     * its {@code from}.
     */
    static void readWhileAppending(EventLog log, boolean retentionMayRemove) throws Exception {
        long start = log.tail().bounds().newest();
        int batches = 3_000;
        var done = new AtomicBoolean();
        var stored = new ConcurrentHashMap<Long, String>();
        var firstRead = new CountDownLatch(3);
        ExecutorService readers = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().name("reader-", 0).factory());
        var results = new ArrayList<Future<List<Page>>>();
        for (Filters filters : List.of(Filters.ALL, filters("t/1"), filters("t/0", "t/2"))) {
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
        List<Filters> filters = List.of(Filters.ALL, filters("t/1"), filters("t/0", "t/2"));
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
}
