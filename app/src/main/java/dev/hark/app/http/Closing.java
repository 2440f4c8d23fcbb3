package dev.hark.app.http;

import io.helidon.http.HeaderValues;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.util.Map;

/**
 * Ends a connection behind an answer that says so. Helidon would go on, without having read the rest of the body, and take that for a
 * request. The first of a listener's filters. Thread-safe.
 */
public final class Closing implements Filter {
    /** For answers after which the connection closes. */
    static final Map<String, String> CLOSE = Map.of("Connection", "close");

    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        chain.proceed();
        if (response.headers().contains(HeaderValues.CONNECTION_CLOSE)) {
            throw new CloseConnectionException("the answer says so");
        }
    }
}
