package dev.hark.app.config;

import dev.hark.app.config.ClusterSettings.Snapshots;
import dev.hark.app.config.ClusterSettings.User;
import dev.hark.log.jetstream.JetStreamSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The keys of section {@code log} that belong to a log that several nodes share. Stateless. */
final class ClusterSchema {
    private ClusterSchema() {}

    /** Null where {@code kind} is another one: then nobody asks for these keys, and each is unknown. */
    static @Nullable ClusterSettings read(Section log, LogSettings.Kind kind) {
        if (kind != LogSettings.Kind.JETSTREAM) {
            return null;
        }
        // All of them, whatever one of them has: a key that nobody asks for is unknown.
        List<String> servers = log.list("servers", "addresses such as nats://n1:4222", text -> text);
        Optional<String> stream = log.item(() -> log.optional("stream", "1 to 64 letters, digits, - and _", text -> text));
        Optional<Integer> replicas = log.item(() -> log.optional("replicas", "1, 3 or 5", Integer::parseInt));
        Optional<Path> credentials = log.item(() -> log.optional("credentials-file", "the path of a file", ClusterSchema::path));
        Optional<String> user = log.item(() -> log.optional("user", "a name", text -> text));
        Optional<TlsSettings.Secret> password = log.secret("password");
        Optional<Path> authorities = log.item(() -> log.optional("authorities", "the path of a file in PEM", ClusterSchema::path));
        Section taken = log.section("snapshots");
        var snapshots = new Snapshots(
                taken.duration("every", "PT1H", "PT1M", "P30D"), taken.size("bytes", "256MiB", "1MiB", "1024TiB"),
                taken.duration("margin", "P1D", "PT0S", "P3650D"));
        return log.item(() -> {
            if (servers.isEmpty()) {
                throw new ConfigException("log.servers is missing; log.kind: jetstream needs the servers of NATS, such as"
                        + " [nats://n1:4222, nats://n2:4222, nats://n3:4222]");
            }
            if (user.isPresent() != password.isPresent()) {
                throw new ConfigException("log.user and log.password are given together, or neither is");
            }
            if (user.isPresent() && credentials.isPresent()) {
                throw new ConfigException("log.user and log.credentials-file are both given; one of them shows NATS who this node is");
            }
            var settings = new ClusterSettings(servers, stream.orElse("hark"), replicas.orElse(servers.size() >= 3 ? 3 : 1), credentials,
                    user.map(name -> new User(name, password.orElseThrow())), authorities, snapshots);
            try {
                JetStreamSettings.of(settings.servers(), settings.stream(), settings.replicas());
            } catch (IllegalArgumentException e) {
                throw (ConfigException) new ConfigException("log: " + e.getMessage()).initCause(e);
            }
            return settings;
        }).orElse(null);
    }

    private static Path path(String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException("");
        }
        return Path.of(text);
    }
}
