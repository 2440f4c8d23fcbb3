package dev.hark.event;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What the block of an event says, read back from its bytes: an event keeps nothing twice.
 *
 * @param type the event's type
 * @param id   its id, or its snapshot's
 * @param data its data as a client puts it together, so with LF for every line end
 */
@SuppressWarnings("ArrayRecordComponent") // read once, and never compared
record EventFields(byte[] type, byte[] id, byte[] data) {
    private static final byte[] DEFAULT_TYPE = Draft.DEFAULT_TYPE.getBytes(StandardCharsets.UTF_8);
    private static final byte[] NOTHING = {};

    /** Of a block that {@link Frame#encode} or {@link Frame#shape} has written. */
    static EventFields of(Frame frame) {
        byte[] block = frame.bytes();
        byte[] type = DEFAULT_TYPE;
        byte[] id = NOTHING;
        // In its own place, because each line of the data loses its name.
        int from = 0;
        int data = -1;
        int end = 0;
        while (block[from] != '\n') {
            int to = lineEnd(block, from);
            int value = from;
            while (block[value] != ':') {
                value++;
            }
            value += 2;
            switch (block[from]) {
                case 'e' -> type = Arrays.copyOfRange(block, value, to);
                case 'i' -> id = Arrays.copyOfRange(block, value, to);
                default -> {
                    if (data < 0) {
                        data = value;
                        end = to;
                    } else {
                        block[end++] = '\n';
                        System.arraycopy(block, value, block, end, to - value);
                        end += to - value;
                    }
                }
            }
            from = to + 1;
        }
        return new EventFields(type, id, Arrays.copyOfRange(block, data, end));
    }

    /** The id of the event itself, where it stands in a block that bears the id of a snapshot. */
    byte[] ownId() {
        int dot = id.length - 1;
        while (dot >= 0 && id[dot] != '.') {
            dot--;
        }
        if (dot < 0) {
            return id;
        }
        // Epoch, dash and the number behind the dot.
        int numbers = EventId.EPOCH_LENGTH + 1;
        byte[] own = new byte[numbers + id.length - dot - 1];
        System.arraycopy(id, 0, own, 0, numbers);
        System.arraycopy(id, dot + 1, own, numbers, own.length - numbers);
        return own;
    }

    private static int lineEnd(byte[] block, int from) {
        int to = from;
        while (block[to] != '\n') {
            to++;
        }
        return to;
    }
}
