package dev.hark.event;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * An SSE block, encoded once and shared by everyone who is given it.
 *
 * <p>Fields stand in the order {@code event}, {@code id}, {@code data}; lines end in LF; one space follows each colon (a client strips
 * exactly one, so data that begins with a space survives). Data is split at CR, LF and CRLF, because clients split at all three: a payload
 * that was split at LF alone could forge a field with a CR. (WHATWG HTML, 9.2.5 and 9.2.6.) Immutable; the array is not to be changed.
 */
public final class Frame {
    private static final byte[] EVENT = ascii("event: ");
    private static final byte[] ID = ascii("id: ");
    private static final byte[] DATA = ascii("data: ");

    private final byte[] bytes;

    private Frame(byte[] bytes) {
        this.bytes = bytes;
    }

    /** An event's block. {@code type} {@value Draft#DEFAULT_TYPE} needs no {@code event} field. */
    public static Frame encode(String epoch, long sequence, String type, byte[] data) {
        byte[] name = type.equals(Draft.DEFAULT_TYPE) ? null : type.getBytes(StandardCharsets.UTF_8);
        byte[] id = ascii(epoch + '-' + sequence);
        return new Frame(encode(name, id, data));
    }

    /** One of the hub's own events, {@code hark.gap} for one, with an id unless that is null. */
    public static Frame control(String type, @Nullable EventId id, String json) {
        return new Frame(encode(ascii(type), id == null ? null : ascii(id.toString()), json.getBytes(StandardCharsets.UTF_8)));
    }

    /** A block as it stands, for what is no event: comments, {@code retry}, an id alone. */
    public static Frame verbatim(String block) {
        return new Frame(block.getBytes(StandardCharsets.UTF_8));
    }

    /** The block's bytes, not a copy. */
    public byte[] bytes() {
        return bytes;
    }

    /** How many bytes the block has. */
    public int length() {
        return bytes.length;
    }

    private static byte[] encode(byte @Nullable [] name, byte @Nullable [] id, byte[] data) {
        int length = 1 + field(EVENT, name) + field(ID, id) + DATA.length * countLines(data) + countDataBytes(data);
        var out = new byte[length];
        int at = put(out, put(out, 0, EVENT, name), ID, id);
        int from = 0;
        for (int i = 0; i <= data.length; i++) {
            if (i == data.length || isLineEnd(data[i])) {
                at = put(out, at, DATA);
                System.arraycopy(data, from, out, at, i - from);
                at += i - from;
                out[at++] = '\n';
                if (i + 1 < data.length && data[i] == '\r' && data[i + 1] == '\n') {
                    i++;
                }
                from = i + 1;
            }
        }
        out[at++] = '\n';
        assert at == out.length : at + " of " + out.length + " bytes written";
        return out;
    }

    /** A last line end begins one more, empty, line: what a client joins by LF is then the data again. */
    private static int countLines(byte[] data) {
        int lines = 1;
        for (int i = 0; i < data.length; i++) {
            if (data[i] == '\n' || (data[i] == '\r' && (i + 1 == data.length || data[i + 1] != '\n'))) {
                lines++;
            }
        }
        return lines;
    }

    /** The data without its line ends, plus one LF a line. */
    private static int countDataBytes(byte[] data) {
        int bytes = countLines(data);
        for (byte b : data) {
            if (!isLineEnd(b)) {
                bytes++;
            }
        }
        return bytes;
    }

    private static boolean isLineEnd(byte b) {
        return b == '\n' || b == '\r';
    }

    private static int field(byte[] name, byte @Nullable [] value) {
        return value == null ? 0 : name.length + value.length + 1;
    }

    private static int put(byte[] out, int at, byte[] name, byte @Nullable [] value) {
        if (value == null) {
            return at;
        }
        int end = put(out, put(out, at, name), value);
        out[end] = '\n';
        return end + 1;
    }

    private static int put(byte[] out, int at, byte[] bytes) {
        System.arraycopy(bytes, 0, out, at, bytes.length);
        return at + bytes.length;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public String toString() {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
