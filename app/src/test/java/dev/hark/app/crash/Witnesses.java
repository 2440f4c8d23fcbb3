package dev.hark.app.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.app.Answer;
import dev.hark.app.Program;
import dev.hark.app.Wire;
import dev.hark.app.crash.History.Attempt;
import dev.hark.app.crash.History.Follower;
import dev.hark.app.crash.History.Outcome;
import dev.hark.app.crash.History.Sent;
import dev.hark.app.crash.Lives.Life;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Everybody who publishes to a log and follows it, from one start of its server to the next, and the history of what they were told.
 * Thread-safe, but for {@link #end}.
 */
final class Witnesses implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(5);

    private final Lives lives = new Lives();
    private final AtomicLong clock = new AtomicLong();
    private final long seed;
    private final String topic;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Future<List<Attempt>>> publishers;
    private final List<FollowingClient> clients;
    private final List<Future<Follower>> followers;

    /** Of those who are no {@link PublishingClient}. */
    private final Queue<Attempt> noted = new ConcurrentLinkedQueue<>();

    /**
     * Two followers that are always there, and one that is not.
     *
     * @param publishers how many publish all the time, in each life until they are refused or cut off
     * @param topic      what one of the followers subscribes to; the others to everything
     * @param attends    in which lives the third one comes
     * @param seed       of what the publishers choose
     */
    Witnesses(int publishers, String topic, Predicate<Life> attends, long seed) {
        this.topic = topic;
        this.seed = seed;
        this.publishers = IntStream.range(0, publishers)
                .mapToObj(i -> threads.submit(new PublishingClient("p" + i, lives, clock, seed + i)))
                .toList();
        this.clients = List.of(
                new FollowingClient("everything", History.EVERYTHING, lives, life -> true),
                new FollowingClient("topic", topic, lives, life -> true),
                new FollowingClient("seldom there", History.EVERYTHING, lives, attends));
        this.followers = clients.stream().map(threads::submit).toList();
    }

    /** Says where the server is, to all who were refused or cut off, and those who come now. */
    Life begin(URI server, boolean last) {
        return lives.begin(server, last);
    }

    /** Waits until a publisher was answered in {@code life}: a young JVM takes its time over its first requests. */
    void awaitAnswer(Life life) {
        await("an answer").atMost(Wire.PATIENCE).pollDelay(Duration.ZERO).pollInterval(POLL)
                .until(() -> lives.answered() == life.number());
    }

    /** Notes what {@code request}, which sends {@code events}, was answered. */
    Answer note(List<Sent> events, Supplier<Answer> request) {
        long began = clock.incrementAndGet();
        Outcome outcome = new Outcome.Unknown();
        try {
            Answer answer = request.get();
            outcome = PublishingClient.outcome(answer.status(), answer.body());
            return answer;
        } finally {
            noted.add(new Attempt("test", events, began, clock.incrementAndGet(), outcome));
        }
    }

    /**
     * Has the publishers end, waits until every follower was given everything, reads the whole log back, and ends {@code last}, which is
     * the server's last life.
     */
    History end(Program last) throws Exception {
        URI server = last.awaitUri();
        lives.stopPublishing();
        List<Attempt> attempts = new ArrayList<>(noted);
        for (Future<List<Attempt>> publisher : publishers) {
            attempts.addAll(publisher.get(Wire.PATIENCE.toSeconds(), TimeUnit.SECONDS));
        }
        var end = new PublishingClient("end", lives, clock, seed);
        String newest = "the end";
        end.publish(server, List.of(new Sent(topic, newest, null)));
        attempts.addAll(end.attempts());
        await("the end").atMost(Wire.PATIENCE).until(() -> clients.stream().allMatch(client -> client.lastData().equals(newest)));
        Follower readBack = FollowingClient.readAll(server, newest);
        lives.end();
        last.terminate();
        assertThat(last.awaitExit()).as(last.err()).isZero();
        List<Follower> followed = new ArrayList<>();
        for (Future<Follower> follower : followers) {
            followed.add(follower.get(Wire.PATIENCE.toSeconds(), TimeUnit.SECONDS));
        }
        return new History(attempts, followed, readBack);
    }

    /** As {@link #end}; no promise may be broken. */
    History endJudged(Program last) throws Exception {
        History history = end(last);
        List<Verdict> verdicts = HistoryChecker.judge(history);
        assertThat(verdicts.stream().limit(20)).as("seed " + seed + ": " + verdicts.size() + " promises broken").isEmpty();
        return history;
    }

    /** Has everybody leave. Who follows a stream does when its server ends. */
    @Override
    public void close() {
        lives.stopPublishing();
        lives.end();
        threads.shutdownNow();
    }
}
