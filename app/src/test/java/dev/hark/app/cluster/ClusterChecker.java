package dev.hark.app.cluster;

import dev.hark.app.cluster.ClusterHistory.Destruction;
import dev.hark.app.crash.History.Attempt;
import dev.hark.app.crash.History.Block;
import dev.hark.app.crash.History.Follower;
import dev.hark.app.crash.History.Outcome;
import dev.hark.app.crash.History.Sent;
import dev.hark.app.crash.Verdict;
import dev.hark.event.EventId;
import dev.hark.log.Epochs;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Judges a {@link ClusterHistory} by what nodes that share a log promise: nothing acknowledged is lost but by what destroys the stream, and
 * then everybody is told; one order for all; nothing twice; no id for two events; and at the end the same log on every node. Nothing is
 * blamed but what the history itself proves. Confined to its caller.
 */
final class ClusterChecker {
    /* An event goes by its data, which no two share; a place by its epoch and sequence number, for another epoch may give numbers again.
       The last epoch is judged against the log that is there at the end. Of those before it there is none any more: what anybody was told
       of them has to fit together. Where an older copy of the stream was put back, a node that had not applied more than that copy goes on
       with it, in the same epoch, until another one has noticed: that is documented, ends with a reset, and so is nothing to blame. */

    private final ClusterHistory history;
    private final List<Verdict> verdicts = new ArrayList<>();
    private final Map<String, Fate> fates = new LinkedHashMap<>();

    /** By epoch: every event that was sent and that somebody was told stands there. */
    private final Map<String, TreeMap<Long, Set<String>>> told = new HashMap<>();

    /** By epoch that ended with a copy that was put back: the last number that stands for one event for certain. */
    private final Map<String, Long> forks = new HashMap<>();

    /** The log at the end: which data stands where. */
    private final TreeMap<Long, String> log = new TreeMap<>();

    private final TreeMap<Long, Set<String>> last;
    private final String epoch;
    private final Set<Long> lost = new TreeSet<>();

    /** One event, over all of its requests. */
    private static final class Fate {
        private final Sent sent;
        private final String publisher;
        private long began = Long.MAX_VALUE;
        /**
         * When it was first acknowledged. What never was may be stored at any time after it was given up: what a server that hung has in
         * its sockets, it may take in when it goes on.
         */
        private long settled = Long.MAX_VALUE;
        private boolean onlyRefused = true;

        /** Something may have taken it away between two of its requests, so that it has no one place in time. */
        private boolean torn;

        /** In the last epoch. */
        private final TreeSet<Long> sequences = new TreeSet<>();

        Fate(Sent sent, String publisher) {
            this.sent = sent;
            this.publisher = publisher;
        }

        long place() {
            return sequences.first();
        }
    }

    private ClusterChecker(ClusterHistory history) {
        this.history = history;
        this.epoch = epochOf(history.nodes().getFirst());
        this.last = told.computeIfAbsent(epoch, e -> new TreeMap<>());
    }

    /** Empty where every promise was kept. */
    static List<Verdict> judge(ClusterHistory history) {
        return new ClusterChecker(history).judge();
    }

    private List<Verdict> judge() {
        for (Block block : history.nodes().getFirst().blocks()) {
            if (block instanceof Block.Delivered(EventId id, String data)) {
                log.putIfAbsent(id.sequence(), data);
            }
        }
        forks();
        history.attempts().forEach(this::tell);
        history.followers().forEach(this::hear);
        history.nodes().forEach(this::hear);

        losses();
        reuse();
        identities();
        storedOrder();
        batches();
        history.followers().forEach(this::follow);
        history.nodes().forEach(this::follow);
        equality();
        return List.copyOf(verdicts);
    }

    private static String epochOf(Follower node) {
        return node.blocks().stream()
                .map(block -> switch (block) {
                    case Block.Position(EventId id) -> id.epoch();
                    case Block.Delivered(EventId id, String _) -> id.epoch();
                    case Block.Gap gap -> gap.resumedAt().epoch();
                    case Block.Opened _ -> "";
                    case Block.Closed _ -> "";
                })
                .filter(each -> !each.isEmpty())
                .reduce((before, after) -> after)
                .orElseThrow(() -> new IllegalArgumentException(node.name() + " shows nothing"));
    }

    private void forks() {
        for (Destruction destruction : history.destructions()) {
            if (destruction.copied()) {
                long safe = history.attempts().stream()
                        .filter(attempt -> attempt.ended() < destruction.kept())
                        .filter(attempt -> attempt.outcome() instanceof Outcome.Acknowledged)
                        .flatMap(attempt -> ((Outcome.Acknowledged) attempt.outcome()).ids().stream())
                        .filter(id -> id.epoch().equals(destruction.epoch()))
                        .mapToLong(EventId::sequence).max().orElse(0);
                forks.merge(destruction.epoch(), safe, Math::min);
            }
        }
    }

    /** Whether several may stand there, as it is documented. */
    private boolean isForked(String in, long sequence) {
        return sequence > forks.getOrDefault(in, Long.MAX_VALUE);
    }

    private boolean isOver(String of) {
        return Epochs.isInterim(of) || history.destructions().stream().anyMatch(each -> each.ends(of));
    }

    private boolean mayBeGone(Attempt attempt) {
        return history.destructions().stream().anyMatch(each -> each.mayTake(attempt));
    }

    private void tell(Attempt attempt) {
        for (int i = 0; i < attempt.events().size(); i++) {
            Sent sent = attempt.events().get(i);
            Fate fate = fates.computeIfAbsent(sent.data(), data -> new Fate(sent, attempt.publisher()));
            fate.began = Math.min(fate.began, attempt.began());
            fate.onlyRefused &= attempt.outcome() instanceof Outcome.Refused;
            fate.torn |= mayBeGone(attempt);
            if (attempt.outcome() instanceof Outcome.Acknowledged(List<EventId> ids)) {
                fate.settled = Math.min(fate.settled, attempt.ended());
                tell(ids.get(i), sent.data());
            }
        }
    }

    private void tell(EventId id, String data) {
        told.computeIfAbsent(id.epoch(), e -> new TreeMap<>()).computeIfAbsent(id.sequence(), s -> new TreeSet<>()).add(data);
    }

    private void hear(Follower follower) {
        Set<String> seen = new TreeSet<>();
        for (Block block : follower.blocks()) {
            if (block instanceof Block.Delivered(EventId id, String data)) {
                Fate fate = fates.get(data);
                if (fate != null) {
                    tell(id, data);
                    if (!follower.follows(fate.sent.topic())) {
                        verdicts.add(new Verdict.Misdirected(follower.name(), id));
                    }
                } else if (seen.add(data)) {
                    verdicts.add(new Verdict.Corrupted(follower.name(), id, data));
                }
            }
        }
    }

    private void losses() {
        last.forEach((sequence, data) -> {
            if (!log.containsKey(sequence)) {
                lost.add(sequence);
                data.forEach(each -> verdicts.add(new Verdict.Lost(sequence, each)));
            }
        });
        for (Attempt attempt : history.attempts()) {
            if (attempt.outcome() instanceof Outcome.Acknowledged(List<EventId> ids) && !mayBeGone(attempt)) {
                for (int i = 0; i < ids.size(); i++) {
                    String data = attempt.events().get(i).data();
                    if (!ids.get(i).epoch().equals(epoch) && !log.containsValue(data)) {
                        verdicts.add(new Verdict.Lost(ids.get(i).sequence(), data));
                    }
                }
            }
        }
    }

    private void reuse() {
        told.forEach((in, places) -> places.forEach((sequence, data) -> {
            if (data.size() > 1 && !isForked(in, sequence)) {
                verdicts.add(new Verdict.Reused(sequence, data));
            }
        }));
    }

    private void identities() {
        told.forEach((in, places) -> {
            Map<String, Set<Long>> standing = new HashMap<>();
            places.forEach((sequence, data) -> {
                if (data.size() == 1 && !isForked(in, sequence)) {
                    standing.computeIfAbsent(data.iterator().next(), d -> new TreeSet<>()).add(sequence);
                }
            });
            standing.forEach((data, sequences) -> {
                if (sequences.size() > 1) {
                    verdicts.add(new Verdict.StoredTwice(data, sequences));
                }
                if (in.equals(epoch)) {
                    fate(data).sequences.addAll(sequences);
                }
            });
        });
        Set<String> anywhere = new TreeSet<>();
        told.values().forEach(places -> places.values().forEach(anywhere::addAll));
        fates.forEach((data, fate) -> {
            if (fate.onlyRefused && anywhere.contains(data)) {
                verdicts.add(new Verdict.StoredThoughRefused(fate.sequences.isEmpty() ? 0 : fate.place(), data));
            }
        });
    }

    private Fate fate(String data) {
        Fate fate = fates.get(data);
        if (fate == null) {
            throw new IllegalStateException("told only of what was sent: " + data);
        }
        return fate;
    }

    /** Whatever was acknowledged before an event was sent, to whichever node, has a lower number; within a request the order holds. */
    private void storedOrder() {
        List<Fate> byBegin = fates.values().stream()
                .filter(fate -> fate.sequences.size() == 1 && !fate.torn)
                .sorted(Comparator.comparingLong(fate -> fate.began))
                .toList();
        var running = new PriorityQueue<Fate>(Comparator.comparingLong(fate -> fate.settled));
        @Nullable Fate highest = null;
        for (Fate fate : byBegin) {
            while (!running.isEmpty() && running.element().settled < fate.began) {
                Fate settled = running.remove();
                if (highest == null || settled.place() > highest.place()) {
                    highest = settled;
                }
            }
            if (highest != null) {
                requireAfter(highest, fate);
            }
            running.add(fate);
        }
        for (Attempt attempt : history.attempts()) {
            @Nullable Fate before = null;
            for (Sent sent : attempt.events()) {
                Fate fate = fate(sent.data());
                boolean fresh = fate.began == attempt.began() && fate.sequences.size() == 1 && !fate.torn;
                if (fresh && before != null) {
                    requireAfter(before, fate);
                }
                before = fresh ? fate : before;
            }
        }
    }

    private void requireAfter(Fate earlier, Fate later) {
        if (later.place() < earlier.place()) {
            verdicts.add(new Verdict.StoredOutOfOrder(later.place(), earlier.place(), earlier.publisher.equals(later.publisher)));
        }
    }

    /** A batch of which nobody was told that it was stored is there as a whole or not at all. */
    private void batches() {
        for (Attempt attempt : history.attempts()) {
            List<Fate> all = attempt.events().stream().map(sent -> fate(sent.data())).toList();
            long stored = all.stream().filter(fate -> !fate.sequences.isEmpty()).count();
            boolean told = all.stream().anyMatch(fate -> fate.settled != Long.MAX_VALUE || fate.torn);
            if (attempt.outcome() instanceof Outcome.Unknown && !told && stored > 0 && stored < all.size()) {
                verdicts.add(new Verdict.TornBatch(attempt.publisher(), (int) stored, all.size()));
            }
        }
    }

    private void equality() {
        Follower first = history.nodes().getFirst();
        for (Follower other : history.nodes().subList(1, history.nodes().size())) {
            List<Block> here = delivered(first);
            List<Block> there = delivered(other);
            int at = 0;
            while (at < here.size() && at < there.size() && here.get(at).equals(there.get(at))) {
                at++;
            }
            if (at < here.size() || at < there.size()) {
                verdicts.add(new Verdict.Unequal(first.name(), shown(here, at), other.name(), shown(there, at)));
            }
        }
    }

    private static List<Block> delivered(Follower node) {
        return node.blocks().stream().filter(block -> block instanceof Block.Delivered).toList();
    }

    private static String shown(List<Block> blocks, int at) {
        return at < blocks.size() ? blocks.get(at).toString() : "the end";
    }

    private void follow(Follower follower) {
        var walk = new Walk(follower);
        follower.blocks().forEach(walk::step);
        walk.end();
    }

    /** One follower's way through the log, from node to node. After a reset it begins anew: everything may come again. */
    private final class Walk {
        private final Follower follower;
        private final Map<Long, String> delivered = new HashMap<>();
        private final List<Block.Gap> gaps = new ArrayList<>();
        private @Nullable String in;
        private long start = -1;
        private long position = -1;

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
                    String before = delivered.putIfAbsent(id.sequence(), data);
                    if (before == null && id.sequence() <= position) {
                        verdicts.add(new Verdict.DeliveredOutOfOrder(follower.name(), id, position));
                    } else if (before != null && !isReused(id)) {
                        verdicts.add(new Verdict.DeliveredTwice(follower.name(), id));
                    }
                    position = Math.max(position, id.sequence());
                }
                case Block.Opened _ -> {}
                case Block.Closed _ -> {}
                case Block.Gap gap -> {
                    // A reset may lead to where it was: through a node that was about to begin that epoch, too.
                    if (isBehind(gap)) {
                        delivered.keySet().removeIf(sequence -> sequence > gap.resumedAt().sequence());
                    } else if (gap.resumedAt().epoch().equals(in) && !gap.reason().equals("reset")) {
                        gaps.add(gap);
                    } else {
                        String before = in;
                        leave(position);
                        begin(gap.resumedAt(), gap.resumedAt().sequence());
                        if (!mayLead(before, gap)) {
                            verdicts.add(new Verdict.UnneededGap(follower.name(), gap));
                        }
                    }
                    position = gap.resumedAt().sequence();
                }
            }
        }

        /** A node that has been behind for longer than it waits does not know the id, says so, and goes on with what it has. */
        private boolean isBehind(Block.Gap gap) {
            return gap.reason().equals("unknown-id") && gap.resumedAt().epoch().equals(in) && gap.resumedAt().sequence() < position;
        }

        /**
         * Whether there was a reason to send it from one epoch to another: either of them is over, for a node may be behind, or is what a
         * node shows in between. One that leads to where the follower was is from a node that was about to begin that epoch.
         */
        private boolean mayLead(@Nullable String from, Block.Gap gap) {
            String to = gap.resumedAt().epoch();
            return (from == null || from.equals(to)) ? !history.destructions().isEmpty() : isOver(from) || isOver(to);
        }

        private boolean isReused(EventId id) {
            TreeMap<Long, Set<String>> places = told.get(id.epoch());
            return places != null && places.getOrDefault(id.sequence(), Set.of()).size() > 1;
        }

        private void enter(EventId id, long from) {
            if (id.epoch().equals(in)) {
                return;
            }
            if (in != null) {
                verdicts.add(new Verdict.MissingGap(follower.name(), id));
                leave(position);
            }
            begin(id, from);
        }

        private void begin(EventId id, long from) {
            in = id.epoch();
            start = from;
            position = from;
            delivered.clear();
            gaps.clear();
        }

        void end() {
            if (epoch.equals(in)) {
                leave(Long.MAX_VALUE);
            } else if (in != null) {
                // It is in an epoch that is over, and nobody has told it.
                verdicts.add(new Verdict.MissingGap(follower.name(), new EventId(epoch, log.isEmpty() ? 0 : log.lastKey())));
            }
        }

        /** Leaves the epoch that it is in: up to {@code through} it was to be given all. */
        private void leave(long through) {
            if (in == null) {
                return;
            }
            Set<Long> missing = missing(in, through);
            for (Block.Gap gap : gaps) {
                if (missing.stream().noneMatch(sequence -> covers(gap, sequence)) && !isMissingHere(gap)) {
                    verdicts.add(new Verdict.UnneededGap(follower.name(), gap));
                }
            }
            for (long sequence : missing) {
                if (!isLost(in, sequence) && gaps.stream().noneMatch(gap -> covers(gap, sequence))) {
                    verdicts.add(new Verdict.Undelivered(follower.name(), sequence));
                }
            }
        }

        /**
         * What is damaged in a copy that one node alone shows, nobody was told under the name that the copy bears there: but under those of
         * the histories that it is a copy of.
         */
        private boolean isMissingHere(Block.Gap gap) {
            return in != null && Epochs.isInterim(in) && gap.reason().equals("damage") && told.entrySet().stream()
                    .filter(other -> !other.getKey().equals(in) && haveSomethingInCommon(other.getValue()))
                    .flatMap(other -> other.getValue().entrySet().stream())
                    .anyMatch(place -> covers(gap, place.getKey()) && !delivered.containsKey(place.getKey())
                            && follower.follows(fate(place.getValue().iterator().next()).sent.topic()));
        }

        private boolean haveSomethingInCommon(NavigableMap<Long, Set<String>> other) {
            return delivered.entrySet().stream().anyMatch(here -> other.getOrDefault(here.getKey(), Set.of()).contains(here.getValue()));
        }

        private boolean isLost(String of, long sequence) {
            return of.equals(epoch) && lost.contains(sequence);
        }

        private Set<Long> missing(String of, long through) {
            var missing = new TreeSet<Long>();
            if (through <= start) {
                return missing;
            }
            NavigableMap<Long, Set<String>> places = told.getOrDefault(of, new TreeMap<>()).subMap(start, false, through, true);
            places.forEach((sequence, data) -> {
                boolean wanted = follower.follows(fate(data.iterator().next()).sent.topic());
                if (wanted && !delivered.containsKey(sequence) && !isForked(of, sequence)) {
                    missing.add(sequence);
                }
            });
            return missing;
        }

        private boolean covers(Block.Gap gap, long sequence) {
            long after = gap.after() == null || !gap.after().epoch().equals(in) ? start : gap.after().sequence();
            long resumedAt = gap.resumedAt().sequence();
            return sequence > Math.min(after, resumedAt) && sequence <= Math.max(after, resumedAt);
        }
    }
}
