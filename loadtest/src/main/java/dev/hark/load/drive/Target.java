package dev.hark.load.drive;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A server under test: where it is, and how it is asked to subscribe and to publish.
 *
 * @param profile whose rules it follows
 * @param address where it listens
 * @param authority what the {@code Host} header says
 * @param subscribePath a path with {@code {topic}} in it
 * @param publishPath a path with {@code {topic}} in it
 * @param batchPath where many are published at once; of no use with the generic profile
 * @param headers header lines that go with every request, without line ends
 */
public record Target(
        Profile profile, InetSocketAddress address, String authority, String subscribePath, String publishPath, String batchPath, List<String> headers) {
    /** Which promises a server makes beyond the SSE standard. */
    public enum Profile {
        /** The first block carries the position, streams resume by {@code Last-Event-ID}, publishing answers with the event's id. */
        HARK,
        /** Any SSE server: a stream has begun when its head is in, ids are not compared, streams are not resumed. */
        GENERIC
    }

    private static final String TOPIC = "{topic}";
    private static final String UNRESERVED = "-._~/";

    public Target {
        headers = List.copyOf(headers);
        for (String header : headers) {
            if (header.indexOf(':') < 1 || header.indexOf('\n') >= 0 || header.indexOf('\r') >= 0) {
                throw new IllegalArgumentException("header '" + header + "' is not of the form 'Name: value'");
            }
        }
    }

    /** A target from a URL such as {@code http://127.0.0.1:8080}; paths default to the profile's. */
    public static Target of(Profile profile, String url, @Nullable String subscribePath, @Nullable String publishPath, List<String> headers) {
        URI uri = URI.create(url);
        if (!"http".equals(uri.getScheme()) || uri.getHost() == null) {
            throw new IllegalArgumentException("URL '" + url + "' is not of the form http://host:port (TLS is for the proxy in front)");
        }
        int port = uri.getPort() < 0 ? 80 : uri.getPort();
        String base = uri.getRawPath() == null || uri.getRawPath().equals("/") ? "" : uri.getRawPath();
        if (profile == Profile.GENERIC && (subscribePath == null || publishPath == null)) {
            throw new IllegalArgumentException("target 'generic' needs --subscribe-path and --publish-path, such as '/sub?topic={topic}'");
        }
        String subscribe = base + (subscribePath == null ? "/topics/" + TOPIC : subscribePath);
        String publish = base + (publishPath == null ? "/topics/" + TOPIC : publishPath);
        return new Target(profile, new InetSocketAddress(uri.getHost(), port), uri.getRawAuthority(), subscribe, publish, base + "/events", headers);
    }

    boolean isHark() {
        return profile == Profile.HARK;
    }

    /** The request that opens a stream; {@code lastEventId} is null for a fresh one. */
    byte[] subscribeRequest(String topic, @Nullable String lastEventId) {
        var request = new StringBuilder(256)
                .append("GET ").append(subscribePath.replace(TOPIC, encode(topic))).append(" HTTP/1.1\r\nHost: ").append(authority)
                .append("\r\nAccept: text/event-stream\r\nCache-Control: no-cache\r\n");
        if (lastEventId != null) {
            request.append("Last-Event-ID: ").append(lastEventId).append("\r\n");
        }
        return end(request);
    }

    /** The head of the request that publishes a body of so many bytes. */
    byte[] publishHead(String topic, int bodyBytes) {
        return postHead(publishPath.replace(TOPIC, encode(topic)), "text/plain", bodyBytes);
    }

    /** The head of the request that publishes a body of so many bytes, with an event in each line. */
    byte[] batchHead(int bodyBytes) {
        return postHead(batchPath, "application/x-ndjson", bodyBytes);
    }

    private byte[] postHead(String path, String contentType, int bodyBytes) {
        return end(new StringBuilder(256)
                .append("POST ").append(path).append(" HTTP/1.1\r\nHost: ").append(authority)
                .append("\r\nContent-Type: ").append(contentType).append("\r\nContent-Length: ").append(bodyBytes).append("\r\n"));
    }

    private byte[] end(StringBuilder request) {
        for (String header : headers) {
            request.append(header).append("\r\n");
        }
        return request.append("\r\n").toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Percent-encodes what may not stand in a path or a query; slashes stay. */
    static String encode(String topic) {
        var encoded = new StringBuilder(topic.length() + 16);
        for (byte each : topic.getBytes(StandardCharsets.UTF_8)) {
            char letter = (char) (each & 0xFF);
            if (letter < 0x80 && (Character.isLetterOrDigit(letter) || UNRESERVED.indexOf(letter) >= 0)) {
                encoded.append(letter);
            } else {
                encoded.append('%').append(Character.toUpperCase(Character.forDigit(letter >> 4, 16)))
                        .append(Character.toUpperCase(Character.forDigit(letter & 15, 16)));
            }
        }
        return encoded.toString();
    }
}
