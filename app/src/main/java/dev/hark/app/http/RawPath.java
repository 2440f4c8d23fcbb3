package dev.hark.app.http;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A request's path as it came, taken apart before it is decoded: {@code %2F} is a slash inside a segment, and {@code //} stays.
 */
final class RawPath {
    private static final char LOST = '\uFFFD';

    private RawPath() {}

    /**
     * The segments of {@code path} after its first slash, each decoded.
     *
     * @throws ProblemException where an escape is broken or the bytes are no UTF-8
     */
    static List<String> segments(String path) {
        List<String> segments = new ArrayList<>();
        for (String segment : path.substring(1).split("/", -1)) {
            segments.add(decode(segment));
        }
        return segments;
    }

    /**
     * Refuses text that lost bytes on its way here: Helidon reads request lines and headers as ASCII and queries as UTF-8, and puts U+FFFD
     * for whatever is neither, so that different topics or keys would become one.
     *
     * @throws ProblemException naming {@code subject}
     */
    static void requireIntact(String subject, String text) {
        if (text.indexOf(LOST) >= 0) {
            throw new ProblemException(
                    ProblemType.MALFORMED,
                    subject + " '" + Shown.of(text) + "' holds bytes that are lost on the way; "
                            + "in a path or a query, write the UTF-8 of what is not ASCII "
                            + "percent-encoded, and in a header, ASCII alone");
        }
    }

    /**
     * Undoes percent-encoding (RFC 3986, section 2.1), strictly: a topic that was meant must not become another one.
     *
     * @throws ProblemException where an escape is broken or the bytes are no UTF-8
     */
    static String decode(String text) {
        requireIntact("path", text);
        if (text.indexOf('%') < 0) {
            return text;
        }
        var bytes = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '%') {
                bytes.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
                continue;
            }
            int high = i + 2 <= text.length() - 1 ? Character.digit(text.charAt(i + 1), 16) : -1;
            int low = high >= 0 ? Character.digit(text.charAt(i + 2), 16) : -1;
            if (low < 0) {
                throw new ProblemException(
                        ProblemType.MALFORMED, "'" + Shown.of(text) + "' has a '%' that two hexadecimal digits do not follow");
            }
            bytes.write(high << 4 | low);
            i += 2;
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.toByteArray())).toString();
        } catch (CharacterCodingException e) {
            throw new ProblemException(ProblemType.MALFORMED, "'" + Shown.of(text) + "' is not valid UTF-8 once decoded");
        }
    }
}
