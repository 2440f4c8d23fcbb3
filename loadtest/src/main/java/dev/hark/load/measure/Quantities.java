package dev.hark.load.measure;

import java.time.DateTimeException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** How quantities are written on the command line and in scenarios: {@code 60s}, {@code 200B}, {@code 5/s}, {@code 10k}. */
public final class Quantities {
    private static final Pattern SHAPE = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([A-Za-zµ]*)");
    private static final String A_DURATION = "a duration such as 500ms, 10s, 5m, 1h, 1d or PT10S";
    private static final String A_SIZE = "a size such as 200B, 64k, 4KiB or 8GB (of 1024 each)";
    private static final String A_COUNT = "a count such as 10000 or 10k";
    private static final String A_RATE = "a rate such as 5/s or 300/m";

    private static final Map<String, Double> SECONDS = Map.of(
            "ns", 1e-9, "us", 1e-6, "µs", 1e-6, "ms", 1e-3, "s", 1.0, "m", 60.0, "min", 60.0, "h", 3600.0, "d", 86_400.0);
    private static final Map<String, Double> BYTES = Map.ofEntries(
            Map.entry("", 1.0), Map.entry("b", 1.0),
            Map.entry("k", 0x1p10), Map.entry("kb", 0x1p10), Map.entry("kib", 0x1p10),
            Map.entry("m", 0x1p20), Map.entry("mb", 0x1p20), Map.entry("mib", 0x1p20),
            Map.entry("g", 0x1p30), Map.entry("gb", 0x1p30), Map.entry("gib", 0x1p30));
    private static final Map<String, Double> COUNT = Map.of("", 1.0, "k", 1e3, "K", 1e3, "M", 1e6, "G", 1e9);

    private Quantities() {}

    /** {@code 500ms}, {@code 10s} or {@code 10}, {@code 5m}, {@code 1h}, {@code 1d}, and ISO 8601: {@code PT10S}. */
    public static Duration duration(String text) {
        String stripped = text.strip();
        if (stripped.toUpperCase(Locale.ROOT).startsWith("P")) {
            try {
                return Duration.parse(stripped);
            } catch (DateTimeException e) {
                throw new IllegalArgumentException("'" + text + "' is not " + A_DURATION, e);
            }
        }
        double seconds = read(text, A_DURATION, unit -> SECONDS.get(unit.isEmpty() ? "s" : unit));
        return Duration.ofNanos((long) (seconds * 1e9));
    }

    /** How many nanoseconds a unit of time has, or -1 if it is none. */
    static double nanosOf(String unit) {
        Double seconds = SECONDS.get(unit);
        return seconds == null ? -1 : seconds * 1e9;
    }

    /** How many bytes a unit of size has, or -1 if it is none. */
    static double bytesOf(String unit) {
        Double bytes = sizeOf(unit);
        return bytes == null ? -1 : bytes;
    }

    private static @Nullable Double sizeOf(String unit) {
        return BYTES.get(unit.toLowerCase(Locale.ROOT));
    }

    /** {@code 200B}, {@code 64k}, {@code 4KiB}, {@code 1MB}; of 1024 each, in letters of any case; at most 2 GiB. */
    public static int bytes(String text) {
        double bytes = largeBytes(text);
        if (bytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("'" + text + "' is beyond " + Integer.MAX_VALUE + " bytes");
        }
        return (int) bytes;
    }

    /** The same without that limit: {@code 8GB}. */
    public static double largeBytes(String text) {
        return read(text, A_SIZE, Quantities::sizeOf);
    }

    /** {@code 5/s}, {@code 300/m}, {@code 2k/s}, {@code 5}: per second. */
    public static double perSecond(String text) {
        String[] parts = text.strip().split("/", 2);
        double number = read(parts[0], A_RATE, COUNT::get);
        return switch (parts.length < 2 ? "s" : parts[1]) {
            case "s", "sec" -> number;
            case "m", "min" -> number / 60;
            case "h" -> number / 3600;
            case "d" -> number / 86_400;
            default -> throw new IllegalArgumentException("'" + text + "' is not " + A_RATE);
        };
    }

    /** {@code 10000}, {@code 10k}, {@code 1.5M}; of 1000 each. */
    public static double count(String text) {
        return read(text, A_COUNT, COUNT::get);
    }

    /** The same where only whole numbers make sense. */
    public static int whole(String text) {
        double number = count(text);
        if (number != Math.rint(number) || number > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("'" + text + "' is not a whole number");
        }
        return (int) number;
    }

    /** {@code 10%} or {@code 0.1}. */
    public static double share(String text) {
        String stripped = text.strip();
        boolean percent = stripped.endsWith("%");
        double number = count(percent ? stripped.substring(0, stripped.length() - 1) : stripped);
        return percent ? number / 100 : number;
    }

    /** What a unit is worth, or null if it is none. */
    private interface Worth {
        @Nullable Double of(String unit);
    }

    private static double read(String text, String expected, Worth worth) {
        Matcher matcher = SHAPE.matcher(text.strip());
        Double unit = matcher.matches() ? worth.of(matcher.group(2)) : null;
        if (unit == null) {
            throw new IllegalArgumentException("'" + text + "' is not " + expected);
        }
        return Double.parseDouble(matcher.group(1)) * unit;
    }
}
