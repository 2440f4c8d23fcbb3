package dev.hark.load.capacity;

import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * A search for the highest level (of subscribers, or of events a second) that passes.
 *
 * <p>It doubles from the lowest level until one fails, halves the distance between the highest that passed and the lowest that failed until
 * they are within 5 %, and then tries the winner again until it has passed three times. A winner that fails on the way is a failure like
 * any other, and the search goes on below it. So chance can cost some of the capacity, but is unlikely to add to it.
 *
 * <p>Where the generator was the limit, nothing is known of the server: such a level is tried again, and ends the climb only when it comes
 * out like that {@value #TRIES} times running.
 *
 * <p>Ask {@link #next} for a level, tell {@link #report} what became of it, until there is no next. Confined to one thread.
 */
public final class CapacitySearch {
    /** What became of a level. */
    public enum Attempt {
        PASSED,
        FAILED,
        /** The generator was the limit: nothing is known of the server at this level. */
        GENERATOR_BOUND
    }

    /** Where a search ended. */
    public enum Bound {
        /** Above the capacity, levels fail. */
        SERVER,
        /** Above the capacity, the generator is the limit: the server may hold more. */
        GENERATOR,
        /** The highest level of the range passed: the server may hold more. */
        RANGE,
        /** Not even the lowest level passed. */
        NOTHING
    }

    /** What was found: the level is 0 if the bound is {@link Bound#NOTHING}, or the generator failed at the lowest. */
    public record Result(int capacity, Bound bound) {}

    static final double RESOLUTION = 0.05;
    static final int PASSES = 3;

    /** A neighbour on the same machine is busy for moments; a generator that is too small is so each time. */
    static final int TRIES = 3;

    /** Far more than doubling, halving and confirming can need: a bound on what noise can cause. */
    static final int MAX_ATTEMPTS = 60;

    private final int from;
    private final int to;
    private final TreeMap<Integer, Integer> passes = new TreeMap<>();
    private int lowestBad = Integer.MAX_VALUE;
    private boolean generatorWasBad;
    private int attempts;
    private int boundAt;
    private int boundTries;

    public CapacitySearch(int from, int to) {
        if (from < 1 || to < from) {
            throw new IllegalArgumentException("a search from " + from + " to " + to + "; it must begin at 1 or more and not end below");
        }
        this.from = from;
        this.to = to;
    }

    /** The level to try next, or nothing when the search is over. */
    public OptionalInt next() {
        if (attempts >= MAX_ATTEMPTS || lowestBad <= from) {
            return OptionalInt.empty();
        }
        if (boundTries > 0) {
            return OptionalInt.of(boundAt);
        }
        if (passes.isEmpty()) {
            return OptionalInt.of(from);
        }
        int best = passes.lastKey();
        if (lowestBad == Integer.MAX_VALUE && best < to) {
            return OptionalInt.of((int) Math.min(to, 2L * best));
        }
        if (lowestBad != Integer.MAX_VALUE && lowestBad - best > Math.max(1, RESOLUTION * best)) {
            return OptionalInt.of(best + (lowestBad - best) / 2);
        }
        return passes.getOrDefault(best, 0) < PASSES ? OptionalInt.of(best) : OptionalInt.empty();
    }

    /** Tells what became of a level. */
    public void report(int level, Attempt attempt) {
        attempts++;
        if (attempt == Attempt.GENERATOR_BOUND && ++boundTries < TRIES) {
            boundAt = level;
            return;
        }
        boundTries = 0;
        if (attempt == Attempt.PASSED) {
            if (level < lowestBad) {
                passes.merge(level, 1, Integer::sum);
            }
            return;
        }
        generatorWasBad = attempt == Attempt.GENERATOR_BOUND;
        lowestBad = Math.min(lowestBad, level);
        passes.tailMap(level, true).clear();
    }

    /** What is known so far; final when there is no next level. */
    public Result result() {
        int best = passes.isEmpty() ? 0 : passes.lastKey();
        boolean confirmed = best > 0 && passes.getOrDefault(best, 0) >= PASSES;
        if (!confirmed) {
            return new Result(0, generatorWasBad ? Bound.GENERATOR : Bound.NOTHING);
        }
        if (lowestBad == Integer.MAX_VALUE) {
            return new Result(best, Bound.RANGE);
        }
        return new Result(best, generatorWasBad ? Bound.GENERATOR : Bound.SERVER);
    }
}
