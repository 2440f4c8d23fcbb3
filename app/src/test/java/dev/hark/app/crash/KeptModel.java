package dev.hark.app.crash;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What the newest event of each key may be, after publishers of whom each has keys of its own were answered or cut off. What was seen once
 * is known from then on. Thread-safe.
 */
final class KeptModel {
    /** Of each key what its newest event may say; empty stands for none. */
    private final Map<String, Set<Optional<String>>> possible = new HashMap<>();

    /** Says that {@code data} is the newest of {@code key}, or that nothing is where it is empty. */
    synchronized void acknowledged(String key, Optional<String> data) {
        possible.put(key, new HashSet<>(Set.of(data)));
    }

    /** Says that it may be. */
    synchronized void unknown(String key, Optional<String> data) {
        possible.computeIfAbsent(key, k -> new HashSet<>(Set.of(Optional.empty()))).add(data);
    }

    /** What is wrong with {@code snapshot}, the newest event of each key: sentences. */
    synchronized List<String> observe(Map<String, String> snapshot) {
        var wrong = new ArrayList<String>();
        for (Map.Entry<String, Set<Optional<String>>> each : possible.entrySet()) {
            Optional<String> seen = Optional.ofNullable(snapshot.get(each.getKey()));
            if (!each.getValue().contains(seen)) {
                wrong.add(each.getKey() + " is " + seen.orElse("nothing") + ", and should be one of " + each.getValue());
            }
            each.setValue(new HashSet<>(Set.of(seen)));
        }
        snapshot.keySet().stream()
                .filter(key -> !possible.containsKey(key)).forEach(key -> wrong.add(key + " is there, and was never published"));
        return wrong;
    }

    /** How many keys are not known to be nothing. */
    synchronized long keys() {
        return possible.values().stream().filter(states -> states.stream().anyMatch(Optional::isPresent)).count();
    }

    /** Whether {@code folded}, which a client has put together of a snapshot and what followed, is {@code snapshot}. */
    static List<String> differences(Map<String, String> folded, Map<String, String> snapshot) {
        var keys = new HashSet<>(folded.keySet());
        keys.addAll(snapshot.keySet());
        return keys.stream()
                .filter(key -> !Objects.equals(folded.get(key), snapshot.get(key)))
                .map(key -> key + " is " + folded.get(key) + ", and should be " + snapshot.get(key))
                .toList();
    }
}
