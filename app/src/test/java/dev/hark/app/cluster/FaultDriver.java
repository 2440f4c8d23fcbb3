package dev.hark.app.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.app.cluster.ClusterHistory.Destruction;
import dev.hark.event.EventId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Does one fault after another to a cluster, chosen by a seed, up to {@link #MAX_AT_ONCE} at a time, and mends each a while later. Before
 * something destroys the stream, all is mended: at least one node has to know what was there, or nobody could tell of it. Confined to the
 * test's thread.
 */
final class FaultDriver {
    private static final int MAX_AT_ONCE = 3;

    /** How much has to be acknowledged between two faults, and for how long that is waited for: perhaps nothing can be. */
    private static final int PROGRESS = 15;
    private static final Duration PROGRESS_PATIENCE = Duration.ofMillis(800);

    /** After so many faults in a row behind which nothing was acknowledged all is mended: more would show nothing. */
    private static final int MAX_FRUITLESS = 4;

    private static final Duration POLL = Duration.ofMillis(10);

    /** For each fault, so that there is something to judge. */
    private static final int ACKNOWLEDGED = 10;

    private final Cluster cluster;
    private final Meeting meeting;
    private final Path folder;
    private final Random random;
    private final Mendings mendings;
    private final FaultDeck deck;
    private final Faults faults;
    private final Map<Fault, Integer> happened = new EnumMap<>(Fault.class);
    private final List<Destruction> destructions = new ArrayList<>();
    private final List<String> done = new ArrayList<>();
    private final long began = System.nanoTime();

    /** Faults in a row behind which nothing was acknowledged. */
    private int fruitless;

    /** When the copy of what the servers keep was made, in ticks; null where there is none. */
    private @Nullable Long copiedAt;

    /** @param most how long a fault lasts at most, unless it ends by itself */
    FaultDriver(Cluster cluster, Meeting meeting, Path folder, Random random, Duration most) {
        this.cluster = cluster;
        this.meeting = meeting;
        this.folder = folder;
        this.random = random;
        this.deck = new FaultDeck(random);
        this.mendings = new Mendings(random);
        this.faults = new Faults(cluster, mendings, random, most, this::note);
    }

    void run(int count) throws IOException, InterruptedException {
        for (int i = 0; i < count; i++) {
            Fault fault = deck.next();
            if (fault.isDestruction()) {
                calm();
                destroy(fault);
            } else {
                if (!happen(fault)) {
                    // So much is down or hangs that there is nothing left to take away.
                    calm();
                    assertThat(happen(fault)).as("%s, while all is well", fault).isTrue();
                }
                awaitProgress();
            }
            happened.merge(fault, 1, Integer::sum);
        }
        calm();
        await("acknowledgements").atMost(Cluster.PATIENCE).until(() -> meeting.acknowledged() >= count * ACKNOWLEDGED);
    }

    /** How often each has happened. */
    Map<Fault, Integer> happened() {
        return happened;
    }

    List<Destruction> destructions() {
        return destructions;
    }

    /** What has happened, and when. */
    String story() {
        return String.join("\n", done);
    }

    private void note(String what) {
        done.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began) + " ms: " + what);
    }

    /** Waits until something was acknowledged, if anything can be, and there is room for one more fault. */
    private void awaitProgress() throws IOException, InterruptedException {
        int before = meeting.acknowledged();
        long end = System.nanoTime() + PROGRESS_PATIENCE.toNanos();
        while (mendings.size() >= MAX_AT_ONCE || (meeting.acknowledged() - before < PROGRESS && System.nanoTime() < end)) {
            mendings.mend();
            Thread.sleep(POLL);
        }
        fruitless = meeting.acknowledged() == before ? fruitless + 1 : 0;
        if (fruitless == MAX_FRUITLESS) {
            calm();
        }
    }

    /** Mends everything, and waits until each node has something acknowledged again. */
    private void calm() throws IOException, InterruptedException {
        while (mendings.size() > 0) {
            mendings.mendAll();
            Thread.sleep(POLL);
        }
        cluster.servers().startAll();
        cluster.startNodes();
        int[] before = IntStream.range(0, Cluster.NODES).map(meeting::acknowledged).toArray();
        await("acknowledgements of every node after\n" + story()).atMost(Cluster.PATIENCE).pollInterval(POLL).until(() -> {
            cluster.nodes().forEach(HubNode::requireAlive);
            restartDamaged();
            return IntStream.range(0, before.length).allMatch(i -> meeting.acknowledged(i) > before[i] + 1);
        });
        fruitless = 0;
        note("all is well");
    }

    /** As whoever reads in a node's health that its replica is damaged. */
    private void restartDamaged() throws IOException, InterruptedException {
        for (HubNode node : cluster.nodes()) {
            if (node.saysThatItIsDamaged()) {
                note("a node with a damaged replica is started again");
                node.kill();
                cluster.startNodes();
            }
        }
    }

    /** Whether there was something that it could happen to. */
    private boolean happen(Fault fault) throws IOException, InterruptedException {
        if (fault == Fault.ALL_SERVERS_KILLED) {
            note(fault.toString());
            copy();
            return true;
        }
        return faults.happen(fault);
    }

    /** Kills all servers, and copies what they keep. */
    private void copy() throws IOException, InterruptedException {
        Long at = meeting.tick();
        faults.killAllServers();
        cluster.servers().copyTo(folder.resolve("yesterday"));
        copiedAt = at;
    }

    private void destroy(Fault fault) throws IOException, InterruptedException {
        String epoch = cluster.end(cluster.node(0)).map(EventId::epoch).orElseThrow();
        switch (fault) {
            case STREAM_DELETED -> destroyed(fault, epoch, Deed::delete);
            case STREAM_MADE_ANEW -> destroyed(fault, epoch, Deed::makeAnew);
            case STREAM_PURGED -> {
                purge(fault, epoch);
                return;
            }
            case STREAM_PURGED_BEHIND_A_NODE -> purgeBehind(fault, epoch, cluster.node(random.nextInt(Cluster.NODES)));
            case STREAM_PUT_BACK -> {
                long kept = copied();
                cluster.servers().killAll();
                destructions.add(new Destruction(fault.toString(), epoch, true, kept, meeting.tick()));
                cluster.servers().putBack(folder.resolve("yesterday"));
                cluster.servers().startAll();
            }
            case NODE_KILLED, ALL_NODES_KILLED, NODE_HANGS, LEADER_KILLED, SERVER_KILLED, ALL_SERVERS_KILLED, EVERYTHING_KILLED,
                    SERVER_HANGS, NODE_CUT_OFF, SERVERS_CUT_APART, REPLICA_REMOVED, REPLICA_DAMAGED, REPLICA_PUT_BACK, CLOCK_SET ->
                    throw new IllegalArgumentException(fault.toString());
        }
        copiedAt = null;
        note(fault.toString());
        cluster.awaitEpochAfter(epoch);
        note("another epoch");
    }

    /**
     * What nobody has appended since takes everything with it. Where somebody has, as clients do all the time, nodes that had all of it
     * go on, and those that had not begin from a snapshot that one of them makes.
     */
    private void purge(Fault fault, String epoch) throws IOException, InterruptedException {
        cluster.servers().does(Deed::purge);
        long done = meeting.tick();
        note(fault.toString());
        boolean isOver = cluster.awaitEpochOrSnapshot(epoch);
        destructions.add(new Destruction(
                fault.toString(), epoch, false, isOver ? Destruction.NOTHING : Destruction.EVERYTHING, done));
        copiedAt = null;
        note(isOver ? "another epoch" : "a snapshot");
    }

    private void purgeBehind(Fault fault, String epoch, HubNode behind) throws IOException, InterruptedException {
        List<HubNode> others = cluster.nodes().stream().filter(node -> node != behind).toList();
        behind.kill();
        int before = meeting.acknowledged();
        await("what that node lacks").atMost(Cluster.PATIENCE).pollInterval(POLL).until(() -> meeting.acknowledged() > before + PROGRESS);
        for (HubNode other : others) {
            other.pause();
        }
        destroyed(fault, epoch, Deed::purge);
        behind.start();
        behind.awaitStarted();
        for (HubNode other : others) {
            other.resume();
        }
    }

    /** When the copy of what the servers keep was made, or is made now. */
    private long copied() throws IOException, InterruptedException {
        if (copiedAt == null) {
            copy();
            calm();
        }
        return Objects.requireNonNull(copiedAt, "a copy");
    }

    private void destroyed(Fault fault, String epoch, Deed deed) throws IOException, InterruptedException {
        cluster.servers().does(deed);
        destructions.add(new Destruction(fault.toString(), epoch, false, Destruction.NOTHING, meeting.tick()));
    }
}
