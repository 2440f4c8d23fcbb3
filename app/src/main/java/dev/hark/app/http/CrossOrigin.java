package dev.hark.app.http;

import dev.hark.app.config.CorsSettings;
import io.helidon.http.Header;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Headers;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What pages may do, by where they come from. A page of a listed origin reads the answers (WHATWG Fetch, "CORS protocol"); one of another
 * origin than the hub's own changes nothing, whether or not its browser would ask first. Thread-safe.
 *
 * <p>A request that neither {@code Origin} nor {@code Sec-Fetch-Site} speaks of comes from no page: browsers send one of them with all that
 * may change something.
 */
public final class CrossOrigin implements Filter {
    private static final HeaderName SEC_FETCH_SITE = HeaderNames.create("Sec-Fetch-Site");
    private static final HeaderName SEC_FETCH_MODE = HeaderNames.create("Sec-Fetch-Mode");
    private static final HeaderName SEC_FETCH_DEST = HeaderNames.create("Sec-Fetch-Dest");
    private static final HeaderName PRIVATE_NETWORK_ASKED = HeaderNames.create("Access-Control-Request-Private-Network");
    private static final Header PRIVATE_NETWORK = HeaderValues.create("Access-Control-Allow-Private-Network", "true");
    private static final Header EXPOSED = HeaderValues.create(
            HeaderNames.ACCESS_CONTROL_EXPOSE_HEADERS, "Idempotency-Replayed, Retry-After, WWW-Authenticate");
    private static final Header METHODS = HeaderValues.create(HeaderNames.ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, POST, DELETE");
    private static final Header CREDENTIALS = HeaderValues.create(HeaderNames.ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
    private static final Header VARY = HeaderValues.create(HeaderNames.VARY, "Origin");

    /** How long a browser need not ask again, in seconds; Chromium takes no more than two hours. */
    private static final Header MAX_AGE = HeaderValues.create(HeaderNames.ACCESS_CONTROL_MAX_AGE, "3600");

    /** RFC 9110, section 9.2.1. */
    private static final Set<Method> SAFE = Set.of(Method.GET, Method.HEAD, Method.OPTIONS, Method.TRACE);

    /** What a list of names of fields has beside letters and digits (RFC 9110, section 5.6). */
    private static final String IN_FIELDS = "!#$%&'*+-.^_`|~, \t";

    private final Origins origins;
    private final boolean credentials;

    public CrossOrigin(CorsSettings settings) {
        this.origins = new Origins(settings.origins());
        this.credentials = settings.credentials();
    }

    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        Headers asked = request.headers();
        Optional<String> origin = origin(asked);
        fields(origin).forEach(response.headers()::add);
        boolean listed = isListed(origin);
        Method method = request.prologue().method();
        boolean preflight = method.equals(Method.OPTIONS) && asked.contains(HeaderNames.ACCESS_CONTROL_REQUEST_METHOD);
        if (!listed && isForeign(origin, asked) && (preflight || !mayAsk(method, asked))) {
            Problems.send(request, response, new ProblemException(ProblemType.FOREIGN_ORIGIN,
                    origin.map(from -> "a page of " + Shown.of(from)).orElse("a page of another site")
                            + " may not do this; cors.origins lists the origins whose pages may"));
        } else if (preflight && listed) {
            answerPreflight(asked, response);
        } else {
            chain.proceed();
        }
    }

    /** Where {@code asked} says that the page is from. Two origins are none that anybody lists; no browser sends them. */
    static Optional<String> origin(Headers asked) {
        List<String> origins = asked.all(HeaderNames.ORIGIN, List::of);
        return origins.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", origins));
    }

    /** What every answer to a page of {@code origin} bears, refusals included: without it, a page cannot read why. */
    List<Header> fields(Optional<String> origin) {
        List<Header> fields = new ArrayList<>();
        if (!origins.isEmpty()) {
            // Also where there is no origin: a cache must not give this answer to a page.
            fields.add(VARY);
        }
        if (isListed(origin)) {
            fields.add(HeaderValues.create(HeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, origins.holdAll() ? CorsSettings.ANY : origin.get()));
            fields.add(EXPOSED);
            if (credentials) {
                fields.add(CREDENTIALS);
            }
        }
        return fields;
    }

    private boolean isListed(Optional<String> origin) {
        return origin.isPresent() && origins.hold(origin.get());
    }

    /** Whether a page that is not the hub's own has sent this. */
    private static boolean isForeign(Optional<String> origin, Headers asked) {
        String site = asked.first(SEC_FETCH_SITE).orElse("");
        return switch (site) {
            // What a browser says of itself counts more than a comparison that a proxy in front may spoil.
            case "same-origin", "none" -> false;
            case "same-site", "cross-site" -> true;
            default -> origin.isPresent() && !isOwn(origin.get(), asked);
        };
    }

    /** The scheme may differ: a proxy in front may have taken TLS off. */
    private static boolean isOwn(String origin, Headers asked) {
        int authority = origin.indexOf("://");
        String scheme = authority < 0 ? "" : origin.substring(0, authority + 3);
        return authority >= 0 && asked.first(HeaderNames.HOST)
                .filter(host -> Origins.normal(scheme + host).equals(Origins.normal(origin)))
                .isPresent();
    }

    /**
     * Whether a foreign page may have this asked: what changes nothing, where no origin is listed, as no page can read the answer; and
     * where some are, only what a link leads to, in a window of its own.
     */
    private boolean mayAsk(Method method, Headers asked) {
        boolean link = asked.first(SEC_FETCH_MODE).orElse("").equals("navigate")
                && asked.first(SEC_FETCH_DEST).orElse("").equals("document");
        return SAFE.contains(method) && (origins.isEmpty() || link);
    }

    private void answerPreflight(Headers asked, RoutingResponse response) {
        response.header(METHODS);
        response.header(MAX_AGE);
        // By name: an asterisk would not stand for Authorization, nor for anything where credentials are sent.
        asked.first(HeaderNames.ACCESS_CONTROL_REQUEST_HEADERS)
                .filter(names -> names.chars().allMatch(CrossOrigin::isInFields))
                .ifPresent(names -> response.header(HeaderNames.ACCESS_CONTROL_ALLOW_HEADERS, names));
        // Not by an asterisk: whoever lists every origin means the public, and not the network that the hub is in.
        if (asked.contains(PRIVATE_NETWORK_ASKED) && !origins.holdAll()) {
            response.header(PRIVATE_NETWORK);
        }
        response.status(Status.NO_CONTENT_204).send();
    }

    private static boolean isInFields(int c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || IN_FIELDS.indexOf(c) >= 0;
    }
}
