package dev.hark.log;

/**
 * What a log retains, class by class.
 *
 * @param floor  the position before the oldest retained event of any class
 * @param stored the position of the newest event that the engine has stored; what comes after it is in memory alone
 * @param floors up to where each class has lost events
 */
public record Retained(long floor, long stored, Floors floors) {}
