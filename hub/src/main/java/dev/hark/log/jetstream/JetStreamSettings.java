package dev.hark.log.jetstream;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * What a journal in JetStream is told.
 *
 * @param servers         one at least: {@code nats://host:port}, or {@code tls://host:port}; only these are connected to, none that they
 * name
 * @param stream          the stream's name; its subject is {@code <stream>.groups}
 * @param replicas        how many servers keep it: 1, 3 or 5
 * @param maxGroupBytes   how large a group may be
 * @param limits          what the stream keeps
 * @param duplicateWindow for how long the servers know a group again; an append is tried for no longer than half of that
 * @param access          how the node shows who it is
 * @param tls             whom it trusts, as {@link Tls} makes it; null for what Java trusts, where a server is {@code tls://}
 * @param name            the connection's, as {@code nats server report connections} shows it
 */
public record JetStreamSettings(
        List<String> servers,
        String stream,
        int replicas,
        int maxGroupBytes,
        Limits limits,
        Duration duplicateWindow,
        Access access,
        @Nullable SSLContext tls,
        String name) {
    /** With headers below the 1 MiB that servers take unless they are configured otherwise. */
    public static final int DEFAULT_MAX_GROUP_BYTES = 900 * 1024;

    public static final Duration DEFAULT_DUPLICATE_WINDOW = Duration.ofMinutes(2);

    /** What a message has beyond its group: headers, of which the id is the longest. */
    static final int HEADER_BYTES = 1024;

    private static final Pattern STREAM = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final Set<Integer> REPLICAS = Set.of(1, 3, 5);

    public JetStreamSettings {
        servers = List.copyOf(servers);
        if (servers.isEmpty()) {
            throw new IllegalArgumentException("no server of NATS is named");
        }
        for (int i = 0; i < servers.size(); i++) {
            check(servers.get(i), i);
        }
        if (!STREAM.matcher(stream).matches()) {
            throw new IllegalArgumentException("a stream's name has 1 to 64 letters, digits, - and _: " + stream);
        }
        if (!REPLICAS.contains(replicas)) {
            throw new IllegalArgumentException("a stream has 1, 3 or 5 replicas, not " + replicas);
        }
        if (maxGroupBytes < 1) {
            throw new IllegalArgumentException("groups of at most " + maxGroupBytes + " bytes");
        }
        if (duplicateWindow.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException("a duplicate window has a second at least, not " + duplicateWindow);
        }
    }

    /** With defaults for all else: a stream without limits, no access control, and TLS only where a server is {@code tls://}. */
    public static JetStreamSettings of(List<String> servers, String stream, int replicas) {
        return new JetStreamSettings(
                servers, stream, replicas, DEFAULT_MAX_GROUP_BYTES, Limits.NONE, DEFAULT_DUPLICATE_WINDOW, new Access.Open(), null, "hark");
    }

    public JetStreamSettings withMaxGroupBytes(int other) {
        return new JetStreamSettings(servers, stream, replicas, other, limits, duplicateWindow, access, tls, name);
    }

    public JetStreamSettings withLimits(Limits other) {
        return new JetStreamSettings(servers, stream, replicas, maxGroupBytes, other, duplicateWindow, access, tls, name);
    }

    public JetStreamSettings withDuplicateWindow(Duration other) {
        return new JetStreamSettings(servers, stream, replicas, maxGroupBytes, limits, other, access, tls, name);
    }

    public JetStreamSettings withAccess(Access other) {
        return new JetStreamSettings(servers, stream, replicas, maxGroupBytes, limits, duplicateWindow, other, tls, name);
    }

    public JetStreamSettings withTls(@Nullable SSLContext other) {
        return new JetStreamSettings(servers, stream, replicas, maxGroupBytes, limits, duplicateWindow, access, other, name);
    }

    public JetStreamSettings withName(String other) {
        return new JetStreamSettings(servers, stream, replicas, maxGroupBytes, limits, duplicateWindow, access, tls, other);
    }

    /** The one subject; topics are in the groups and never in a subject, where {@code *} and {@code >} would mean others' too. */
    String subject() {
        return stream + ".groups";
    }

    /** Where snapshots are kept, in the object store. */
    String bucket() {
        return stream + "-snapshots";
    }

    /** The stream that is that bucket. */
    String bucketStream() {
        return "OBJ_" + bucket();
    }

    /** Where nodes are asked who is there: none of the stream's subjects. */
    String rollCallSubject() {
        return stream + ".nodes";
    }

    boolean isEncrypted() {
        return tls != null || servers.stream().anyMatch(server -> server.startsWith("tls://"));
    }

    /** What is wrong is said without the address: a password may be in it. */
    private static void check(String server, int index) {
        String subject = "server " + (index + 1) + " of NATS ";
        URI uri;
        try {
            uri = new URI(server);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(subject + "is no address such as nats://host:4222");
        }
        if (uri.getUserInfo() != null || String.valueOf(uri.getRawAuthority()).contains("@")) {
            throw new IllegalArgumentException(subject + "has a user in its address: credentials are configured on their own");
        }
        boolean known = "nats".equals(uri.getScheme()) || "tls".equals(uri.getScheme());
        if (!known || uri.getHost() == null || !String.valueOf(uri.getRawPath()).isEmpty() || uri.getRawQuery() != null) {
            throw new IllegalArgumentException(subject + "is no address such as nats://host:4222");
        }
    }

    /**
     * What the stream keeps: beyond a limit the oldest groups are removed, which new nodes then have from a snapshot.
     *
     * @param maxAge   zero for no limit
     * @param maxBytes on each replica, 0 for no limit
     */
    public record Limits(Duration maxAge, long maxBytes) {
        public static final Limits NONE = new Limits(Duration.ZERO, 0);

        public Limits {
            if (maxAge.isNegative() || maxBytes < 0) {
                throw new IllegalArgumentException("a stream cannot keep " + maxAge + " and " + maxBytes + " bytes");
            }
        }
    }
}
