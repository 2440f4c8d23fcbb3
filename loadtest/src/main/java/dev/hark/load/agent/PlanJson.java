package dev.hark.load.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hark.load.drive.FanoutPlan;
import dev.hark.load.drive.Node;
import dev.hark.load.drive.Outage;
import dev.hark.load.drive.PublishPlan;
import dev.hark.load.drive.RequestTemplate;
import dev.hark.load.drive.Stages;
import dev.hark.load.drive.StreamPlan;
import dev.hark.load.drive.Target;
import dev.hark.load.ledger.Spread;
import dev.hark.load.measure.ServerWatch;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A plan on its way to an agent. The server's name is resolved by the agent: it may stand elsewhere. */
final class PlanJson {
    private PlanJson() {}

    static void write(ObjectNode into, FanoutPlan plan) {
        Target target = plan.target();
        into.put("profile", target.profile().name());
        writeNodes(into.putArray("nodes"), target.nodes());
        writeNodes(into.putArray("publishNodes"), target.publishNodes());
        write(into.putObject("subscribe"), target.subscribe());
        write(into.putObject("publish"), target.publish());
        if (target.batchPath() != null) {
            into.put("batchPath", target.batchPath());
        }
        target.headers().forEach(into.putArray("headers")::add);
        CredentialsJson.write(into.putObject("credentials"), target.credentials());
        StreamPlan streams = plan.streams();
        into.put("subscribers", streams.subscribers())
                .put("stalled", streams.stalled())
                .put("stalledBufferBytes", streams.stalledBufferBytes())
                .put("connectWindow", streams.connectWindow())
                .put("connectTimeoutNanos", streams.connectTimeout().toNanos())
                .put("loops", streams.loops())
                .put("late", streams.late())
                .put("dropsAll", streams.dropsAll())
                .put("spread", streams.spread().name());
        PublishPlan publish = plan.publish();
        into.put("perSecond", publish.perSecond())
                .put("payloadBytes", publish.payloadBytes())
                .put("connections", publish.connections())
                .put("pipeline", publish.pipeline())
                .put("batch", publish.batch())
                .put("retries", publish.retries());
        FanoutPlan.Phases phases = plan.phases();
        into.put("topic", plan.topic())
                .put("topics", plan.topics())
                .put("settleNanos", phases.settle().toNanos())
                .put("warmupNanos", phases.warmup().toNanos())
                .put("measureNanos", phases.measure().toNanos())
                .put("drainNanos", phases.drain().toNanos());
        into.put("startStreams", plan.stages().startStreams());
        write(into.putArray("streamStages"), plan.stages().streams());
        write(into.putArray("rateStages"), plan.stages().rates());
        plan.server().pids().forEach(into.putArray("serverPids")::add);
        plan.server().metricsPages().stream().map(URI::toString).forEach(into.putArray("metricsPages")::add);
    }

    private static void writeNodes(ArrayNode into, List<Node> nodes) {
        nodes.forEach(node -> into.addObject()
                .put("host", node.address().getHostString())
                .put("port", node.address().getPort())
                .put("authority", node.authority()));
    }

    private static List<Node> nodes(JsonNode from) {
        var nodes = new ArrayList<Node>();
        from.forEach(each -> nodes.add(new Node(
                new InetSocketAddress(text(each, "host"), (int) number(each, "port")), text(each, "authority"))));
        if (nodes.isEmpty()) {
            throw new IllegalArgumentException("a plan without 'nodes'");
        }
        return nodes;
    }

    private static void write(ArrayNode into, List<Stages.Stage> stages) {
        stages.forEach(stage -> into.addObject().put("nanos", stage.time().toNanos()).put("to", stage.to()));
    }

    private static List<Stages.Stage> stages(JsonNode from) {
        var stages = new ArrayList<Stages.Stage>();
        from.forEach(each -> stages.add(new Stages.Stage(nanos(each, "nanos"), each.path("to").asDouble(-1))));
        return stages;
    }

    private static void write(ObjectNode into, RequestTemplate template) {
        into.put("method", template.method()).put("path", template.path()).put("body", template.body());
        template.headers().forEach(into.putArray("headers")::add);
    }

    /**
     * Reads what {@link #write(ObjectNode, FanoutPlan)} wrote.
     *
     * @throws IllegalArgumentException if it is no plan
     */
    static FanoutPlan read(JsonNode from) {
        var target = new Target(
                Target.Profile.valueOf(text(from, "profile")),
                nodes(from.path("nodes")),
                nodes(from.path("publishNodes")),
                template(RequestTemplate.Kind.SUBSCRIBE, from.path("subscribe")),
                template(RequestTemplate.Kind.PUBLISH, from.path("publish")),
                from.has("batchPath") ? text(from, "batchPath") : null,
                headers(from),
                CredentialsJson.read(from.path("credentials")));
        var streams = new StreamPlan(
                (int) number(from, "subscribers"),
                (int) number(from, "stalled"),
                (int) number(from, "stalledBufferBytes"),
                (int) number(from, "connectWindow"),
                nanos(from, "connectTimeoutNanos"),
                (int) number(from, "loops"),
                (int) number(from, "late"),
                from.path("dropsAll").asBoolean(),
                Spread.valueOf(text(from, "spread")));
        var publish = new PublishPlan(
                from.path("perSecond").asDouble(-1),
                (int) number(from, "payloadBytes"),
                (int) number(from, "connections"),
                (int) number(from, "pipeline"),
                (int) number(from, "batch"),
                from.path("retries").asBoolean());
        var phases = new FanoutPlan.Phases(
                nanos(from, "settleNanos"), nanos(from, "warmupNanos"), nanos(from, "measureNanos"), nanos(from, "drainNanos"));
        var pids = new ArrayList<Long>();
        from.path("serverPids").forEach(pid -> pids.add(pid.asLong()));
        var pages = new ArrayList<URI>();
        from.path("metricsPages").forEach(page -> pages.add(URI.create(page.asText())));
        return new FanoutPlan(
                target, streams, publish, text(from, "topic"), (int) number(from, "topics"), phases, new ServerWatch(pids, pages),
                new Stages((int) number(from, "startStreams"), stages(from.path("streamStages")), stages(from.path("rateStages"))),
                // A node is taken away once, by the process that the user started.
                Outage.NONE);
    }

    private static RequestTemplate template(RequestTemplate.Kind kind, JsonNode from) {
        return new RequestTemplate(kind, text(from, "method"), text(from, "path"), headers(from), text(from, "body"));
    }

    private static List<String> headers(JsonNode from) {
        var headers = new ArrayList<String>();
        from.path("headers").forEach(header -> headers.add(header.asText()));
        return headers;
    }

    private static String text(JsonNode from, String name) {
        JsonNode value = from.get(name);
        if (value == null || !value.isTextual()) {
            throw new IllegalArgumentException("a plan without '" + name + "'");
        }
        return value.asText();
    }

    private static long number(JsonNode from, String name) {
        JsonNode value = from.get(name);
        if (value == null || !value.canConvertToLong()) {
            throw new IllegalArgumentException("a plan without '" + name + "'");
        }
        return value.asLong();
    }

    private static Duration nanos(JsonNode from, String name) {
        return Duration.ofNanos(number(from, name));
    }
}
