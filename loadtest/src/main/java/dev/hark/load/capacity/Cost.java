package dev.hark.load.capacity;

/**
 * What one more of something costs, and how well that is known.
 *
 * @param value the estimate
 * @param margin half the width of its 95 % confidence interval; infinite where the levels do not tell it
 */
public record Cost(double value, double margin) {
    /** Nothing was measured that could tell it. */
    public static final Cost UNKNOWN = new Cost(0, Double.POSITIVE_INFINITY);

    /** Whether it is a cost at all: its interval is above 0. */
    public boolean isKnown() {
        return value > 0 && margin < value;
    }

    /** What a plan counts with: nothing where it is not known. */
    public double counted() {
        return isKnown() ? value : 0;
    }

    /** The least that it may be. */
    public double least() {
        return Math.max(0, value - margin);
    }

    /** The most that it may be. */
    public double most() {
        return Math.max(0, value + margin);
    }
}
