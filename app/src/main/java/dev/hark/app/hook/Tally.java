package dev.hark.app.hook;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.hark.app.config.HookSettings;
import dev.hark.app.config.HookSettings.On;
import dev.hark.app.hook.Note.Happened;
import dev.hark.app.hook.Note.What;
import dev.hark.event.Filters;
import dev.hark.event.TopicFilter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * What one hook may hear of this node: how many streams ask for which topic, and what happened how often. Counted by the threads of streams
 * and requests, read by the one that takes notes. Thread-safe.
 *
 * <p>A stream counts for each of its filters that the hook's topics cover, as it is written: one for {@code orders/*} counts for
 * {@code orders/*}, and for no topic.
 */
final class Tally {
    /** How many things may have happened between two notes before they are counted together. */
    static final int MAX_NAMED = 100;

    private final Filters topics;
    private final boolean presence;
    private final boolean gaps;
    private final boolean refusals;
    private final LongSupplier nanoTime;

    /** Entries whose count is 0 stay until they are {@link #forget forgotten}. */
    private final Map<String, Count> counts = new ConcurrentHashMap<>();

    /** Those whose first stream came or whose last one left since they were {@link #changed asked for}. */
    private final Set<String> changed = ConcurrentHashMap.newKeySet();

    /** Of a topic of which nothing is known: nobody has been there since the beginning. */
    private final Count none;

    @GuardedBy("this")
    private Map<Key, Long> happened = new HashMap<>();

    /**
     * Of one topic.
     *
     * @param emptySinceNanos when the last stream left, where there is none
     */
    record Count(int streams, long emptySinceNanos) {}

    private record Key(What what, String topic, String reason, int status) {}

    Tally(HookSettings hook, LongSupplier nanoTime) {
        this.topics = hook.topics();
        this.presence = hook.hearsOfPresence();
        this.gaps = hook.on().contains(On.GAP);
        this.refusals = hook.on().contains(On.REFUSED);
        this.nanoTime = nanoTime;
        this.none = new Count(0, nanoTime.getAsLong());
    }

    void came(Filters filters) {
        for (TopicFilter filter : presence ? filters.asList() : List.<TopicFilter>of()) {
            if (topics.covers(filter)) {
                Count now = counts.merge(filter.value(), new Count(1, 0), (was, one) -> new Count(was.streams() + 1, 0));
                if (now.streams() == 1) {
                    changed.add(filter.value());
                }
            }
        }
    }

    void left(Filters filters) {
        for (TopicFilter filter : presence ? filters.asList() : List.<TopicFilter>of()) {
            if (topics.covers(filter)) {
                Count now = counts.computeIfPresent(
                        filter.value(), (topic, was) -> new Count(was.streams() - 1, nanoTime.getAsLong()));
                if (now == null || now.streams() == 0) {
                    changed.add(filter.value());
                }
            }
        }
    }

    void gap(Filters filters, String reason) {
        if (gaps) {
            filters.asList().stream().filter(topics::covers).forEach(filter -> happened(new Key(What.GAP, filter.value(), reason, 0)));
        }
    }

    void refused(List<TopicFilter> asked, String reason, int status) {
        if (refusals) {
            asked.stream().filter(topics::covers).forEach(filter -> happened(new Key(What.REFUSED, filter.value(), reason, status)));
        }
    }

    private synchronized void happened(Key key) {
        boolean fits = happened.containsKey(key) || happened.size() < MAX_NAMED;
        happened.merge(fits ? key : new Key(key.what(), Note.NO_TOPIC, key.reason(), key.status()), 1L, Long::sum);
    }

    /** What has happened since this was asked last. */
    synchronized List<Note> takeHappened() {
        List<Note> all = new ArrayList<>();
        happened.forEach((key, count) -> all.add(new Happened(key.what(), key.topic(), key.reason(), key.status(), count)));
        happened = new HashMap<>();
        return all;
    }

    /** Counts what {@link #takeHappened} gave once more: it was not noted. */
    synchronized void putBack(List<Note> notes) {
        for (Note note : notes) {
            if (note instanceof Happened(What what, String topic, String reason, int status, long count)) {
                var key = new Key(what, topic, reason, status);
                boolean fits = happened.containsKey(key) || happened.size() < MAX_NAMED;
                happened.merge(fits ? key : new Key(what, Note.NO_TOPIC, reason, status), count, Long::sum);
            }
        }
    }

    /** Topics to look at, {@code most} at most. Each is given once, until it changes again or somebody {@link #lookAgain looks again}. */
    List<String> changed(int most) {
        List<String> some = changed.stream().limit(most).toList();
        // Before their counts are asked for: what changes from here on is given again.
        some.forEach(changed::remove);
        return some;
    }

    void lookAgain(String topic) {
        changed.add(topic);
    }

    /** Has all that are listened to looked at again. */
    void lookAgain() {
        changed.addAll(counts.keySet());
    }

    Count count(String topic) {
        return counts.getOrDefault(topic, none);
    }

    /** Lets go of a topic that nobody listens to. */
    void forget(String topic) {
        counts.computeIfPresent(topic, (name, count) -> count.streams() == 0 ? null : count);
    }

    /** How many topics are listened to, those included whose last stream has just left. */
    int topics() {
        return counts.size();
    }
}
