package dev.hark.app.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.app.crash.History.Attempt;
import dev.hark.app.crash.History.Outcome;
import dev.hark.app.crash.History.Sent;
import dev.hark.app.crash.Verdict;
import dev.hark.event.EventId;
import dev.hark.log.replicated.Group;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A fault planted into a real cluster, of which no node can know: the checker, told nothing of it, finds it. */
@Tag("long")
class PlantedClusterFaultIT {
    private static final int COUNT = 10;

    @TempDir
    private Path folder;

    private int sent;

    /** Servers and all replicas are put back together: what came since is gone, and its numbers are given again. */
    @Test
    void aHistoryThatBeginsAgainBehindEverybodysBackIsFound() throws Exception {
        try (Cluster cluster = Cluster.start(folder)) {
            var meeting = new Meeting(cluster.uris());
            var publisher = new ClusterPublisher("p", meeting, 0);
            publish(publisher);
            cluster.awaitAgreement();
            endAll(cluster);
            Path copy = folder.resolve("yesterday");
            cluster.servers().copyTo(copy);
            for (HubNode node : cluster.nodes()) {
                node.copyReplica();
            }
            startAll(cluster);
            List<String> gone = publish(publisher);
            endAll(cluster);
            cluster.servers().putBack(copy);
            for (HubNode node : cluster.nodes()) {
                assertThat(node.restoreReplica()).isTrue();
            }
            startAll(cluster);
            meeting.endAt(publish(publisher).getLast());
            cluster.awaitAgreement();

            List<Verdict> verdicts = ClusterChecker.judge(
                    new ClusterHistory(publisher.attempts(), List.of(), cluster.readAll(meeting), List.of()));
            // What was told at higher numbers, and is gone, stands before what came later, too.
            assertThat(verdicts).hasOnlyElementsOfTypes(Verdict.Lost.class, Verdict.Reused.class, Verdict.StoredOutOfOrder.class);
            assertThat(gone).allSatisfy(data -> assertThat(verdicts).anyMatch(verdict -> verdict.toString().contains(data)));
        }
    }

    /** The stream is another one than it was, and all nodes begin with it: what it lacks, holds twice, or in another order. */
    @Test
    void aStreamThatIsWrittenAnewIsFound() throws Exception {
        try (Cluster cluster = Cluster.start(folder)) {
            var meeting = new Meeting(cluster.uris());
            var publisher = new ClusterPublisher("p", meeting, 0);
            List<String> data = publish(publisher, false);
            // There is a place for a second one before the end.
            int groups = content(cluster).groups().size();
            await("a group of time").atMost(Cluster.PATIENCE).until(() -> content(cluster).groups().size() > groups);
            String end = publish(publisher, false).getLast();
            meeting.endAt(end);
            cluster.awaitAgreement();
            StreamContent all = content(cluster);
            int place = all.timeBefore(end);

            assertThat(judgeWith(all, cluster, publisher, meeting)).isEmpty();
            String one = data.get(2);
            assertThat(judgeWith(all.without(one), cluster, publisher, meeting)).containsExactly(
                    new Verdict.Lost(sequence(all, one), one));
            assertThat(judgeWith(all.withAgain(one, place), cluster, publisher, meeting)).containsExactly(
                    new Verdict.StoredTwice(one, Set.of(sequence(all, one), Group.firstSequence(place + 1, 0))));
            String later = data.get(5);
            assertThat(judgeWith(all.withSwapped(one, later), cluster, publisher, meeting))
                    .contains(new Verdict.Reused(sequence(all, one), Set.of(one, later)))
                    .contains(new Verdict.Reused(sequence(all, later), Set.of(one, later)));
            // Where nobody was told of the first places, what is wrong is the order alone.
            List<Attempt> attempts = publisher.attempts().stream().map(attempt -> movedTo(attempt,
                    isOf(attempt, one) ? sequence(all, later) : isOf(attempt, later) ? sequence(all, one) : 0)).toList();
            assertThat(judge(attempts, cluster, meeting)).isNotEmpty().hasOnlyElementsOfType(Verdict.StoredOutOfOrder.class);
        }
    }

    private static StreamContent content(Cluster cluster) throws IOException, InterruptedException {
        var found = new AtomicReference<StreamContent>();
        cluster.servers().does(connection -> found.set(StreamContent.read(connection.jetStreamManagement())));
        return found.get();
    }

    private static long sequence(StreamContent content, String data) {
        return Group.firstSequence(content.indexOf(data) + 1, 0);
    }

    private static List<Verdict> judgeWith(StreamContent content, Cluster cluster, ClusterPublisher publisher, Meeting meeting)
            throws Exception {
        for (HubNode node : cluster.nodes()) {
            node.terminate();
            node.deleteReplica();
        }
        cluster.servers().does(content::write);
        cluster.startNodes();
        cluster.awaitAgreement();
        return judge(publisher.attempts(), cluster, meeting);
    }

    private static List<Verdict> judge(List<Attempt> attempts, Cluster cluster, Meeting meeting) throws IOException {
        return ClusterChecker.judge(new ClusterHistory(attempts, List.of(), cluster.readAll(meeting), List.of()));
    }

    private static boolean isOf(Attempt attempt, String data) {
        return attempt.events().getFirst().data().equals(data);
    }

    /** The same attempt, acknowledged with another place, unless that is 0. */
    private static Attempt movedTo(Attempt attempt, long sequence) {
        return sequence == 0 || !(attempt.outcome() instanceof Outcome.Acknowledged(List<EventId> ids))
                ? attempt
                : new Attempt(attempt.publisher(), attempt.events(), attempt.began(), attempt.ended(),
                        new Outcome.Acknowledged(List.of(new EventId(ids.getFirst().epoch(), sequence))));
    }

    /** One node has lost an event of its replica: it says so to who asks, and all others show it. */
    @Test
    void aReplicaThatIsNotTheSameIsFound() throws Exception {
        try (Cluster cluster = Cluster.start(folder)) {
            var meeting = new Meeting(cluster.uris());
            var publisher = new ClusterPublisher("p", meeting, 0);
            List<String> data = publish(publisher, false);
            meeting.endAt(data.getLast());
            cluster.awaitAgreement();
            HubNode node = cluster.node(1);
            node.terminate();
            try (var connection = DriverManager.getConnection("jdbc:sqlite:" + node.replica());
                    var delete = connection.prepareStatement("DELETE FROM event WHERE data = ?")) {
                delete.setBytes(1, data.get(3).getBytes(StandardCharsets.UTF_8));
                assertThat(delete.executeUpdate()).isEqualTo(1);
            }
            cluster.startNodes();
            cluster.awaitAgreement();
            assertThat(judge(publisher.attempts(), cluster, meeting)).hasOnlyElementsOfType(Verdict.Unequal.class).hasSize(1)
                    .allMatch(verdict -> verdict.toString().contains(data.get(3)));
        }
    }

    private static void endAll(Cluster cluster) throws InterruptedException {
        for (HubNode node : cluster.nodes()) {
            node.terminate();
        }
        cluster.servers().killAll();
    }

    private static void startAll(Cluster cluster) throws IOException {
        cluster.servers().startAll();
        cluster.servers().awaitLeader();
        cluster.startNodes();
    }

    private List<String> publish(ClusterPublisher publisher) {
        return publish(publisher, true);
    }

    /** To one node after another, each until it is acknowledged. */
    private List<String> publish(ClusterPublisher publisher, boolean keyed) {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < COUNT; i++) {
            String data = "event " + sent++ + '.';
            List<Sent> event = List.of(new Sent(ClusterPublisher.TOPICS.getFirst(), data, keyed ? "key of " + data : null));
            int node = i % Cluster.NODES;
            await(data).pollInSameThread().atMost(Cluster.PATIENCE).until(() ->
                    publisher.attempt(node, event).filter(outcome -> outcome instanceof Outcome.Acknowledged).isPresent());
            all.add(data);
        }
        return all;
    }
}
