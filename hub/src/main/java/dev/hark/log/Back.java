package dev.hark.log;

/**
 * How far a search for the last matching events has come on its way back.
 *
 * @param position everything after it was searched
 * @param left     how many matching events are still wanted
 * @param ended    whether the search is over: {@code position} is where to read from
 */
public record Back(long position, int left, boolean ended) {}
