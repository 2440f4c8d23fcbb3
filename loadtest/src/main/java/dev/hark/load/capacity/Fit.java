package dev.hark.load.capacity;

/**
 * What two causes cost, from how much there was of each and what that took in all: least squares through the origin, with confidence
 * intervals.
 *
 * <p>A cause whose interval reaches 0 is left out, the less certain of the two first, and the other is fitted again without it. Where the
 * two causes always come in the same proportion, nobody can tell them apart, and the second is given all of it.
 *
 * @param first the cost of the first cause
 * @param second the cost of the second
 */
record Fit(Cost first, Cost second) {
    /** The square of the cosine between two causes, from which on they are taken to be one. */
    private static final double ALIKE = 0.98;

    /** Student's t for a two-sided interval of 95 %, by degrees of freedom from 1 on. */
    private static final double[] STUDENT = {
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101,
        2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042
    };

    private static final double NORMAL = 1.960;

    /** Fits; all three have one entry for each observation. */
    static Fit of(double[] first, double[] second, double[] total) {
        double a = product(first, first);
        double b = product(first, second);
        double c = product(second, second);
        if (b * b >= ALIKE * a * c) {
            return c > 0 ? new Fit(Cost.UNKNOWN, single(second, total)) : new Fit(single(first, total), Cost.UNKNOWN);
        }
        double determinant = a * c - b * b;
        double u = product(first, total);
        double v = product(second, total);
        double one = (u * c - v * b) / determinant;
        double other = (v * a - u * b) / determinant;
        double rest = 0;
        for (int i = 0; i < total.length; i++) {
            double missed = total[i] - one * first[i] - other * second[i];
            rest += missed * missed;
        }
        int freedom = total.length - 2;
        double spread = freedom > 0 ? student(freedom) * Math.sqrt(rest / freedom) : Double.POSITIVE_INFINITY;
        Cost of = new Cost(one, spread * Math.sqrt(c / determinant));
        Cost and = new Cost(other, spread * Math.sqrt(a / determinant));
        if (of.isKnown() && and.isKnown()) {
            return new Fit(of, and);
        }
        return certainty(of) < certainty(and) ? new Fit(of, single(second, total)) : new Fit(single(first, total), and);
    }

    /** The cost of a cause that stands alone. */
    static Cost single(double[] cause, double[] total) {
        double size = product(cause, cause);
        if (size == 0) {
            return Cost.UNKNOWN;
        }
        double cost = product(cause, total) / size;
        double rest = 0;
        for (int i = 0; i < total.length; i++) {
            double missed = total[i] - cost * cause[i];
            rest += missed * missed;
        }
        int freedom = total.length - 1;
        return new Cost(cost, freedom > 0 ? student(freedom) * Math.sqrt(rest / freedom / size) : Double.POSITIVE_INFINITY);
    }

    private static double certainty(Cost cost) {
        return cost.margin() == 0 ? cost.value() * Double.MAX_VALUE : cost.value() / cost.margin();
    }

    private static double student(int freedom) {
        return freedom <= STUDENT.length ? STUDENT[freedom - 1] : NORMAL;
    }

    private static double product(double[] left, double[] right) {
        double sum = 0;
        for (int i = 0; i < left.length; i++) {
            sum += left[i] * right[i];
        }
        return sum;
    }
}
