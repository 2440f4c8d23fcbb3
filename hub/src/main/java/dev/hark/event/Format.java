package dev.hark.event;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** The shapes in which an event can be given: docs/http.md has each. */
public enum Format {
    /** Its own data, and no more. */
    DATA,
    /** A JSON object with topic, id, type, key, time and data. */
    ENVELOPE,
    /** A CloudEvent 1.0 in its structured JSON form. */
    CLOUDEVENTS;

    /** The format as a URL names it: {@code envelope}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The format whose {@link #wireName} is {@code text}; empty where there is none. */
    public static Optional<Format> parse(String text) {
        return Arrays.stream(values()).filter(format -> format.wireName().equals(text)).findFirst();
    }

    /** All of them, as a sentence lists them. */
    public static String list() {
        return Arrays.stream(values()).map(Format::wireName).collect(Collectors.joining(", "));
    }
}
