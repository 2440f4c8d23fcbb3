package dev.hark.app.cli;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Where a hub is, and the URLs that it has.
 *
 * @param base {@code http} or {@code https}, a host, and perhaps a path under which a proxy has put it; no slash at the end
 */
record HubAddress(String base) {
    static final String DEFAULT = "http://127.0.0.1:8080";

    /** @throws IllegalArgumentException if {@code base} is no such URL */
    HubAddress {
        base = base.replaceAll("/+$", "");
        URI uri = URI.create(base);
        String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        if (!List.of("http", "https").contains(scheme)
                || !HubRequest.hasHost(uri) || uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw new IllegalArgumentException("a URL such as " + DEFAULT + " is needed");
        }
        if (scheme.equals("https") && HubRequest.isUnderscored(uri)) {
            throw new IllegalArgumentException(
                    "a host with an underscore can be asked with http only, because no certificate holds such a name");
        }
    }

    /** Where an event for {@code topic} is posted. */
    URI topic(String topic, List<Map.Entry<String, String>> query) {
        String path = Arrays.stream(topic.split("/", -1)).map(HubAddress::encoded).collect(Collectors.joining("/"));
        return URI.create(base + "/topics/" + path + queryString(query));
    }

    /** Where a subscription is. */
    URI events(List<Map.Entry<String, String>> query) {
        return URI.create(base + "/events" + queryString(query));
    }

    /** Where the cluster is asked for, at an admin listener. */
    URI cluster() {
        return URI.create(base + "/api/cluster");
    }

    @Override
    public String toString() {
        return base;
    }

    private static String queryString(List<Map.Entry<String, String>> query) {
        return query.isEmpty() ? "" : query.stream()
                .map(parameter -> parameter.getKey() + "=" + encoded(parameter.getValue()))
                .collect(Collectors.joining("&", "?", ""));
    }

    /** RFC 3986: forms write a space as +, a URL's path does not. */
    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
