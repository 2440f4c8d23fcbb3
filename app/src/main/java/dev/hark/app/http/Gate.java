package dev.hark.app.http;

import dev.hark.app.access.AccessControl;
import dev.hark.app.access.AccessException;
import dev.hark.app.access.Grant;
import dev.hark.event.Draft;
import dev.hark.event.Filters;
import dev.hark.event.Topic;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.util.List;
import java.util.Map;

/** Lets requests in as {@link AccessControl} decides: refusals are answered here, in the words of RFC 6750. Thread-safe. */
final class Gate {
    private static final System.Logger LOGGER = System.getLogger(Gate.class.getName());
    private static final Map<String, String> ASK = Map.of("WWW-Authenticate", "Bearer");
    private static final Map<String, String> ASK_ANEW = Map.of("WWW-Authenticate", "Bearer error=\"invalid_token\"");
    private static final Map<String, String> ASK_FOR_MORE = Map.of("WWW-Authenticate", "Bearer error=\"insufficient_scope\"");

    private final AccessControl access;

    Gate(AccessControl access) {
        this.access = access;
    }

    /** Who {@code request} comes from. */
    Grant identify(ServerRequest request) {
        try {
            return access.identify(request.headers().all(HeaderNames.AUTHORIZATION, List::of));
        } catch (AccessException e) {
            throw refusal(e);
        }
    }

    /** Refuses {@code request} where it may not publish to {@code topic}: before its body is read. Says who it comes from. */
    Grant requirePublish(ServerRequest request, Topic topic) {
        Grant grant = identify(request);
        try {
            access.requirePublish(grant, topic);
            return grant;
        } catch (AccessException e) {
            throw refusal(e);
        }
    }

    /** Refuses a batch where one of its events may not be published. */
    void requirePublish(Grant grant, List<Draft> drafts) {
        try {
            drafts.stream().map(Draft::topic).distinct().forEach(topic -> access.requirePublish(grant, topic));
        } catch (AccessException e) {
            throw refusal(e);
        }
    }

    /** Refuses a subscription where not all of {@code filters} may be subscribed to. */
    void requireSubscribe(Grant grant, Filters filters) {
        try {
            access.requireSubscribe(grant, filters);
        } catch (AccessException e) {
            throw refusal(e);
        }
    }

    private static ProblemException refusal(AccessException e) {
        LOGGER.log(System.Logger.Level.DEBUG, "refused: " + e.why());
        String detail = String.valueOf(e.getMessage());
        return switch (e.kind()) {
            case MALFORMED -> new ProblemException(ProblemType.MALFORMED, detail);
            case MISSING -> new ProblemException(ProblemType.UNAUTHENTICATED, detail, ASK);
            case INVALID -> new ProblemException(ProblemType.UNAUTHENTICATED, detail, ASK_ANEW);
            case FORBIDDEN -> new ProblemException(ProblemType.FORBIDDEN, detail, ASK_FOR_MORE);
        };
    }
}
