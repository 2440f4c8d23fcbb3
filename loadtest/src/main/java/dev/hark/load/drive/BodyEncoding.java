package dev.hark.load.drive;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** How text is written into a body, so that the server reads it as it was. */
enum BodyEncoding {
    /** As it is. */
    RAW,
    /** Inside a JSON string, whose quotes are the template's. */
    JSON,
    /** A name or a value of {@code application/x-www-form-urlencoded}. */
    FORM;

    /**
     * By a content type such as {@code application/json; charset=utf-8}. What ends in "json", such as
     * {@code application/x-ndjson}, holds JSON strings.
     */
    static BodyEncoding of(String contentType) {
        int end = contentType.indexOf(';');
        String media = (end < 0 ? contentType : contentType.substring(0, end)).strip().toLowerCase(Locale.ROOT);
        if (media.equals("application/x-www-form-urlencoded")) {
            return FORM;
        }
        return media.endsWith("json") ? JSON : RAW;
    }

    String encode(String text) {
        return switch (this) {
            case RAW -> text;
            case JSON -> new String(JsonStringEncoder.getInstance().quoteAsString(text));
            case FORM -> URLEncoder.encode(text, StandardCharsets.UTF_8);
        };
    }

    /**
     * How a space in an event's data is written. Every other character of a stamp is the same in each encoding, so lengths
     * stay the same.
     */
    byte space() {
        return switch (this) {
            case RAW, JSON -> ' ';
            case FORM -> '+';
        };
    }
}
