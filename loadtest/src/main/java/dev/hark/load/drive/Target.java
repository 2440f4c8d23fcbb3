package dev.hark.load.drive;

import dev.hark.load.wire.ServerUrl;
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
 * @param subscribe opens a stream
 * @param publish publishes one event
 * @param batchPath where many are published at once; null where that is not known
 * @param headers header lines that go with every request, without line ends
 */
public record Target(
        Profile profile, InetSocketAddress address, String authority,
        RequestTemplate subscribe, RequestTemplate publish, @Nullable String batchPath, List<String> headers) {
    /** Which promises a server makes beyond the SSE standard. */
    public enum Profile {
        /** The first block carries the position, streams resume by {@code Last-Event-ID}, publishing answers with the event's id. */
        HARK,
        /** Any SSE server: a stream has begun when its head is in, ids are not compared, streams are not resumed. */
        GENERIC
    }

    public Target {
        headers = HeaderLines.checked("--header", headers);
    }

    /** Hark itself, from a URL such as {@code http://127.0.0.1:8080}. */
    public static Target hark(String url) {
        return of(Profile.HARK, url, RequestSettings.NONE, RequestSettings.NONE, List.of());
    }

    /**
     * A target from a URL such as {@code http://127.0.0.1:8080}.
     *
     * @param headers lines that go with every request
     * @throws IllegalArgumentException if something said cannot be; the message names the option
     */
    public static Target of(Profile profile, String url, RequestSettings subscribe, RequestSettings publish, List<String> headers) {
        URI uri = URI.create(url);
        ServerUrl server = ServerUrl.of(uri).orElseThrow(() -> new IllegalArgumentException(
                "URL '" + url + "' is not of the form http://host:port (TLS is for the proxy in front)"));
        String base = uri.getRawPath() == null || uri.getRawPath().equals("/") ? "" : uri.getRawPath();
        List<String> general = HeaderLines.checked("--header", headers);
        boolean takesBatches = profile == Profile.HARK && publish.path() == null;
        return new Target(
                profile,
                new InetSocketAddress(server.host(), server.port()),
                uri.getRawAuthority(),
                RequestTemplate.of(profile, RequestTemplate.Kind.SUBSCRIBE, base, subscribe, general),
                RequestTemplate.of(profile, RequestTemplate.Kind.PUBLISH, base, publish, general),
                takesBatches ? base + "/events" : null,
                general);
    }

    boolean isHark() {
        return profile == Profile.HARK;
    }

    /** @throws IllegalArgumentException if its requests cannot tell so many topics from each other; the message names the option */
    void requireRoomFor(int topics) {
        subscribe.requireRoomFor(topics);
        publish.requireRoomFor(topics);
    }

    /** The request that opens a stream; {@code lastEventId} is null for a fresh one. */
    byte[] subscribeRequest(String topic, @Nullable String lastEventId) {
        return subscribe.start(authority, topic, lastEventId == null ? List.of() : List.of("Last-Event-ID: " + lastEventId), 0);
    }

    /** The request that publishes so many bytes of data, up to them. */
    byte[] publishStart(String topic, int dataBytes) {
        return publish.start(authority, topic, List.of(), dataBytes);
    }

    /** What follows the data in a request that publishes. */
    byte[] publishEnd(String topic) {
        return publish.end(topic);
    }

    /** How an event's data is written. Hark takes a body as it is, whatever its content type. */
    BodyEncoding dataEncoding() {
        return isHark() ? BodyEncoding.RAW : publish.encoding();
    }

    /** The head of the request that publishes a body of so many bytes, with an event in each line. */
    byte[] batchHead(int bodyBytes) {
        var head = new StringBuilder(256)
                .append("POST ").append(batchPath).append(" HTTP/1.1\r\n")
                .append("Host: ").append(authority).append("\r\n")
                .append("Content-Length: ").append(bodyBytes).append("\r\n");
        HeaderLines.over(headers, List.of("Content-Type: application/x-ndjson")).forEach(line -> head.append(line).append("\r\n"));
        return head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8);
    }
}
