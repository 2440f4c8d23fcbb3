package dev.hark.app.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where one request ends and the next begins (RFC 9112, section 6): what does not say so in exactly one way is refused, and a
 * connection on which that is not known any more is closed. Otherwise a proxy in front and this hub could take different
 * bytes for a request. Thread-safe.
 */
final class Framing implements Filter {
    /** For answers after which the connection closes. */
    static final Map<String, String> CLOSE = Map.of("Connection", "close");

    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");

    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        String ambiguity = ambiguity(request.headers());
        if (ambiguity != null) {
            Problems.send(request, response, new ProblemException(ProblemType.MALFORMED, ambiguity, CLOSE));
            throw new CloseConnectionException(ambiguity);
        }
        chain.proceed();
        if (response.headers().contains(HeaderValues.CONNECTION_CLOSE)) {
            throw new CloseConnectionException("the answer says so");
        }
        if (request.headers().contains(HeaderValues.EXPECT_100) && !request.content().consumed()) {
            throw new CloseConnectionException("whether the body will come now, nobody knows");
        }
    }

    private static @Nullable String ambiguity(ServerRequestHeaders headers) {
        List<String> lengths = headers.all(HeaderNames.CONTENT_LENGTH, List::of);
        List<String> codings = headers.all(HeaderNames.TRANSFER_ENCODING, List::of);
        if (!codings.isEmpty() && !codings.equals(List.of("chunked"))) {
            return "transfer encoding is '" + String.join(", ", codings) + "'; only chunked is allowed";
        }
        if (!codings.isEmpty() && !lengths.isEmpty()) {
            return "both Content-Length and Transfer-Encoding are given; one of them is allowed";
        }
        if (lengths.size() > 1 || (lengths.size() == 1 && !LENGTH.matcher(lengths.getFirst()).matches())) {
            return "content length is '" + String.join(", ", lengths) + "'; one whole number is allowed";
        }
        return null;
    }
}
