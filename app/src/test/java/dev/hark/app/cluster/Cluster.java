package dev.hark.app.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.app.Ports;
import dev.hark.app.crash.History.Follower;
import dev.hark.event.EventId;
import dev.hark.log.sqlite.tools.LogFile;
import dev.hark.log.sqlite.tools.Verification;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/** Three servers of NATS and three nodes. Confined to the test's thread. */
final class Cluster implements AutoCloseable {
    static final int NODES = 3;

    /** Longer than a few elections, and the start of a node. */
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final Duration POLL = Duration.ofMillis(50);
    private static final Duration ANSWER = Duration.ofSeconds(6);
    private static final int OK = 200;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final NatsServers servers;
    private final List<HubNode> nodes = new ArrayList<>();
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(ANSWER).build();

    private Cluster(NatsServers servers) {
        this.servers = servers;
    }

    /** Returns when all of it runs. */
    static Cluster start(Path folder) throws IOException, InterruptedException {
        return start(folder, List.of());
    }

    /**
     * The same with wall clocks of their own.
     *
     * @param ahead how far that of each node is before the machine's; as many as there are nodes, or none
     */
    static Cluster start(Path folder, List<Duration> ahead) throws IOException, InterruptedException {
        var cluster = new Cluster(NatsServers.start(folder.resolve("nats")));
        try {
            List<Integer> ports = Ports.free(NODES);
            for (int i = 0; i < NODES; i++) {
                cluster.nodes.add(new HubNode(i, folder.resolve("node-" + i), cluster.servers, ports.get(i)));
            }
            for (int i = 0; i < ahead.size(); i++) {
                cluster.nodes.get(i).clock().set(ahead.get(i));
            }
            cluster.startNodes();
            cluster.requireClocks();
            return cluster;
        } catch (IOException | RuntimeException | Error e) {
            cluster.close();
            throw e;
        }
    }

    NatsServers servers() {
        return servers;
    }

    HubNode node(int index) {
        return nodes.get(index);
    }

    List<HubNode> nodes() {
        return nodes;
    }

    List<URI> uris() {
        return nodes.stream().map(HubNode::uri).toList();
    }

    /** Those that are down; returns when all of them listen. */
    void startNodes() throws IOException {
        for (HubNode node : nodes) {
            if (!node.isUp()) {
                node.start();
            }
        }
        nodes.forEach(HubNode::awaitStarted);
    }

    /** Waits until all nodes show the same end of the log. */
    void awaitAgreement() {
        await("nodes that agree").atMost(PATIENCE).pollInterval(POLL).until(() -> agreed(EventId::toString).isPresent());
    }

    /** Waits until all nodes are in the same epoch, which is another one. */
    void awaitEpochAfter(String before) {
        await("another epoch than " + before).atMost(PATIENCE).pollInterval(POLL).until(
                () -> agreed(EventId::epoch).filter(epoch -> !epoch.equals(before)).isPresent());
    }

    /**
     * Waits until all nodes are in the same epoch, and another one may join them: that is another epoch, or there is a snapshot of what
     * they have. Whether it is another epoch.
     */
    boolean awaitEpochOrSnapshot(String before) {
        var now = new AtomicReference<>("");
        await("another epoch than " + before + ", or a snapshot").atMost(PATIENCE).pollInterval(POLL).until(() -> {
            now.set(agreed(EventId::epoch).orElse(""));
            return !now.get().isEmpty() && (!now.get().equals(before) || servers.haveSnapshot());
        });
        return !now.get().equals(before);
    }

    /** What all nodes show at the end of the log. */
    private Optional<String> agreed(Function<EventId, String> what) throws InterruptedException {
        nodes.forEach(HubNode::requireAlive);
        var shown = new TreeSet<String>();
        for (HubNode node : nodes) {
            shown.add(end(node).map(what).orElse(""));
        }
        return shown.size() == 1 && !shown.first().isEmpty() ? Optional.of(shown.first()) : Optional.empty();
    }

    /** Where the log ends, as that node shows it; none where it does not answer. */
    Optional<EventId> end(HubNode node) throws InterruptedException {
        try {
            HttpResponse<String> answer = http.send(newest(node), BodyHandlers.ofString());
            JsonNode page = answer.statusCode() == OK ? JSON.readTree(answer.body()) : JSON.createObjectNode();
            return EventId.parse(page.path("next").asText());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static HttpRequest newest(HubNode node) {
        return HttpRequest.newBuilder(node.uri().resolve("/topics/**?since=latest&limit=1"))
                .header("Accept", "application/json").timeout(ANSWER).build();
    }

    /** Requires that each node tells clients the time that its clock is set to: or there would be nothing to see. */
    private void requireClocks() throws IOException, InterruptedException {
        for (HubNode node : nodes) {
            HttpResponse<String> answer = http.send(newest(node), BodyHandlers.ofString());
            String date = answer.headers().firstValue("Date").orElseThrow();
            node.clock().requireShows(Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date)).toEpochMilli());
        }
    }

    /** The whole log, as each node shows it. */
    List<Follower> readAll(Meeting meeting) throws IOException {
        var all = new ArrayList<Follower>();
        for (int i = 0; i < NODES; i++) {
            all.add(ClusterFollower.readAll("node " + i, nodes.get(i).uri(), meeting));
        }
        return all;
    }

    /** Ends all nodes in order, reads their replicas as {@code hark log verify} does, and requires that they hold the same. */
    void verify(String as) throws IOException, InterruptedException {
        for (HubNode node : nodes) {
            node.terminate();
            var findings = new ArrayList<String>();
            try (LogFile file = LogFile.open(node.replica())) {
                Verification found = file.verify(findings::add);
                assertThat(found.isIntact()).as(as + " %s: %s", node.replica(), findings).isTrue();
            }
        }
        ReplicaContent first = ReplicaContent.read(nodes.getFirst().replica());
        for (HubNode other : nodes.subList(1, nodes.size())) {
            first.requireSame(ReplicaContent.read(other.replica()), as + ": node 0 and " + other.replica());
        }
    }

    @Override
    public void close() throws InterruptedException {
        nodes.forEach(HubNode::close);
        servers.close();
    }
}
