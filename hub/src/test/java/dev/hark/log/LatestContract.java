package dev.hark.log;

import static dev.hark.log.EngineTest.append;
import static dev.hark.log.EngineTest.bytes;
import static dev.hark.log.EngineTest.data;
import static dev.hark.log.EngineTest.draft;
import static dev.hark.log.EngineTest.readAll;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Draft;
import dev.hark.event.Event;
import dev.hark.event.Filters;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What an engine promises that has {@link Capability#CLASSES} of the newest events of topics and keys. */
public interface LatestContract extends EngineTest {
    private EventLog open(long events, int keys) throws Exception {
        var keep = new Keep(new Retention(events, LONG, 1L << 40), true);
        var rules = List.of(
                new TopicClasses.Rule(new TopicFilter("l/**"), keep),
                new TopicClasses.Rule(new TopicFilter("m"), new Keep(KEEPS_ALL, true)),
                new TopicClasses.Rule(new TopicFilter("plain/*"), new Keep(KEEPS_ALL)));
        return open(new LogConfig(TopicClasses.of(rules, KEEPS_ALL), HOT, KEYS, keys, LogConfig.DEFAULT_STALL));
    }

    private EventLog openAll() throws Exception {
        return open(1_000_000, LogConfig.DEFAULT_LATEST_KEYS);
    }

    private static Draft of(String topic, @Nullable String key, String data) {
        return new Draft(new Topic(topic), Draft.DEFAULT_TYPE, key, bytes(data), null);
    }

    private static Draft deleted(String topic, @Nullable String key) {
        return Draft.deleted(new Topic(topic), key, null);
    }

    /** All that there is at or before {@code through}, in pages of {@code limit}. */
    private static List<Event> latest(EventLog log, long through, int limit, String... filters) {
        var events = new ArrayList<Event>();
        long position = 0;
        while (position < through) {
            Page page = log.latest(position, through, Filters.of(filters), limit);
            assertThat(page.from()).isEqualTo(position);
            assertThat(page.damaged()).isFalse();
            assertThat(page.through()).isGreaterThan(position).isLessThanOrEqualTo(through);
            assertThat(page.events()).hasSizeLessThanOrEqualTo(limit);
            long from = position;
            assertThat(page.events()).allMatch(event -> event.sequence() > from && event.sequence() <= page.through());
            events.addAll(page.events());
            position = page.through();
        }
        assertThat(events).extracting(Event::sequence).isSorted().doesNotHaveDuplicates();
        return events;
    }

    private static List<String> newest(EventLog log, String... filters) {
        return latest(log, log.tail().bounds().newest(), 500, filters).stream().map(EngineTest::data).toList();
    }

    private static ClassUse.Latest kept(EventLog log, String topic) {
        return log.kept().get(log.tail().classes().numberOf(topic)).latest();
    }

    @Test
    default void findsTheNewestOfEachTopicAndKey() throws Exception {
        EventLog log = openAll();
        append(log, of("l/a", "k", "1"), of("l/a", null, "2"), of("l/b", "k", "3"));
        append(log, of("m", "k", "4"), of("plain/a", "k", "5"), of("c", "k", "6"));
        append(log, of("l/a", "j", "7"), of("l/a", "k", "8"), of("l/b", null, "9"), of("l/x/y", "k", "10"), of("l/a", null, "11"));
        assertThat(newest(log, "**")).as("of classes that keep it").containsExactly("3", "4", "7", "8", "9", "10", "11");
        assertThat(newest(log, "l/a")).containsExactly("7", "8", "11");
        assertThat(newest(log, "l/*")).containsExactly("3", "7", "8", "9", "11");
        assertThat(newest(log, "l/b", "m")).containsExactly("3", "4", "9");
        assertThat(newest(log, "l/b", "l/b")).containsExactly("3", "9");
        assertThat(newest(log, "plain/a", "c", "l/none")).isEmpty();
        assertThat(kept(log, "l/a")).isEqualTo(new ClassUse.Latest(6, 0));
        assertThat(kept(log, "m")).isEqualTo(new ClassUse.Latest(1, 0));
        assertThat(kept(log, "plain/a")).isEqualTo(ClassUse.Latest.NONE);
    }

    /** An event without a key, and one whose key is its neighbour's topic. */
    @Test
    default void tellsNamesApart() throws Exception {
        EventLog log = openAll();
        append(log, of("l/a", null, "1"), of("l/a", "l/a", "2"), of("l/a", "null", "3"), of("l/b", "l/a", "4"));
        append(log, deleted("l/a", null), of("l/b", null, "6"));
        assertThat(newest(log, "l/*")).containsExactly("2", "3", "4", "6");
        assertThat(latest(log, log.tail().bounds().newest(), 10, "l/b")).extracting(Event::key).containsExactly("l/a", null);
    }

    @Test
    default void forgetsWhatIsTakenBack() throws Exception {
        EventLog log = openAll();
        append(log, of("l/a", "k", "1"), of("l/a", "j", "2"));
        append(log, deleted("l/a", "k"));
        assertThat(newest(log, "l/a")).containsExactly("2");
        append(log, deleted("l/a", "k"), deleted("l/a", "nobody has it"), deleted("l/b", null));
        assertThat(newest(log, "**")).containsExactly("2");
        assertThat(kept(log, "l/a")).isEqualTo(new ClassUse.Latest(1, 0));
        append(log, of("l/a", "k", "anew"));
        assertThat(newest(log, "l/a")).containsExactly("2", "anew");
        append(log, deleted("l/a", "k"), of("l/a", "k", "in one batch"), of("l/a", "j", "x"), deleted("l/a", "j"));
        assertThat(newest(log, "l/a")).containsExactly("in one batch");
        assertThat(kept(log, "l/a")).isEqualTo(new ClassUse.Latest(1, 0));
    }

    /** What is newer than where the snapshot is made is for those who go on from there. */
    @Test
    default void endsWhereItIsToldTo() throws Exception {
        EventLog log = openAll();
        List<Long> positions = append(log, of("l/a", "k", "1"), of("l/a", "j", "2"), of("l/a", "i", "3"));
        append(log, of("l/a", "k", "4"), of("l/a", "h", "5"));
        assertThat(latest(log, positions.getLast(), 10, "**")).extracting(EngineTest::data).containsExactly("2", "3");
        assertThat(latest(log, positions.get(1), 10, "l/a")).extracting(EngineTest::data).containsExactly("2");
        Page page = log.latest(positions.get(1), positions.getLast(), Filters.of("l/*"), 10);
        assertThat(page.events()).extracting(EngineTest::data).containsExactly("3");
        assertThat(page.through()).isEqualTo(positions.getLast());
    }

    @Test
    default void isGivenInPagesOfAnySize() throws Exception {
        EventLog log = openAll();
        for (int i = 0; i < 60; i++) {
            append(log, of("l/" + i % 12, "k" + i / 24, Integer.toString(i)), draft("plain/a", "x"));
        }
        long end = log.tail().bounds().newest();
        String[] many = IntStream.range(0, 10).mapToObj(i -> "l/" + i).toArray(String[]::new);
        for (String[] filters : List.of(new String[] {"l/3"}, new String[] {"l/*"}, many, new String[] {"l/1", "l/2", "m"})) {
            List<Long> whole = latest(log, end, 500, filters).stream().map(Event::sequence).toList();
            assertThat(whole).isEqualTo(readAll(log, 0, Filters.ALL).stream()
                    .filter(event -> Filters.of(filters).matches(event.topic()))
                    .filter(event -> Integer.parseInt(data(event)) / 12 % 2 == 1 || Integer.parseInt(data(event)) >= 48)
                    .map(Event::sequence).toList());
            for (int limit : List.of(1, 2, 7)) {
                assertThat(latest(log, end, limit, filters)).extracting(Event::sequence).isEqualTo(whole);
            }
        }
    }

    /** It is read like all that is retained too: by whoever comes back after a long time. */
    @Test
    default void staysWhenRetentionHasTakenAllAround() throws Exception {
        EventLog log = open(3, 1_000);
        long start = log.tail().bounds().newest();
        List<Long> first = append(log, of("l/a", "old", "1"), of("l/a", "older", "2"), of("plain/a", null, "3"));
        for (int i = 4; i <= 20; i++) {
            append(log, of("l/a", "often", Integer.toString(i)));
            log.maintain();
        }
        assertThat(newest(log, "l/a")).containsExactly("1", "2", "20");
        assertThat(readAll(log, start, Filters.of("l/*"))).extracting(EngineTest::data).containsExactly("1", "2", "18", "19", "20");
        assertThat(readAll(log, start, Filters.ALL)).extracting(EngineTest::data).containsExactly("1", "2", "3", "18", "19", "20");
        assertThat(readAll(log, first.get(0), Filters.of("l/a"))).extracting(EngineTest::data).startsWith("2");
        Back back = log.back(new Back(log.tail().bounds().newest(), 4, false), Filters.of("l/a"));
        assertThat(back).as("before the last four").isEqualTo(new Back(first.get(1) - 1, 0, true));
        assertThat(log.tail().bounds().floor()).isLessThanOrEqualTo(start);
        append(log, deleted("l/a", "old"), of("l/a", "older", "22"));
        log.maintain();
        assertThat(newest(log, "l/a")).containsExactly("20", "22");
        assertThat(readAll(log, start, Filters.of("l/a"))).as("and the deletion").extracting(Event::sequence)
                .doesNotContain(first.get(0), first.get(1)).hasSize(3);
    }

    @Test
    default void forgetsTheOldestWhereThereAreTooMany() throws Exception {
        EventLog log = open(2, 4);
        List<Long> first = append(log, of("l/a", "1", "1"), of("m", "2", "2"), of("l/a", "3", "3"), of("l/a", "4", "4"));
        assertThat(kept(log, "m")).isEqualTo(new ClassUse.Latest(1, 0));
        append(log, of("l/a", "1", "5"));
        assertThat(newest(log, "**")).as("none too many").containsExactly("2", "3", "4", "5");
        append(log, of("l/a", "6", "6"));
        log.maintain();
        assertThat(newest(log, "**")).containsExactly("3", "4", "5", "6");
        assertThat(kept(log, "m")).isEqualTo(new ClassUse.Latest(0, first.get(1)));
        assertThat(kept(log, "l/a")).isEqualTo(new ClassUse.Latest(4, 0));
        append(log, of("m", "2", "7"), of("m", "8", "8"));
        log.maintain();
        assertThat(newest(log, "**")).containsExactly("5", "6", "7", "8");
        assertThat(kept(log, "l/a")).isEqualTo(new ClassUse.Latest(2, first.getLast()));
        assertThat(kept(log, "m")).isEqualTo(new ClassUse.Latest(2, first.get(1)));
        assertThat(readAll(log, 0, Filters.of("l/a"))).as("what is no newest goes with retention").extracting(EngineTest::data)
                .containsExactly("5", "6");
    }

    /** An index does not help any more there. */
    @Test
    default void findsATopicOfMoreKeysThanAReadPasses() throws Exception {
        EventLog log = openAll();
        int keys = EventLog.MAX_SCAN_EVENTS + 200;
        for (int i = 0; i < keys; i += 100) {
            int begin = i;
            append(log, IntStream.range(begin, begin + 100).mapToObj(n -> of("l/many", "k" + n, "x")).toArray(Draft[]::new));
            append(log, of("l/few", "k" + i, "y"), of("m", "k" + i, "z"));
        }
        long end = log.tail().bounds().newest();
        assertThat(latest(log, end, 1_000, "l/many")).hasSize(keys).allMatch(event -> event.topic().value().equals("l/many"));
        assertThat(latest(log, end, 1_000, "l/few", "l/many", "plain/a")).hasSize(keys + keys / 100);
        assertThat(latest(log, end, 1_000, "l/few")).hasSize(keys / 100);
    }
}
