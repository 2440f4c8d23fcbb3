package dev.hark.fanout;

import dev.hark.event.Event;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The subscribers of one filter.
 *
 * <p>Those with several filters stand apart, because only they can match an event twice. Changed by its lane alone; anybody may count.
 */
final class SubscriberSet {
    private final Members single = new Members();
    private final Members several = new Members();

    Membership add(Subscriber subscriber) {
        return (subscriber.filters().size() == 1 ? single : several).add(this, subscriber);
    }

    void remove(Subscriber subscriber, Membership membership) {
        (subscriber.filters().size() == 1 ? single : several).remove(membership);
    }

    boolean isEmpty() {
        return single.count == 0 && several.count == 0;
    }

    /** Offers {@code event} to each, once across all the sets that the lane asks for this event. */
    void offer(Event event) {
        for (int i = 0; i < single.count; i++) {
            Subscriber subscriber = single.subscribers[i];
            if (subscriber != null) {
                subscriber.offer(event);
            }
        }
        for (int i = 0; i < several.count; i++) {
            Subscriber subscriber = several.subscribers[i];
            if (subscriber != null && subscriber.lastOffered != event.sequence()) {
                subscriber.lastOffered = event.sequence();
                subscriber.offer(event);
            }
        }
    }

    void forEach(Consumer<Subscriber> action) {
        single.forEach(action);
        several.forEach(action);
    }

    /** How many there are that {@code counted} does not hold yet; adds those that could be counted twice. */
    int count(Set<Subscriber> counted) {
        int count = single.count;
        @Nullable Subscriber[] subscribers = several.subscribers;
        for (int i = 0; i < Math.min(several.count, subscribers.length); i++) {
            Subscriber subscriber = subscribers[i];
            if (subscriber != null && counted.add(subscriber)) {
                count++;
            }
        }
        return count;
    }

    private static final class Members {
        private volatile @Nullable Subscriber[] subscribers = new @Nullable Subscriber[2];
        private @Nullable Membership[] memberships = new @Nullable Membership[2];
        private volatile int count;

        Membership add(SubscriberSet set, Subscriber subscriber) {
            int index = count;
            if (index == subscribers.length) {
                subscribers = Arrays.copyOf(subscribers, index * 2);
                memberships = Arrays.copyOf(memberships, index * 2);
            }
            var membership = new Membership(set, index);
            subscribers[index] = subscriber;
            memberships[index] = membership;
            count = index + 1;
            return membership;
        }

        void forEach(Consumer<Subscriber> action) {
            for (int i = 0; i < count; i++) {
                Subscriber subscriber = subscribers[i];
                if (subscriber != null) {
                    action.accept(subscriber);
                }
            }
        }

        void remove(Membership membership) {
            int last = count - 1;
            Membership moved = memberships[last];
            if (moved != null && moved != membership) {
                subscribers[membership.index] = subscribers[last];
                memberships[membership.index] = moved;
                moved.index = membership.index;
            }
            count = last;
            subscribers[last] = null;
            memberships[last] = null;
        }
    }
}
