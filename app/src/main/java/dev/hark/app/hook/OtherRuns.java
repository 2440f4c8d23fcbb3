package dev.hark.app.hook;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Runs of other nodes, and earlier ones of this node, as the log has them: what each listens to, and when it was heard of last. Confined to
 * the thread that takes notes.
 */
final class OtherRuns {
    private final LongSupplier nanoTime;
    private final Map<String, Set<String>> listened = new HashMap<>();
    private final Map<String, Long> heardNanos = new HashMap<>();

    OtherRuns(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    void here(String run, String topic) {
        listened.computeIfAbsent(run, each -> new HashSet<>()).add(topic);
        heardNanos.put(run, nanoTime.getAsLong());
    }

    void gone(String run, String topic) {
        listened.getOrDefault(run, new HashSet<>()).remove(topic);
    }

    /** Of a run that has listened to nothing nobody needs to know that it has ended. */
    void alive(String run) {
        if (listened.containsKey(run)) {
            heardNanos.put(run, nanoTime.getAsLong());
        }
    }

    void over(String run) {
        listened.remove(run);
        heardNanos.remove(run);
    }

    void clear() {
        listened.clear();
        heardNanos.clear();
    }

    /** From now on counts for how long each says nothing: until now it may not have been able to. */
    void hearAll() {
        long now = nanoTime.getAsLong();
        heardNanos.replaceAll((run, before) -> now);
    }

    /** Those that have said nothing for so long. */
    List<String> silentFor(Duration period) {
        return heardNanos.keySet().stream().filter(run -> isSilentFor(run, period)).toList();
    }

    boolean isSilentFor(String run, Duration period) {
        Long heard = heardNanos.get(run);
        return heard != null && nanoTime.getAsLong() - heard >= period.toNanos();
    }

    List<String> topics(String run) {
        return List.copyOf(listened.getOrDefault(run, Set.of()));
    }
}
