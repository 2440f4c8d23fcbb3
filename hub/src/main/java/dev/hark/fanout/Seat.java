package dev.hark.fanout;

import dev.hark.event.Event;
import dev.hark.event.Filters;
import dev.hark.log.Era;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A subscriber as its lane knows it: where it stands in the index, and the mailbox that events are offered to. It is apart from the
 * {@link Subscriber}, whose fields the subscriber's thread writes at each write of the stream. Confined to the lane, but for
 * {@link #abandon}.
 */
final class Seat {
    private static final SubscriberSet[] NOWHERE = {};
    private static final int[] NO_PLACES = {};

    private final Filters filters;
    private final Mailbox mailbox;
    private final LongAdder spills;

    /** For each filter the set it stands in, and its place there; no sets as long as it is not in the index. */
    private SubscriberSet[] sets = NOWHERE;
    private int[] places = NO_PLACES;

    /** Where it stands among those who are to be woken later; made when it first is. */
    private LingerQueue.@Nullable Entry held;

    private long lastOffered = -1;
    private boolean left;

    /** Written by the subscriber, read by the lane. */
    private volatile boolean abandoned;

    Seat(Filters filters, Mailbox mailbox, LongAdder spills) {
        this.filters = filters;
        this.mailbox = mailbox;
        this.spills = spills;
    }

    Filters filters() {
        return filters;
    }

    boolean isIndexed() {
        return sets.length > 0;
    }

    /** In the index, with a set for each filter still to come. */
    void enter() {
        sets = new SubscriberSet[filters.size()];
        places = new int[filters.size()];
    }

    void leave() {
        sets = NOWHERE;
        places = NO_PLACES;
    }

    SubscriberSet set(int filter) {
        return sets[filter];
    }

    void setSet(int filter, SubscriberSet set) {
        sets[filter] = set;
    }

    int place(int filter) {
        return places[filter];
    }

    void setPlace(int filter, int place) {
        places[filter] = place;
    }

    /** Says that nobody wants anything more; then the lane is to be told. Thread-safe. */
    void abandon() {
        abandoned = true;
    }

    boolean isAbandoned() {
        return abandoned;
    }

    /** Whether this is the first time that the lane finds its subscriber gone. */
    boolean vacate() {
        boolean first = !left;
        left = true;
        if (held != null) {
            held.leave();
        }
        return first;
    }

    /** Offers {@code event}, which goes at once where {@code queue} is null, or waits as those in it do. */
    void offer(Event event, @Nullable LingerQueue queue) {
        Offer offer = queue == null ? mailbox.offer(event) : queue.offer(held(), event);
        if (offer == Offer.SPILLED) {
            spills.increment();
        }
    }

    private LingerQueue.Entry held() {
        LingerQueue.Entry entry = held;
        if (entry == null) {
            entry = new LingerQueue.Entry(mailbox);
            held = entry;
        }
        return entry;
    }

    /** Offers {@code event}, in the same way, if it is another one than the last that was offered so. */
    void offerOnce(Event event, @Nullable LingerQueue queue) {
        if (lastOffered != event.sequence()) {
            lastOffered = event.sequence();
            offer(event, queue);
        }
    }

    /** See {@link Mailbox#join}. */
    void join(Era era, long walked) {
        // Another history may come to the same position.
        lastOffered = -1;
        mailbox.join(era, walked);
    }
}
