package dev.hark.load.drive;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is under test: a server, or several nodes of one cluster, and how they are asked to subscribe and to publish.
 *
 * @param profile whose rules it follows
 * @param nodes where streams are opened; they are divided among them, and one that ends comes back to the next
 * @param publishNodes where events are published; connections are divided among them, and one that breaks goes on at the next
 * @param subscribe opens a stream
 * @param publish publishes one event
 * @param batchPath where many are published at once; null where that is not known
 * @param headers header lines that go with every request, without line ends
 * @param credentials who requests come from, beside what the header lines say
 */
public record Target(
        Profile profile, List<Node> nodes, List<Node> publishNodes,
        RequestTemplate subscribe, RequestTemplate publish, @Nullable String batchPath, List<String> headers, Credentials credentials) {
    /** Which promises a server makes beyond the SSE standard. */
    public enum Profile {
        /** The first block carries the position, streams resume by {@code Last-Event-ID}, publishing answers with the event's id. */
        HARK,
        /** Any SSE server: a stream has begun when its head is in, ids are not compared, streams are not resumed. */
        GENERIC
    }

    public Target {
        nodes = List.copyOf(nodes);
        publishNodes = List.copyOf(publishNodes);
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
        return of(profile, List.of(url), List.of(), subscribe, publish, headers);
    }

    /**
     * The same of several nodes.
     *
     * @param publishUrls where events are published, if that is elsewhere; empty where it is not
     */
    public static Target of(
            Profile profile, List<String> urls, List<String> publishUrls, RequestSettings subscribe, RequestSettings publish,
            List<String> headers) {
        Node.Nodes read = Node.of("--url", urls);
        Node.Nodes published = publishUrls.isEmpty() ? read : Node.of("--publish-url", publishUrls);
        List<String> general = HeaderLines.checked("--header", headers);
        boolean takesBatches = profile == Profile.HARK && publish.path() == null;
        return new Target(
                profile,
                read.list(),
                published.list(),
                RequestTemplate.of(profile, RequestTemplate.Kind.SUBSCRIBE, read.base(), subscribe, general),
                RequestTemplate.of(profile, RequestTemplate.Kind.PUBLISH, published.base(), publish, general),
                takesBatches ? published.base() + "/events" : null,
                general,
                Credentials.NONE);
    }

    /**
     * The same with {@code others}.
     *
     * @throws IllegalArgumentException if they are none for it; the message names the option
     */
    public Target with(Credentials others) {
        return new Target(profile, nodes, publishNodes, subscribe, publish, batchPath, headers, others);
    }

    /** The node of a stream or a connection that has moved on so often that this is its turn. */
    static Node at(List<Node> nodes, long turn) {
        return nodes.get((int) (turn % nodes.size()));
    }

    /** The nodes as people name them: {@code a:8080, b:8080}. */
    public String authorities() {
        String reading = nodes.stream().map(Node::authority).collect(Collectors.joining(", "));
        return publishNodes.equals(nodes)
                ? reading
                : reading + " (published to " + publishNodes.stream().map(Node::authority).collect(Collectors.joining(", "))
                        + ")";
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
     * @param node where
     * @param number the stream's, among all of the run
     * @param lastEventId null for a fresh one
     */
    byte[] subscribeRequest(Node node, long number, String topic, @Nullable String lastEventId) {
        var lines = new ArrayList<>(credentials.ofStream(number, topic));
        lines.addAll(resuming(lastEventId));
        return subscribe.start(node.authority(), topic, lines, 0);
    }

    /** The same, with a ticket in the place of what it was given for. */
    byte[] subscribeRequest(Node node, Ticket ticket, String topic, @Nullable String lastEventId) {
        return subscribe.withQuery("ticket=" + ticket.text()).start(node.authority(), topic, resuming(lastEventId), 0);
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
    byte[] ticketRequest(Node node, long number, String topic) {
        return head(node, base() + "/tickets", 0, credentials.ofStream(number, topic));
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
    byte[] publishStart(Node node, String topic, int dataBytes, List<String> publisher) {
        return publish.start(node.authority(), topic, publisher, dataBytes);
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
    byte[] batchHead(Node node, int bodyBytes, List<String> publisher) {
        var lines = new ArrayList<>(publisher);
        lines.add("Content-Type: application/x-ndjson");
        return head(node, String.valueOf(batchPath), bodyBytes, lines);
    }

    private byte[] head(Node node, String path, int bodyBytes, List<String> lines) {
        var head = new StringBuilder(256)
                .append("POST ").append(path).append(" HTTP/1.1\r\n")
                .append("Host: ").append(node.authority()).append("\r\n")
                .append("Content-Length: ").append(bodyBytes).append("\r\n");
        HeaderLines.over(headers, lines).forEach(line -> head.append(line).append("\r\n"));
        return head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8);
    }
}
