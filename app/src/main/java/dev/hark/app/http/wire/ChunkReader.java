package dev.hark.app.http.wire;

import static dev.hark.app.http.wire.Octets.HEX;
import static dev.hark.app.http.wire.Octets.TOKEN;
import static dev.hark.app.http.wire.Octets.VALUE;

import dev.hark.app.http.wire.Refusal.Reason;
import org.jspecify.annotations.Nullable;

/**
 * Reads bodies in chunks (RFC 9112, section 7.1), and gives what is in them: without the extensions, without the trailer.
 *
 * <p>The outcome depends on the bytes alone, not on how they are dealt out to {@link #read}. Confined to the connection's thread.
 */
final class ChunkReader {
    /** Of a chunk's size, leading zeros included: more than any body may have. */
    private static final int MAX_DIGITS = 8;

    /** Of all extensions of a body together. */
    private static final int MAX_EXTENSION_BYTES = 8 << 10;

    private enum At {
        SIZE,
        BLANK,
        EXTENSION,
        SIZE_LF,
        DATA,
        DATA_CR,
        DATA_LF,
        TRAILER,
        TRAILER_NAME,
        TRAILER_VALUE,
        TRAILER_LF,
        END_LF,
        DONE
    }

    private final WireRules rules;

    private At at = At.SIZE;
    private int digits;
    private long remaining;
    private long bodyBytes;
    private int extensionBytes;
    private int trailerBytes;
    private int size;
    private @Nullable Refusal refusal;

    ChunkReader(WireRules rules) {
        this.rules = rules;
    }

    /**
     * Takes bytes from {@code from} to before {@code to}, up to the end of the body or what is wrong with it; where it stopped. What is in
     * the chunks goes into {@code out} from {@code begin} on, where there is room for all, and is {@link #size} long.
     */
    int read(byte[] in, int from, int to, byte[] out, int begin) {
        size = 0;
        int i = from;
        while (i < to && at != At.DONE && refusal == null) {
            switch (at) {
                case DATA -> {
                    int length = (int) Math.min(remaining, to - i);
                    System.arraycopy(in, i, out, begin + size, length);
                    size += length;
                    remaining -= length;
                    i += length;
                    at = remaining > 0 ? At.DATA : At.DATA_CR;
                }
                case SIZE, BLANK, EXTENSION -> line(in[i++]);
                case TRAILER, TRAILER_NAME, TRAILER_VALUE -> trailer(in[i++]);
                case SIZE_LF, DATA_CR, DATA_LF, TRAILER_LF, END_LF -> lineEnd(in[i++]);
                case DONE -> throw new AssertionError("a body that has ended has no more bytes");
            }
        }
        return i;
    }

    /** How many bytes the last {@link #read} gave. */
    int size() {
        return size;
    }

    boolean done() {
        return at == At.DONE && refusal == null;
    }

    /** What is wrong; null as long as nothing is. */
    @Nullable Refusal refusal() {
        return refusal;
    }

    /** The size of a chunk, and its extensions; blanks only before those. */
    private void line(byte b) {
        if (at == At.SIZE && Octets.is(b, HEX)) {
            remaining = remaining << 4 | Octets.hex(b);
            digits++;
            if (digits > MAX_DIGITS) {
                malformed("a chunk's size has more than " + MAX_DIGITS + " digits");
            }
        } else if (at == At.SIZE && digits == 0) {
            malformed("a chunk's size begins with " + Octets.quote(b) + "; it is a hexadecimal number");
        } else if (b == '\r' && at != At.BLANK) {
            at = At.SIZE_LF;
        } else if (at != At.EXTENSION && Octets.isBlank(b)) {
            at = At.BLANK;
            countExtension();
        } else if (at == At.EXTENSION ? Octets.is(b, VALUE) : b == ';') {
            at = At.EXTENSION;
            countExtension();
        } else {
            malformed("a chunk's size is followed by " + Octets.quote(b));
        }
    }

    private void countExtension() {
        extensionBytes++;
        if (extensionBytes > MAX_EXTENSION_BYTES) {
            malformed("the extensions of the chunks are larger than " + MAX_EXTENSION_BYTES + " bytes");
        }
    }

    /** A field that nobody asked for: well-formed, and forgotten. */
    private void trailer(byte b) {
        trailerBytes++;
        if (trailerBytes > rules.maxFieldBytes()) {
            refusal = new Refusal(Reason.HEAD_TOO_LARGE, "the trailer is larger than " + rules.maxFieldBytes() + " bytes");
        } else if (at == At.TRAILER && b == '\r') {
            at = At.END_LF;
        } else if (at == At.TRAILER_NAME && b == ':') {
            at = At.TRAILER_VALUE;
        } else if (at == At.TRAILER_VALUE && b == '\r') {
            at = At.TRAILER_LF;
        } else if (at == At.TRAILER_VALUE ? !Octets.is(b, VALUE) : !Octets.is(b, TOKEN)) {
            malformed("a field of the trailer has " + Octets.quote(b) + " in its " + (at == At.TRAILER_VALUE ? "value" : "name"));
        } else if (at == At.TRAILER) {
            at = At.TRAILER_NAME;
        }
    }

    private void lineEnd(byte b) {
        byte expected = (byte) (at == At.DATA_CR ? '\r' : '\n');
        if (b != expected) {
            malformed(at == At.DATA_CR
                    ? "a chunk is longer than its size says"
                    : "a CR is followed by " + Octets.quote(b) + "; lines end in CR LF");
            return;
        }
        at = switch (at) {
            case DATA_CR -> At.DATA_LF;
            case DATA_LF -> nextSize();
            case TRAILER_LF -> At.TRAILER;
            case END_LF -> At.DONE;
            default -> endSize();
        };
    }

    private At endSize() {
        bodyBytes += remaining;
        if (bodyBytes > rules.maxBodyBytes()) {
            refusal = Refusal.tooLarge(rules.maxBodyBytes());
        }
        return remaining > 0 ? At.DATA : At.TRAILER;
    }

    private At nextSize() {
        digits = 0;
        remaining = 0;
        return At.SIZE;
    }

    private void malformed(String detail) {
        refusal = Refusal.malformed(detail);
    }
}
