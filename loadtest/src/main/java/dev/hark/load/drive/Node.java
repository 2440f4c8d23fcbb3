package dev.hark.load.drive;

import dev.hark.load.wire.ServerUrl;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * One of the servers under test. Those of one run serve the same topics with the same ids: nodes of a cluster.
 *
 * @param address where it listens
 * @param authority what the {@code Host} header says, and what it is called in reports
 */
public record Node(InetSocketAddress address, String authority) {
    /** A run may have so many: it names each of them in its report. */
    public static final int MAX_NODES = 64;

    /** Nodes, and the path that all their URLs have; empty for none. */
    record Nodes(List<Node> list, String base) {}

    /**
     * Reads URLs such as {@code http://127.0.0.1:8080}.
     *
     * @param option where they come from, for messages
     * @throws IllegalArgumentException if one is no such URL, is there twice, or has another path than the first
     */
    static Nodes of(String option, List<String> urls) {
        if (urls.isEmpty() || urls.size() > MAX_NODES) {
            throw new IllegalArgumentException("%s names %d servers; it must be from 1 to %d".formatted(option, urls.size(), MAX_NODES));
        }
        var nodes = new ArrayList<Node>();
        var names = new HashSet<String>();
        String base = baseOf(urls.getFirst());
        for (String url : urls) {
            URI uri = URI.create(url);
            ServerUrl server = ServerUrl.of(uri).orElseThrow(() -> new IllegalArgumentException(
                    "URL '" + url + "' is not of the form http://host:port (TLS is for the proxy in front)"));
            if (!names.add(uri.getRawAuthority())) {
                throw new IllegalArgumentException("%s names %s twice; each server once".formatted(option, uri.getRawAuthority()));
            }
            if (!baseOf(url).equals(base)) {
                throw new IllegalArgumentException("%s: %s and %s have different paths; the servers of a run are nodes of one cluster"
                        .formatted(option, urls.getFirst(), url));
            }
            nodes.add(new Node(new InetSocketAddress(server.host(), server.port()), uri.getRawAuthority()));
        }
        return new Nodes(List.copyOf(nodes), base);
    }

    private static String baseOf(String url) {
        String path = URI.create(url).getRawPath();
        return path == null || path.equals("/") ? "" : path;
    }
}
