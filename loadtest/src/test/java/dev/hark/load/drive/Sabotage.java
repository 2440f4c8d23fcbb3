package dev.hark.load.drive;

import dev.hark.load.nullhub.Chunk;
import dev.hark.load.nullhub.Delivery;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * A hub's delivery that breaks exactly one thing per kind: at an event and a stream that the seed chooses, with room between the kinds so
 * that each leaves its own trace.
 */
public final class Sabotage implements Delivery {
    public enum Kind {
        DROP,
        DECLARED_DROP,
        DUPLICATE,
        DUPLICATE_ON_RESUME,
        SWAP,
        CORRUPT,
        WRONG_ID,
        STALL
    }

    static final long STALL_MILLIS = 300;

    /** Events between two kinds: no sabotage touches another's events. */
    private static final int ROOM = 6;

    private final Set<Kind> kinds;
    private final Map<Kind, Integer> streams = new HashMap<>();
    private final Map<Kind, Long> sequences = new HashMap<>();
    private ByteBuffer heldBack = ByteBuffer.allocate(0);

    public Sabotage(Set<Kind> kinds, long seed, int streamCount) {
        this.kinds = kinds.isEmpty() ? EnumSet.noneOf(Kind.class) : EnumSet.copyOf(kinds);
        var random = new Random(seed);
        long sequence = 3L + random.nextInt(4);
        var numbers = new ArrayList<>(IntStream.range(0, streamCount).boxed().toList());
        Collections.shuffle(numbers, random);
        for (Kind kind : Kind.values()) {
            streams.put(kind, numbers.removeFirst());
            sequences.put(kind, sequence);
            sequence += ROOM + random.nextInt(3);
        }
    }

    /** The last sequence that any kind touches is below this. */
    public static int eventsNeeded() {
        return 7 + Kind.values().length * (ROOM + 3) + ROOM;
    }

    @Override
    public void deliver(int stream, long sequence, ByteBuffer frame, Out out) {
        if (hits(Kind.DROP, stream, sequence)) {
            return;
        }
        if (hits(Kind.DECLARED_DROP, stream, sequence)) {
            out.send(Chunk.of("event: hark.gap\nid: null-" + sequence
                    + "\ndata: {\"reason\":\"overflow\",\"after\":null,\"resumedAt\":\"null-" + sequence + "\",\"dropped\":1}\n\n"));
            return;
        }
        if (hits(Kind.SWAP, stream, sequence)) {
            heldBack = frame;
            return;
        }
        if (hits(Kind.CORRUPT, stream, sequence)) {
            out.send(withLastLetterChanged(frame));
            return;
        }
        if (hits(Kind.WRONG_ID, stream, sequence)) {
            out.send(Chunk.of(Chunk.text(frame).replaceFirst("id: null-", "id: nil-")));
            return;
        }
        out.send(frame);
        if (hits(Kind.DUPLICATE, stream, sequence)) {
            out.send(frame);
        }
        if (hits(Kind.SWAP, stream, sequence - 1)) {
            out.send(heldBack);
        }
    }

    @Override
    public boolean endsAfter(int stream, long sequence) {
        return hits(Kind.DUPLICATE_ON_RESUME, stream, sequence);
    }

    @Override
    public long resumeFrom(int stream, long lastSequence) {
        boolean resumes = kinds.contains(Kind.DUPLICATE_ON_RESUME) && lastSequence == sequences.getOrDefault(Kind.DUPLICATE_ON_RESUME, -1L);
        return resumes ? lastSequence : lastSequence + 1;
    }

    @Override
    public void beforeEvent(long sequence) {
        if (kinds.contains(Kind.STALL) && sequence == sequences.getOrDefault(Kind.STALL, -1L)) {
            long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(STALL_MILLIS);
            while (System.nanoTime() - until < 0) {
                LockSupport.parkNanos(until - System.nanoTime());
            }
        }
    }

    private boolean hits(Kind kind, int stream, long sequence) {
        return kinds.contains(kind) && streams.getOrDefault(kind, -1) == stream && sequences.getOrDefault(kind, -1L) == sequence;
    }

    private static ByteBuffer withLastLetterChanged(ByteBuffer frame) {
        ByteBuffer changed = ByteBuffer.allocate(frame.remaining()).put(frame.duplicate()).flip();
        int last = changed.limit() - Chunk.END_BYTES - 3;
        return changed.put(last, (byte) (changed.get(last) == 'x' ? 'y' : 'x'));
    }
}
