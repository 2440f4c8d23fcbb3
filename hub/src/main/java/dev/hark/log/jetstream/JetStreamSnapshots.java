package dev.hark.log.jetstream;

import dev.hark.log.replicated.DamagedSnapshotException;
import dev.hark.log.replicated.Snapshot;
import dev.hark.log.replicated.Snapshots;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.JetStreamOptions;
import io.nats.client.ObjectStore;
import io.nats.client.ObjectStoreOptions;
import io.nats.client.PurgeOptions;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.ObjectInfo;
import io.nats.client.api.ObjectMeta;
import io.nats.client.api.ObjectStoreConfiguration;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamInfo;
import io.nats.client.api.StreamInfoOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Snapshots as objects in a bucket of JetStream's object store, named by the stream, with as many replicas. Each is an ordinary object,
 * with what it is in its metadata, so that {@code nats object get} makes a backup of it. Thread-safe.
 *
 * <p>What is large goes through a connection of its own, so that groups do not wait behind it.
 */
final class JetStreamSnapshots implements Snapshots {
    private static final int CHUNK_BYTES = 512 * 1024;

    /** Chunks without an object are somebody's who has not come to the end, or never will. */
    static final Duration ABANDONED = Duration.ofHours(1);

    /** How long an answer may take: what is removed may be large. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** Between bucket and object in a subject: what it is, and what it consists of. */
    private static final String META = ".M.";
    private static final String CHUNKS = ".C.";

    private static final int NO_STREAM = 10059;
    private static final int NO_MESSAGE = 10037;

    /** What the client says of an object that is not as it was described. */
    private static final String OTHER_DIGEST = "[OS-90205]";
    private static final String OTHER_CHUNKS = "[OS-90206]";
    private static final String OTHER_SIZE = "[OS-90207]";

    private static final System.Logger LOGGER = System.getLogger(JetStreamSnapshots.class.getName());

    private final Link link;
    private final JetStreamSettings settings;
    private final Duration abandoned;
    private final String bucket;

    JetStreamSnapshots(Link link, JetStreamSettings settings) {
        this(link, settings, ABANDONED);
    }

    JetStreamSnapshots(Link link, JetStreamSettings settings, Duration abandoned) {
        this.link = link;
        this.settings = settings;
        this.abandoned = abandoned;
        bucket = settings.bucket();
    }

    @Override
    public List<Snapshot> list() throws IOException, InterruptedException {
        return ask(link, "snapshots cannot be listed", connection -> {
            if (!isThere(connection)) {
                return List.of();
            }
            return objects(connection).stream().flatMap(info -> Optional.ofNullable(described(info)).stream()).toList();
        });
    }

    /**
     * What the bucket says of each object, deleted ones left out. Each is asked for: the client's own list ends without a word where what
     * it waits for does not come.
     */
    private List<ObjectInfo> objects(Connection connection) throws IOException, JetStreamApiException {
        var all = new ArrayList<ObjectInfo>();
        for (String subject : subjects(connection, META).keySet()) {
            MessageInfo message = lastOf(connection, subject);
            if (message == null) {
                // It was removed just now, or a replica of the bucket answers that has been away.
                if (subjects(connection, META).containsKey(subject)) {
                    throw new IOException("a server does not know yet of an object that is there: " + subject);
                }
                continue;
            }
            var info = new ObjectInfo(message);
            if (!info.isDeleted()) {
                all.add(info);
            }
        }
        return all;
    }

    /** The bucket's subjects of one kind, and how many messages each has. */
    private Map<String, Long> subjects(Connection connection, String kind) throws IOException, JetStreamApiException {
        StreamInfo info = management(connection).getStreamInfo(
                settings.bucketStream(), StreamInfoOptions.filterSubjects("$O." + bucket + kind + '>'));
        return Optional.ofNullable(info.getStreamState().getSubjectMap()).orElse(Map.of());
    }

    /** Null where it has been removed meanwhile. */
    private @Nullable MessageInfo lastOf(Connection connection, String subject) throws IOException, JetStreamApiException {
        try {
            return management(connection).getLastMessage(settings.bucketStream(), subject);
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() == NO_MESSAGE) {
                return null;
            }
            throw e;
        }
    }

    @Override
    public void keep(Snapshot snapshot, Path file) throws IOException, InterruptedException {
        alone("a snapshot cannot be kept in the bucket " + bucket, connection -> {
            if (!isThere(connection)) {
                connection.objectStoreManagement().create(ObjectStoreConfiguration.builder(bucket)
                        .description("snapshots of replicas of the log " + settings.stream())
                        .storageType(StorageType.File)
                        .replicas(settings.replicas())
                        .build());
                LOGGER.log(System.Logger.Level.INFO, "made the bucket {0} with {1} replicas", bucket, settings.replicas());
            }
            removeAbandoned(connection);
            try (InputStream in = Files.newInputStream(file)) {
                store(connection).put(meta(snapshot), in);
            }
            return true;
        });
    }

    @Override
    public void fetch(Snapshot snapshot, OutputStream to) throws IOException, InterruptedException {
        alone("the snapshot cannot be read from the bucket " + bucket, connection -> {
            try {
                return store(connection).get(snapshot.name(), to);
            } catch (JetStreamApiException | IllegalArgumentException | IllegalStateException e) {
                if (isDamaged(connection, snapshot.name(), e)) {
                    throw new DamagedSnapshotException("it is damaged: " + e.getMessage());
                }
                throw e;
            }
        });
    }

    /**
     * Whether {@code e} says that an object is not what was kept. That chunks are missing is said of those that did not come in time as
     * well, and of an object that has just been removed.
     */
    private boolean isDamaged(Connection connection, String name, Exception e) throws IOException, JetStreamApiException {
        String said = String.valueOf(e.getMessage());
        if (said.contains(OTHER_DIGEST) || said.contains(OTHER_SIZE)) {
            return true;
        }
        boolean lacks = said.contains(OTHER_CHUNKS)
                || (e instanceof JetStreamApiException refused && refused.getApiErrorCode() == NO_MESSAGE);
        ObjectInfo info = lacks ? store(connection).getInfo(name) : null;
        if (info == null) {
            return false;
        }
        String chunks = "$O." + bucket + CHUNKS + info.getNuid();
        return subjects(connection, CHUNKS).getOrDefault(chunks, 0L) != info.getChunks();
    }

    @Override
    public void remove(Snapshot snapshot) throws IOException, InterruptedException {
        ask(link, "a snapshot cannot be removed from the bucket " + bucket, connection -> {
            ObjectStore store = store(connection);
            ObjectInfo info = store.getInfo(snapshot.name());
            if (info != null) {
                store.delete(snapshot.name());
                // What is left says that it was there, and would be there for ever.
                management(connection).purgeStream(settings.bucketStream(), PurgeOptions.subject(metaSubject(snapshot.name())));
            }
            return true;
        });
    }

    private String metaSubject(String name) {
        return "$O." + bucket + META
                + Base64.getUrlEncoder().encodeToString(name.getBytes(StandardCharsets.UTF_8));
    }

    private boolean isThere(Connection connection) throws IOException, JetStreamApiException {
        try {
            management(connection).getStreamInfo(settings.bucketStream());
            return true;
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() == NO_STREAM) {
                return false;
            }
            throw e;
        }
    }

    /** Of makers that were killed. */
    private void removeAbandoned(Connection connection) throws IOException, JetStreamApiException, InterruptedException {
        Map<String, Long> subjects = subjects(connection, CHUNKS);
        if (subjects.isEmpty()) {
            return;
        }
        Set<String> used = new HashSet<>();
        for (ObjectInfo each : objects(connection)) {
            used.add("$O." + bucket + CHUNKS + each.getNuid());
        }
        for (String subject : subjects.keySet()) {
            if (!used.contains(subject) && isOld(connection, subject)) {
                management(connection).purgeStream(settings.bucketStream(), PurgeOptions.subject(subject));
                LOGGER.log(System.Logger.Level.INFO, "removed what was left of a snapshot that was never whole, from {0}", bucket);
            }
        }
    }

    private boolean isOld(Connection connection, String subject) throws IOException, JetStreamApiException {
        MessageInfo last = lastOf(connection, subject);
        ZonedDateTime time = last == null ? null : last.getTime();
        return time != null && Duration.between(time.toInstant(), Instant.now()).compareTo(abandoned) >= 0;
    }

    // ---- what an object says

    private static ObjectMeta meta(Snapshot snapshot) {
        var metadata = new HashMap<String, String>();
        metadata.put("hark-position", Long.toString(snapshot.position()));
        metadata.put("hark-id", snapshot.id());
        metadata.put("hark-epoch", snapshot.epoch());
        metadata.put("hark-format", Integer.toString(snapshot.format()));
        metadata.put("hark-time", Long.toString(snapshot.timeMillis()));
        metadata.put("hark-bytes", Long.toString(snapshot.bytes()));
        metadata.put("hark-content-bytes", Long.toString(snapshot.contentBytes()));
        metadata.put("hark-sha256", snapshot.digest());
        metadata.put("hark-version", snapshot.version());
        return ObjectMeta.builder(snapshot.name())
                .description("a replica of the log, compressed with gzip")
                .metadata(metadata)
                .chunkSize(CHUNK_BYTES)
                .build();
    }

    /** Null for what somebody else has put there. */
    private static @Nullable Snapshot described(ObjectInfo info) {
        Map<String, String> said = info.getMetaData();
        try {
            return new Snapshot(info.getObjectName(), number(said, "position"), text(said, "id"), text(said, "epoch"),
                    Math.toIntExact(number(said, "format")), number(said, "time"), number(said, "bytes"), number(said, "content-bytes"),
                    text(said, "sha256"), text(said, "version"));
        } catch (IllegalArgumentException | ArithmeticException e) {
            return null;
        }
    }

    private static long number(@Nullable Map<String, String> said, String name) {
        return Long.parseLong(text(said, name));
    }

    private static String text(@Nullable Map<String, String> said, String name) {
        String value = said == null ? null : said.get("hark-" + name);
        if (value == null) {
            throw new IllegalArgumentException("it does not say its " + name);
        }
        return value;
    }

    // ---- connections

    private ObjectStore store(Connection connection) throws IOException {
        return connection.objectStore(bucket, ObjectStoreOptions.builder().jsRequestTimeout(PATIENCE).build());
    }

    private static JetStreamManagement management(Connection connection) throws IOException {
        return connection.jetStreamManagement(JetStreamOptions.builder().requestTimeout(PATIENCE).build());
    }

    /** Something that is asked of the servers. */
    private interface Question<T> {
        T ask(Connection connection) throws IOException, JetStreamApiException, InterruptedException, NoSuchAlgorithmException;
    }

    private <T> T alone(String otherwise, Question<T> question) throws IOException, InterruptedException {
        try (var own = new Link(settings.withName(settings.name() + " snapshots"))) {
            own.connect();
            try {
                return ask(own, otherwise, question);
            } catch (DamagedSnapshotException e) {
                throw e;
            } catch (IOException e) {
                // That a right is missing, say, no question is answered with.
                String error = own.lastError();
                if (error.isEmpty() || String.valueOf(e.getMessage()).contains(error)) {
                    throw e;
                }
                throw new IOException(e.getMessage() + "; NATS says: " + error, e);
            }
        }
    }

    private static <T> T ask(Link link, String otherwise, Question<T> question) throws IOException, InterruptedException {
        try {
            return question.ask(link.connection());
        } catch (DamagedSnapshotException e) {
            throw e;
        } catch (IOException | JetStreamApiException | NoSuchAlgorithmException | RuntimeException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            // The client says some of what may happen by exceptions that need not be declared.
            throw new IOException(otherwise + ": " + e.getMessage(), e);
        }
    }
}
