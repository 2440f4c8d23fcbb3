package dev.hark.log.memory;

import dev.hark.event.Event;
import dev.hark.event.Filters;
import dev.hark.log.Back;
import dev.hark.log.EventLog;
import dev.hark.log.EventRing;
import dev.hark.log.Floors;
import dev.hark.log.Keep;
import dev.hark.log.Page;
import dev.hark.log.Retained;
import dev.hark.log.Retention;
import dev.hark.log.Since;
import dev.hark.log.TopicClass;
import dev.hark.log.TopicClasses;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The events of each class of topics in a ring of its own, and read as one sequence with those that stay beyond that.
 *
 * <p>One writer at a time, which its owner sees to; any number of readers, without a lock.
 */
final class ClassRings {
    /** What a call may cost, as {@link EventRing}. */
    private static final int MAX_COMPARISONS = 20_000;

    private static final int MAX_PAGE_BYTES = 1 << 20;

    private final TopicClasses classes;
    private final LatestEvents latest;

    /** By class; null for those of which nothing is stored. */
    private final @Nullable EventRing[] rings;

    /** @param latest which events stay when their ring has lost them */
    ClassRings(TopicClasses classes, LatestEvents latest) {
        this.classes = classes;
        this.latest = latest;
        this.rings = new EventRing[classes.all().size()];
        for (TopicClass each : classes.all()) {
            Retention retention = each.keep().retention();
            rings[each.number()] = retention == null ? null : new EventRing(retention.events(), retention.bytes(), 0);
        }
    }

    private @Nullable EventRing ring(Event event) {
        return rings[classes.numberOf(event.topic().value())];
    }

    private EventRing onlyRing() {
        return Objects.requireNonNull(rings[0], "the default class is stored");
    }

    /** Up to where each class will have lost events once {@code coming} are added. */
    Floors floorsWith(List<Event> coming) {
        if (!classes.areSeveral()) {
            return Floors.of(onlyRing().floorWith(coming));
        }
        long[] floors = new long[rings.length];
        for (int i = 0; i < rings.length; i++) {
            EventRing ring = rings[i];
            int number = i;
            floors[i] = ring == null
                    ? 0
                    : ring.floorWith(coming.stream().filter(event -> classes.numberOf(event.topic().value()) == number).toList());
        }
        return Floors.of(floors);
    }

    /** Adds what its class stores. */
    void add(Event event) {
        EventRing ring = ring(event);
        if (ring != null) {
            ring.add(event);
        }
    }

    /** Up to where each class will have lost events once what is too old at {@code nowMillis} is removed. */
    Floors floorsAt(long nowMillis) {
        long[] floors = new long[rings.length];
        for (TopicClass each : classes.all()) {
            EventRing ring = rings[each.number()];
            floors[each.number()] = ring == null ? 0 : ring.floorWithout(oldest(each.keep(), nowMillis));
        }
        return Floors.of(floors);
    }

    void removeOld(long nowMillis) {
        for (TopicClass each : classes.all()) {
            EventRing ring = rings[each.number()];
            if (ring != null) {
                ring.removeBefore(oldest(each.keep(), nowMillis));
            }
        }
    }

    private static long oldest(Keep keep, long nowMillis) {
        Retention retention = Objects.requireNonNull(keep.retention(), "a class that is stored");
        return nowMillis - retention.age().toMillis();
    }

    /** What is retained; {@code newest} is the position of the newest event. */
    Retained retained(Floors floors, long newest) {
        if (!classes.areSeveral()) {
            return new Retained(onlyRing().bounds().floor(), newest, floors);
        }
        long floor = Math.min(newest, latest.floor());
        for (EventRing ring : rings) {
            Event oldest = ring == null ? null : ring.get(ring.firstOrdinal());
            floor = oldest == null ? floor : Math.min(floor, oldest.sequence() - 1);
        }
        return new Retained(floor, newest, floors);
    }

    /** How many events of a class are retained. */
    long events(int number) {
        EventRing ring = rings[number];
        return ring == null ? 0 : ring.endOrdinal() - ring.firstOrdinal();
    }

    /** How many bytes their frames have. */
    long bytes(int number) {
        EventRing ring = rings[number];
        return ring == null ? 0 : ring.bytes();
    }

    /** As {@link EventLog#read}, up to position {@code newest}. */
    Page read(String epoch, long after, long newest, Filters filters, int limit) {
        if (!classes.areSeveral()) {
            return onlyRing().read(epoch, after, filters, limit);
        }
        Page page = merged(epoch, after, newest, filters, limit);
        // Only now: a ring says what is gone before it goes.
        return new Page(epoch, page.from(), page.events(), page.through(), false, floors());
    }

    private Floors floors() {
        return Floors.of(Arrays.stream(rings).mapToLong(ring -> ring == null ? 0 : ring.bounds().floor()).toArray());
    }

    private Page merged(String epoch, long after, long newest, Filters filters, int limit) {
        long from = after;
        var cursors = new Cursors(filters, from, true);
        var events = new ArrayList<Event>(Math.min(limit, 64));
        long through = from;
        long bytes = 0;
        int comparisons = 0;
        for (Event event = cursors.next(); event != null && event.sequence() <= newest; event = cursors.next()) {
            if (events.size() == limit || comparisons >= MAX_COMPARISONS || bytes > MAX_PAGE_BYTES) {
                return new Page(epoch, from, events, through);
            }
            comparisons += filters.size();
            if (filters.matches(event.topic())) {
                events.add(event);
                bytes += event.frame().length();
            }
            through = event.sequence();
        }
        return new Page(epoch, from, events, Math.max(from, newest));
    }

    /** As {@link EventLog#since}. */
    Since since(long timeMillis) {
        long position = 0;
        long lost = 0;
        for (int i = 0; i < rings.length; i++) {
            EventRing ring = rings[i];
            if (ring != null) {
                Since found = ring.since(timeMillis);
                position = Math.max(position, found.position());
                lost |= found.lost() == 0 ? 0 : 1L << i;
            }
        }
        return new Since(position, lost);
    }

    /** As {@link EventLog#back}. */
    Back back(Back search, Filters filters) {
        if (!classes.areSeveral()) {
            return onlyRing().back(search, filters);
        }
        var cursors = new Cursors(filters, search.position(), false);
        int left = search.left();
        long position = search.position();
        for (int comparisons = 0; left > 0; comparisons += filters.size()) {
            if (comparisons >= MAX_COMPARISONS) {
                return new Back(position, left, false);
            }
            Event event = cursors.next();
            if (event == null) {
                return new Back(Math.min(position, 0), left, true);
            }
            position = event.sequence() - 1;
            if (filters.matches(event.topic())) {
                left--;
            }
        }
        return new Back(position, 0, true);
    }

    /**
     * A way through the rings that some filters may concern, and what stays beyond them, in the order of the log or against it. What is in
     * a ring and stays as well comes once.
     */
    private final class Cursors {
        private final EventRing[] each;
        private final long[] ordinals;
        private final boolean forwards;
        private final boolean some;
        private long passed;

        Cursors(Filters filters, long position, boolean forwards) {
            // Everything is what is read for all filters at once, those of the hub's own topics too.
            long touched = filters.equals(Filters.EVERYTHING) ? ~0L : classes.touchedBy(filters);
            var wanted = new ArrayList<EventRing>();
            for (int i = 0; i < rings.length; i++) {
                EventRing ring = rings[i];
                if (ring != null && (touched >>> i & 1) != 0) {
                    wanted.add(ring);
                }
            }
            this.each = wanted.toArray(EventRing[]::new);
            this.forwards = forwards;
            this.some = (touched & classes.latest()) != 0;
            this.passed = forwards ? position : position + 1;
            this.ordinals = Arrays.stream(each).mapToLong(ring -> ring.ordinalAfter(position) - (forwards ? 0 : 1)).toArray();
        }

        /** The next event on the way; null at its end. */
        @Nullable Event next() {
            Event found = null;
            int at = 0;
            for (int i = 0; i < each.length; i++) {
                Event event = peek(i);
                if (event != null && (found == null || event.sequence() < found.sequence() == forwards)) {
                    found = event;
                    at = i;
                }
            }
            Event stays = some ? latest.next(passed, forwards) : null;
            if (stays != null && (found == null || precedes(stays, found))) {
                passed = stays.sequence();
                return stays;
            }
            if (found != null) {
                ordinals[at] += forwards ? 1 : -1;
                passed = found.sequence();
            }
            return found;
        }

        private boolean precedes(Event one, Event other) {
            return one.sequence() != other.sequence() && one.sequence() < other.sequence() == forwards;
        }

        private @Nullable Event peek(int i) {
            Event event = each[i].get(ordinals[i]);
            while (event == null && forwards && ordinals[i] < each[i].firstOrdinal()) {
                // Retention has passed: what is gone was announced.
                ordinals[i] = each[i].firstOrdinal();
                event = each[i].get(ordinals[i]);
            }
            return event;
        }
    }
}
