package dev.hark.app.crash;

import dev.hark.app.crash.History.Attempt;
import dev.hark.app.crash.History.Block;
import dev.hark.app.crash.History.Follower;
import dev.hark.app.crash.History.Outcome;
import dev.hark.app.crash.History.Right;
import dev.hark.app.crash.History.Sent;
import dev.hark.event.EventId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Judges a {@link History} by what the hub promises (G1 to G5, and the ends of rights): nothing is blamed but what the history itself
 * proves, and each fault once.
 *
 * <p>Sequence numbers are compared across epochs, for none is used twice, not even when a log begins a new one. Confined to its caller.
 */
final class HistoryChecker {
    /* An event goes by its data, which no two share; a place in the log by its sequence number. Completeness and order are judged by number
       alone, payloads by themselves, so that one wrong payload is not called a loss too. */

    private final History history;
    private final List<Verdict> verdicts = new ArrayList<>();
    private final Map<String, TrackedEvent> tracked = new LinkedHashMap<>();

    /** The log at the end: which data stands where. */
    private final TreeMap<Long, String> log = new TreeMap<>();

    /** Every event that was sent and that somebody was told stands there. */
    private final TreeMap<Long, Set<String>> told = new TreeMap<>();

    private final Set<Long> lost = new TreeSet<>();

    private HistoryChecker(History history) {
        this.history = history;
    }

    /** Empty where every promise was kept. */
    static List<Verdict> judge(History history) {
        return new HistoryChecker(history).judge();
    }

    private List<Verdict> judge() {
        history.attempts().forEach(this::tell);
        for (Block block : history.readBack().blocks()) {
            if (block instanceof Block.Delivered(EventId id, String data)) {
                log.putIfAbsent(id.sequence(), data);
            }
        }
        history.followers().forEach(this::hear);
        hear(history.readBack());

        losses();
        reuse();
        identities();
        storedOrder();
        batches();
        history.followers().forEach(this::follow);
        follow(history.readBack());
        return List.copyOf(verdicts);
    }

    private void tell(Attempt attempt) {
        for (int i = 0; i < attempt.events().size(); i++) {
            Sent sent = attempt.events().get(i);
            TrackedEvent event = tracked.computeIfAbsent(sent.data(), data -> new TrackedEvent(sent, attempt.publisher()));
            event.began = Math.min(event.began, attempt.began());
            event.lastEnd = Math.max(event.lastEnd, attempt.ended());
            event.onlyRefused &= attempt.outcome() instanceof Outcome.Refused;
            if (attempt.outcome() instanceof Outcome.Acknowledged(List<EventId> ids)) {
                event.settled = Math.min(event.settled, attempt.ended());
                long sequence = ids.get(i).sequence();
                event.sequences.add(sequence);
                told.computeIfAbsent(sequence, s -> new TreeSet<>()).add(sent.data());
            }
        }
    }

    private void hear(Follower follower) {
        Set<String> seen = new TreeSet<>();
        for (Block block : follower.blocks()) {
            if (block instanceof Block.Delivered(EventId id, String data)) {
                TrackedEvent event = tracked.get(data);
                if (event == null) {
                    if (seen.add(data)) {
                        verdicts.add(new Verdict.Corrupted(follower.name(), id, data));
                    }
                    continue;
                }
                told.computeIfAbsent(id.sequence(), s -> new TreeSet<>()).add(data);
                if (!follower.follows(event.sent.topic())) {
                    verdicts.add(new Verdict.Misdirected(follower.name(), id));
                }
            }
        }
    }

    private void losses() {
        told.forEach((sequence, data) -> {
            if (!log.containsKey(sequence)) {
                lost.add(sequence);
                data.forEach(each -> verdicts.add(new Verdict.Lost(sequence, each)));
            }
        });
    }

    private void reuse() {
        told.forEach((sequence, data) -> {
            if (data.size() > 1) {
                verdicts.add(new Verdict.Reused(sequence, data));
            }
        });
    }

    private void identities() {
        told.forEach((sequence, data) -> {
            if (data.size() == 1) {
                event(data.iterator().next()).sequences.add(sequence);
            }
        });
        for (TrackedEvent event : tracked.values()) {
            event.sequences.removeIf(this::isReused);
            if (event.sequences.size() > 1) {
                verdicts.add(new Verdict.StoredTwice(event.sent.data(), event.sequences));
            }
            if (event.onlyRefused && !event.sequences.isEmpty()) {
                verdicts.add(new Verdict.StoredThoughRefused(event.sequences.first(), event.sent.data()));
            }
        }
    }

    private TrackedEvent event(String data) {
        return Objects.requireNonNull(tracked.get(data), "told only of what was sent");
    }

    private boolean isReused(long sequence) {
        return told.getOrDefault(sequence, Set.of()).size() > 1;
    }

    /** Whatever was settled before an event was sent has a lower sequence number; within a request the order of its events holds. */
    private void storedOrder() {
        List<TrackedEvent> byBegin = tracked.values().stream()
                .filter(event -> event.sequences.size() == 1)
                .sorted(Comparator.comparingLong(event -> event.began))
                .toList();
        var running = new PriorityQueue<TrackedEvent>(Comparator.comparingLong(TrackedEvent::ended));
        @Nullable TrackedEvent highest = null;
        for (TrackedEvent event : byBegin) {
            while (!running.isEmpty() && running.element().ended() < event.began) {
                TrackedEvent settled = running.remove();
                if (highest == null || settled.sequences.first() > highest.sequences.first()) {
                    highest = settled;
                }
            }
            if (highest != null) {
                requireAfter(highest, event);
            }
            running.add(event);
        }
        for (Attempt attempt : history.attempts()) {
            @Nullable TrackedEvent before = null;
            for (Sent sent : attempt.events()) {
                TrackedEvent event = event(sent.data());
                boolean fresh = event.began == attempt.began() && event.sequences.size() == 1;
                if (fresh && before != null) {
                    requireAfter(before, event);
                }
                before = fresh ? event : before;
            }
        }
    }

    private void requireAfter(TrackedEvent earlier, TrackedEvent later) {
        if (later.sequences.first() < earlier.sequences.first()) {
            verdicts.add(new Verdict.StoredOutOfOrder(
                    later.sequences.first(), earlier.sequences.first(), earlier.publisher.equals(later.publisher)));
        }
    }

    /** A batch of which nobody was told that it was stored is there as a whole or not at all. */
    private void batches() {
        for (Attempt attempt : history.attempts()) {
            long stored = attempt.events().stream().filter(sent -> !event(sent.data()).sequences.isEmpty()).count();
            boolean acknowledged = attempt.events().stream().anyMatch(sent -> event(sent.data()).settled != Long.MAX_VALUE);
            if (attempt.outcome() instanceof Outcome.Unknown && !acknowledged && stored > 0 && stored < attempt.events().size()) {
                verdicts.add(new Verdict.TornBatch(attempt.publisher(), (int) stored, attempt.events().size()));
            }
        }
    }

    private void follow(Follower follower) {
        var walk = new Walk(follower);
        follower.blocks().forEach(walk::step);
        walk.end();
    }

    /** One follower's way through the log. After a reset it begins anew: everything may come again. */
    private final class Walk {
        private final Follower follower;
        private final Map<Long, String> delivered = new HashMap<>();
        private final List<Block.Gap> gaps = new ArrayList<>();
        private @Nullable String epoch;
        private long start = -1;
        private long position = -1;
        private Right right = Right.LASTING;
        private boolean closed;

        Walk(Follower follower) {
            this.follower = follower;
        }

        void step(Block block) {
            switch (block) {
                case Block.Position(EventId id) -> {
                    enter(id, id.sequence());
                    if (id.sequence() < position) {
                        verdicts.add(new Verdict.DeliveredOutOfOrder(follower.name(), id, position));
                    }
                    position = Math.max(position, id.sequence());
                }
                case Block.Delivered(EventId id, String data) -> {
                    enter(id, id.sequence() - 1);
                    requireEntitled(id, data);
                    String before = delivered.putIfAbsent(id.sequence(), data);
                    if (before == null && id.sequence() <= position) {
                        verdicts.add(new Verdict.DeliveredOutOfOrder(follower.name(), id, position));
                    } else if (before != null && !isReused(id.sequence())) {
                        verdicts.add(new Verdict.DeliveredTwice(follower.name(), id));
                    }
                    position = Math.max(position, id.sequence());
                }
                case Block.Opened(Right next) -> {
                    endStream();
                    right = next;
                    closed = false;
                }
                case Block.Closed(String reason) -> {
                    closed = true;
                    if (!right.reasons().contains(reason)) {
                        verdicts.add(new Verdict.WrongReason(follower.name(), reason));
                    }
                }
                case Block.Gap gap -> {
                    if (gap.resumedAt().epoch().equals(epoch)) {
                        gaps.add(gap);
                    } else {
                        begin(gap.resumedAt(), gap.resumedAt().sequence());
                        if (lost.isEmpty()) {
                            verdicts.add(new Verdict.UnneededGap(follower.name(), gap));
                        }
                    }
                    position = gap.resumedAt().sequence();
                }
            }
        }

        private void requireEntitled(EventId id, String data) {
            TrackedEvent event = tracked.get(data);
            if (event != null && event.began > right.endedAt()) {
                verdicts.add(new Verdict.DeliveredAfterEnd(follower.name(), id));
            }
        }

        private void endStream() {
            if (right.told() && !closed) {
                verdicts.add(new Verdict.EndedSilently(follower.name(), position));
            }
        }

        private void enter(EventId id, long from) {
            if (epoch != null && !epoch.equals(id.epoch())) {
                verdicts.add(new Verdict.MissingGap(follower.name(), id));
            }
            if (!id.epoch().equals(epoch)) {
                begin(id, from);
            }
        }

        private void begin(EventId id, long from) {
            epoch = id.epoch();
            start = from;
            position = from;
            delivered.clear();
            gaps.clear();
        }

        void end() {
            endStream();
            Set<Long> missing = missing();
            for (Block.Gap gap : gaps) {
                if (missing.stream().noneMatch(sequence -> covers(gap, sequence))) {
                    verdicts.add(new Verdict.UnneededGap(follower.name(), gap));
                }
            }
            for (long sequence : missing) {
                if (log.containsKey(sequence) && gaps.stream().noneMatch(gap -> covers(gap, sequence))) {
                    verdicts.add(new Verdict.Undelivered(follower.name(), sequence));
                }
            }
        }

        /** What it was to be given and was not: what the log holds, and what it held. */
        private Set<Long> missing() {
            var missing = new TreeSet<Long>();
            told.tailMap(start, false).forEach((sequence, data) -> {
                if (!delivered.containsKey(sequence) && follower.follows(event(data.iterator().next()).sent.topic())) {
                    missing.add(sequence);
                }
            });
            return missing;
        }

        private boolean covers(Block.Gap gap, long sequence) {
            long after = gap.after() == null ? start : gap.after().sequence();
            long resumedAt = gap.resumedAt().sequence();
            return sequence > Math.min(after, resumedAt) && sequence <= Math.max(after, resumedAt);
        }
    }
}
