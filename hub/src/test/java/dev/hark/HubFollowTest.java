package dev.hark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.TestHub.Engine;
import dev.hark.TestHub.Setup;
import dev.hark.event.Draft;
import dev.hark.event.EventStreamParser.Message;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import dev.hark.fanout.Start;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Clients that follow {@code next} through a day in which events of many topics come all the time and retention removes the oldest. With
 * any limit, waiting or not, each sees every event that matches once, in order, as a stream does; or is told which are missing, and never
 * of those that are there. On each engine, the usual one first.
 */
@ParameterizedClass
@EnumSource
@Timeout(60)
class HubFollowTest {
    private static final int BATCHES = 600;
    private static final int RETAINED = 400;

    /** By the log's clock. No client is so far behind where the publisher lets all keep up. */
    private static final Duration RETAINED_FOR = Duration.ofHours(3);

    private static final Duration BETWEEN_BATCHES = Duration.ofDays(1).dividedBy(BATCHES);
    private static final int CLIENTS_PER_FILTER = 6;
    private static final List<List<String>> FILTERS = List.of(List.of("t/1"), List.of("t/*"), List.of("t/2", "u"), List.of("**"));

    private final Engine engine;
    private final SplittableRandom random = new SplittableRandom(20261128);

    HubFollowTest(Engine engine) {
        this.engine = engine;
    }

    /** The publisher lets all keep up. */
    @Test
    void seesWhatAStreamSees() throws Exception {
        follow(RETAINED / 2, (stream, followers, due) -> {
            assertThat(stream.control("hark.gap")).isEmpty();
            assertThat(upTo(due.getLast(), stream.sequences())).isEqualTo(due);
            for (Follower follower : followers) {
                assertThat(follower.missing).isEmpty();
                assertThat(upTo(due.getLast(), follower.seen)).isEqualTo(due);
            }
        });
    }

    /** The publisher waits for nobody. */
    @Test
    void isToldWhatIsMissing() throws Exception {
        follow(Long.MAX_VALUE, (stream, followers, due) -> {
            List<Missing> missing = stream.control("hark.gap").stream().map(HubFollowTest::missing).toList();
            assertThat(upTo(due.getLast(), stream.sequences())).isEqualTo(without(missing, due));
            for (Follower follower : followers) {
                assertThat(upTo(due.getLast(), follower.seen)).isEqualTo(without(follower.missing, due));
            }
        });
    }

    /** Looks at the stream and the clients of one filter, for whom {@code due} was published. */
    private interface Check {
        void look(TestStream stream, List<Follower> followers, List<Long> due);
    }

    /** @param lead how many events the publisher may be ahead of the slowest client */
    private void follow(long lead, Check check) throws Exception {
        try (TestHub test = TestHub.startInRealTime(engine, Setup.USUAL.hot(50).retention(RETAINED, RETAINED_FOR))) {
            List<TestStream> streams = FILTERS.stream()
                    .map(each -> TestStream.open(test.hub, new Start.Latest(), each.toArray(String[]::new)).awaitOpen()).toList();
            test.awaitWalked();
            List<List<Follower>> followers = FILTERS.stream()
                    .map(each -> IntStream.range(0, CLIENTS_PER_FILTER).mapToObj(i -> new Follower(test, each, random.split())).toList())
                    .toList();
            List<Follower> all = followers.stream().flatMap(List::stream).toList();
            List<Thread> threads = all.stream().map(Thread.ofVirtual()::start).toList();

            List<String> topics = publish(test, lead, streams, all);
            assertThat(TestPage.ask(test.hub, new Start.After(TestHub.EPOCH + "-0"), "**").gap()).startsWith("retention ");

            all.forEach(follower -> follower.end = topics.size());
            // Those that wait would do so to the end.
            test.publish(TestHub.draft("t/1", "x", null), TestHub.draft("u", "x", null), TestHub.draft("t/2", "x", null));
            for (Thread thread : threads) {
                thread.join();
            }
            for (Follower follower : all) {
                assertThat(follower.failure).isNull();
            }
            for (int i = 0; i < FILTERS.size(); i++) {
                check.look(streams.get(i).awaitPosition(topics.size() + 1L), followers.get(i), due(topics, FILTERS.get(i)));
            }
        }
    }

    /** The topics of what was published, in the order of the log. */
    private List<String> publish(TestHub test, long lead, List<TestStream> streams, List<Follower> followers) {
        List<String> topics = new ArrayList<>();
        for (int i = 0; i < BATCHES; i++) {
            Draft[] batch = IntStream.rangeClosed(0, random.nextInt(6))
                    .mapToObj(n -> TestHub.draft(random.nextInt(4) == 0 ? "u" : "t/" + random.nextInt(4), "x", null))
                    .toArray(Draft[]::new);
            test.clock.advance(BETWEEN_BATCHES);
            test.publish(batch);
            for (Draft draft : batch) {
                topics.add(draft.topic().value());
            }
            if (i % 20 == 19) {
                test.maintain();
            }
            if (topics.size() > lead) {
                long least = topics.size() - lead;
                streams.forEach(stream -> stream.awaitPosition(least));
                TestHub.await("all clients are near enough",
                        () -> followers.stream().allMatch(each -> each.failure != null || each.position >= least));
            }
        }
        return topics;
    }

    private static List<Long> due(List<String> topics, List<String> filters) {
        List<TopicFilter> wanted = filters.stream().map(TopicFilter::new).toList();
        return LongStream.rangeClosed(1, topics.size()).boxed()
                .filter(sequence -> wanted.stream().anyMatch(filter -> filter.matches(new Topic(topics.get((int) (sequence - 1))))))
                .toList();
    }

    private static List<Long> upTo(long last, List<Long> sequences) {
        return sequences.stream().filter(sequence -> sequence <= last).toList();
    }

    private static List<Long> without(List<Missing> missing, List<Long> due) {
        return due.stream().filter(sequence -> missing.stream().noneMatch(gap -> gap.has(sequence))).toList();
    }

    /** What a client was told that it is not given: what comes after one position, up to another. */
    private record Missing(long after, long through) {
        boolean has(long sequence) {
            return sequence > after && sequence <= through;
        }
    }

    private static Missing missing(Message gap) {
        var told = TestPage.parse(gap.data());
        return new Missing(TestStream.sequence(told.path("after").asText()), TestStream.resumedAt(gap));
    }

    /** A plain client: all that it knows is where it goes on. */
    private static final class Follower implements Runnable {
        private final TestHub test;
        private final List<String> filters;
        private final SplittableRandom random;

        private final List<Long> seen = new ArrayList<>();
        private final List<Missing> missing = new ArrayList<>();
        private volatile long position;
        private volatile long end = Long.MAX_VALUE;
        private volatile @Nullable Throwable failure;

        Follower(TestHub test, List<String> filters, SplittableRandom random) {
            this.test = test;
            this.filters = filters;
            this.random = random;
        }

        @Override
        public void run() {
            try {
                follow();
            } catch (Throwable e) {
                failure = e;
            }
        }

        private void follow() {
            String next = TestHub.EPOCH + "-0";
            while (position < end) {
                int limit = random.nextInt(3) == 0 ? 500 : random.nextInt(1, 8);
                Duration wait = random.nextBoolean() ? Duration.ZERO : Duration.ofMillis(random.nextInt(1, 200));
                TestPage page = TestPage.ask(test.hub, limit, wait, new Start.After(next), filters.toArray(String[]::new));
                seen.addAll(page.sequences());
                if (!page.gap().equals("null")) {
                    var gap = page.json().path("gap");
                    assertThat(gap.path("reason").asText()).isEqualTo("retention");
                    // It may have searched some of the log before it was overtaken.
                    long after = TestStream.sequence(gap.path("after").asText());
                    assertThat(after).isGreaterThanOrEqualTo(position);
                    missing.add(new Missing(after, TestStream.sequence(gap.path("resumedAt").asText())));
                }
                assertThat(page.sequences().size()).isLessThanOrEqualTo(limit);
                assertThat(page.position()).as("next never goes back").isGreaterThanOrEqualTo(position);
                position = page.position();
                next = page.next();
            }
        }
    }
}
