package dev.hark.app.cluster;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Which fault comes next, chosen by a seed: in each {@value #SIZE} every one, but that what destroys the stream takes turns. Confined. */
final class FaultDeck {
    /** So many are enough for each that destroys nothing, and two that do. */
    static final int SIZE = 16;

    private final Random random;
    private final Deque<Fault> deck = new ArrayDeque<>();
    private final Deque<Fault> destroying = new ArrayDeque<>();

    FaultDeck(Random random) {
        this.random = random;
    }

    /** All that can happen here. */
    static Set<Fault> kinds() {
        Set<Fault> all = EnumSet.allOf(Fault.class);
        if (!NodeClock.isThere()) {
            all.remove(Fault.CLOCK_SET);
        }
        return all;
    }

    Fault next() {
        if (deck.isEmpty()) {
            deck.addAll(deal());
        }
        return deck.remove();
    }

    /**
     * Each that destroys nothing, once, and two that do: one of all others in turn, and later the stream is put back to what the servers
     * had a few faults before.
     */
    private List<Fault> deal() {
        List<Fault> all = new ArrayList<>(kinds().stream().filter(fault -> !fault.isDestruction()).toList());
        all.remove(Fault.ALL_SERVERS_KILLED);
        Collections.shuffle(all, random);
        int copied = all.indexOf(Fault.NODE_KILLED);
        int putBack = all.indexOf(Fault.REPLICA_PUT_BACK);
        if (putBack < copied) {
            // There is a copy of a replica from when its node was down.
            Collections.swap(all, copied, putBack);
        }
        int third = all.size() / 3;
        all.add(random.nextInt(third), nextDestroying());
        // What all servers keep is copied while they are down.
        all.add(third + 1 + random.nextInt(third), Fault.ALL_SERVERS_KILLED);
        all.add(2 * third + 2 + random.nextInt(third), Fault.STREAM_PUT_BACK);
        return all;
    }

    private Fault nextDestroying() {
        if (destroying.isEmpty()) {
            List<Fault> others = new ArrayList<>(
                    kinds().stream().filter(fault -> fault.isDestruction() && fault != Fault.STREAM_PUT_BACK).toList());
            Collections.shuffle(others, random);
            destroying.addAll(others);
        }
        return destroying.remove();
    }
}
