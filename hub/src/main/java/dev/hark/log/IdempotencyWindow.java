package dev.hark.log;

import dev.hark.event.Draft;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The idempotency keys of recent events, each with the position that its event got and a fingerprint of what it said.
 *
 * <p>Bounded in number and age; the oldest are forgotten first. Confined to the log's writer.
 */
public final class IdempotencyWindow {
    private final IdempotencyLimits limits;
    private final Map<String, Known> known = new LinkedHashMap<>();

    public IdempotencyWindow(IdempotencyLimits limits) {
        this.limits = limits;
    }

    /**
     * What is known under a key.
     *
     * @param sequence    the position of the event that was published with it
     * @param fingerprint of that event
     * @param timeMillis  when it was stored
     */
    public record Known(long sequence, Fingerprint fingerprint, long timeMillis) {}

    /** Half of a SHA-256 over everything that a retry must repeat: topic, type, key and data, each with its length. */
    public record Fingerprint(long high, long low) {
        public static Fingerprint of(Draft draft) {
            MessageDigest digest;
            try {
                digest = MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new AssertionError("every Java platform has SHA-256", e);
            }
            update(digest, draft.topic().value());
            update(digest, draft.type());
            update(digest, draft.key());
            digest.update(draft.data());
            ByteBuffer bytes = ByteBuffer.wrap(digest.digest());
            return new Fingerprint(bytes.getLong(), bytes.getLong());
        }

        private static void update(MessageDigest digest, @Nullable String field) {
            byte[] bytes = field == null ? new byte[0] : field.getBytes(StandardCharsets.UTF_8);
            digest.update(ByteBuffer.allocate(4).putInt(field == null ? -1 : bytes.length).flip());
            digest.update(bytes);
        }
    }

    /** What was published with {@code key}, or null where it is not known or too old. */
    public @Nullable Known find(String key, long nowMillis) {
        Known found = known.get(key);
        return found == null || isExpired(found, nowMillis) ? null : found;
    }

    /** Remembers {@code key} from now on, and forgets the oldest where there are too many. */
    public void remember(String key, Known entry) {
        known.remove(key);
        known.put(key, entry);
        if (known.size() > limits.keys()) {
            var oldest = known.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
    }

    /** Forgets what is too old. */
    public void expire(long nowMillis) {
        var entries = known.values().iterator();
        while (entries.hasNext() && isExpired(entries.next(), nowMillis)) {
            entries.remove();
        }
    }

    /** How many keys are remembered. */
    public int size() {
        return known.size();
    }

    private boolean isExpired(Known entry, long nowMillis) {
        return nowMillis - entry.timeMillis() >= limits.age().toMillis();
    }
}
