package dev.hark.app.hook;

import dev.hark.app.hook.Note.Gone;
import dev.hark.app.hook.Note.Here;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which topics are listened to, on any node, up to one position of the notes. Confined to the thread of its hook. */
final class Presence {
    /** The runs that have streams of each topic; none has an empty set. */
    private final Map<String, Set<String>> runs = new HashMap<>();

    /** What a note makes of a topic. */
    enum Change {
        LISTENED,
        LEFT
    }

    /** Takes in the next note; what it changes, or null where it changes nothing. */
    @Nullable Change take(Note note) {
        return switch (note) {
            case Here(String run, String topic) -> come(run, topic);
            case Gone(String run, String topic) -> go(run, topic);
            case Note.Alive alive -> null;
            case Note.Over over -> null;
            case Note.Happened happened -> null;
        };
    }

    private @Nullable Change come(String run, String topic) {
        Set<String> before = runs.get(topic);
        if (before == null) {
            // As small as can be: there may be a hundred thousand of them, most with one run.
            runs.put(topic, Set.of(run));
            return Change.LISTENED;
        }
        if (!before.contains(run)) {
            Set<String> after = new HashSet<>(before);
            after.add(run);
            runs.put(topic, Set.copyOf(after));
        }
        return null;
    }

    private @Nullable Change go(String run, String topic) {
        Set<String> before = runs.get(topic);
        if (before == null) {
            // What said that it came may be no longer there: it was taken back. Told twice is better than not at all.
            return Change.LEFT;
        }
        if (!before.contains(run)) {
            return null;
        }
        Set<String> after = new HashSet<>(before);
        after.remove(run);
        if (after.isEmpty()) {
            runs.remove(topic);
            return Change.LEFT;
        }
        runs.put(topic, Set.copyOf(after));
        return null;
    }

    /** The topics that are listened to, in the order of their names. */
    List<String> listened() {
        return runs.keySet().stream().sorted().toList();
    }
}
