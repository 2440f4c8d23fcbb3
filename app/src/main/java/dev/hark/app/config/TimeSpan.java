package dev.hark.app.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Lengths of time as people write them, in the configuration, in URLs and on the command line: {@code 500ms}, {@code 15s},
 * {@code 1h30m}, {@code 1d}, {@code 2w}, or ISO-8601 with weeks, days and fractions: {@code PT15S}, {@code PT1.5H}, {@code P1D},
 * {@code P1W}. Months and years are none: their length depends on the calendar. Stateless.
 */
public final class TimeSpan {
    /* Largest unit first, each at most once: 30m1h is more probably a slip than a wish. */
    private static final String NUMBER = "([0-9]{1,19}(?:[.,][0-9]{1,9})?)";
    private static final Pattern ISO = Pattern.compile(
            "P(?!$)(?:" + NUMBER + "W)?(?:" + NUMBER + "D)?(?:T(?!$)(?:" + NUMBER + "H)?(?:" + NUMBER + "M)?(?:" + NUMBER + "S)?)?",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern SHORT = Pattern.compile("(?!$)(?:" + NUMBER + "w)?(?:" + NUMBER + "d)?(?:" + NUMBER + "h)?(?:"
            + NUMBER + "m)?(?:" + NUMBER + "s)?(?:" + NUMBER + "ms)?");

    /** What the groups of both patterns count, in nanoseconds. */
    private static final long[] UNITS = {
        Duration.ofDays(7).toNanos(), Duration.ofDays(1).toNanos(), Duration.ofHours(1).toNanos(), Duration.ofMinutes(1).toNanos(),
        Duration.ofSeconds(1).toNanos(), Duration.ofMillis(1).toNanos()
    };

    private static final BigDecimal SECOND = BigDecimal.valueOf(Duration.ofSeconds(1).toNanos());
    private static final BigDecimal LONGEST_SECONDS = BigDecimal.valueOf(Long.MAX_VALUE);

    private TimeSpan() {}

    /** The time that {@code text} stands for, never negative; empty if it is none. */
    public static Optional<Duration> parse(String text) {
        Matcher iso = ISO.matcher(text);
        Matcher words = SHORT.matcher(text);
        return iso.matches() ? sum(iso) : words.matches() ? sum(words) : Optional.empty();
    }

    private static Optional<Duration> sum(Matcher parts) {
        BigDecimal nanos = BigDecimal.ZERO;
        for (int i = 0; i < parts.groupCount(); i++) {
            String part = parts.group(i + 1);
            if (part != null) {
                nanos = nanos.add(new BigDecimal(part.replace(',', '.')).multiply(BigDecimal.valueOf(UNITS[i])));
            }
        }
        BigDecimal[] seconds = nanos.divideAndRemainder(SECOND);
        return seconds[0].compareTo(LONGEST_SECONDS) > 0
                ? Optional.empty()
                : Optional.of(Duration.ofSeconds(seconds[0].longValue(), seconds[1].longValue()));
    }

    /** {@code time} in the short form: {@code 1h30m}. What is less than a millisecond is left out. */
    public static String print(Duration time) {
        var text = new StringBuilder();
        append(text, time.toDays(), "d");
        append(text, time.toHoursPart(), "h");
        append(text, time.toMinutesPart(), "m");
        append(text, time.toSecondsPart(), "s");
        append(text, time.toMillisPart(), "ms");
        return text.isEmpty() ? "0s" : text.toString();
    }

    private static void append(StringBuilder text, long count, String unit) {
        if (count != 0) {
            text.append(count).append(unit);
        }
    }
}
