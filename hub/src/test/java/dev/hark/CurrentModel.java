package dev.hark;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Draft;
import dev.hark.event.EventKind;
import dev.hark.event.Filters;
import dev.hark.log.TopicClasses;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Everything that was published, and what a client has to be given of it that begins with the newest event of each topic and key. Filled by
 * any number of publishers, and asked when they are done.
 */
final class CurrentModel {
    private final TopicClasses classes;
    private final NavigableMap<Long, Stored> events = new ConcurrentSkipListMap<>();
    private final ConcurrentMap<Name, NavigableMap<Long, Stored>> byName = new ConcurrentHashMap<>();

    CurrentModel(TopicClasses classes) {
        this.classes = classes;
    }

    record Name(String topic, @Nullable String key) {}

    record Stored(long sequence, Name name, String data, boolean deletes) {
        @Override
        public String toString() {
            return (deletes ? "the deletion " : "event ") + sequence + " of " + name;
        }
    }

    /** What a client was given, as it came. */
    sealed interface Given {
        /** @param text holds the event's data */
        record OfSnapshot(long position, long sequence, String text) implements Given {}

        record Whole(long position) implements Given {}

        record Live(long sequence, String text) implements Given {}

        /** An id that says no more than how far the client is. */
        record Position(long position) implements Given {}

        record Gap(String reason, long resumedAt, long dropped) implements Given {}

        /** It is told that it has missed something, and begins with a new snapshot. */
        record Anew(long position) implements Given {}
    }

    /**
     * What may happen to a client.
     *
     * @param loses     whether retention may have removed events that it was not given yet
     * @param evicts    whether there were too many keys
     * @param overflows whether its mailbox drops events
     * @param conflates whether it drops those alone of which it gives a newer one
     * @param lost      up to where events of a topic have been removed
     */
    record Allowed(boolean loses, boolean evicts, boolean overflows, boolean conflates, ToLongFunction<String> lost) {}

    /** Takes in what a publisher was answered. */
    void add(List<Draft> batch, List<Long> sequences) {
        for (int i = 0; i < batch.size(); i++) {
            Draft draft = batch.get(i);
            var name = new Name(draft.topic().value(), draft.key());
            var stored = new Stored(
                    sequences.get(i), name, new String(draft.data(), UTF_8), draft.kind() == EventKind.DELETED);
            assertThat(events.put(stored.sequence(), stored)).as("position %s was given twice", stored.sequence()).isNull();
            byName.computeIfAbsent(name, each -> new ConcurrentSkipListMap<>()).put(stored.sequence(), stored);
        }
    }

    int size() {
        return events.size();
    }

    /** The position of the last event that matches. */
    long last(Filters filters) {
        return events.descendingMap().values().stream()
                .filter(event -> filters.matches(event.name().topic())).findFirst().map(Stored::sequence).orElse(0L);
    }

    private boolean stays(Name name) {
        return classes.of(name.topic()).keep().latest();
    }

    /** The newest event of {@code name} up to {@code through}; null where there is none, or it was taken back. */
    private @Nullable Stored newest(Name name, long through) {
        NavigableMap<Long, Stored> own = byName.get(name);
        Map.Entry<Long, Stored> found = own == null ? null : own.floorEntry(through);
        return found == null || found.getValue().deletes() ? null : found.getValue();
    }

    private boolean changedAfter(Name name, long position) {
        NavigableMap<Long, Stored> own = byName.get(name);
        return own != null && own.higherKey(position) != null;
    }

    /** Follows one client through what it was given. */
    final class Check {
        private final String who;
        private final Filters filters;
        private final Allowed allowed;
        private final Map<Name, Stored> state = new HashMap<>();
        private final Set<Name> inSnapshot = new HashSet<>();
        private final List<Stored> missing = new ArrayList<>();
        private long position;
        private long within;
        private boolean whole;
        private long cursor;
        private long dropped;
        private boolean toldOfLoss;
        private int excused;

        /** @param position of the snapshot */
        Check(String who, Filters filters, Allowed allowed, long position) {
            this.who = who;
            this.filters = filters;
            this.allowed = allowed;
            this.position = position;
            this.cursor = position;
        }

        /** @param given all that the client was given, over all its streams or pages, and nothing that was lost with a connection */
        void all(List<Given> given) {
            given.forEach(this::next);
            requireWhole();
            pass(last(filters) + 1);
            assertThat(missing.size()).as("%s was not given %s, and told of %s", who, missing, dropped).isLessThanOrEqualTo((int) dropped);
            if (dropped == 0 || allowed.conflates()) {
                requireState();
            }
        }

        private void next(Given given) {
            switch (given) {
                case Given.OfSnapshot(long at, long sequence, String text) -> inSnapshot(at, sequence, text);
                case Given.Whole(long at) -> {
                    assertThat(at).as("%s: the position of its snapshot", who).isEqualTo(position);
                    requireWhole();
                }
                case Given.Live(long sequence, String text) -> live(sequence, text);
                case Given.Position(long at) -> pass(at + 1);
                case Given.Gap gap -> gap(gap);
                case Given.Anew(long at) -> anew(at);
            }
        }

        private void inSnapshot(long at, long sequence, String text) {
            assertThat(at).as("%s: the position of its snapshot", who).isEqualTo(position);
            assertThat(whole).as("%s is given %s of a snapshot that is over", who, sequence).isFalse();
            assertThat(sequence).as("%s: in order, and nothing twice", who).isGreaterThan(within).isLessThanOrEqualTo(position);
            Stored event = known(sequence, text);
            assertThat(stays(event.name())).as("%s: %s does not stay", who, event).isTrue();
            assertThat(newest(event.name(), position)).as("%s: the newest of its topic and key at %s", who, position).isEqualTo(event);
            within = sequence;
            inSnapshot.add(event.name());
            state.put(event.name(), event);
        }

        private Stored known(long sequence, String text) {
            Stored event = events.get(sequence);
            if (event == null) {
                throw new AssertionError(who + " is given " + sequence + ", which nobody published");
            }
            assertThat(filters.matches(event.name().topic())).as("%s did not ask for %s", who, event).isTrue();
            assertThat(event.deletes() || text.contains(event.data())).as("%s: %s is not the data of %s", who, text, event).isTrue();
            return event;
        }

        /** What is not in the snapshot has changed since, or went because there were too many, and that was told. */
        private void requireWhole() {
            if (whole) {
                return;
            }
            whole = true;
            byName.keySet().stream()
                    .filter(name -> stays(name) && filters.matches(name.topic()) && !inSnapshot.contains(name))
                    .filter(name -> newest(name, position) != null && !changedAfter(name, position))
                    .forEach(name -> assertThat(allowed.evicts() && toldOfLoss)
                            .as("%s: %s is not in the snapshot at %s", who, newest(name, position), position).isTrue());
        }

        private void live(long sequence, String text) {
            requireWhole();
            assertThat(sequence).as("%s: in order, and nothing twice", who).isGreaterThan(cursor);
            pass(sequence);
            Stored event = known(sequence, text);
            cursor = sequence;
            if (event.deletes()) {
                state.remove(event.name());
            } else {
                state.put(event.name(), event);
            }
        }

        /** Whatever matches before {@code sequence} is not given any more. */
        private void pass(long sequence) {
            if (sequence - 1 > cursor) {
                Collection<Stored> passed = events.subMap(cursor, false, sequence, false).values();
                List<Stored> due = passed.stream().filter(event -> filters.matches(event.name().topic())).toList();
                for (Stored event : due) {
                    if (toldOfLoss && event.sequence() <= allowed.lost().applyAsLong(event.name().topic())) {
                        excused++;
                    } else {
                        missing.add(event);
                    }
                }
                cursor = sequence - 1;
            }
        }

        private void anew(long at) {
            assertThat(allowed.loses()).as("%s begins anew at %s", who, at).isTrue();
            assertThat(at).as("%s begins anew", who).isGreaterThanOrEqualTo(cursor);
            position = at;
            cursor = at;
            within = 0;
            whole = false;
            inSnapshot.clear();
            state.clear();
            excused++;
        }

        private void gap(Given.Gap gap) {
            switch (gap.reason()) {
                case "retention" -> {
                    assertThat(allowed.loses() || (allowed.evicts() && cursor == position)).as("%s is told of %s", who, gap).isTrue();
                    toldOfLoss = true;
                }
                case "overflow" -> {
                    assertThat(allowed.overflows()).as("%s is told of %s", who, gap).isTrue();
                    dropped += gap.dropped();
                }
                default -> throw new AssertionError(who + " is told of " + gap);
            }
            pass(gap.resumedAt() + 1);
        }

        /** What the client knows of each topic and key now is what holds, whatever it missed on the way. */
        private void requireState() {
            for (Name name : byName.keySet()) {
                if (!stays(name) || !filters.matches(name.topic())) {
                    continue;
                }
                Stored holds = newest(name, Long.MAX_VALUE);
                Stored has = state.get(name);
                boolean deletedUnseen = holds == null && allowed.loses() && toldOfLoss;
                boolean evicted = has == null && allowed.evicts() && toldOfLoss;
                assertThat(deletedUnseen || evicted || Objects.equals(has, holds))
                        .as("%s has %s of %s; what holds is %s", who, has, name, holds).isTrue();
            }
        }

        /** How many events it was told that it missed. */
        int excused() {
            return excused;
        }
    }
}
