package dev.hark.app.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hark.app.http.ProblemException;
import dev.hark.app.http.ProblemType;
import dev.hark.log.replicated.Checksum;
import dev.hark.log.replicated.JournalState;
import dev.hark.log.replicated.NodeState;
import dev.hark.log.replicated.ReplicatedLog;
import io.helidon.common.media.type.MediaTypes;
import io.helidon.http.Method;
import io.helidon.http.PathMatchers;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/** {@code GET /api/cluster}: the nodes that share a log, and what that is kept in. Thread-safe. */
public final class ClusterRoute {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PATH = "/api/cluster";
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Optional<ReplicatedLog> log;
    private final Identity identity;
    private final Health health;
    private final LongSupplier streams;

    /**
     * What of a node does not change while it runs.
     *
     * @param name    the machine and the port of its data listener
     * @param version of Hark
     * @param started when, as ISO-8601
     * @param rules   what its rules of topics come to, which are to be the same on all nodes
     */
    public record Identity(String name, String version, String started, String rules) {}

    /**
     * @param log     the one that it shares; none where it has its own
     * @param streams how many it serves now
     */
    public ClusterRoute(Optional<ReplicatedLog> log, Identity identity, Health health, LongSupplier streams) {
        this.log = log;
        this.identity = identity;
        this.health = health;
        this.streams = streams;
        log.ifPresent(shared -> shared.answerRollCall(() -> report(shared.state()).toJson().toString().getBytes(StandardCharsets.UTF_8)));
    }

    /** Adds it to {@code routing}. */
    public void register(HttpRouting.Builder routing) {
        routing.route(Method.predicate(Method.GET, Method.HEAD), PathMatchers.exact(PATH), this::answer)
                .any(PATH, (request, response) -> {
                    throw new ProblemException(ProblemType.METHOD_NOT_ALLOWED,
                            request.prologue().method().text() + " is not allowed here; GET is", Map.of("Allow", "GET, HEAD"));
                });
    }

    private NodeReport report(NodeState state) {
        Optional<JournalState> journal = state.journal();
        return new NodeReport(identity.name(), state.node(), identity.version(), identity.started(), identity.rules(), state.epoch(),
                state.position(), state.behind(), state.lag().toMillis() / 1e3, state.checksum(), streams.getAsLong(),
                health.notReady().orElse(""), health.notPublishing().orElse(""), journal.map(JournalState::server).orElse(""),
                journal.map(JournalState::version).orElse(""));
    }

    private void answer(ServerRequest request, ServerResponse response) {
        ReplicatedLog shared = log.orElseThrow(() -> new ProblemException(ProblemType.NOT_FOUND,
                "this hub has a log of its own: log.kind is not jetstream"));
        NodeReport own = report(shared.state());
        Map<String, NodeReport> nodes = new LinkedHashMap<>();
        nodes.put(own.node(), own);
        String unknown = "";
        try {
            shared.callRoll(PATIENCE).forEach(said -> NodeReport.read(said).ifPresent(each -> nodes.putIfAbsent(each.node(), each)));
        } catch (IOException e) {
            unknown = "other nodes cannot be asked now: " + e.getMessage();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            unknown = "other nodes were not asked to the end";
        }
        List<NodeReport> all = nodes.values().stream().sorted(Comparator.comparing(NodeReport::name)).toList();
        ObjectNode json = JSON.createObjectNode().put("asked", own.name()).put("unknown", unknown);
        ArrayNode each = json.putArray("nodes");
        all.forEach(node -> each.add(node.toJson()));
        shared.state().journal().ifPresentOrElse(journal -> json.set("journal", document(journal)), () -> json.putNull("journal"));
        ArrayNode warnings = json.putArray("warnings");
        warnings(all).forEach(warnings::add);
        send(response, json);
    }

    private static ObjectNode document(JournalState journal) {
        ObjectNode json = JSON.createObjectNode()
                .put("kind", "jetstream")
                .put("name", journal.name())
                .put("first", journal.extent().first())
                .put("last", journal.extent().last())
                .put("bytes", journal.bytes())
                .put("replicas", journal.replicas())
                .put("ageSeconds", journal.age().toMillis() / 1e3);
        ArrayNode copies = json.putArray("servers");
        journal.copies().forEach(copy -> copies.addObject()
                .put("name", copy.server()).put("leader", copy.isLeader()).put("up", copy.isUp()).put("behind", copy.behind()));
        return json;
    }

    /** What is not as it should be between nodes, in sentences. */
    static List<String> warnings(List<NodeReport> nodes) {
        var all = new ArrayList<String>();
        for (int i = 0; i < nodes.size(); i++) {
            for (int j = i + 1; j < nodes.size(); j++) {
                NodeReport one = nodes.get(i);
                NodeReport other = nodes.get(j);
                Checksum here = one.checksum();
                Checksum there = other.checksum();
                if (!one.epoch().equals(other.epoch())) {
                    all.add(one.name() + " and " + other.name() + " have different epochs, " + one.epoch() + " and " + other.epoch()
                            + ": another history begins, or one of them is behind");
                }
                // Other versions may write them in other words.
                if (one.version().equals(other.version()) && !one.rules().equals(other.rules())) {
                    all.add(one.name() + " and " + other.name() + " have different rules of topics: topics, log.retention, log.idempotency,"
                            + " log.latest, sources, hooks, and whether auth says who may do what have to be the same, or what they keep"
                            + " comes to differ");
                } else if (here.position() > 0 && here.position() == there.position() && here.value() != there.value()
                        && one.epoch().equals(other.epoch())) {
                    all.add(one.name() + " and " + other.name() + " came to different checksums at " + here.position()
                            + ": their rules of topics differ, or one of them has a defect");
                }
            }
        }
        return all;
    }

    private static void send(ServerResponse response, ObjectNode json) {
        response.status(Status.OK_200).header(AdminRoutes.NO_STORE);
        response.headers().contentType(MediaTypes.APPLICATION_JSON);
        try {
            response.send(JSON.writeValueAsBytes(json));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("text is always JSON", e);
        }
    }
}
