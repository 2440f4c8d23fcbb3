package dev.hark.load.measure;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How quantities are written on the command line and in scenarios: {@code 60s}, {@code 200B}, {@code 5/s}, {@code 10k}. */
public final class Quantities {
    private static final Pattern SHAPE = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([A-Za-z/]*)");

    private Quantities() {}

    /** {@code 250ms}, {@code 10s}, {@code 5m}, {@code 1h}. */
    public static Duration duration(String text) {
        Matcher matcher = match(text, "a duration such as 250ms, 10s, 5m or 1h");
        double seconds = Double.parseDouble(matcher.group(1)) * switch (matcher.group(2)) {
            case "ms" -> 1e-3;
            case "s", "" -> 1;
            case "m", "min" -> 60;
            case "h" -> 3600;
            default -> throw new IllegalArgumentException("'" + text + "' is not a duration such as 250ms, 10s, 5m or 1h");
        };
        return Duration.ofNanos((long) (seconds * 1e9));
    }

    /** {@code 200B}, {@code 4KB}, {@code 1MB}; of 1024 each; at most 2 GiB. */
    public static int bytes(String text) {
        double bytes = largeBytes(text);
        if (bytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("'" + text + "' is beyond " + Integer.MAX_VALUE + " bytes");
        }
        return (int) bytes;
    }

    /** The same without that limit: {@code 8GB}. */
    public static double largeBytes(String text) {
        Matcher matcher = match(text, "a size such as 200B, 4KB or 1MB");
        return Double.parseDouble(matcher.group(1)) * switch (matcher.group(2)) {
            case "B", "" -> 1;
            case "KB", "KiB", "k", "K" -> 1024;
            case "MB", "MiB", "M" -> 1024 * 1024;
            case "GB", "GiB", "G" -> 1024L * 1024 * 1024;
            default -> throw new IllegalArgumentException("'" + text + "' is not a size such as 200B, 4KB or 1MB");
        };
    }

    /** {@code 5/s}, {@code 300/m}, {@code 2k/s}, {@code 5}: per second. */
    public static double perSecond(String text) {
        String[] parts = text.strip().split("/", 2);
        double number = count(parts[0]);
        return switch (parts.length < 2 ? "s" : parts[1]) {
            case "s", "sec" -> number;
            case "m", "min" -> number / 60;
            case "h" -> number / 3600;
            default -> throw new IllegalArgumentException("'" + text + "' is not a rate such as 5/s or 300/m");
        };
    }

    /** {@code 10000}, {@code 10k}, {@code 1.5M}; of 1000 each. */
    public static double count(String text) {
        Matcher matcher = match(text, "a count such as 10000 or 10k");
        return Double.parseDouble(matcher.group(1)) * switch (matcher.group(2)) {
            case "" -> 1;
            case "k", "K" -> 1e3;
            case "M" -> 1e6;
            case "G" -> 1e9;
            default -> throw new IllegalArgumentException("'" + text + "' is not a count such as 10000 or 10k");
        };
    }

    /** {@code 10%} or {@code 0.1}. */
    public static double share(String text) {
        String stripped = text.strip();
        boolean percent = stripped.endsWith("%");
        double number = count(percent ? stripped.substring(0, stripped.length() - 1) : stripped);
        return percent ? number / 100 : number;
    }

    private static Matcher match(String text, String expected) {
        Matcher matcher = SHAPE.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + text + "' is not " + expected);
        }
        return matcher;
    }
}
