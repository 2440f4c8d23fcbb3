package dev.hark.app.cluster;

import static org.awaitility.Awaitility.await;

import dev.hark.app.cluster.ClusterHistory.Destruction;
import dev.hark.app.cluster.NatsServers.Deed;
import dev.hark.event.EventId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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
    private static final int MIN_MILLIS = 50;

    /** For each fault, so that there is something to judge. */
    private static final int ACKNOWLEDGED = 10;

    /** A process hangs for longer than it is missed. */
    private static final int HANGING = 2;

    private final Cluster cluster;
    private final Meeting meeting;
    private final Path folder;
    private final Random random;
    private final int maxMillis;
    private final List<Mending> mendings = new ArrayList<>();
    private final Deque<Fault> deck = new ArrayDeque<>();
    private final List<Destruction> destructions = new ArrayList<>();
    private final List<String> done = new ArrayList<>();
    private final long began = System.nanoTime();

    /** Faults in a row behind which nothing was acknowledged. */
    private int fruitless;

    /** When the copy of what the servers keep was made, in ticks; null where there is none. */
    private @Nullable Long copiedAt;

    private interface Action {
        void run() throws IOException, InterruptedException;
    }

    /** What ends a fault. */
    private record Mending(long dueNanos, Action action) {}

    /** @param maxMillis how long a fault lasts at most, unless it ends by itself */
    FaultDriver(Cluster cluster, Meeting meeting, Path folder, Random random, int maxMillis) {
        this.cluster = cluster;
        this.meeting = meeting;
        this.folder = folder;
        this.random = random;
        this.maxMillis = maxMillis;
    }

    void run(int faults) throws IOException, InterruptedException {
        for (int i = 0; i < faults; i++) {
            Fault fault = next();
            if (fault.isDestruction()) {
                calm();
                destroy(fault);
            } else {
                happen(fault);
                awaitProgress();
            }
        }
        calm();
        await("acknowledgements").atMost(Cluster.PATIENCE).until(() -> meeting.acknowledged() >= faults * ACKNOWLEDGED);
    }

    /** Each that destroys nothing as often as every other one, and one of those that do after that, somewhere between them. */
    private Fault next() {
        if (deck.isEmpty()) {
            List<Fault> all = new ArrayList<>(Stream.of(Fault.values()).filter(fault -> !fault.isDestruction()).toList());
            List<Fault> destroying = Stream.of(Fault.values()).filter(Fault::isDestruction).toList();
            all.add(destroying.get(random.nextInt(destroying.size())));
            Collections.shuffle(all, random);
            deck.addAll(all);
        }
        return deck.remove();
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

    private void later(Action action) {
        later(maxMillis, action);
    }

    private void later(int most, Action action) {
        int millis = MIN_MILLIS + random.nextInt(most - MIN_MILLIS);
        mendings.add(new Mending(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis), action));
    }

    private void mend(boolean all) throws IOException, InterruptedException {
        for (Iterator<Mending> each = mendings.iterator(); each.hasNext(); ) {
            Mending mending = each.next();
            if (all || System.nanoTime() - mending.dueNanos() >= 0) {
                each.remove();
                mending.action().run();
            }
        }
    }

    /** Waits until something was acknowledged, if anything can be, and there is room for one more fault. */
    private void awaitProgress() throws IOException, InterruptedException {
        int before = meeting.acknowledged();
        long end = System.nanoTime() + PROGRESS_PATIENCE.toNanos();
        while (mendings.size() >= MAX_AT_ONCE || (meeting.acknowledged() - before < PROGRESS && System.nanoTime() < end)) {
            mend(false);
            Thread.sleep(POLL);
        }
        fruitless = meeting.acknowledged() == before ? fruitless + 1 : 0;
        if (fruitless == MAX_FRUITLESS) {
            calm();
        }
    }

    /** Mends everything, and waits until each node has something acknowledged again. */
    private void calm() throws IOException, InterruptedException {
        mend(true);
        cluster.servers().startAll();
        cluster.startNodes();
        int[] before = IntStream.range(0, Cluster.NODES).map(meeting::acknowledged).toArray();
        await("acknowledgements of every node after\n" + story()).atMost(Cluster.PATIENCE).pollInterval(POLL).until(() -> {
            cluster.nodes().forEach(HubNode::requireAlive);
            return IntStream.range(0, before.length).allMatch(i -> meeting.acknowledged(i) > before[i] + 1);
        });
        fruitless = 0;
        note("all is well");
    }

    private void happen(Fault fault) throws IOException, InterruptedException {
        int index = random.nextInt(Cluster.NODES);
        HubNode node = cluster.node(index);
        note(fault + " " + index);
        switch (fault) {
            case NODE_KILLED -> down(node, () -> {});
            case ALL_NODES_KILLED -> {
                for (HubNode each : cluster.nodes()) {
                    down(each, () -> {});
                }
            }
            case REPLICA_REMOVED -> down(node, node::deleteReplica);
            case REPLICA_DAMAGED -> down(node, () -> node.damageReplica(random));
            case REPLICA_PUT_BACK -> down(node, () -> {
                if (!node.restoreReplica()) {
                    node.copyReplica();
                }
            });
            case NODE_HANGS -> {
                if (node.isUp() && !node.isPaused()) {
                    node.pause();
                    later(HANGING * maxMillis, () -> {
                        if (node.isPaused()) {
                            node.resume();
                        }
                    });
                }
            }
            case LEADER_KILLED -> killServer(cluster.servers().leader().orElse(index));
            case SERVER_KILLED -> killServer(index);
            case ALL_SERVERS_KILLED -> {
                Long at = meeting.tick();
                cluster.servers().killAll();
                cluster.servers().copyTo(folder.resolve("yesterday"));
                copiedAt = at;
                later(cluster.servers()::startAll);
            }
            case SERVER_HANGS -> hangServer(index);
            case NODE_CUT_OFF -> {
                // From one server, or from all.
                int server = random.nextInt(NatsServers.COUNT + 1);
                List<Line> lines = server < NatsServers.COUNT
                        ? List.of(node.line(server))
                        : IntStream.range(0, NatsServers.COUNT).mapToObj(node::line).toList();
                disturb(lines);
            }
            case SERVERS_CUT_APART -> {
                // One pair of them, or one from both others.
                int next = (index + 1) % NatsServers.COUNT;
                int other = (index + 2) % NatsServers.COUNT;
                var lines = new ArrayList<>(cluster.servers().between(index, next));
                if (random.nextBoolean()) {
                    lines.addAll(cluster.servers().between(index, other));
                }
                disturb(lines);
            }
            case STREAM_DELETED, STREAM_MADE_ANEW, STREAM_PUT_BACK -> throw new IllegalArgumentException(fault.toString());
        }
    }

    /** Kills a node, does something while it is down, and starts it again. */
    private void down(HubNode node, Action meanwhile) throws IOException, InterruptedException {
        node.kill();
        if (random.nextInt(3) == 0) {
            node.copyReplica();
        }
        meanwhile.run();
        later(() -> {
            if (!node.isUp()) {
                node.start();
            }
        });
    }

    private void killServer(int index) throws InterruptedException {
        cluster.servers().kill(index);
        later(() -> {
            if (!cluster.servers().isUp(index)) {
                cluster.servers().start(index);
            }
        });
    }

    private void hangServer(int index) throws InterruptedException {
        NatsServers servers = cluster.servers();
        if (servers.isUp(index) && !servers.isPaused(index)) {
            servers.pause(index);
            later(HANGING * maxMillis, () -> {
                if (servers.isPaused(index)) {
                    servers.resume(index);
                }
            });
        }
    }

    private void disturb(List<Line> lines) {
        boolean silent = random.nextBoolean();
        lines.forEach(silent ? Line::silence : Line::cut);
        later(() -> lines.forEach(Line::mend));
    }

    private void destroy(Fault fault) throws IOException, InterruptedException {
        String epoch = cluster.end(cluster.node(0)).map(EventId::epoch).orElseThrow();
        switch (fault) {
            case STREAM_DELETED -> destroyed(fault, epoch, NatsServers::delete);
            case STREAM_MADE_ANEW -> destroyed(fault, epoch, NatsServers::makeAnew);
            case STREAM_PUT_BACK -> {
                long kept = copied();
                cluster.servers().killAll();
                destructions.add(new Destruction(fault.toString(), epoch, true, kept, meeting.tick()));
                cluster.servers().putBack(folder.resolve("yesterday"));
                cluster.servers().startAll();
            }
            case NODE_KILLED, ALL_NODES_KILLED, NODE_HANGS, LEADER_KILLED, SERVER_KILLED, ALL_SERVERS_KILLED, SERVER_HANGS, NODE_CUT_OFF,
                    SERVERS_CUT_APART, REPLICA_REMOVED, REPLICA_DAMAGED, REPLICA_PUT_BACK ->
                    throw new IllegalArgumentException(fault.toString());
        }
        copiedAt = null;
        note(fault.toString());
        cluster.awaitEpochAfter(epoch);
        note("another epoch");
    }

    /** When the copy of what the servers keep was made, or is made now. */
    private long copied() throws IOException, InterruptedException {
        if (copiedAt == null) {
            happen(Fault.ALL_SERVERS_KILLED);
            calm();
        }
        return Objects.requireNonNull(copiedAt, "a copy");
    }

    private void destroyed(Fault fault, String epoch, Deed deed) throws IOException, InterruptedException {
        cluster.servers().does(deed);
        destructions.add(new Destruction(fault.toString(), epoch, false, Destruction.NOTHING, meeting.tick()));
    }
}
