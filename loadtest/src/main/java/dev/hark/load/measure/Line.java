package dev.hark.load.measure;

import java.util.OptionalDouble;

/**
 * A straight line through points, by least squares.
 *
 * @param slope how much y grows with each x
 * @param intercept y where x is 0
 */
public record Line(double slope, double intercept) {
    /** Points whose x differ by less than this share of their size are taken to be one above the other. */
    private static final double ALIKE = 1e-9;

    /** A cost, which never falls and is never negative: slope and intercept are at least 0. Through the origin where all x are alike. */
    public static Line ofCost(double[] xs, double[] ys) {
        var sums = new Sums(xs, ys);
        double slope = sums.isSteep() ? -1 : sums.slope();
        double intercept = slope < 0 ? -1 : sums.intercept(slope);
        if (slope >= 0 && intercept >= 0) {
            return new Line(slope, intercept);
        }
        return slope < 0 && !sums.isSteep() ? new Line(0, sums.y / sums.n) : new Line(sums.xx > 0 ? sums.xy / sums.xx : 0, 0);
    }

    /** The slope as the points have it; nothing where fewer than three points, or all at the same x, do not tell it. */
    public static OptionalDouble slopeOf(double[] xs, double[] ys) {
        var sums = new Sums(xs, ys);
        return xs.length < 3 || sums.isSteep() ? OptionalDouble.empty() : OptionalDouble.of(sums.slope());
    }

    private static final class Sums {
        private final double n;
        private double x;
        private double y;
        private double xx;
        private double xy;

        Sums(double[] xs, double[] ys) {
            n = xs.length;
            for (int i = 0; i < xs.length; i++) {
                x += xs[i];
                y += ys[i];
                xx += xs[i] * xs[i];
                xy += xs[i] * ys[i];
            }
        }

        boolean isSteep() {
            return n * xx - x * x <= ALIKE * xx;
        }

        double slope() {
            return (n * xy - x * y) / (n * xx - x * x);
        }

        double intercept(double slope) {
            return (y - slope * x) / n;
        }
    }
}
