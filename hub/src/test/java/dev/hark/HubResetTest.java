package dev.hark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.TestHub.Setup;
import dev.hark.event.Draft;
import dev.hark.event.EventStreamParser.Message;
import dev.hark.fanout.OverflowPolicy;
import dev.hark.fanout.Start;
import dev.hark.fanout.StreamEnd;
import dev.hark.log.Append;
import dev.hark.log.journal.Journal;
import dev.hark.log.journal.JournalLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The log gets another history while streams are open: each is told so once, and is then given all of the new one, nothing of the old. */
@Timeout(120)
class HubResetTest {
    private static final long SEED = Long.getLong("hark.seed", 20261128L);
    private static final String OLD = TestHub.EPOCH;
    private static final String NEW = "00000001";
    private static final int OLD_EVENTS = 40;
    private static final int NEW_EVENTS = 20;

    /** So many that a few fill one write. */
    private static final String LARGE = "x".repeat(5_000);

    private final Journal journal = new Journal(OLD);
    private final AtomicReference<JournalLog> log = new AtomicReference<>();

    private TestHub start(Duration behind) {
        return TestHub.start((folder, config, clock, vital) -> {
            try {
                log.set(JournalLog.open(journal, config, clock, behind));
                return log.get();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }, Setup.USUAL.policy(OverflowPolicy.REPLAY, 4, 1 << 20).hot(10));
    }

    private void replace(TestHub test, String epoch, long firstPosition, int events) {
        List<List<Draft>> groups = IntStream.range(0, events).mapToObj(i -> List.of(TestHub.draft("a", epoch + ' ' + i, null))).toList();
        journal.replace(epoch, firstPosition, test.clock.millis(), groups);
    }

    private void awaitEpoch(String epoch) {
        TestHub.await("the log is " + epoch, () -> log.get().tail().epoch().equals(epoch));
    }

    /** Lower than where the old one ended, at the same position after one more event, and higher. */
    @ParameterizedTest
    @ValueSource(longs = {1, OLD_EVENTS - NEW_EVENTS, 1_000})
    void tellsEveryStreamOnceAndGivesAllOfTheNewHistory(long firstPosition) {
        try (TestHub test = start(Duration.ofSeconds(20))) {
            for (int i = 0; i < OLD_EVENTS - 1; i++) {
                test.publish("a", OLD + LARGE, null);
            }
            var streams = new ArrayList<TestStream>();
            streams.add(TestStream.open(test.hub, new Start.Latest(), "a").awaitOpen());
            streams.add(TestStream.open(test.hub, new Start.Latest(), "b", "a", "*", "a/**").awaitOpen());
            streams.add(TestStream.open(test.hub, new Start.Earliest(), "**").awaitPosition((OLD_EVENTS - 1) * 1_024L));
            // In the middle of a replay, in an event, and before the first block.
            TestStream replaying = TestStream.open(test.hub, 2, new Start.Earliest(), "a").awaitBlocked();
            TestStream blocked = TestStream.open(test.hub, 1, new Start.Latest(), "a").awaitOpen();
            TestStream unopened = TestStream.open(test.hub, 0, new Start.Latest(), "a").awaitBlocked();
            test.awaitWalked();
            long last = test.publish("a", OLD + LARGE, null);
            blocked.awaitBlocked();
            test.awaitWalked();
            streams.subList(0, 3).forEach(stream -> stream.awaitPosition(last));
            // Still looking for where to start.
            log.get().holdSearches();
            TestStream counting = TestStream.open(test.hub, new Start.Last(30), "a");
            TestStream dating = TestStream.open(test.hub, new Start.Back(Duration.ofHours(1)), "a");
            TestHub.await("both search", () -> log.get().heldSearches() == 2);
            // Not admitted yet: this id is of a node that is ahead.
            TestStream ahead = TestStream.open(test.hub, new Start.After(OLD + '-' + 10_000 * 1_024L), "a");
            streams.addAll(List.of(replaying, blocked, unopened, counting, dating, ahead));

            replace(test, NEW, firstPosition, NEW_EVENTS);
            awaitEpoch(NEW);
            log.get().letSearchesGo();
            List.of(replaying, blocked, unopened).forEach(TestStream::release);
            var expected = new ArrayList<Long>();
            IntStream.range(0, NEW_EVENTS).forEach(i -> expected.add((firstPosition + i) * 1_024));
            for (int i = 0; i < 3; i++) {
                expected.add(test.publish("a", NEW + " more", null));
            }
            assertThat(expected).as("answers of the new history").isSorted().doesNotHaveDuplicates();
            assertThat(expected.get(NEW_EVENTS)).isEqualTo((firstPosition + NEW_EVENTS) * 1_024);
            for (TestStream stream : streams) {
                awaitId(stream, NEW, expected.getLast());
                checkReset(stream, expected);
            }
            assertThat(test.read(HubMeter.GAPS_RESET)).isEqualTo(streams.size());
            streams.forEach(TestStream::clientGone);
            streams.forEach(stream -> assertThat(stream.awaitEnd()).isEqualTo(StreamEnd.CLIENT_GONE));
        }
    }

    private static void awaitId(TestStream stream, String epoch, long sequence) {
        stream.await("is at " + epoch + '-' + sequence, each -> each.lastEventId().equals(epoch + '-' + sequence));
    }

    private static void checkReset(TestStream stream, List<Long> expected) {
        List<Message> messages = stream.messages();
        List<Message> gaps = stream.control("hark.gap");
        assertThat(gaps).hasSize(1);
        assertThat(gaps.getFirst().data()).contains("\"reason\":\"reset\"", "\"after\":\"" + OLD + '-');
        int at = messages.indexOf(gaps.getFirst());
        assertThat(messages.subList(0, at)).allSatisfy(message -> {
            assertThat(message.data()).startsWith(OLD);
            assertThat(message.lastEventId()).startsWith(OLD);
        });
        assertThat(messages.subList(0, at).stream().map(message -> TestStream.sequence(message.lastEventId())).toList())
                .isSorted().doesNotHaveDuplicates();
        List<Message> after = messages.subList(at + 1, messages.size());
        assertThat(after).allSatisfy(message -> {
            assertThat(message.data()).startsWith(NEW);
            assertThat(message.lastEventId()).startsWith(NEW);
        });
        assertThat(after.stream().map(message -> TestStream.sequence(message.lastEventId())).toList()).isEqualTo(expected);
    }

    /** Who is admitted into the new history is of it, and is told nothing. */
    @Test
    void tellsThoseOnceWhoComeWhileHistoriesChange() throws Exception {
        var random = new SplittableRandom(SEED);
        try (TestHub test = start(Duration.ZERO)) {
            var epochs = new ArrayList<>(List.of(OLD));
            for (int i = 1; i <= 60; i++) {
                epochs.add("%08d".formatted(i));
            }
            var streams = new ArrayList<TestStream>();
            for (int i = 1; i < epochs.size(); i++) {
                String before = epochs.get(i - 1);
                String epoch = epochs.get(i);
                long position = random.nextLong(1, 51);
                int events = random.nextInt(1, 20);
                Thread replacing = Thread.ofPlatform().start(() -> replace(test, epoch, position, events));
                for (int n = 0; n < 20; n++) {
                    Start start = switch (random.nextInt(4)) {
                        case 0 -> new Start.Earliest();
                        case 1 -> new Start.Last(3);
                        case 2 -> new Start.After(before + '-' + 0);
                        default -> new Start.Latest();
                    };
                    streams.add(TestStream.open(test.hub, start, "a", "*"));
                    test.pass(TestHub.HEARTBEAT);
                }
                replacing.join();
                awaitEpoch(epoch);
            }
            long end = test.publish("a", "end", null);
            String newest = epochs.getLast();
            for (TestStream stream : streams) {
                awaitId(stream, newest, end);
                checkEras(stream, epochs);
                stream.clientGone();
            }
            streams.forEach(TestStream::awaitEnd);
        }
    }

    /** Epochs come in their order, each but the first with one gap before all else; within each, events come in order. */
    private static void checkEras(TestStream stream, List<String> epochs) {
        String epoch = stream.firstId().substring(0, 8);
        long position = -1;
        for (Message message : stream.messages()) {
            String of = message.lastEventId().substring(0, 8);
            long sequence = TestStream.sequence(message.lastEventId());
            boolean reset = message.type().equals("hark.gap");
            if (reset && !of.equals(epoch)) {
                assertThat(epochs.indexOf(of)).as("%s after %s (seed %s)", of, epoch, SEED).isGreaterThan(epochs.indexOf(epoch));
                assertThat(message.data()).contains("\"reason\":\"reset\"");
                epoch = of;
                position = sequence;
                continue;
            }
            assertThat(of).as("only a gap changes the epoch of %s (seed %s)", stream.messages(), SEED).isEqualTo(epoch);
            if (reset) {
                // Where it resumed with an id of the history before.
                assertThat(position).as("%s (seed %s)", stream.messages(), SEED).isEqualTo(-1);
            } else {
                assertThat(sequence).isGreaterThan(position);
                boolean own = message.data().equals("end") || message.data().startsWith(epoch);
                assertThat(own).as("%s of %s (seed %s)", message, epoch, SEED).isTrue();
            }
            position = sequence;
        }
    }

    /** Signs of life move the id along with the log: with this history, and not with the one before, which had come further. */
    @Test
    void movesNoIdPastTheNewHistory() {
        try (TestHub test = start(Duration.ZERO)) {
            var streams = IntStream.range(0, 3_000).mapToObj(i -> TestStream.open(test.hub, new Start.Latest(), "quiet")).toList();
            streams.forEach(TestStream::awaitOpen);
            for (int i = 1; i <= 6; i++) {
                String epoch = "%08d".formatted(i);
                // Lower each time, and all streams have a sign of life to give.
                long firstPosition = 1_000L - 100L * i;
                test.awaitMeter(HubMeter.STREAMS_INDEXED, streams.size());
                long heartbeats = test.read(HubMeter.HEARTBEATS);
                test.pass(TestHub.HEARTBEAT);
                TestHub.await("some give a sign of life", () -> test.read(HubMeter.HEARTBEATS) > heartbeats);
                replace(test, epoch, firstPosition, 2);
                awaitEpoch(epoch);
                for (TestStream stream : streams) {
                    stream.await("is in history " + epoch, each -> each.lastEventId().startsWith(epoch));
                    assertThat(TestStream.sequence(stream.lastEventId()))
                            .isBetween((firstPosition - 1) * 1_024, (firstPosition + 1) * 1_024);
                }
            }
            test.awaitWalked();
            for (TestStream stream : streams) {
                assertThat(TestStream.sequence(stream.lastEventId())).isLessThanOrEqualTo(log.get().tail().bounds().newest());
                assertThat(stream.control("hark.gap")).hasSize(6);
                stream.clientGone();
            }
        }
    }

    // ---- pages

    @Test
    void tellsPagesThatWaitAndThoseThatComeBack() {
        try (TestHub test = start(Duration.ZERO)) {
            test.publish("a");
            TestPage waiting = TestPage.ask(test.hub, 100, Duration.ofSeconds(60), new Start.Latest(), "a");
            test.awaitMeter(HubMeter.PAGES_WAITING, 1);
            test.awaitWalked();
            replace(test, NEW, 1_000, NEW_EVENTS);
            awaitEpoch(NEW);
            TestPage later = TestPage.ask(test.hub, new Start.After(OLD + "-1024"), "a");
            for (TestPage page : List.of(waiting, later)) {
                assertThat(page.gap()).isEqualTo("reset " + OLD + "-1024 " + NEW + '-' + 999 * 1_024L);
                assertThat(page.sequences()).hasSize(NEW_EVENTS).startsWith(1_000 * 1_024L);
                assertThat(page.next()).isEqualTo(NEW + '-' + 1_019 * 1_024L);
            }
            assertThat(TestPage.ask(test.hub, new Start.After(waiting.next()), "a").gap()).isEqualTo("null");
        }
    }

    /** A client that follows from page to page hears of each history that it gets to, and is given it from its beginning without a hole. */
    @Test
    void leadsWhoeverFollowsPagesFromHistoryToHistory() throws Exception {
        var random = new SplittableRandom(SEED);
        int histories = 40;
        try (TestHub test = start(Duration.ZERO)) {
            // While there is one history alone: where it begins must not be left to chance.
            Start start = new Start.After(TestPage.ask(test.hub, new Start.Latest(), "a").next());
            Thread replacing = Thread.ofPlatform().start(() -> {
                for (int i = 1; i <= histories; i++) {
                    String epoch = "%08d".formatted(i);
                    replace(test, epoch, random.nextLong(1, 51), 20);
                    awaitEpoch(epoch);
                    for (int n = 20; n < 30; n++) {
                        test.publish("a", epoch + ' ' + n, null);
                    }
                }
                test.publish("a", "end", null);
            });
            var follower = new SplittableRandom(SEED);
            String epoch = OLD;
            int expected = 0;
            boolean ended = false;
            while (!ended) {
                Duration wait = follower.nextBoolean() ? Duration.ZERO : Duration.ofSeconds(60);
                TestPage page = TestPage.ask(test.hub, follower.nextInt(1, 12), wait, start, "a");
                if (!page.gap().equals("null")) {
                    assertThat(page.gap()).startsWith("reset " + epoch + '-');
                    assertThat(page.next().substring(0, 8)).isGreaterThan(epoch.equals(OLD) ? "" : epoch);
                    epoch = page.next().substring(0, 8);
                    expected = 0;
                }
                assertThat(page.next()).startsWith(epoch);
                for (var event : page.json().path("events")) {
                    ended = event.path("data").asText().equals("end");
                    if (!ended) {
                        assertThat(event.path("data").asText()).as("seed %s", SEED).isEqualTo(epoch + ' ' + expected);
                        assertThat(event.path("id").asText()).startsWith(epoch);
                        expected++;
                    }
                }
                start = new Start.After(page.next());
            }
            replacing.join();
            assertThat(epoch).isEqualTo("%08d".formatted(histories));
            assertThat(expected).isEqualTo(30);
        }
    }

    // ---- a node that is behind

    @Test
    void waitsForAnIdThatAnotherNodeGave() throws Exception {
        try (TestHub test = start(Duration.ofSeconds(20));
                JournalLog other = JournalLog.open(journal, TestHub.config(Setup.USUAL), test.clock, Duration.ofSeconds(20))) {
            test.publish("a");
            log.get().hold();
            Append append = other.append(List.of(TestHub.draft("a", "2", null)));
            assertThat(append).isEqualTo(new Append.Stored(List.of(new Append.Entry(OLD, 2_048, false))));
            TestStream stream = TestStream.open(test.hub, new Start.After(OLD + "-2048"), "a");
            TestHub.await("it waits", stream::isWaiting);
            assertThat(test.read(HubMeter.STREAMS_OPENED)).isZero();
            log.get().letGo();
            stream.awaitOpen();
            assertThat(stream.lastEventId()).isEqualTo(OLD + "-2048");
            test.publish("a", "3", null);
            assertThat(stream.awaitMessages(1).sequences()).containsExactly(3_072L);
            assertThat(stream.control("hark.gap")).isEmpty();
        }
    }

    @Test
    void saysThatAnIdIsUnknownOnceItHasWaitedLongEnough() {
        try (TestHub test = start(Duration.ofMillis(50))) {
            test.publish("a");
            TestStream stream = TestStream.open(test.hub, new Start.After(OLD + "-1025"), "a").awaitMessages(1);
            assertThat(stream.messages().getFirst().data()).contains("\"reason\":\"unknown-id\"", "\"resumedAt\":\"" + OLD + "-1024\"");
        }
    }
}
