package dev.hark.app.http;

import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.util.List;
import java.util.stream.Stream;

/**
 * What browsers are told on each answer, so that they make no more of it than it is. No answer is taken for something else than its type
 * says; and what a browser shows as a page loads nothing, is in nobody's frame, and says nobody where its reader came from.
 *
 * <p>JSON and streams are never shown as pages, and are many; they bear the first alone. A page that needs more, as the demo does, says
 * what it needs in a {@code Content-Security-Policy} of its own. Stateless.
 */
final class BrowserRules implements Filter {
    private static final Header NO_SNIFFING = HeaderValues.createCached("X-Content-Type-Options", "nosniff");

    private static final List<Header> PAGE = List.of(
            HeaderValues.createCached("Content-Security-Policy",
                    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
            HeaderValues.createCached("Referrer-Policy", "no-referrer"),
            HeaderValues.createCached("Cross-Origin-Opener-Policy", "same-origin"),
            HeaderValues.createCached("Cross-Origin-Resource-Policy", "same-origin"),
            HeaderValues.createCached("Permissions-Policy", "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(),"
                    + " magnetometer=(), microphone=(), midi=(), payment=(), usb=()"));

    private static final List<Header> REFUSAL = Stream.concat(Stream.of(NO_SNIFFING), PAGE.stream()).toList();

    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        response.header(NO_SNIFFING);
        response.beforeSend(() -> {
            String type = response.headers().first(HeaderNames.CONTENT_TYPE).orElse("");
            if (!type.isEmpty() && !type.startsWith("application/json")) {
                PAGE.forEach(response.headers()::setIfAbsent);
            }
        });
        chain.proceed();
    }

    /** What a refusal bears that no filter has seen. */
    static List<Header> ofRefusal() {
        return REFUSAL;
    }
}
