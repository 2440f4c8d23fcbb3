package dev.hark.log;

import dev.hark.event.Event;
import java.util.List;

/**
 * A stretch of the log: the positions {@code from} (exclusive) to {@code through} (inclusive), and the matching events among them.
 *
 * @param from    where the page begins; later than asked for where retention has removed what came before
 * @param events  the matching events, in order
 * @param through up to which position the log was searched, at least {@code from}
 */
public record Page(long from, List<Event> events, long through) {}
