package dev.hark.app.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.HubMeter;
import dev.hark.app.RunningHub;
import dev.hark.app.Wire;
import dev.hark.app.crash.EntitledClient.Manner;
import dev.hark.app.crash.GivenRights.Cause;
import dev.hark.app.crash.GivenRights.Change;
import dev.hark.app.crash.GivenRights.Given;
import dev.hark.app.crash.GivenRights.Giver;
import dev.hark.app.crash.History.Follower;
import dev.hark.app.crash.History.Sent;
import dev.hark.log.SteadyClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rights that end at any moment, by time, by revocation and by reload, of streams that are live, in a long replay, or blocked in a write,
 * while somebody publishes all the time: nothing that is sent after an end comes on its stream, and whoever comes back misses nothing and
 * is given nothing twice. {@code -Dhark.seed=…} makes other choices.
 */
class EndingRightsIT {
    private static final List<Manner> MANNERS = List.of(Manner.values());
    private static final List<Giver> GIVERS = List.of(Giver.values());
    private static final List<Change> CHANGES = List.of(Change.values());
    private static final int CLIENTS = 21;
    private static final int BATCH = 50;
    private static final int BACKLOG_BYTES = 4_000;
    private static final int LONGEST_PAUSE_MILLIS = 10;
    private static final int LONGEST_BETWEEN_ENDS_MILLIS = 400;
    private static final String END = "the end";
    private static final String TOPIC = PublishingClient.TOPICS.getFirst();

    @TempDir
    private Path folder;

    private final long seed = Long.getLong("hark.seed", 1);
    private final Random random = new Random(seed);
    private final SteadyClock clock = SteadyClock.ofSystem();
    private final AtomicLong ticks = new AtomicLong();
    private final PublishingClient publisher = new PublishingClient("p", new ServerRuns(), ticks, seed);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, LongAdder> ends = new ConcurrentSkipListMap<>();
    private final List<EntitledClient> clients = new ArrayList<>();
    private GivenRights rights;
    private RunningHub hub;
    private volatile boolean over;
    private int published;

    @BeforeEach
    void start() {
        rights = new GivenRights(folder, clock, ticks);
        // What is replayed comes from the disk, and nothing but the end of a right ends a blocked write.
        hub = RunningHub.readingOnDisk(rights.file(), clock, "log.hot-events=200", "delivery.write-timeout=PT2M");
    }

    @AfterEach
    void stop() {
        over = true;
        threads.shutdownNow();
        hub.close();
    }

    @Test
    void noEventComesAfterTheEnd() throws Exception {
        run(2_000, Duration.ofSeconds(8));
    }

    @Test
    @Tag("long")
    void noEventComesAfterTheEndInAMinute() throws Exception {
        run(15_000, Duration.ofSeconds(50));
    }

    private void run(int backlog, Duration time) throws Exception {
        for (int sent = 0; sent < backlog; sent += BATCH) {
            publish(BATCH, "x".repeat(BACKLOG_BYTES));
        }
        List<Future<Follower>> followers = startClients();
        Future<?> watch = threads.submit(this::watchTheTime);
        Future<?> publishing = threads.submit(this::publishAllTheTime);
        endRights(System.nanoTime() + time.toNanos());
        over = true;
        publishing.get(Wire.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        judge(followers);
        watch.cancel(true);
    }

    private List<Future<Follower>> startClients() {
        for (int i = 0; i < CLIENTS; i++) {
            Manner manner = MANNERS.get(i % MANNERS.size());
            Giver giver = GIVERS.get(i / MANNERS.size() % GIVERS.size());
            String topic = random.nextInt(3) == 0 ? TOPIC : History.EVERYTHING;
            clients.add(new EntitledClient("c" + i, topic, manner, giver, hub.uri(), rights, seed + i, END, ends));
        }
        return clients.stream().map(threads::submit).toList();
    }

    private Void watchTheTime() throws InterruptedException {
        while (!Thread.currentThread().isInterrupted()) {
            rights.lookAtTheTime();
            TimeUnit.MILLISECONDS.sleep(2);
        }
        return null;
    }

    private Void publishAllTheTime() throws InterruptedException {
        var choices = new Random(~seed);
        while (!over) {
            publish(1 + choices.nextInt(3), "x".repeat(choices.nextInt(choices.nextInt(10) == 0 ? 20_000 : 500)));
            TimeUnit.MILLISECONDS.sleep(choices.nextInt(LONGEST_PAUSE_MILLIS));
        }
        return null;
    }

    private void publish(int count, String filler) throws InterruptedException {
        List<Sent> batch = IntStream.range(0, count)
                .mapToObj(i -> new Sent(PublishingClient.TOPICS.get((published + i) % PublishingClient.TOPICS.size()),
                        published + i + filler, null))
                .toList();
        published += count;
        publishAcknowledged(batch);
    }

    private void publishAcknowledged(List<Sent> batch) throws InterruptedException {
        assertThat(publisher.publish(hub.uri(), batch).orElseThrow()).isInstanceOf(History.Outcome.Acknowledged.class);
    }

    /** Ends this and that until {@code deadlineNanos}: in each round something of each kind, in any order. */
    private void endRights(long deadlineNanos) throws InterruptedException {
        var round = new ArrayList<Runnable>();
        while (System.nanoTime() - deadlineNanos < 0) {
            if (round.isEmpty()) {
                for (Manner manner : MANNERS) {
                    round.add(() -> revoke(manner, Cause.TOKEN));
                    round.add(() -> revoke(manner, Cause.SUBJECT));
                }
                round.add(() -> reload(round));
                Collections.shuffle(round, random);
            }
            round.removeLast().run();
            TimeUnit.MILLISECONDS.sleep(random.nextInt(LONGEST_BETWEEN_ENDS_MILLIS));
        }
        for (Giver giver : GIVERS) {
            rights.reload(hub, giver, Change.RESTORED);
        }
    }

    /** A giver that gives nothing afterwards gives again with the next step. */
    private void reload(List<Runnable> round) {
        Giver giver = GIVERS.get(random.nextInt(GIVERS.size()));
        Change change = CHANGES.get(random.nextInt(CHANGES.size()));
        rights.reload(hub, giver, change);
        if (change == Change.FEWER_RIGHTS || change == Change.TAKEN_OUT) {
            round.addLast(() -> rights.reload(hub, giver, Change.RESTORED));
        }
    }

    private void revoke(Manner manner, Cause how) {
        List<Given> open = clients.stream().filter(client -> client.manner == manner && client.giver.isIssuer())
                .map(EntitledClient::open).filter(right -> right != null && !right.hasEnded()).toList();
        if (!open.isEmpty()) {
            rights.revoke(hub, open.get(random.nextInt(open.size())), how);
        }
    }

    private void judge(List<Future<Follower>> followers) throws Exception {
        clients.forEach(EntitledClient::settle);
        publishAcknowledged(List.of(new Sent(TOPIC, END, null)));
        var followed = new ArrayList<Follower>();
        for (Future<Follower> follower : followers) {
            followed.add(follower.get(2 * Wire.PATIENCE.toSeconds(), TimeUnit.SECONDS));
        }
        String reader = rights.giveLasting(Giver.ONE, "reader").credential;
        Follower readBack = FollowingClient.readAll(hub.uri(), END, "Authorization: Bearer " + reader);
        List<Verdict> verdicts = HistoryChecker.judge(new History(publisher.attempts(), followed, readBack));
        System.getLogger(EndingRightsIT.class.getName()).log(System.Logger.Level.INFO,
                "seed " + seed + ": ends " + ends + ", " + hub.read(HubMeter.STREAMS_CUT) + " without a word, " + published + " events");
        assertThat(verdicts.stream().limit(20)).as("seed " + seed + ": " + verdicts.size() + " promises broken").isEmpty();
        for (Manner manner : MANNERS) {
            for (Cause cause : Cause.values()) {
                assertThat(ends).as("seed " + seed).containsKey(manner + " " + cause);
            }
        }
        assertThat(hub.read(HubMeter.STREAMS_CUT)).as("blocked writes that ended").isPositive();
    }
}
