package dev.hark.event;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** JSON that is being written, in UTF-8. Confined to one thread. */
final class JsonOutput {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private byte[] bytes;
    private int size;

    /** @param room how many bytes it will take, about */
    JsonOutput(int room) {
        this.bytes = new byte[Math.max(16, room)];
    }

    /** {@code json} as it stands. */
    JsonOutput raw(String json) {
        return raw(json.getBytes(StandardCharsets.UTF_8));
    }

    /** The same, of a part of what is already in UTF-8. */
    JsonOutput raw(byte[] json) {
        makeRoom(json.length);
        System.arraycopy(json, 0, bytes, size, json.length);
        size += json.length;
        return this;
    }

    /** A string; {@code null} without quotes where there is none. */
    JsonOutput string(@Nullable String text) {
        return text == null ? raw("null") : string(text.getBytes(StandardCharsets.UTF_8));
    }

    /** A string of what is in UTF-8: RFC 8259, section 7. A line end is escaped, as every control character is. */
    JsonOutput string(byte[] text) {
        makeRoom(text.length + 2);
        put('"');
        for (byte b : text) {
            switch (b) {
                case '"', '\\' -> escape(b);
                case '\n' -> escape('n');
                case '\r' -> escape('r');
                case '\t' -> escape('t');
                default -> {
                    if (b >= 0 && b < ' ') {
                        raw("\\u00");
                        put(HEX[b >> 4]);
                        put(HEX[b & 0xF]);
                    } else {
                        put(b);
                    }
                }
            }
        }
        put('"');
        return this;
    }

    private void escape(int letter) {
        put('\\');
        put(letter);
    }

    private void put(int b) {
        makeRoom(1);
        bytes[size++] = (byte) b;
    }

    private void makeRoom(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
        }
    }

    /** What was written, a copy. */
    byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }
}
