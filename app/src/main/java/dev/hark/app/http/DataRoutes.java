package dev.hark.app.http;

import dev.hark.Hub;
import dev.hark.app.access.AccessControl;
import dev.hark.app.config.HarkConfig;
import dev.hark.app.listen.ListenCounters;
import dev.hark.event.InvalidEventException;
import dev.hark.event.Topic;
import io.helidon.common.parameters.Parameters;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.http.PathMatchers;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The paths of the data listener. They are taken apart here, from the raw path, because a topic may hold {@code //} and escaped slashes,
 * which a router would tidy away. Thread-safe.
 */
public final class DataRoutes implements Handler {
    private static final String TOPICS = "/topics/";

    private final PublishHandler publish;
    private final SubscribeHandler subscribe;
    private final TicketHandler tickets;
    private final RouteTable routes;
    private final RefusalWatch refusals;
    private final HeadRooms heads;

    /** @param refusals who is told of them */
    public DataRoutes(
            Hub hub, HarkConfig config, AccessControl access, AuditLog audit, ListenCounters counters, RefusalWatch refusals) {
        this.refusals = refusals;
        var addresses = new ClientAddresses(config.server().proxies());
        var gate = new Gate(access, addresses, audit);
        var room = new BodyRoom(BodyBudget.ofHeap(), counters);
        this.heads = HeadRooms.ofHeap(counters);
        this.tickets = new TicketHandler(gate, addresses, room);
        this.publish = new PublishHandler(hub, gate, addresses, config.limits(), room, counters);
        this.subscribe = new SubscribeHandler(hub, gate, addresses, config.limits(), counters, refusals);
        this.routes = new RouteTable(config.routes());
    }

    /** Where heads that are longer than usual have their room from. */
    HeadRooms heads() {
        return heads;
    }

    /** Puts the routes, and the answers to what goes wrong in them, into {@code routing}, behind all that is registered there already. */
    public void register(HttpRouting.Builder routing) {
        Problems.register(routing);
        // Of probes that ask whether anybody is there.
        routing.route(Method.predicate(Method.OPTIONS), PathMatchers.exact("/"), (request, response) ->
                response.status(Status.NO_CONTENT_204).header(HeaderNames.ALLOW, "GET, HEAD, POST, DELETE, OPTIONS").send());
        routing.any(this);
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) {
        String path = request.path().rawPath();
        if (path.startsWith(TOPICS)) {
            String topic = RawPath.decode(path.substring(TOPICS.length()));
            telling(List.of(topic), () -> topic(request, response, topic));
        } else if (path.equals("/events")) {
            events(request, response);
        } else if (path.equals("/tickets")) {
            require(request, Method.POST);
            QueryNames.require(request, QueryNames.NONE);
            tickets.create(request, response);
        } else if (path.startsWith("/problems/")) {
            require(request, Method.GET, Method.HEAD);
            Problems.explain(request, response, path.substring("/problems/".length()));
        } else {
            route(request, response, path);
        }
    }

    private void topic(ServerRequest request, ServerResponse response, String topic) {
        require(request, Method.GET, Method.HEAD, Method.POST, Method.DELETE);
        boolean deletes = is(request, Method.DELETE);
        boolean publishes = deletes || is(request, Method.POST);
        QueryNames.require(request, deletes ? QueryNames.DELETE : publishes ? QueryNames.PUBLISH : QueryNames.SUBSCRIBE);
        if (topic.length() > 1 && topic.endsWith("/")) {
            throw new ProblemException(publishes ? ProblemType.INVALID_EVENT : ProblemType.INVALID_FILTER,
                    "topic '" + Shown.of(topic) + "' has an empty segment at its end; did you mean '"
                            + Shown.of(topic.substring(0, topic.length() - 1)) + "'?");
        }
        if (deletes) {
            publish.delete(request, response, new Topic(topic));
        } else if (publishes) {
            publish.one(request, response, new Topic(topic));
        } else {
            subscribe.read(request, response, List.of(topic));
        }
    }

    private void events(ServerRequest request, ServerResponse response) {
        require(request, Method.GET, Method.HEAD, Method.POST);
        if (is(request, Method.POST)) {
            QueryNames.require(request, QueryNames.NONE);
            publish.many(request, response);
        } else {
            QueryNames.require(request, QueryNames.SUBSCRIBE_MANY);
            Parameters query = request.query();
            if (!query.contains("topic")) {
                throw new ProblemException(ProblemType.INVALID_FILTER, "no topic is given; GET /events?topic=news subscribes to news");
            }
            List<String> filters = QueryNames.values(query, "topic");
            filters.forEach(filter -> RawPath.requireIntact("topic", filter));
            telling(filters, () -> subscribe.read(request, response, filters));
        }
    }

    /** Does {@code answer}, and says so where it refuses {@code topics}. */
    private void telling(List<String> topics, Runnable answer) {
        try {
            answer.run();
        } catch (ProblemException e) {
            refusals.refused(topics, e.type());
            throw e;
        } catch (InvalidEventException e) {
            refusals.refused(topics, ProblemType.INVALID_EVENT);
            throw e;
        }
    }

    private void route(ServerRequest request, ServerResponse response, String path) {
        List<String> segments = RawPath.segments(path);
        Optional<Topic> toSubscribe = routes.subscribe(segments);
        Optional<Topic> toPublish = routes.publish(segments);
        if (toSubscribe.isEmpty() && toPublish.isEmpty()) {
            throw new ProblemException(
                    ProblemType.NOT_FOUND, "nothing is at " + Shown.of(path) + "; topics are at /topics/ and their name");
        }
        if (toSubscribe.isPresent() && (is(request, Method.GET) || is(request, Method.HEAD))) {
            QueryNames.require(request, QueryNames.SUBSCRIBE);
            List<String> topic = List.of(toSubscribe.get().value());
            telling(topic, () -> subscribe.read(request, response, topic));
        } else if (toPublish.isPresent() && is(request, Method.POST)) {
            QueryNames.require(request, QueryNames.PUBLISH);
            Topic topic = toPublish.get();
            telling(List.of(topic.value()), () -> publish.one(request, response, topic));
        } else if (toPublish.isEmpty()) {
            require(request, Method.GET, Method.HEAD);
        } else if (toSubscribe.isEmpty()) {
            require(request, Method.POST);
        } else {
            require(request, Method.GET, Method.HEAD, Method.POST);
        }
    }

    private static boolean is(ServerRequest request, Method method) {
        return request.prologue().method().equals(method);
    }

    private static void require(ServerRequest request, Method... allowed) {
        Method method = request.prologue().method();
        List<Method> methods = List.of(allowed);
        if (!methods.contains(method)) {
            String list = String.join(", ", methods.stream().map(Method::text).toList());
            throw new ProblemException(
                    ProblemType.METHOD_NOT_ALLOWED, method.text() + " is not allowed here; " + list + " are", Map.of("Allow", list));
        }
    }
}
