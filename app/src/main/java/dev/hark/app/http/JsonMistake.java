package dev.hark.app.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import java.nio.charset.StandardCharsets;

/** What is wrong with a JSON text, in words for whoever sent it: what, where, and the limit; nothing of the parser's own. Stateless. */
final class JsonMistake {
    /** The parser's bounds, which are ours to promise. */
    static final StreamReadConstraints LIMITS = StreamReadConstraints.builder()
            .maxNestingDepth(1_000)
            .maxNumberLength(1_000)
            .maxNameLength(50_000)
            .build();

    private static final String TWICE = "Duplicate field '";
    private static final int SHOWN_BYTES = 24;

    private JsonMistake() {}

    /**
     * The end of a sentence that begins with its subject, such as "entry 3".
     *
     * @param body   all that was sent
     * @param offset where in it the parser began
     */
    static String inWords(JsonProcessingException mistake, byte[] body, int offset) {
        String message = String.valueOf(mistake.getOriginalMessage());
        if (message.startsWith(TWICE)) {
            return "has the field '" + Shown.of(message.substring(TWICE.length(), message.lastIndexOf('\''))) + "' twice";
        }
        if (mistake instanceof StreamConstraintsException) {
            return "goes beyond what is read of JSON: %d levels, numbers of %d digits, names of %d bytes".formatted(
                    LIMITS.getMaxNestingDepth(), LIMITS.getMaxNumberLength(), LIMITS.getMaxNameLength());
        }
        if (mistake instanceof JsonEOFException) {
            return "is not valid JSON: it ends too early";
        }
        long place = mistake.getLocation() == null ? -1 : mistake.getLocation().getByteOffset();
        if (place < 0) {
            return "is not valid JSON";
        }
        int at = (int) Math.min(body.length, offset + place);
        return "is not valid JSON at " + position(body, at) + ", near '" + around(body, at) + '\'';
    }

    private static String position(byte[] body, int at) {
        int line = 1;
        int column = 1;
        for (int i = 0; i < at; i++) {
            if (body[i] == '\n') {
                line++;
                column = 1;
            } else if ((body[i] & 0xC0) != 0x80) {
                column++;
            }
        }
        return "line " + line + ", column " + column;
    }

    /** The text about {@code at}, of its line. */
    private static String around(byte[] body, int at) {
        int from = at;
        while (from > Math.max(0, at - SHOWN_BYTES) && body[from - 1] != '\n') {
            from--;
        }
        int to = at;
        while (to < Math.min(body.length, at + SHOWN_BYTES / 2) && body[to] != '\n') {
            to++;
        }
        // Cut inside a character, the rest of it is no UTF-8; and what is a control character may be one to the reader, too.
        return new String(body, from, to - from, StandardCharsets.UTF_8)
                .strip()
                .replaceAll("^\uFFFD+|\uFFFD+$", "")
                .replaceAll("\\p{Cc}", "\uFFFD");
    }
}
