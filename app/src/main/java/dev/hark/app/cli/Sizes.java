package dev.hark.app.cli;

import java.util.Locale;

/** Numbers of bytes, for people. Stateless. */
final class Sizes {
    private Sizes() {}

    /** {@code 1,536 bytes (1.5 KiB)}. */
    static String inWords(long number) {
        String[] units = {"KiB", "MiB", "GiB", "TiB"};
        String exact = String.format(Locale.ROOT, "%,d", number) + (number == 1 ? " byte" : " bytes");
        if (number < 1024) {
            return exact;
        }
        double scaled = number / 1024.0;
        int unit = 0;
        while (scaled >= 1024 && unit < units.length - 1) {
            scaled /= 1024;
            unit++;
        }
        return exact + String.format(Locale.ROOT, " (%.1f %s)", scaled, units[unit]);
    }
}
