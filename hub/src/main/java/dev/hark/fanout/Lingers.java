package dev.hark.fanout;

import dev.hark.event.Event;
import dev.hark.event.TopicFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a lane holds back for {@link TopicRule#linger}: the events of which topics, for how long, and whose owners are to be woken when. The
 * rule of the event's own topic holds, whatever filter it goes to. Confined to the lane.
 */
final class Lingers {
    /* A timer for each stream would cost what lingering saves: a virtual thread that parks for a time is put into and taken out of a heap
       that all share. So nobody has one. Whoever sleeps sleeps on when an event is held, and the lane, which is one thread for thousands of
       streams, looks at the first entry of each queue. There is a queue for each length that the rules name, which are few. */

    private record Rule(TopicFilter match, @Nullable LingerQueue queue) {}

    private final List<Rule> rules = new ArrayList<>();
    private final List<LingerQueue> queues = new ArrayList<>();
    private final DeliveryCounters counters;
    private final LongSupplier nanoTime;

    /** @param rules of which the first that matches holds */
    Lingers(List<TopicRule> rules, DeliveryCounters counters, LongSupplier nanoTime) {
        this.counters = counters;
        this.nanoTime = nanoTime;
        for (TopicRule rule : rules) {
            long nanos = rule.linger().toNanos();
            this.rules.add(new Rule(rule.match(), nanos == 0 ? null : queueOf(nanos)));
        }
    }

    private LingerQueue queueOf(long nanos) {
        for (LingerQueue queue : queues) {
            if (queue.lingerNanos() == nanos) {
                return queue;
            }
        }
        var queue = new LingerQueue(nanos);
        queues.add(queue);
        return queue;
    }

    /** Where those are noted to whom {@code event} is offered now; null where it goes at once. */
    @Nullable LingerQueue queueFor(Event event) {
        if (queues.isEmpty()) {
            return null;
        }
        for (Rule rule : rules) {
            if (rule.match().matches(event.topic())) {
                if (rule.queue() != null) {
                    rule.queue().begin(nanoTime.getAsLong());
                }
                return rule.queue();
            }
        }
        return null;
    }

    /** Counts what {@code queue} has held back of an event that everybody was offered. */
    void count(LingerQueue queue) {
        counters.lingeredWrites.add(queue.takeWrites());
        counters.lingeredEvents.add(queue.takeEvents());
    }

    private boolean isHolding() {
        for (LingerQueue queue : queues) {
            if (!queue.isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /** Wakes everybody who is due; how long from now the next is: more than 0, {@link Long#MAX_VALUE} where there is none. */
    long release() {
        if (!isHolding()) {
            return Long.MAX_VALUE;
        }
        long now = nanoTime.getAsLong();
        long next = Long.MAX_VALUE;
        for (LingerQueue queue : queues) {
            queue.release(now);
            next = Math.min(next, queue.untilDue(now));
        }
        return next;
    }

    /** Wakes everybody, due or not. */
    void releaseAll() {
        queues.forEach(LingerQueue::releaseAll);
    }
}
