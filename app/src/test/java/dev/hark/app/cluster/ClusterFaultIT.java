package dev.hark.app.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.app.cluster.ClusterFollower.Habit;
import dev.hark.app.crash.History;
import dev.hark.app.crash.History.Attempt;
import dev.hark.app.crash.History.Block;
import dev.hark.app.crash.History.Follower;
import dev.hark.app.crash.History.Outcome;
import dev.hark.app.crash.History.Sent;
import dev.hark.app.crash.Verdict;
import dev.hark.event.EventId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three nodes and three servers of NATS while everything fails that can, several at a time, and clients publish and follow: nothing
 * acknowledged is lost but by what destroys the stream, and then everybody is told; nothing comes twice, one order for all, and the same
 * replicas at the end. {@code -Dhark.seed=…} has another seed's choices, {@code -Dhark.faults=…} another number of faults.
 */
@Order(0)
class ClusterFaultIT {
    private static final int PUBLISHERS = 3;

    /** How many faults there are where nobody says. */
    private static final int FEW = FaultDeck.SIZE;
    private static final int MANY = 200;

    /** How long a fault lasts at most, unless it ends by itself. */
    private static final Duration MOST = Duration.ofMillis(1_500);

    /** Of the nodes: apart by two minutes, and none of them further ahead than is believed. */
    private static final List<Duration> CLOCKS = List.of(Duration.ZERO, Duration.ofMinutes(1), Duration.ofMinutes(-1));

    /** For everybody to come to the end. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    private final long seed = Long.getLong("hark.seed", 7);

    @Test
    @Timeout(300)
    @DisabledIfSystemProperty(named = "hark.test.access", matches = "true", disabledReason = "its nodes have a configuration of their own")
    void faultsBreakNoPromise() throws Exception {
        run(Integer.getInteger("hark.faults", FEW));
    }

    @Test
    @Tag("long")
    @Timeout(1_800)
    void manyFaultsBreakNoPromise() throws Exception {
        assertThat(run(MANY)).as("each kind").containsOnlyKeys(FaultDeck.kinds());
    }

    /** Gives how often each fault happened. */
    private Map<Fault, Integer> run(int faults) throws Exception {
        try (Cluster cluster = Cluster.start(folder, NodeClock.isThere() ? CLOCKS : List.of());
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var meeting = new Meeting(cluster.uris());
            var driver = new FaultDriver(cluster, meeting, folder, new Random(seed), MOST);
            try {
                run(cluster, threads, meeting, driver, faults);
                return driver.happened();
            } catch (Exception | AssertionError e) {
                throw new AssertionError("seed " + seed + ":\n" + driver.story() + "\n" + said(cluster), e);
            } finally {
                meeting.abandon();
                // Whoever reads a stream on which nothing comes does not look whether it is over.
                threads.shutdownNow();
            }
        }
    }

    private void run(Cluster cluster, ExecutorService threads, Meeting meeting, FaultDriver driver, int faults) throws Exception {
        var publishers = new ArrayList<Future<List<Attempt>>>();
        for (int i = 0; i < PUBLISHERS; i++) {
            publishers.add(threads.submit(new ClusterPublisher("p" + i, meeting, seed + i)));
        }
        var followers = new ArrayList<Future<Follower>>();
        for (Callable<Follower> each : followers(meeting)) {
            followers.add(threads.submit(each));
        }
        driver.run(faults);

        meeting.stopPublishing();
        var attempts = new ArrayList<Attempt>();
        for (Future<List<Attempt>> publisher : publishers) {
            attempts.addAll(publisher.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
        }
        cluster.awaitAgreement();
        attempts.addAll(end(meeting));
        var heard = new ArrayList<Follower>();
        for (Future<Follower> follower : followers) {
            heard.add(follower.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
        }
        cluster.awaitAgreement();
        var history = new ClusterHistory(attempts, heard, cluster.readAll(meeting), driver.destructions());
        cluster.verify("seed " + seed);
        List<Verdict> verdicts = ClusterChecker.judge(history);
        assertThat(verdicts).as("seed %d\n%s", seed, verdicts.isEmpty() ? "" : told(history, verdicts) + sent(history, verdicts)).isEmpty();
        report(history, driver);
    }

    private List<Callable<Follower>> followers(Meeting meeting) {
        String one = ClusterPublisher.TOPICS.getFirst();
        return List.of(
                new ClusterFollower("stays", History.EVERYTHING, meeting, Habit.STAYS, seed),
                new ClusterFollower("stays with one topic", one, meeting, Habit.STAYS, seed + 1),
                new ClusterFollower("slow", History.EVERYTHING, meeting, Habit.READS_SLOWLY, seed + 2),
                new ClusterFollower("moves", History.EVERYTHING, meeting, Habit.MOVES_OFTEN, seed + 3),
                new ClusterFollower("moves with one topic", one, meeting, Habit.MOVES_OFTEN, seed + 4),
                new PagingFollower("pages", History.EVERYTHING, meeting, seed + 5),
                new PagingFollower("pages of one topic", one, meeting, seed + 6));
    }

    /** The last event, on a topic that everybody follows. */
    private static List<Attempt> end(Meeting meeting) {
        var last = new ClusterPublisher("end", meeting, 0);
        var sent = new Sent(ClusterPublisher.TOPICS.getFirst(), "the end", "key of the end");
        meeting.endAt(sent.data());
        await("the last event").atMost(PATIENCE).until(() ->
                last.attempt(0, List.of(sent)).filter(outcome -> outcome instanceof Outcome.Acknowledged).isPresent());
        return last.attempts();
    }

    private void report(ClusterHistory history, FaultDriver driver) {
        long acknowledged = history.attempts().stream().filter(each -> each.outcome() instanceof Outcome.Acknowledged).count();
        long unknown = history.attempts().stream().filter(each -> each.outcome() instanceof Outcome.Unknown).count();
        long gaps = history.followers().stream()
                .flatMap(each -> each.blocks().stream()).filter(each -> each instanceof Block.Gap).count();
        System.getLogger(ClusterFaultIT.class.getName()).log(System.Logger.Level.INFO, "seed " + seed + ": " + driver.happened() + "; "
                + acknowledged + " requests were acknowledged, "
                + unknown + " of unknown fate, " + gaps + " gaps were told, " + history.nodes().getFirst().blocks().size()
                + " blocks at the end");
    }

    /** Each gap of each follower, and each id that a verdict names, between what came before and after it. */
    private static String told(ClusterHistory history, List<Verdict> verdicts) {
        String named = verdicts.toString();
        var all = new StringBuilder();
        for (Follower follower : history.followers()) {
            List<Block> blocks = follower.blocks();
            for (int i = 0; i < blocks.size(); i++) {
                if (blocks.get(i) instanceof Block.Gap
                        || (blocks.get(i) instanceof Block.Delivered(EventId id, String _) && named.contains(id.toString()))) {
                    all.append(follower.name()).append(": ").append(blocks.subList(Math.max(0, i - 2), Math.min(i + 3, blocks.size())))
                            .append('\n');
                }
            }
        }
        return all.toString();
    }

    /** What was sent and asked about the events that verdicts name. */
    private static String sent(ClusterHistory history, List<Verdict> verdicts) {
        String named = verdicts.toString();
        Set<String> data = new TreeSet<>();
        for (Follower each : Stream.concat(history.nodes().stream(), history.followers().stream()).toList()) {
            for (Block block : each.blocks()) {
                if (block instanceof Block.Delivered(EventId id, String of)
                        && (named.contains(of) || Pattern.compile("\\b" + id.sequence() + "\\b").matcher(named).find())) {
                    data.add(of);
                }
            }
        }
        return history.attempts().stream()
                .filter(attempt -> attempt.events().stream().anyMatch(sent -> data.contains(sent.data())))
                .map(attempt -> attempt + "\n").collect(Collectors.joining());
    }

    private static String said(Cluster cluster) {
        var all = new StringBuilder();
        for (HubNode node : cluster.nodes()) {
            all.append(node.said()).append('\n');
        }
        return all.toString();
    }
}
