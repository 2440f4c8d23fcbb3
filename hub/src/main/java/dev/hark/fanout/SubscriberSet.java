package dev.hark.fanout;

import dev.hark.event.Event;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The subscribers of one filter.
 *
 * <p>Those with several filters stand apart, because only they can match an event twice. Changed by its lane alone; anybody may ask for
 * the size.
 */
final class SubscriberSet {
    private @Nullable Members single;
    private @Nullable Members several;
    private volatile int size;

    /** Adds {@code seat} for its filter number {@code filter}. */
    void add(Seat seat, int filter) {
        seat.setSet(filter, this);
        membersOf(seat).add(seat, filter);
        changeSize(1);
    }

    void remove(Seat seat, int filter) {
        membersOf(seat).remove(seat.place(filter));
        changeSize(-1);
    }

    private Members membersOf(Seat seat) {
        if (seat.filters().size() == 1) {
            Members made = single == null ? new Members() : single;
            single = made;
            return made;
        }
        Members made = several == null ? new Members() : several;
        several = made;
        return made;
    }

    private void changeSize(int difference) {
        int before = size;
        size = before + difference;
    }

    int size() {
        return size;
    }

    /** Offers {@code event} to each, once across all the sets that the lane asks for this event; {@code queue} as in {@link Seat#offer}. */
    void offer(Event event, @Nullable LingerQueue queue) {
        if (single != null) {
            single.offer(event, queue);
        }
        if (several != null) {
            several.offerOnce(event, queue);
        }
    }

    void forEach(Consumer<Seat> action) {
        if (single != null) {
            single.forEach(action);
        }
        if (several != null) {
            several.forEach(action);
        }
    }

    /** Seats without holes; the last one takes the place of one that leaves. */
    private static final class Members {
        private static final int LEAST = 2;

        private @Nullable Seat[] seats = new @Nullable Seat[LEAST];
        /** Which of its filters each seat is here for; Subscription.MAX_FILTERS fits. */
        private byte[] filters = new byte[LEAST];
        private int count;

        void add(Seat seat, int filter) {
            if (count == seats.length) {
                resize(count * 2);
            }
            put(count, seat, filter);
            count++;
        }

        private void put(int place, Seat seat, int filter) {
            seats[place] = seat;
            filters[place] = (byte) filter;
            seat.setPlace(filter, place);
        }

        void remove(int place) {
            count--;
            Seat last = seats[count];
            if (last != null && place != count) {
                put(place, last, filters[count]);
            }
            seats[count] = null;
            // What a crowd that has left once took is not kept: who stays pays for it no more.
            if (count >= LEAST && count <= seats.length / 4) {
                resize(seats.length / 2);
            }
        }

        private void resize(int length) {
            seats = Arrays.copyOf(seats, length);
            filters = Arrays.copyOf(filters, length);
        }

        void offer(Event event, @Nullable LingerQueue queue) {
            for (int i = 0; i < count; i++) {
                Seat seat = seats[i];
                if (seat != null) {
                    seat.offer(event, queue);
                }
            }
        }

        void offerOnce(Event event, @Nullable LingerQueue queue) {
            for (int i = 0; i < count; i++) {
                Seat seat = seats[i];
                if (seat != null) {
                    seat.offerOnce(event, queue);
                }
            }
        }

        void forEach(Consumer<Seat> action) {
            for (int i = 0; i < count; i++) {
                Seat seat = seats[i];
                if (seat != null) {
                    action.accept(seat);
                }
            }
        }
    }
}
