package dev.hark.app.http;

import dev.hark.app.access.AccessControl;
import dev.hark.app.access.AccessException;
import dev.hark.app.access.Caller;
import dev.hark.app.access.Credentials;
import dev.hark.app.access.Grant;
import dev.hark.app.access.Held;
import dev.hark.app.access.Ticket;
import dev.hark.app.config.AuthSettings;
import dev.hark.event.Draft;
import dev.hark.event.Filters;
import dev.hark.event.Topic;
import io.helidon.common.parameters.Parameters;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Lets requests in as {@link AccessControl} decides: refusals are answered here, in the words of RFC 6750. Thread-safe. */
final class Gate {
    private static final Map<String, String> ASK = Map.of("WWW-Authenticate", "Bearer");
    private static final Map<String, String> ASK_ANEW = Map.of("WWW-Authenticate", "Bearer error=\"invalid_token\"");
    private static final Map<String, String> ASK_FOR_MORE = Map.of("WWW-Authenticate", "Bearer error=\"insufficient_scope\"");
    private static final Map<String, String> SOON = Map.of("Retry-After", "2");

    private static final String TICKET = "ticket";
    private static final String ACCESS_TOKEN = "access_token";

    private final AccessControl access;
    private final ClientAddresses addresses;
    private final AuditLog audit;

    Gate(AccessControl access, ClientAddresses addresses, AuditLog audit) {
        this.access = access;
        this.addresses = addresses;
        this.audit = audit;
    }

    /** Who {@code request} comes from, by its header alone: what a browser adds by itself lets nobody change anything. */
    Grant identify(ServerRequest request) {
        return checked(request, () -> access.identify(ofHeader(request)));
    }

    /** What {@code request}, which reads, brings. */
    private Credentials ofReader(ServerRequest request) {
        AuthSettings settings = access.settings();
        Parameters query = request.query();
        if (!settings.queryToken() && !settings.letsAll() && query.contains(ACCESS_TOKEN)) {
            throw new ProblemException(ProblemType.MALFORMED,
                    "access_token is not read here: addresses end up in logs. Send Authorization, or POST /tickets and ?ticket=");
        }
        List<String> cookies = settings.cookie().isEmpty() ? List.of() : request.headers().cookies().all(settings.cookie(), List::of);
        return new Credentials(
                request.headers().all(HeaderNames.AUTHORIZATION, List::of),
                QueryNames.values(query, TICKET),
                QueryNames.values(query, ACCESS_TOKEN),
                cookies,
                certificate(request));
    }

    /**
     * What {@code request} brings but for what its address and its cookies hold. A browser shows a certificate by itself: that no page of
     * another origin changes anything with it, {@link CrossOrigin} sees to.
     */
    static Credentials ofHeader(ServerRequest request) {
        return Credentials.of(request.headers().all(HeaderNames.AUTHORIZATION, List::of)).with(certificate(request));
    }

    private static Optional<String> certificate(ServerRequest request) {
        return ClientCertificate.of(request).map(ClientCertificate::fingerprint);
    }

    /** Refuses {@code request} where it may not publish to {@code topic}: before its body is read. Who it comes from otherwise. */
    Grant requirePublish(ServerRequest request, Topic topic) {
        Grant grant = identify(request);
        checked(request, () -> {
            access.requirePublish(grant, topic);
            return grant;
        });
        return grant;
    }

    /** Refuses a batch where one of its events may not be published. */
    void requirePublish(ServerRequest request, Grant grant, List<Draft> drafts) {
        checked(request, () -> {
            drafts.stream().map(Draft::topic).distinct().forEach(topic -> access.requirePublish(grant, topic));
            return grant;
        });
    }

    /** Takes the right to {@code filters}, or refuses {@code request}. It is released once. */
    Held hold(ServerRequest request, Filters filters) {
        Credentials credentials = ofReader(request);
        return checked(request, () -> access.hold(credentials, filters));
    }

    /** Refuses {@code request} where {@code right} is over. */
    void requireLasting(ServerRequest request, Held right) {
        checked(request, () -> {
            access.requireLasting(right);
            return right;
        });
    }

    void release(Held right) {
        access.release(right);
    }

    /** Refuses {@code request} where it brings nothing that a ticket is given for: before its body is read. */
    void requireForTicket(ServerRequest request) {
        if (identify(request).caller() instanceof Caller.Anonymous) {
            throw refusal(request, AccessException.Kind.MISSING, "a token or a key is needed for a ticket", "no credential for a ticket",
                    addresses.of(request), audit);
        }
    }

    /** A ticket for whoever sends {@code request}, for {@code only} where that is given. */
    Ticket ticket(ServerRequest request, Optional<Filters> only) {
        return checked(request, () -> access.ticket(ofHeader(request), only));
    }

    /** Publishers that cannot be told apart share their idempotency keys, and no others do. */
    static List<Draft> owned(List<Draft> drafts, Caller publisher) {
        String owner = publisher.id();
        return owner.isEmpty() ? drafts : drafts.stream().map(draft -> {
            String key = draft.idempotencyKey();
            return key == null ? draft : draft.withIdempotencyKey(OwnedKeys.of(owner, key));
        }).toList();
    }

    private <T> T checked(ServerRequest request, Supplier<T> decision) {
        try {
            return decision.get();
        } catch (AccessException e) {
            throw refusal(request, e);
        }
    }

    private ProblemException refusal(ServerRequest request, AccessException e) {
        return refusal(request, e, addresses.of(request), audit);
    }

    /** What is answered to a caller that is not let in. */
    static ProblemException refusal(ServerRequest request, AccessException e, String address, AuditLog audit) {
        return refusal(request, e.kind(), String.valueOf(e.getMessage()), e.why(), address, audit);
    }

    private static ProblemException refusal(
            ServerRequest request, AccessException.Kind kind, String detail, String why, String address, AuditLog audit) {
        String instance = audit.refused(address, request.prologue().method().text(), request.path().rawPath(), why);
        return switch (kind) {
            case MALFORMED -> new ProblemException(ProblemType.MALFORMED, detail, Map.of(), instance);
            case MISSING -> new ProblemException(ProblemType.UNAUTHENTICATED, detail, ASK, instance);
            case INVALID -> new ProblemException(ProblemType.UNAUTHENTICATED, detail, ASK_ANEW, instance);
            case FORBIDDEN -> new ProblemException(ProblemType.FORBIDDEN, detail, ASK_FOR_MORE, instance);
            case UNAVAILABLE -> new ProblemException(ProblemType.ACCESS_UNDECIDED, detail, SOON, instance);
        };
    }
}
