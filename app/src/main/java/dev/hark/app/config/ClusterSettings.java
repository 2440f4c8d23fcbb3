package dev.hark.app.config;

import dev.hark.log.jetstream.Access;
import dev.hark.log.jetstream.JetStreamSettings;
import dev.hark.log.jetstream.Tls;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * What a node is told of the log that it shares with others: section {@code log} where its kind is {@code jetstream}.
 *
 * @param servers     of NATS, such as {@code nats://n1:4222}; {@code tls://} for encrypted connections
 * @param stream      the stream's name
 * @param replicas    how many servers keep it: 1, 3 or 5
 * @param credentials the file that shows NATS who this node is, as {@code nsc} writes it
 * @param user        the name that shows it, with a password
 * @param authorities whose certificates of servers are believed, in PEM; those that Java trusts where there are none
 * @param snapshots   when a node makes a snapshot of its replica
 */
public record ClusterSettings(
        List<String> servers, String stream, int replicas, Optional<Path> credentials, Optional<User> user, Optional<Path> authorities,
        Snapshots snapshots) {
    public ClusterSettings {
        servers = List.copyOf(servers);
    }

    /**
     * When a snapshot is made, and what the stream keeps beside.
     *
     * @param every  after so long at the latest
     * @param bytes  after so many bytes of groups, or more where the last snapshot had more
     * @param margin groups of so long stay in the stream although snapshots cover them
     */
    public record Snapshots(Duration every, long bytes, Duration margin) {}

    /**
     * The same as the journal takes it.
     *
     * @throws IOException if {@code authorities} cannot be read; the message says which key is wrong
     */
    public JetStreamSettings jetStream() throws IOException {
        Access access = credentials.<Access>map(Access.CredentialsFile::new)
                .or(() -> user.map(each -> new Access.User(each.name(), each.password().text())))
                .orElseGet(Access.Open::new);
        boolean encrypted = servers.stream().anyMatch(server -> server.startsWith("tls://"));
        return JetStreamSettings.of(servers, stream, replicas)
                .withAccess(access)
                .withTls(encrypted || authorities.isPresent() ? trusting(authorities.orElse(null)) : null);
    }

    private static SSLContext trusting(@Nullable Path authorities) throws IOException {
        try {
            return Tls.trusting(authorities, null);
        } catch (IOException e) {
            throw new IOException("log.authorities: " + e.getMessage(), e);
        }
    }

    /** A user and a password. */
    public record User(String name, TlsSettings.Secret password) {}
}
