package dev.hark.app.config;

import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sizes as people write them: {@code 64KiB}, {@code 1GiB}, {@code 64k}, {@code 1m}, or a bare number of bytes. A letter alone is 1024 too,
 * as it is to nginx and to Java; {@code KB} is none, because it is 1000 to some and 1024 to others. Stateless.
 */
final class ByteSize {
    private static final Pattern SIZE = Pattern.compile("([0-9][0-9_]{0,17}) ?(|b|k|kib|m|mib|g|gib|t|tib)", Pattern.CASE_INSENSITIVE);

    private ByteSize() {}

    /** The bytes that {@code text} stands for; empty if it is no size or more than a {@code long} holds. */
    static OptionalLong parse(String text) {
        Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches()) {
            return OptionalLong.empty();
        }
        long count = Long.parseLong(matcher.group(1).replace("_", ""));
        int shift = switch (matcher.group(2).toLowerCase(Locale.ROOT)) {
            case "k", "kib" -> 10;
            case "m", "mib" -> 20;
            case "g", "gib" -> 30;
            case "t", "tib" -> 40;
            default -> 0;
        };
        return count > Long.MAX_VALUE >> shift ? OptionalLong.empty() : OptionalLong.of(count << shift);
    }

    /** The shortest text that {@link #parse} reads as {@code bytes}. */
    static String print(long bytes) {
        String[] units = {"", "KiB", "MiB", "GiB", "TiB"};
        int unit = 0;
        long count = bytes;
        while (unit < units.length - 1 && count != 0 && count % 1024 == 0) {
            count /= 1024;
            unit++;
        }
        return count + units[unit];
    }
}
