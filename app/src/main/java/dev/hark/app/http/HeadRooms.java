package dev.hark.app.http;

import dev.hark.app.http.wire.HeadRoom;
import dev.hark.app.listen.ListenCounters;
import io.helidon.common.socket.PeerInfo;

/**
 * Has the long heads of all connections share a budget, as bodies share theirs. Not the same one: who sends a head has shown nobody yet who
 * he is. Thread-safe.
 */
final class HeadRooms implements HeadRoom.Source {
    private static final int HEAP_SHARE = 16;

    private final BodyBudget budget;
    private final ListenCounters counters;

    HeadRooms(BodyBudget budget, ListenCounters counters) {
        this.budget = budget;
        this.counters = counters;
    }

    /** With a share of the largest heap that the process may have. */
    static HeadRooms ofHeap(ListenCounters counters) {
        return new HeadRooms(new BodyBudget(Runtime.getRuntime().maxMemory() / HEAP_SHARE), counters);
    }

    @Override
    public HeadRoom of(PeerInfo peer) {
        BodyBudget.Body taken = budget.expect(ClientAddresses.counted(peer));
        return new HeadRoom() {
            @Override
            public boolean take(long bytes) {
                if (taken.grow(bytes)) {
                    return true;
                }
                counters.headRefused();
                return false;
            }

            @Override
            public void giveBack() {
                taken.close();
            }
        };
    }
}
