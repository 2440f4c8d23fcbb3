package dev.hark.app.crash;

import dev.hark.app.crash.History.Attempt;
import dev.hark.app.crash.History.Block;
import dev.hark.app.crash.History.Follower;
import dev.hark.app.crash.History.Outcome;
import dev.hark.app.crash.History.Right;
import dev.hark.app.crash.History.Sent;
import dev.hark.event.EventId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A history as a hub without a fault could have made it, chosen by a seed: requests that overlap, crashes before and after a
 * commit, retries, refusals, batches, followers that come early, late and again, rights that end, and gaps for what they were not given.
 * Its lists may be changed. Confined to its test.
 */
public final class SimulatedRun {
    static final List<String> TOPICS = List.of("a", "b", "c");
    static final String EPOCH = "7k3q9x2m";
    private static final int PUBLISHERS = 4;
    private static final int STEPS = 400;
    private static final int JUMP = 1000;
    private static final int STEPS_PER_RIGHT = 20;
    private static final int REFUSED = 429;

    final List<Attempt> attempts = new ArrayList<>();
    final List<Stream> followers = new ArrayList<>();
    final Stream readBack = new Stream("log", History.EVERYTHING);

    /** The log: sequence number and event. */
    final TreeMap<Long, Sent> log = new TreeMap<>();

    private final Random random;

    /** What ends rights, without a change to what happens beside. */
    private final Random rights;
    private final Publisher[] publishers = new Publisher[PUBLISHERS];
    private final Map<String, Long> keys = new HashMap<>();
    private long next = 1;
    private long clock;
    private int events;

    /** What one subscriber was given. */
    static final class Stream {
        final String name;
        final String topic;
        final List<Block> blocks = new ArrayList<>();
        long position = -1;

        /** Where its present stream began. */
        int opened;

        Stream(String name, String topic) {
            this.name = name;
            this.topic = topic;
        }

        boolean follows(Sent sent) {
            return topic.equals(History.EVERYTHING) || topic.equals(sent.topic());
        }

        Follower follower() {
            return new Follower(name, topic, blocks);
        }
    }

    /** A publisher with at most one request under way. */
    private static final class Publisher {
        @Nullable List<Sent> sent;
        @Nullable List<EventId> committed;
        @Nullable List<Sent> toRetry;
        long began;
    }

    private SimulatedRun(long seed) {
        this.random = new Random(seed);
        this.rights = new Random(~seed);
        for (int i = 0; i < PUBLISHERS; i++) {
            publishers[i] = new Publisher();
        }
        for (String topic : List.of(History.EVERYTHING, History.EVERYTHING, "a", "b")) {
            followers.add(new Stream("f" + followers.size(), topic));
        }
    }

    public static SimulatedRun of(long seed) {
        var run = new SimulatedRun(seed);
        for (int i = 0; i < STEPS; i++) {
            run.step();
            if (run.rights.nextInt(STEPS_PER_RIGHT) == 0) {
                run.endRight(run.followers.get(run.rights.nextInt(run.followers.size())));
            }
        }
        run.crash();
        for (Stream follower : run.followers) {
            run.resume(follower);
            run.deliver(follower, Integer.MAX_VALUE);
        }
        run.readBack.position = 0;
        run.resume(run.readBack);
        run.deliver(run.readBack, Integer.MAX_VALUE);
        return run;
    }

    public History history() {
        return new History(attempts, followers.stream().map(Stream::follower).toList(), readBack.follower());
    }

    static EventId id(long sequence) {
        return new EventId(EPOCH, sequence);
    }

    private void step() {
        int publisher = random.nextInt(PUBLISHERS);
        Stream follower = followers.get(random.nextInt(followers.size()));
        switch (random.nextInt(20)) {
            case 0 -> {
                if (random.nextInt(5) == 0) {
                    crash();
                }
            }
            case 1 -> resume(follower);
            case 2 -> overflow(follower);
            case 3 -> heartbeat(follower);
            case 4, 5, 6, 7 -> deliver(follower, 1 + random.nextInt(5));
            case 8, 9, 10, 11, 12 -> begin(publishers[publisher]);
            case 13, 14, 15 -> commit(publishers[publisher]);
            default -> answer(publisher);
        }
    }

    private void begin(Publisher publisher) {
        if (publisher.sent != null) {
            return;
        }
        publisher.began = clock++;
        publisher.sent = publisher.toRetry;
        publisher.toRetry = null;
        if (publisher.sent == null) {
            var batch = new ArrayList<Sent>();
            boolean keyed = random.nextBoolean();
            for (int i = random.nextInt(3) == 0 ? 3 : 1; i > 0; i--) {
                String data = "event " + events++;
                batch.add(new Sent(TOPICS.get(random.nextInt(TOPICS.size())), data, keyed ? "key of " + data : null));
            }
            publisher.sent = batch;
        }
    }

    private void commit(Publisher publisher) {
        if (publisher.sent == null || publisher.committed != null) {
            return;
        }
        var ids = new ArrayList<EventId>();
        for (Sent sent : publisher.sent) {
            Long known = sent.key() == null ? null : keys.get(sent.key());
            long sequence = known == null ? next++ : known;
            if (sent.key() != null) {
                keys.put(sent.key(), sequence);
            }
            log.put(sequence, sent);
            ids.add(id(sequence));
        }
        publisher.committed = ids;
    }

    private void answer(int index) {
        Publisher publisher = publishers[index];
        if (publisher.sent == null) {
            return;
        }
        if (publisher.committed != null) {
            end(index, new Outcome.Acknowledged(publisher.committed));
        } else if (random.nextInt(10) == 0 && publisher.sent.getFirst().key() == null) {
            end(index, new Outcome.Refused(REFUSED));
        }
    }

    private void end(int index, Outcome outcome) {
        Publisher publisher = publishers[index];
        attempts.add(new Attempt("p" + index, List.copyOf(publisher.sent), publisher.began, clock++, outcome));
        publisher.sent = null;
        publisher.committed = null;
    }

    private void crash() {
        for (int i = 0; i < PUBLISHERS; i++) {
            Publisher publisher = publishers[i];
            if (publisher.sent == null) {
                continue;
            }
            if (random.nextBoolean()) {
                commit(publisher);
            }
            publisher.toRetry = publisher.sent.getFirst().key() == null ? null : publisher.sent;
            end(i, new Outcome.Unknown());
        }
        followers.stream().filter(follower -> follower.position >= 0).forEach(this::resume);
        next += JUMP;
    }

    /** A new stream from where the last one ended; the first one begins at either end of the log. */
    private void resume(Stream follower) {
        if (follower.position < 0) {
            follower.position = random.nextBoolean() || log.isEmpty() ? 0 : log.lastKey();
        }
        follower.opened = follower.blocks.size();
        follower.blocks.add(new Block.Opened(Right.LASTING));
        follower.blocks.add(new Block.Position(id(follower.position)));
    }

    /** Nothing that is sent from now on comes on this stream; some of what is there may. Then its client comes back with another right. */
    private void endRight(Stream follower) {
        if (follower.position < 0) {
            return;
        }
        String reason = rights.nextBoolean() ? "revoked" : "token-expired";
        boolean told = rights.nextBoolean();
        follower.blocks.set(follower.opened, new Block.Opened(new Right(clock++, Set.of(reason), told)));
        deliver(follower, rights.nextInt(3));
        if (told) {
            follower.blocks.add(new Block.Closed(reason));
        }
        resume(follower);
    }

    private void heartbeat(Stream follower) {
        if (follower.position >= 0
                && !log.isEmpty()
                && log.tailMap(follower.position, false).values().stream().noneMatch(follower::follows)) {
            follower.position = Math.max(follower.position, log.lastKey());
            follower.blocks.add(new Block.Position(id(follower.position)));
        }
    }

    /** Skips something that it was to be given, and says so. */
    private void overflow(Stream follower) {
        if (follower.position < 0) {
            return;
        }
        for (Map.Entry<Long, Sent> entry : log.tailMap(follower.position, false).entrySet()) {
            if (follower.follows(entry.getValue())) {
                follower.blocks.add(new Block.Gap("overflow", id(follower.position), id(entry.getKey())));
                follower.position = entry.getKey();
                return;
            }
        }
    }

    private void deliver(Stream follower, int count) {
        if (follower.position < 0) {
            return;
        }
        int left = count;
        for (Map.Entry<Long, Sent> entry : log.tailMap(follower.position, false).entrySet()) {
            if (left > 0 && follower.follows(entry.getValue())) {
                follower.blocks.add(new Block.Delivered(id(entry.getKey()), entry.getValue().data()));
                follower.position = entry.getKey();
                left--;
            }
        }
    }
}
