package dev.hark.app.http;

import dev.hark.app.config.CorsSettings;
import io.helidon.http.Header;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What pages may do, by where they come from. A page of a listed origin reads the answers (WHATWG Fetch, "CORS protocol"); one of another
 * origin than the hub's own changes nothing, whether or not its browser would ask first. Thread-safe.
 *
 * <p>A request that neither {@code Origin} nor {@code Sec-Fetch-Site} speaks of comes from no page: browsers send one of them with all that
 * may change something.
 */
public final class CrossOrigin implements Filter {
    private static final HeaderName SEC_FETCH_SITE = HeaderNames.create("Sec-Fetch-Site");
    private static final Header EXPOSED = HeaderValues.create(
            HeaderNames.ACCESS_CONTROL_EXPOSE_HEADERS, "Idempotency-Replayed, Retry-After");
    private static final Header METHODS = HeaderValues.create(HeaderNames.ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, POST, DELETE");
    private static final Header CREDENTIALS = HeaderValues.create(HeaderNames.ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
    private static final Header VARY = HeaderValues.create(HeaderNames.VARY, "Origin");

    /** How long a browser need not ask again, in seconds; Chromium takes no more than two hours. */
    private static final Header MAX_AGE = HeaderValues.create(HeaderNames.ACCESS_CONTROL_MAX_AGE, "3600");

    /** RFC 9110, section 9.2.1. */
    private static final Set<Method> SAFE = Set.of(Method.GET, Method.HEAD, Method.OPTIONS, Method.TRACE);

    /** Names of fields (RFC 9110, section 5.1), as a preflight lists them. */
    private static final Pattern FIELDS = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+(?:[ \\t]*,[ \\t]*[A-Za-z0-9!#$%&'*+.^_`|~-]+)*");

    private final Origins origins;
    private final boolean credentials;

    public CrossOrigin(CorsSettings settings) {
        this.origins = new Origins(settings.origins());
        this.credentials = settings.credentials();
    }

    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        if (!origins.isEmpty()) {
            // Also where there is no origin: a cache must not give this answer to a page.
            response.headers().add(VARY);
        }
        Optional<String> origin = request.headers().first(HeaderNames.ORIGIN);
        boolean listed = origin.isPresent() && origins.hold(origin.get());
        if (listed) {
            allow(origin.get(), response);
        } else if (isForeign(origin, request) && (!origins.isEmpty() || !SAFE.contains(request.prologue().method()))) {
            Problems.send(request, response, new ProblemException(ProblemType.FOREIGN_ORIGIN,
                    origin.map(from -> "a page of " + from).orElse("a page of another site")
                            + " may not do this; cors.origins lists the origins whose pages may"));
            return;
        }
        boolean preflight = request.prologue().method().equals(Method.OPTIONS)
                && request.headers().contains(HeaderNames.ACCESS_CONTROL_REQUEST_METHOD);
        if (preflight && listed) {
            answerPreflight(request.headers(), response);
        } else {
            chain.proceed();
        }
    }

    /** Whether a page that is not the hub's own has sent this. */
    private static boolean isForeign(Optional<String> origin, RoutingRequest request) {
        String site = request.headers().first(SEC_FETCH_SITE).orElse("");
        return switch (site) {
            // What a browser says of itself counts more than a comparison that a proxy in front may spoil.
            case "same-origin", "none" -> false;
            case "same-site", "cross-site" -> true;
            default -> origin.isPresent() && !isOwn(origin.get(), request);
        };
    }

    /** The scheme may differ: a proxy in front may have taken TLS off. */
    private static boolean isOwn(String origin, RoutingRequest request) {
        int authority = origin.indexOf("://");
        String scheme = authority < 0 ? "" : origin.substring(0, authority + 3);
        return authority >= 0 && request.headers().first(HeaderNames.HOST)
                .filter(host -> Origins.normal(scheme + host).equals(Origins.normal(origin)))
                .isPresent();
    }

    private void allow(String origin, RoutingResponse response) {
        response.header(HeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, origins.holdAll() ? CorsSettings.ANY : origin);
        response.header(EXPOSED);
        if (credentials) {
            response.header(CREDENTIALS);
        }
    }

    private static void answerPreflight(ServerRequestHeaders asked, RoutingResponse response) {
        response.header(METHODS);
        response.header(MAX_AGE);
        // By name: an asterisk would not stand for Authorization, nor for anything where credentials are sent.
        asked.first(HeaderNames.ACCESS_CONTROL_REQUEST_HEADERS)
                .filter(fields -> FIELDS.matcher(fields).matches())
                .ifPresent(fields -> response.header(HeaderNames.ACCESS_CONTROL_ALLOW_HEADERS, fields));
        response.status(Status.NO_CONTENT_204).send();
    }
}
