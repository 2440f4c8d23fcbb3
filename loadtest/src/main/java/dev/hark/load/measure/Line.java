package dev.hark.load.measure;

import java.util.OptionalDouble;

/** A straight line through points, by least squares. */
final class Line {
    /** Points whose x differ by less than this share of their size are taken to be one above the other. */
    private static final double ALIKE = 1e-9;

    private Line() {}

    /** How much y grows with each x; nothing where fewer than three points, or all at the same x, do not tell it. */
    static OptionalDouble slopeOf(double[] xs, double[] ys) {
        double n = xs.length;
        double x = 0;
        double y = 0;
        double xx = 0;
        double xy = 0;
        for (int i = 0; i < xs.length; i++) {
            x += xs[i];
            y += ys[i];
            xx += xs[i] * xs[i];
            xy += xs[i] * ys[i];
        }
        boolean isSteep = n * xx - x * x <= ALIKE * xx;
        return n < 3 || isSteep ? OptionalDouble.empty() : OptionalDouble.of((n * xy - x * y) / (n * xx - x * x));
    }
}
