package dev.hark.log;

/**
 * A point in time as a position.
 *
 * @param position   the events stored since then come after it
 * @param incomplete whether retention has removed some of them
 */
public record Since(long position, boolean incomplete) {}
