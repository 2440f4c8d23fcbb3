package dev.hark.event;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * JSON (RFC 8259), where it can stand inside another document and every common parser still reads that document: at most
 * {@value #MAX_DEPTH} levels deep, numbers that a binary64 can hold, names of at most {@value #MAX_NAME_BYTES} bytes, no half of a
 * surrogate pair.
 *
 * <p>Reads one text from its beginning to its end, once, and writes it down without the white space between its tokens; every token stays
 * as it was written. Confined to one thread.
 */
final class JsonText {
    /* The bounds are those of parsers as they come: .NET reads 64 levels, Jackson numbers of 1,000 characters and names of 50,000; Rust's
       serde refuses numbers beyond a binary64 and lone surrogates. Where a document holds one event that its reader cannot take, the reader
       can take none of it, and comes back for the same. */

    /** An envelope in an array in a page is three levels more. */
    static final int MAX_DEPTH = 60;

    static final int MAX_NUMBER_BYTES = 1_000;
    static final int MAX_NAME_BYTES = 50_000;

    /** A number with fewer characters, and no exponent, is one that a binary64 can hold. */
    private static final int SURELY_FINITE = 300;

    private static final byte[] TRUE = "true".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] FALSE = "false".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);

    private final byte[] in;
    private final byte[] out;
    private int at;
    private int size;

    private JsonText(byte[] in) {
        this.in = in;
        this.out = new byte[in.length];
    }

    /**
     * {@code text} without the white space between its tokens; null where it is no JSON, or none that everybody reads.
     *
     * @param text valid UTF-8
     */
    static byte @Nullable [] compact(byte[] text) {
        var json = new JsonText(text);
        json.space();
        if (!json.value(0)) {
            return null;
        }
        json.space();
        return json.at == text.length ? Arrays.copyOf(json.out, json.size) : null;
    }

    private boolean value(int depth) {
        return switch (peek()) {
            case '{' -> depth < MAX_DEPTH && object(depth + 1);
            case '[' -> depth < MAX_DEPTH && array(depth + 1);
            case '"' -> string(Integer.MAX_VALUE);
            case 't' -> literal(TRUE);
            case 'f' -> literal(FALSE);
            case 'n' -> literal(NULL);
            default -> number();
        };
    }

    private boolean object(int depth) {
        take();
        space();
        if (takes('}')) {
            return true;
        }
        do {
            space();
            if (!string(MAX_NAME_BYTES)) {
                return false;
            }
            space();
            if (!takes(':')) {
                return false;
            }
            space();
            if (!value(depth)) {
                return false;
            }
            space();
        } while (takes(','));
        return takes('}');
    }

    private boolean array(int depth) {
        take();
        space();
        if (takes(']')) {
            return true;
        }
        do {
            space();
            if (!value(depth)) {
                return false;
            }
            space();
        } while (takes(','));
        return takes(']');
    }

    private boolean string(int maxBytes) {
        if (!takes('"')) {
            return false;
        }
        int begin = at;
        while (!takes('"')) {
            int next = peek();
            if (next < ' ' || at - begin >= maxBytes) {
                // The end of the text too, which is less than any byte.
                return false;
            }
            take();
            if (next == '\\' && !escape()) {
                return false;
            }
        }
        return true;
    }

    /** What follows a backslash. */
    private boolean escape() {
        if (!takes('u')) {
            return takesOneOf("\"\\/bfnrt");
        }
        int unit = unit();
        if (unit < 0 || Character.isLowSurrogate((char) unit)) {
            return false;
        }
        if (!Character.isHighSurrogate((char) unit)) {
            return true;
        }
        if (!takes('\\') || !takes('u')) {
            return false;
        }
        int low = unit();
        return low >= 0 && Character.isLowSurrogate((char) low);
    }

    /** The UTF-16 unit that four hexadecimal digits name; negative where they are none. */
    private int unit() {
        int unit = 0;
        for (int i = 0; i < 4; i++) {
            int next = peek();
            int digit = next < 0 ? -1 : Character.digit(next, 16);
            if (digit < 0) {
                return -1;
            }
            take();
            unit = unit << 4 | digit;
        }
        return unit;
    }

    private boolean number() {
        int begin = at;
        takes('-');
        if (!takes('0') && !digits()) {
            return false;
        }
        if (takes('.') && !digits()) {
            return false;
        }
        boolean exponent = takesOneOf("eE");
        if (exponent) {
            takesOneOf("+-");
            if (!digits()) {
                return false;
            }
        }
        int length = at - begin;
        if (length > MAX_NUMBER_BYTES) {
            return false;
        }
        return (!exponent && length < SURELY_FINITE)
                || Double.isFinite(Double.parseDouble(new String(in, begin, length, StandardCharsets.US_ASCII)));
    }

    private boolean digits() {
        int begin = at;
        while (peek() >= '0' && peek() <= '9') {
            take();
        }
        return at > begin;
    }

    private boolean literal(byte[] word) {
        for (byte letter : word) {
            if (!takes(letter)) {
                return false;
            }
        }
        return true;
    }

    private void space() {
        while (peek() == ' ' || peek() == '\n' || peek() == '\r' || peek() == '\t') {
            at++;
        }
    }

    /** The next byte, from 0 to 255; negative at the end. */
    private int peek() {
        return at < in.length ? in[at] & 0xFF : -1;
    }

    private void take() {
        out[size++] = in[at++];
    }

    private boolean takes(int wanted) {
        if (peek() != wanted) {
            return false;
        }
        take();
        return true;
    }

    private boolean takesOneOf(String wanted) {
        int next = peek();
        return next >= 0 && wanted.indexOf(next) >= 0 && takes(next);
    }
}
