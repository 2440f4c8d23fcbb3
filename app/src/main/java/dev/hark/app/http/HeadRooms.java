package dev.hark.app.http;

import dev.hark.app.http.wire.HeadRoom;
import dev.hark.app.listen.ListenCounters;

/** Has long heads share the {@link BodyBudget} with bodies: either is what clients make a hub hold before it has decided. Thread-safe. */
final class HeadRooms implements HeadRoom.Source {
    private final BodyBudget budget;
    private final ListenCounters counters;

    HeadRooms(BodyBudget budget, ListenCounters counters) {
        this.budget = budget;
        this.counters = counters;
    }

    @Override
    public HeadRoom of(String address) {
        BodyBudget.Body taken = budget.expect(address);
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
