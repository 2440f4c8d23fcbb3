package dev.hark.load.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The stamp at the start of every event's data, in fixed-width lower-case hexadecimal fields:
 *
 * <pre>{@code hl run(8) flow(8) position(8) due(16) hash(16) filler…}</pre>
 *
 * <p>The filler is letters, so that data can stand in JSON as it is. The hash covers everything but itself, so a changed, cut or joined
 * payload shows. The due time is in nanoseconds of the publisher's monotonic clock; it means nothing to another process.
 *
 * <p>Reading leaves the fields in this object, to allocate nothing. Confined to one thread.
 */
public final class Stamp {
    /** The smallest payload that can be stamped. */
    public static final int MIN_BYTES = 64;

    private static final int RUN_AT = 3;
    private static final int FLOW_AT = 12;
    private static final int POSITION_AT = 21;
    private static final int DUE_AT = 30;
    private static final int HASH_AT = 47;
    private static final int HASH_END = HASH_AT + 16;
    private static final byte[] DIGITS = "0123456789abcdef".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private int run;
    private int flow;
    private int position;
    private long dueNanos;

    public int run() {
        return run;
    }

    public int flow() {
        return flow;
    }

    public int position() {
        return position;
    }

    public long dueNanos() {
        return dueNanos;
    }

    /**
     * Writes stamp and filler over a range of at least {@value #MIN_BYTES} bytes.
     */
    public static void write(byte[] bytes, int from, int to, int run, int flow, int position, long dueNanos) {
        if (to - from < MIN_BYTES) {
            throw new IllegalArgumentException("payload of " + (to - from) + " bytes; the stamp needs " + MIN_BYTES);
        }
        bytes[from] = 'h';
        bytes[from + 1] = 'l';
        bytes[from + 2] = ' ';
        putHex(bytes, from + RUN_AT, 8, run);
        putHex(bytes, from + FLOW_AT, 8, flow);
        putHex(bytes, from + POSITION_AT, 8, position);
        putHex(bytes, from + DUE_AT, 16, dueNanos);
        bytes[from + FLOW_AT - 1] = ' ';
        bytes[from + POSITION_AT - 1] = ' ';
        bytes[from + DUE_AT - 1] = ' ';
        bytes[from + HASH_AT - 1] = ' ';
        int letter = position + flow;
        for (int i = from + HASH_END; i < to; i++) {
            bytes[i] = (byte) ('A' + Math.floorMod(letter++, 26));
        }
        if (to > from + HASH_END) {
            bytes[from + HASH_END] = ' ';
        }
        putHex(bytes, from + HASH_AT, 16, hash(bytes, from, to));
    }

    /** Reads the fields; false if this is no stamp, or the hash is wrong. */
    public boolean read(byte[] bytes, int from, int to) {
        if (to - from < MIN_BYTES || bytes[from] != 'h' || bytes[from + 1] != 'l' || bytes[from + 2] != ' ') {
            return false;
        }
        run = (int) hex(bytes, from + RUN_AT, 8);
        flow = (int) hex(bytes, from + FLOW_AT, 8);
        position = (int) hex(bytes, from + POSITION_AT, 8);
        dueNanos = hex(bytes, from + DUE_AT, 16);
        return isHex(bytes, from + HASH_AT, hash(bytes, from, to));
    }

    /** A 64-bit hash of a range: eight bytes a step, one multiplication each. Finds accidents, not forgers. */
    public static long hashOf(byte[] bytes, int from, int to) {
        return mix(0x9E3779B97F4A7C15L ^ (to - from), bytes, from, to);
    }

    private static long hash(byte[] bytes, int from, int to) {
        return mix(hashOf(bytes, from, from + HASH_AT), bytes, from + HASH_END, to);
    }

    private static long mix(long seed, byte[] bytes, int from, int to) {
        long hash = seed ^ ((to - from) * 0xC2B2AE3D27D4EB4FL);
        int at = from;
        for (; at + 8 <= to; at += 8) {
            hash = Long.rotateLeft((hash ^ (long) WORD.get(bytes, at)) * 0xFF51AFD7ED558CCDL, 31);
        }
        for (; at < to; at++) {
            hash = Long.rotateLeft((hash ^ bytes[at]) * 0xFF51AFD7ED558CCDL, 31);
        }
        hash *= 0xC4CEB9FE1A85EC53L;
        return hash ^ (hash >>> 32);
    }

    private static void putHex(byte[] bytes, int at, int digits, long value) {
        long rest = value;
        for (int i = at + digits - 1; i >= at; i--) {
            bytes[i] = DIGITS[(int) (rest & 15)];
            rest >>>= 4;
        }
    }

    /** Whether 16 digits are this number, letter for letter. */
    private static boolean isHex(byte[] bytes, int at, long value) {
        long rest = value;
        for (int i = at + 15; i >= at; i--) {
            if (bytes[i] != DIGITS[(int) (rest & 15)]) {
                return false;
            }
            rest >>>= 4;
        }
        return true;
    }

    private static long hex(byte[] bytes, int at, int digits) {
        long value = 0;
        for (int i = at; i < at + digits; i++) {
            int letter = bytes[i];
            // '0'..'9' is 0x30..0x39 and 'a'..'f' is 0x61..0x66. Anything else gives a wrong number, which the hash tells.
            value = value << 4 | ((letter & 15) + (letter >>> 6) * 9 & 15);
        }
        return value;
    }
}
