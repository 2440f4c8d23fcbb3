package dev.hark.log;

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
    private final Map<String, KnownKey> known = new LinkedHashMap<>();

    public IdempotencyWindow(IdempotencyLimits limits) {
        this.limits = limits;
    }

    /** What was published with {@code key}, or null where it is not known or too old. */
    public @Nullable KnownKey find(String key, long nowMillis) {
        KnownKey found = known.get(key);
        return found == null || isExpired(found, nowMillis) ? null : found;
    }

    /** Remembers {@code key} from now on, and forgets the oldest where there are too many. */
    public void remember(String key, KnownKey entry) {
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

    private boolean isExpired(KnownKey entry, long nowMillis) {
        return nowMillis - entry.timeMillis() >= limits.age().toMillis();
    }
}
