package dev.hark.log;

import static dev.hark.log.EngineTest.append;
import static dev.hark.log.EngineTest.data;
import static dev.hark.log.EngineTest.draft;
import static dev.hark.log.EngineTest.filters;
import static dev.hark.log.EngineTest.inParallel;
import static dev.hark.log.EngineTest.last;
import static dev.hark.log.EngineTest.readAll;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Draft;
import dev.hark.event.Event;
import dev.hark.event.Filters;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What an engine promises that has {@link Capability#CLASSES}. */
public interface ClassesContract extends EngineTest {
    private EventLog open(TopicClasses classes) throws Exception {
        return open(classes, HOT);
    }

    private EventLog open(TopicClasses classes, HotLimits hot) throws Exception {
        return open(new LogConfig(classes, hot, KEYS, LogConfig.DEFAULT_STALL));
    }

    private static TopicClasses classes(Object... matchesAndKeeps) {
        var rules = new ArrayList<TopicClasses.Rule>();
        for (int i = 0; i < matchesAndKeeps.length; i += 2) {
            rules.add(new TopicClasses.Rule(new TopicFilter((String) matchesAndKeeps[i]), (Keep) matchesAndKeeps[i + 1]));
        }
        return TopicClasses.of(rules, KEEPS_ALL);
    }

    private static Keep keep(long events) {
        return new Keep(new Retention(events, LONG, 1L << 40));
    }

    private static long lost(EventLog log, String... filters) {
        return log.tail().era().lostStored(log.tail().classes().touchedBy(Filters.of(filters)));
    }

    @Test
    default void keepsEachClassWithinItsOwnBounds() throws Exception {
        EventLog log = open(classes("a/**", keep(2), "b/*", keep(3)));
        long start = log.tail().bounds().newest();
        List<Long> a = new ArrayList<>();
        for (int i = 1; i <= 5; i++) {
            a.addAll(append(log, draft("a/x", "a" + i), draft("b/x", "b" + i), draft("c", "c" + i)).subList(0, 1));
        }
        append(log, draft("c", "end"));
        log.maintain();
        assertThat(readAll(log, start, Filters.ALL)).extracting(EngineTest::data)
                .containsExactly("c1", "c2", "b3", "c3", "a4", "b4", "c4", "a5", "b5", "c5", "end");
        assertThat(readAll(log, start, filters("a/x"))).extracting(EngineTest::data).containsExactly("a4", "a5");
        assertThat(readAll(log, start, filters("b/*"))).extracting(EngineTest::data).containsExactly("b3", "b4", "b5");
        assertThat(lost(log, "a/x")).isEqualTo(a.get(2));
        assertThat(lost(log, "c")).as("nothing of it is lost").isEqualTo(start);
        assertThat(lost(log, "**")).isEqualTo(a.get(2));
        assertThat(lost(log, "c", "b/x")).isEqualTo(a.get(1) + 1);
        assertThat(log.tail().bounds().floor()).isLessThan(a.get(1));
    }

    @Test
    default void keepsEachClassForItsOwnTime() throws Exception {
        EventLog log = open(classes("a/**", new Keep(new Retention(100, Duration.ofSeconds(10), 1L << 40))));
        long start = log.tail().bounds().newest();
        long first = append(log, draft("a/x", "1"), draft("b", "2")).getFirst();
        long stored = clock().millis();
        clock().advance(Duration.ofSeconds(10));
        log.maintain();
        assertThat(lost(log, "a/x")).isEqualTo(start);
        clock().advance(Duration.ofMillis(1));
        log.maintain();
        assertThat(lost(log, "a/x")).isEqualTo(first);
        assertThat(readAll(log, start, Filters.ALL)).extracting(EngineTest::data).containsExactly("2");
        assertThat(log.since(stored).lost()).as("class 1, and not the default").isEqualTo(2);
        assertThat(log.since(stored + 1).lost()).isZero();
    }

    @Test
    default void keepsEachClassWithinItsOwnBytes() throws Exception {
        EventLog other = open();
        long otherStart = other.tail().bounds().newest();
        append(other, draft("a/x", "x".repeat(100)));
        long bytes = readAll(other, otherStart, Filters.ALL).getFirst().frame().length();
        EventLog log = open(classes("a/**", new Keep(new Retention(100, LONG, 2 * bytes + 10))));
        long start = log.tail().bounds().newest();
        for (int i = 0; i < 4; i++) {
            append(log, draft("a/x", "x".repeat(100)), draft("b", "y".repeat(1_000)));
        }
        log.maintain();
        assertThat(readAll(log, start, filters("a/x"))).hasSize(2);
        assertThat(readAll(log, start, filters("b"))).hasSize(4);
    }

    /** A look for all is what a hub makes where it has no index: its own topics have to be in it. */
    @Test
    default void findsEverythingAcrossClassesOfTheHubsOwn() throws Exception {
        var own = new TopicClasses.Rule(TopicFilter.stored("$hark/**"), keep(100));
        EventLog log = open(TopicClasses.of(List.of(own), KEEPS_ALL), new HotLimits(1, 1 << 20));
        long start = log.tail().bounds().newest();
        for (int i = 1; i <= 3; i++) {
            append(log, draft("a", "a" + i));
            append(log, new Draft(Topic.stored("$hark/notes"), Draft.DEFAULT_TYPE, null, ("n" + i).getBytes(UTF_8), null));
        }
        assertThat(readAll(log, start, Filters.EVERYTHING)).extracting(EngineTest::data)
                .containsExactly("a1", "n1", "a2", "n2", "a3", "n3");
        assertThat(readAll(log, start, Filters.ALL)).extracting(EngineTest::data).containsExactly("a1", "a2", "a3");
    }

    @Test
    default void findsTheLastAcrossClasses() throws Exception {
        EventLog log = open(classes("a/**", keep(2)));
        for (int i = 1; i <= 5; i++) {
            append(log, draft("a/x", "a" + i), draft("c", "c" + i));
        }
        log.maintain();
        assertThat(readAll(log, last(log, Filters.ALL, 5), Filters.ALL)).extracting(EngineTest::data)
                .containsExactly("c3", "a4", "c4", "a5", "c5");
        assertThat(readAll(log, last(log, filters("a/x"), 5), filters("a/x"))).extracting(EngineTest::data).containsExactly("a4", "a5");
    }

    @Test
    default void storesNothingOfSomeTopicsButDeliversThemInOrder() throws Exception {
        EventLog log = open(classes("live/**", Keep.NOTHING), new HotLimits(4, 1 << 20));
        long start = log.tail().bounds().newest();
        long first = append(log, draft("live/x", "1")).getFirst();
        assertThat(append(log, draft("c", "2"), draft("live/x", "3"), draft("c", "4"))).isSorted().first().matches(each -> each > first);
        append(log, draft("live/x", "5"));
        assertThat(readAll(log, start, Filters.ALL)).as("stored").extracting(EngineTest::data).containsExactly("2", "4");
        assertThat(log.tail().era().hot().read(log.tail().epoch(), first, Filters.ALL, 10).events()).extracting(EngineTest::data)
                .containsExactly("2", "3", "4", "5");
        assertThat(lost(log, "c")).isEqualTo(start);
        assertThat(lost(log, "live/x")).as("it has left the hot events").isEqualTo(first);
        assertThat(append(log, draft("live/x", "6", "key"))).isEqualTo(append(log, draft("live/x", "6", "key")));
        assertThat(append(log, draft("c", "7")).getFirst()).isEqualTo(log.tail().bounds().newest());
    }

    /** Each topic counts its own events; positions and times rise for whoever looks at what is hot. */
    @Test
    default void givesPositionsInOrderToWhatIsStoredAndWhatIsNot() throws Exception {
        EventLog log = open(classes("live/**", Keep.NOTHING), new HotLimits(1_000_000, 1 << 30));
        long start = log.tail().bounds().newest();
        var publisher = new AtomicInteger();
        var answered = new ConcurrentHashMap<Long, String>();
        inParallel(4, () -> {
            int self = publisher.getAndIncrement();
            String topic = self % 2 == 0 ? "live/" + self : "kept/" + self;
            long before = start;
            for (int i = 0; i < 2_000; i++) {
                // Now and then a batch of both.
                List<Long> positions = i % 50 == 0
                        ? append(log, draft("live/" + self, "x" + i), draft("kept/" + self, "y" + i))
                        : append(log, draft(topic, Integer.toString(i)));
                assertThat(positions.getFirst()).isGreaterThan(before);
                before = positions.getLast();
                positions.forEach(position -> answered.put(position, ""));
            }
        });
        List<Event> hot = new ArrayList<>();
        long position = start;
        while (position < log.tail().bounds().newest()) {
            Page page = log.tail().era().hot().read(log.tail().epoch(), position, Filters.ALL, 500);
            hot.addAll(page.events());
            position = page.through();
        }
        assertThat(hot).extracting(Event::sequence).isSorted().doesNotHaveDuplicates()
                .containsExactlyInAnyOrderElementsOf(answered.keySet());
        assertThat(hot).extracting(Event::timeMillis).isSorted();
        for (int self = 0; self < 4; self++) {
            String topic = (self % 2 == 0 ? "live/" : "kept/") + self;
            assertThat(hot.stream().filter(event -> event.topic().value().equals(topic) && !data(event).matches("[xy].*"))
                    .map(event -> Integer.parseInt(data(event)))).isSorted().hasSize(2_000 - 40);
        }
        List<Event> stored = readAll(log, start, Filters.ALL);
        assertThat(stored).extracting(event -> event.topic().value()).allMatch(topic -> topic.startsWith("kept/"));
        assertThat(stored).hasSize((int) hot.stream().filter(event -> event.topic().value().startsWith("kept/")).count());
    }
}
