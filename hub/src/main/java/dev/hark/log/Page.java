package dev.hark.log;

import dev.hark.event.Event;
import java.util.List;

/**
 * A stretch of the log: the positions {@code from} (exclusive) to {@code through} (inclusive), and the matching events among them.
 *
 * @param epoch   of which history, which may have changed since the reader was told
 * @param from    where the page begins; later than asked for where retention has removed what came before, or it is damaged
 * @param events  the matching events, in order
 * @param through up to which position the log was searched, at least {@code from}
 * @param damaged whether some of what is missing before {@code from} is damaged, and not removed by retention
 * @param lost    up to where each class of topics had lost events when it was read, where there are several
 */
public record Page(String epoch, long from, List<Event> events, long through, boolean damaged, Floors lost) {
    /** One of a log in which one class holds all topics: {@code from} says all that there is to say. */
    public Page(String epoch, long from, List<Event> events, long through, boolean damaged) {
        this(epoch, from, events, through, damaged, Floors.NONE);
    }

    /** A page before which retention alone has removed something, if anything is missing. */
    public Page(String epoch, long from, List<Event> events, long through) {
        this(epoch, from, events, through, false);
    }

    /** The same where nothing more can be found before {@code position}; it begins before the first event that it has all the same. */
    Page from(long position) {
        // After a change of the rules a class may say that it has lost more than it has.
        long begin = events.isEmpty() ? position : Math.min(position, events.getFirst().sequence() - 1);
        return begin <= from ? this : new Page(epoch, begin, events, Math.max(through, begin), damaged, lost);
    }

    /** A first part of it: up to the position {@code end}. */
    Page first(List<Event> part, long end) {
        return new Page(epoch, from, part, end, damaged, lost);
    }
}
