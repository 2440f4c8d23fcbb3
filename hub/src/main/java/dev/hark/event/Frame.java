package dev.hark.event;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
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

    private final byte[] array;
    private final int length;

    /** @param array the block within its margins */
    private Frame(byte[] array, int length) {
        this.array = array;
        this.length = length;
    }

    /** An event's block. {@code type} {@value Draft#DEFAULT_TYPE} needs no {@code event} field. */
    public static Frame encode(String epoch, long sequence, String type, byte[] data) {
        byte[] name = type.equals(Draft.DEFAULT_TYPE) ? null : type.getBytes(StandardCharsets.UTF_8);
        byte[] id = ascii(epoch + '-' + sequence);
        return encode(name, id, data);
    }

    /** One of the hub's own events, {@code hark.gap} for one, with an id unless that is null. */
    public static Frame control(String type, @Nullable EventId id, String json) {
        return encode(ascii(type), id == null ? null : ascii(id.toString()), json.getBytes(StandardCharsets.UTF_8));
    }

    /** What is no single event, as it stands: a comment, {@code retry}, several blocks that leave together. */
    public static Frame verbatim(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return new Frame(Margin.around(bytes, 0, bytes.length), bytes.length);
    }

    /** The array in which the block stands, from {@link #offset} on, within its {@link Margin}; not a copy. */
    public byte[] array() {
        return array;
    }

    /** Where in {@link #array} the block begins. */
    public int offset() {
        return Margin.before(length);
    }

    /** How many bytes the block has. */
    public int length() {
        return length;
    }

    /** The block's bytes alone, a copy. */
    public byte[] bytes() {
        return Arrays.copyOfRange(array, offset(), offset() + length);
    }

    private static Frame encode(byte @Nullable [] name, byte @Nullable [] id, byte[] data) {
        int length = 1 + field(EVENT, name) + field(ID, id) + DATA.length * countLines(data) + countDataBytes(data);
        byte[] out = Margin.around(length);
        int at = put(out, put(out, Margin.before(length), EVENT, name), ID, id);
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
        assert at == out.length - Margin.AFTER : at + " of " + out.length + " bytes written";
        return new Frame(out, length);
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
        return new String(array, offset(), length, StandardCharsets.UTF_8);
    }
}
