package dev.hark.load.measure;

import java.util.Locale;

/** What a number counts, and how it is written for people. */
public enum Unit {
    COUNT,
    PER_SECOND,
    NANOS,
    BYTES,
    CORES,
    RATIO;

    /** The value with a unit a person would choose: {@code 62.1 ms}, {@code 14.2 KiB}, {@code 10,000}. */
    public String format(double value) {
        return switch (this) {
            case COUNT -> number(value);
            case PER_SECOND -> number(value) + "/s";
            case NANOS -> nanos(value);
            case BYTES -> bytes(value);
            case CORES -> String.format(Locale.ROOT, "%.2f cores", value);
            case RATIO -> String.format(Locale.ROOT, "%.1f %%", 100 * value);
        };
    }

    /** The same for a whole number of the unit. */
    public String format(long value) {
        return format((double) value);
    }

    private static String number(double value) {
        return value == Math.rint(value) || Math.abs(value) >= 1000
                ? String.format(Locale.ROOT, "%,.0f", value)
                : String.format(Locale.ROOT, "%,.2f", value);
    }

    private static String nanos(double value) {
        double size = Math.abs(value);
        if (size < 1e3) {
            return String.format(Locale.ROOT, "%.0f ns", value);
        }
        if (size < 1e6) {
            return String.format(Locale.ROOT, "%.1f µs", value / 1e3);
        }
        return size < 1e9 ? String.format(Locale.ROOT, "%.1f ms", value / 1e6) : String.format(Locale.ROOT, "%.2f s", value / 1e9);
    }

    private static String bytes(double value) {
        double size = Math.abs(value);
        if (size < 1024) {
            return String.format(Locale.ROOT, "%.0f B", value);
        }
        if (size < 1024 * 1024) {
            return String.format(Locale.ROOT, "%.1f KiB", value / 1024);
        }
        return size < 1024.0 * 1024 * 1024
                ? String.format(Locale.ROOT, "%.1f MiB", value / (1024 * 1024))
                : String.format(Locale.ROOT, "%.2f GiB", value / (1024.0 * 1024 * 1024));
    }
}
