package dev.hark.app.cluster;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * What a cluster can suffer without losing anything, to a node or server that a seed chooses, and what mends it a while later. Confined to
 * the test's thread.
 */
final class Faults {
    /** A process hangs for longer than it is missed: for so many times as long as other faults last at most; every other one for long. */
    private static final int HANGING = 2;
    private static final Duration LONG_HANGING = Duration.ofSeconds(10);

    /** Which of the times that a node is down its replica is copied; the first time it always is. */
    private static final int COPIED_ONE_IN = 3;

    /** How long the stream's leader is waited for where it is to be killed and there is none. */
    private static final Duration LEADER_PATIENCE = Duration.ofSeconds(3);
    private static final Duration POLL = Duration.ofMillis(10);

    /** Where clocks are set to: what is believed is a minute from the servers'. */
    private static final List<Duration> CLOCKS = List.of(Duration.ofMinutes(-1), Duration.ZERO, Duration.ofMinutes(1));

    private final Cluster cluster;
    private final Mendings mendings;
    private final Random random;
    private final Duration most;
    private final Consumer<String> note;
    private int hangings;

    /**
     * @param most how long a fault lasts at most, unless it ends by itself
     * @param note is told what happens
     */
    Faults(Cluster cluster, Mendings mendings, Random random, Duration most, Consumer<String> note) {
        this.cluster = cluster;
        this.mendings = mendings;
        this.random = random;
        this.most = most;
        this.note = note;
    }

    /** Whether there was something that it could happen to. */
    boolean happen(Fault fault) throws IOException, InterruptedException {
        NatsServers servers = cluster.servers();
        return switch (fault) {
            case NODE_KILLED -> toNode(fault, HubNode::isUp, node -> down(node, () -> {}));
            case ALL_NODES_KILLED -> toNode(fault, HubNode::isUp, node -> killAllNodes());
            case EVERYTHING_KILLED -> toNode(fault, HubNode::isUp, node -> killEverything());
            case REPLICA_REMOVED -> toNode(fault, HubNode::hasReplica, node -> down(node, node::deleteReplica));
            case REPLICA_DAMAGED -> toNode(fault, HubNode::hasReplica, node -> down(node, () -> node.damageReplica(random)));
            case REPLICA_PUT_BACK -> toNode(fault, HubNode::hasCopy, this::putReplicaBack);
            case NODE_HANGS -> toNode(fault, node -> node.isUp() && !node.isPaused(), this::hang);
            case CLOCK_SET -> toNode(fault, node -> true, this::setClock);
            case NODE_CUT_OFF -> toNode(fault, node -> true, this::cutOff);
            case LEADER_KILLED -> killLeader();
            case SERVER_KILLED -> toServer(fault, servers::isUp, this::killServer);
            case SERVER_HANGS -> toServer(fault, index -> servers.isUp(index) && !servers.isPaused(index), this::hangServer);
            case SERVERS_CUT_APART -> toServer(fault, index -> true, this::cutApart);
            case ALL_SERVERS_KILLED, STREAM_DELETED, STREAM_MADE_ANEW, STREAM_PURGED, STREAM_PURGED_BEHIND_A_NODE, STREAM_PUT_BACK ->
                    throw new IllegalArgumentException(fault.toString());
        };
    }

    private interface To<T> {
        void happens(T what) throws IOException, InterruptedException;
    }

    /** To any node for which there is {@code can}; whether there is one. */
    private boolean toNode(Fault fault, Predicate<HubNode> can, To<HubNode> deed) throws IOException, InterruptedException {
        return toAny(fault, IntStream.range(0, Cluster.NODES).filter(i -> can.test(cluster.node(i))).toArray(),
                index -> deed.happens(cluster.node(index)));
    }

    private boolean toServer(Fault fault, IntPredicate can, To<Integer> deed) throws IOException, InterruptedException {
        return toAny(fault, IntStream.range(0, NatsServers.COUNT).filter(can).toArray(), deed);
    }

    private boolean toAny(Fault fault, int[] those, To<Integer> deed) throws IOException, InterruptedException {
        if (those.length == 0) {
            return false;
        }
        int index = those[random.nextInt(those.length)];
        note.accept(fault + " " + index);
        deed.happens(index);
        return true;
    }

    private void hang(HubNode node) throws InterruptedException {
        node.pause();
        goOnLater(() -> {
            if (node.isPaused()) {
                node.resume();
            }
        });
    }

    private void setClock(HubNode node) throws IOException {
        List<Duration> others = CLOCKS.stream().filter(each -> !each.equals(node.clock().ahead())).toList();
        node.clock().set(others.get(random.nextInt(others.size())));
        note.accept("to " + node.clock().ahead());
    }

    /** From one server, or from all. */
    private void cutOff(HubNode node) {
        int server = random.nextInt(NatsServers.COUNT + 1);
        disturb(server < NatsServers.COUNT
                ? List.of(node.line(server))
                : IntStream.range(0, NatsServers.COUNT).mapToObj(node::line).toList());
    }

    /** One pair of them, or one from both others. */
    private void cutApart(int index) {
        int next = (index + 1) % NatsServers.COUNT;
        int other = (index + 2) % NatsServers.COUNT;
        var lines = new ArrayList<>(cluster.servers().between(index, next));
        if (random.nextBoolean()) {
            lines.addAll(cluster.servers().between(index, other));
        }
        disturb(lines);
    }

    private boolean killLeader() throws IOException, InterruptedException {
        long end = System.nanoTime() + LEADER_PATIENCE.toNanos();
        OptionalInt leader = cluster.servers().leader();
        while (leader.isEmpty() && System.nanoTime() < end) {
            mendings.mend();
            Thread.sleep(POLL);
            leader = cluster.servers().leader();
        }
        int index = leader.orElse(-1);
        return toServer(Fault.LEADER_KILLED, each -> each == index, this::killServer);
    }

    /** Kills a node, does something while it is down, and starts it again. */
    private void down(HubNode node, Mendings.Action meanwhile) throws IOException, InterruptedException {
        node.kill();
        if (!node.hasCopy() || random.nextInt(COPIED_ONE_IN) == 0) {
            node.copyReplica();
        }
        meanwhile.run();
        startLater(node);
    }

    private void killAllNodes() throws IOException, InterruptedException {
        for (HubNode each : cluster.nodes()) {
            down(each, () -> {});
        }
    }

    /** Whoever is killed last has lived without the others for a moment. */
    private void killEverything() throws IOException, InterruptedException {
        if (random.nextBoolean()) {
            killAllNodes();
            killAllServers();
        } else {
            killAllServers();
            killAllNodes();
        }
    }

    private void putReplicaBack(HubNode node) throws IOException, InterruptedException {
        node.kill();
        node.restoreReplica();
        startLater(node);
    }

    private void startLater(HubNode node) {
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

    /** Returns when none of them runs; they are started again later. */
    void killAllServers() throws InterruptedException {
        cluster.servers().killAll();
        later(cluster.servers()::startAll);
    }

    private void hangServer(int index) throws InterruptedException {
        NatsServers servers = cluster.servers();
        servers.pause(index);
        goOnLater(() -> {
            if (servers.isPaused(index)) {
                servers.resume(index);
            }
        });
    }

    private void disturb(List<Line> lines) {
        boolean silent = random.nextBoolean();
        lines.forEach(silent ? Line::silence : Line::cut);
        later(() -> lines.forEach(Line::mend));
    }

    private void later(Mendings.Action action) {
        mendings.later(most, action);
    }

    /** Has what hangs go on some time; what hangs for long is not mended sooner. */
    private void goOnLater(Mendings.Action action) {
        hangings++;
        if (hangings % 2 == 1) {
            note.accept("for " + LONG_HANGING);
            mendings.after(LONG_HANGING, action);
        } else {
            mendings.later(most.multipliedBy(HANGING), action);
        }
    }
}
