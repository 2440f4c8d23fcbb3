package dev.hark.app.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;

/**
 * Says of every text that it is UTF-8: some clients read one that does not say so as Latin-1, as HTTP/1.1 once had it. JSON needs no word,
 * because it is nothing else (RFC 8259, section 8.1). Stateless.
 */
final class TextCharset implements Filter {
    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        response.beforeSend(() -> {
            String type = response.headers().first(HeaderNames.CONTENT_TYPE).orElse("");
            if (isText(type) && !type.contains("charset=")) {
                response.headers().set(HeaderValues.create(HeaderNames.CONTENT_TYPE, type + "; charset=utf-8"));
            }
        });
        chain.proceed();
    }

    private static boolean isText(String type) {
        return type.startsWith("text/") || type.startsWith("application/javascript") || type.startsWith("image/svg+xml");
    }
}
