package dev.hark.app.http;

import java.util.regex.Pattern;

/** What somebody sent, as much of it as an answer should repeat: one line, and a short one. Stateless. */
public final class Shown {
    private static final int MAX_CHARACTERS = 80;

    private static final Pattern UNSAFE = Pattern.compile("[\\p{Cc}\\p{Zl}\\p{Zp}]");

    private Shown() {}

    /** {@code text}, shortened, and without what ends a line or steers a terminal. */
    public static String of(String text) {
        String shortened = text.length() <= MAX_CHARACTERS ? text : text.substring(0, MAX_CHARACTERS - 1) + '…';
        return UNSAFE.matcher(shortened).replaceAll("\uFFFD");
    }
}
