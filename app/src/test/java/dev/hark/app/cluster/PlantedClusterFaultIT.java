package dev.hark.app.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.app.crash.History.Outcome;
import dev.hark.app.crash.History.Sent;
import dev.hark.app.crash.Verdict;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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

    /** To one node after another, each until it is acknowledged. */
    private List<String> publish(ClusterPublisher publisher) {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < COUNT; i++) {
            String data = "event " + sent++ + '.';
            List<Sent> event = List.of(new Sent(ClusterPublisher.TOPICS.getFirst(), data, "key of " + data));
            int node = i % Cluster.NODES;
            await(data).pollInSameThread().atMost(Cluster.PATIENCE).until(() ->
                    publisher.attempt(node, event).filter(outcome -> outcome instanceof Outcome.Acknowledged).isPresent());
            all.add(data);
        }
        return all;
    }
}
