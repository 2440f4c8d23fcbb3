package dev.hark.event;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An SSE block, encoded once and shared by everyone who is given it.
 *
 * <p>Fields stand in the order {@code event}, {@code id}, {@code data}; lines end in LF; one space follows each colon (a client strips
 * exactly one, so data that begins with a space survives). Data is split at CR, LF and CRLF, because clients split at all three: a payload
 * that was split at LF alone could forge a field with a CR. (WHATWG HTML, 9.2.5 and 9.2.6.)
 *
 * <p>A block is in parts of {@value #PART_BYTES} bytes, the last of which may be smaller. Each stands in an array of its own within its
 * {@link Margin}: a part is what a stream writes at once, and no stream needs a copy of it. Immutable, but for what {@link Shapes} keeps
 * with it; the arrays are not to be changed.
 */
public final class Frame {
    /** How many bytes a part has; only the last may have fewer. */
    public static final int PART_BYTES = 16 << 10;

    private static final byte[][] NO_MORE = {};
    private static final byte[] EVENT = ascii("event: ");
    private static final byte[] ID = ascii("id: ");
    private static final byte[] DATA = ascii("data: ");
    private static final byte[] DEFAULT_TYPE = ascii(Draft.DEFAULT_TYPE);

    private final byte[] first;
    private final byte[][] more;
    private final int length;

    /** The same event in other shapes. It takes no room of its own: an object's size is a multiple of 8, and the fields above leave 4. */
    private volatile @Nullable Others others;

    /**
     * An event's other frames, as far as they are there.
     *
     * @param envelope    or null
     * @param cloudevents or null
     */
    private record Others(@Nullable Frame envelope, @Nullable Frame cloudevents) {}

    /**
     * @param first the first part within its margins
     * @param more  the parts behind it
     */
    private Frame(byte[] first, byte[][] more, int length) {
        this.first = first;
        this.more = more;
        this.length = length;
    }

    /** An event's block. {@code type} {@value Draft#DEFAULT_TYPE} needs no {@code event} field. */
    public static Frame encode(String epoch, long sequence, String type, byte[] data) {
        byte[] name = type.equals(Draft.DEFAULT_TYPE) ? null : type.getBytes(StandardCharsets.UTF_8);
        byte[] id = ascii(epoch + '-' + sequence);
        return encode(name, id, data);
    }

    /** The block of an event in another shape: its type and id, so that who listens to one type still does, and {@code json} as data. */
    static Frame shape(EventFields event, byte[] json) {
        return encode(Arrays.equals(event.type(), DEFAULT_TYPE) ? null : event.type(), event.id(), json);
    }

    /** The block of an event with another id. */
    static Frame withId(Frame frame, EventId id) {
        EventFields event = EventFields.of(frame);
        return encode(Arrays.equals(event.type(), DEFAULT_TYPE) ? null : event.type(), ascii(id.toString()), event.data());
    }

    /** One of the hub's own events, {@code hark.gap} for one, with an id unless that is null. */
    public static Frame control(String type, @Nullable EventId id, String json) {
        return encode(ascii(type), id == null ? null : ascii(id.toString()), json.getBytes(StandardCharsets.UTF_8));
    }

    /** What is no single event, as it stands: a comment, {@code retry}, several blocks that leave together. */
    public static Frame verbatim(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return inParts(bytes);
    }

    /** How many parts the block has. */
    public int parts() {
        return 1 + more.length;
    }

    /** The array in which a part stands, from {@link #offset} on, within its {@link Margin}; not a copy. */
    public byte[] array(int part) {
        return part == 0 ? first : more[part - 1];
    }

    /** Where in its {@link #array} a part begins. */
    public int offset(int part) {
        return Margin.before(length(part));
    }

    /** How many bytes a part has. */
    public int length(int part) {
        return Math.min(PART_BYTES, length - part * PART_BYTES);
    }

    /** How many bytes the block has. */
    public int length() {
        return length;
    }

    /** The block's bytes alone, a copy. */
    public byte[] bytes() {
        var bytes = new byte[length];
        for (int part = 0; part < parts(); part++) {
            System.arraycopy(array(part), offset(part), bytes, part * PART_BYTES, length(part));
        }
        return bytes;
    }

    /** The same event in {@code format}; null where that is not there. */
    @Nullable Frame other(Format format) {
        Others known = others;
        return switch (format) {
            case DATA -> this;
            case ENVELOPE -> known == null ? null : known.envelope();
            case CLOUDEVENTS -> known == null ? null : known.cloudevents();
        };
    }

    /** Keeps {@code other}, which is the same event in {@code format}, or null in its place. Called by one thread at a time. */
    void keep(Format format, @Nullable Frame other) {
        Frame envelope = format == Format.ENVELOPE ? other : other(Format.ENVELOPE);
        Frame cloudevents = format == Format.CLOUDEVENTS ? other : other(Format.CLOUDEVENTS);
        others = envelope == null && cloudevents == null ? null : new Others(envelope, cloudevents);
    }

    private static Frame inParts(byte[] block) {
        byte[] first = Margin.around(block, 0, Math.min(PART_BYTES, block.length));
        var more = block.length <= PART_BYTES ? NO_MORE : new byte[(block.length - 1) / PART_BYTES][];
        for (int i = 0; i < more.length; i++) {
            int from = (i + 1) * PART_BYTES;
            more[i] = Margin.around(block, from, Math.min(PART_BYTES, block.length - from));
        }
        return new Frame(first, more, block.length);
    }

    private static Frame encode(byte @Nullable [] name, byte @Nullable [] id, byte[] data) {
        int length = 1 + field(EVENT, name) + field(ID, id) + DATA.length * countLines(data) + countDataBytes(data);
        // What is one part is written in its place, what is more is taken apart afterwards.
        boolean onePart = length <= PART_BYTES;
        byte[] out = onePart ? Margin.around(length) : new byte[length];
        int start = onePart ? Margin.before(length) : 0;
        int at = put(out, put(out, start, EVENT, name), ID, id);
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
        assert at == start + length : at - start + " of " + length + " bytes written";
        return onePart ? new Frame(out, NO_MORE, length) : inParts(out);
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
        return new String(bytes(), StandardCharsets.UTF_8);
    }
}
