package dev.hark.event;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** The rules that topics and topic filters share. */
final class TopicSyntax {
    /** RFC 3986, section 3.1. */
    private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:");

    private TopicSyntax() {}

    static void check(String subject, String value) {
        if (value.isEmpty()) {
            throw new InvalidEventException(subject + " is empty; it needs at least one segment");
        }
        int bytes = utf8Length(subject, value);
        if (bytes > Topic.MAX_BYTES) {
            throw new InvalidEventException(subject + " is " + bytes + " bytes long; the limit is " + Topic.MAX_BYTES);
        }
        value.codePoints().forEach(point -> {
            if (isForbidden(point)) {
                throw new InvalidEventException(
                        "%s holds U+%04X; control, format and white-space characters are not allowed".formatted(subject, point));
            }
        });
        List<String> segments = segments(value);
        if (segments.size() > Topic.MAX_SEGMENTS) {
            throw new InvalidEventException(subject + " has " + segments.size() + " segments; the limit is " + Topic.MAX_SEGMENTS);
        }
        for (int i = 0; i < segments.size(); i++) {
            String segment = segments.get(i);
            if (segment.isEmpty() && !isAfterScheme(segments, i)) {
                throw new InvalidEventException(subject + " '" + value + "' has an empty segment");
            }
            if (segment.startsWith("hark.") || segment.startsWith("$")) {
                throw new InvalidEventException(
                        subject + " '" + value + "' has the segment '" + segment
                                + "'; names that begin with 'hark.' or '$' belong to the hub");
            }
        }
    }

    static List<String> segments(String value) {
        var segments = new ArrayList<String>(8);
        int from = 0;
        for (int slash = value.indexOf('/'); slash >= 0; slash = value.indexOf('/', from)) {
            segments.add(value.substring(from, slash));
            from = slash + 1;
        }
        segments.add(value.substring(from));
        return segments;
    }

    private static boolean isAfterScheme(List<String> segments, int index) {
        return index == 1 && segments.size() > 2 && SCHEME.matcher(segments.getFirst()).matches();
    }

    private static boolean isForbidden(int point) {
        return Character.getType(point) == Character.CONTROL
                || Character.getType(point) == Character.FORMAT
                || Character.isWhitespace(point)
                || Character.isSpaceChar(point);
    }

    private static int utf8Length(String subject, String value) {
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(value));
            return encoded.remaining();
        } catch (CharacterCodingException e) {
            throw new InvalidEventException(subject + " holds a lone surrogate, which has no UTF-8 form");
        }
    }
}
