package dev.hark.load.drive;

import dev.hark.load.wire.ServerUrl;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
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
 * @param credentials who requests come from, beside what the header lines say
 */
public record Target(
        Profile profile, InetSocketAddress address, String authority,
        RequestTemplate subscribe, RequestTemplate publish, @Nullable String batchPath, List<String> headers, Credentials credentials) {
    /** Which promises a server makes beyond the SSE standard. */
    public enum Profile {
        /** The first block carries the position, streams resume by {@code Last-Event-ID}, publishing answers with the event's id. */
        HARK,
        /** Any SSE server: a stream has begun when its head is in, ids are not compared, streams are not resumed. */
        GENERIC
    }

    public Target {
        headers = HeaderLines.checked("--header", headers);
        if (!credentials.isNone() && Stream.of(headers, subscribe.headers(), publish.headers())
                .anyMatch(lines -> HeaderLines.value(lines, "Authorization").isPresent())) {
            throw new IllegalArgumentException("--header says Authorization, and --token or --token-secret another one; leave one out");
        }
        if (profile == Profile.GENERIC && (credentials.tickets() || credentials.streams() instanceof Credentials.Bearer.Own)) {
            throw new IllegalArgumentException("--tickets and --token-secret are for target 'hark': other servers know neither its"
                    + " tickets nor its claims; --token and --header are for all");
        }
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
                general,
                Credentials.NONE);
    }

    /**
     * The same with {@code others}.
     *
     * @throws IllegalArgumentException if they are none for it; the message names the option
     */
    public Target with(Credentials others) {
        return new Target(profile, address, authority, subscribe, publish, batchPath, headers, others);
    }

    boolean isHark() {
        return profile == Profile.HARK;
    }

    /** @throws IllegalArgumentException if its requests cannot tell so many topics from each other; the message names the option */
    void requireRoomFor(int topics) {
        subscribe.requireRoomFor(topics);
        publish.requireRoomFor(topics);
    }

    /** @throws IllegalArgumentException if its streams would need tickets */
    void requireNoTickets(String run) {
        if (credentials.tickets()) {
            throw new IllegalArgumentException("--tickets is for a fan-out: a " + run + " does not get any");
        }
    }

    /**
     * The request that opens a stream.
     *
     * @param number the stream's, among all of the run
     * @param lastEventId null for a fresh one
     */
    byte[] subscribeRequest(long number, String topic, @Nullable String lastEventId) {
        var lines = new ArrayList<>(credentials.ofStream(number, topic));
        lines.addAll(resuming(lastEventId));
        return subscribe.start(authority, topic, lines, 0);
    }

    /** The same, with a ticket in the place of what it was given for. */
    byte[] subscribeRequest(Ticket ticket, String topic, @Nullable String lastEventId) {
        return subscribe.withQuery("ticket=" + ticket.text()).start(authority, topic, resuming(lastEventId), 0);
    }

    /** A ticket, which is a secret until it is used. */
    record Ticket(String text) {
        @Override
        public String toString() {
            return "Ticket[…]";
        }
    }

    private static List<String> resuming(@Nullable String lastEventId) {
        return lastEventId == null ? List.of() : List.of("Last-Event-ID: " + lastEventId);
    }

    /** The request for a ticket of a stream. */
    byte[] ticketRequest(long number, String topic) {
        return head(base() + "/tickets", 0, credentials.ofStream(number, topic));
    }

    private String base() {
        String path = subscribe.path();
        int end = path.indexOf("/topics/");
        return end < 0 ? "" : path.substring(0, end);
    }

    /** Header lines that everything has which is published to {@code topics}, to be asked for once. */
    List<String> publisherLines(List<String> topics) {
        return credentials.ofPublisher(topics);
    }

    /**
     * The request that publishes so many bytes of data, up to them.
     *
     * @param publisher what {@link #publisherLines} said
     */
    byte[] publishStart(String topic, int dataBytes, List<String> publisher) {
        return publish.start(authority, topic, publisher, dataBytes);
    }

    /** What follows the data in a request that publishes. */
    byte[] publishEnd(String topic) {
        return publish.end(topic);
    }

    /** How an event's data is written. Hark takes a body as it is, whatever its content type. */
    BodyEncoding dataEncoding() {
        return isHark() ? BodyEncoding.RAW : publish.encoding();
    }

    /**
     * The head of the request that publishes a body of so many bytes, with an event in each line.
     *
     * @param publisher what {@link #publisherLines} said
     */
    byte[] batchHead(int bodyBytes, List<String> publisher) {
        var lines = new ArrayList<>(publisher);
        lines.add("Content-Type: application/x-ndjson");
        return head(String.valueOf(batchPath), bodyBytes, lines);
    }

    private byte[] head(String path, int bodyBytes, List<String> lines) {
        var head = new StringBuilder(256)
                .append("POST ").append(path).append(" HTTP/1.1\r\n")
                .append("Host: ").append(authority).append("\r\n")
                .append("Content-Length: ").append(bodyBytes).append("\r\n");
        HeaderLines.over(headers, lines).forEach(line -> head.append(line).append("\r\n"));
        return head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8);
    }
}
