package dev.hark.log;

/**
 * What a log retains: the events after {@code floor}, up to {@code newest}. Equal when it retains none.
 *
 * @param floor  the position before the oldest retained event
 * @param newest the position of the newest event, 0 before the first
 */
public record Bounds(long floor, long newest) {}
