package dev.hark.log;

import java.util.Arrays;

/**
 * For each class of topics, the position up to which it has lost events: retention has removed its event there, and every one before.
 * Immutable.
 */
public final class Floors {
    /** Of one class that has lost nothing. */
    public static final Floors NONE = new Floors(new long[1]);

    private final long[] positions;

    private Floors(long[] positions) {
        this.positions = positions;
    }

    /** Of as many classes as there are {@code positions}. */
    public static Floors of(long... positions) {
        return new Floors(positions.clone());
    }

    /** Up to where the class {@code number} has lost events: 0 where it has lost none. */
    public long of(int number) {
        return number < positions.length ? positions[number] : 0;
    }

    /** Up to where any of {@code classes}, a set as of {@link TopicClasses}, has lost events. */
    public long highest(long classes) {
        long highest = 0;
        for (int i = 0; i < positions.length; i++) {
            if ((classes >>> i & 1) != 0) {
                highest = Math.max(highest, positions[i]);
            }
        }
        return highest;
    }

    /** Up to where all of {@code classes}, a set as of {@link TopicClasses}, have lost events. */
    public long lowest(long classes) {
        long lowest = Long.MAX_VALUE;
        for (int i = 0; i < positions.length; i++) {
            if ((classes >>> i & 1) != 0) {
                lowest = Math.min(lowest, positions[i]);
            }
        }
        return lowest == Long.MAX_VALUE ? 0 : lowest;
    }

    /** Whether any class has lost events since it was at {@code before}, of after {@code position}. */
    boolean havePassed(Floors before, long position) {
        for (int i = 0; i < positions.length; i++) {
            if (positions[i] > before.of(i) && positions[i] > position) {
                return true;
            }
        }
        return false;
    }

    /** These with the class {@code number} at {@code position}. */
    public Floors with(int number, long position) {
        if (of(number) == position) {
            return this;
        }
        long[] changed = positions.clone();
        changed[number] = position;
        return new Floors(changed);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Floors floors && Arrays.equals(positions, floors.positions);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(positions);
    }

    @Override
    public String toString() {
        return Arrays.toString(positions);
    }
}
