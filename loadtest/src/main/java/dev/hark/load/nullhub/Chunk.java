package dev.hark.load.nullhub;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A part of a stream as it goes over the wire (RFC 9112, section 7.1). Stateless. */
public final class Chunk {
    /** How many bytes follow a chunk's own. */
    public static final int END_BYTES = 2;

    private Chunk() {}

    /** {@code body} as one chunk, outside the heap. */
    public static ByteBuffer of(byte[] body) {
        byte[] size = (Integer.toHexString(body.length) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        ByteBuffer chunk = ByteBuffer.allocateDirect(size.length + body.length + END_BYTES);
        return chunk.put(size).put(body).put((byte) '\r').put((byte) '\n').flip();
    }

    /** {@code text} as one chunk. */
    public static ByteBuffer of(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    /** What a chunk carries. */
    public static String text(ByteBuffer chunk) {
        String all = StandardCharsets.UTF_8.decode(chunk.duplicate()).toString();
        return all.substring(all.indexOf('\n') + 1, all.length() - END_BYTES);
    }
}
