package dev.hark.app.http.wire;

import dev.hark.app.http.wire.Refusal.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A head as it is said again, while it is being read, and what is wrong with it. Confined to the connection's thread. */
final class HeadText {
    /** Beyond what is asked for: something is added to each head. */
    private static final int SLACK = 96;

    /** Of what a client sent, in a refusal: no more than is needed to find it. */
    private static final int MOST_QUOTED = 60;
    private static final Pattern CONTROL = Pattern.compile("\\p{Cc}");

    private byte[] bytes = new byte[0];
    private int size;
    private @Nullable Refusal refusal;

    /** How much there is. */
    int size() {
        return size;
    }

    /** What it takes in memory. */
    int held() {
        return bytes.length;
    }

    byte at(int index) {
        return bytes[index];
    }

    /** The bytes, which have room for {@code more} of them behind {@link #size}: to be written there, and told by {@link #grownTo}. */
    byte[] withRoom(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(size + more + SLACK, bytes.length + bytes.length / 2));
        }
        return bytes;
    }

    /** As they are, to be read. */
    byte[] bytes() {
        return bytes;
    }

    void grownTo(int newSize) {
        size = newSize;
    }

    /** Takes away all from {@code from} on. */
    void cut(int from) {
        size = from;
    }

    /** Whether {@code octet} is among the bytes from {@code from} on. */
    boolean contains(byte octet, int from) {
        for (int i = from; i < size; i++) {
            if (bytes[i] == octet) {
                return true;
            }
        }
        return false;
    }

    void put(byte one) {
        withRoom(1)[size] = one;
        size++;
    }

    void put(String text) {
        byte[] out = withRoom(text.length());
        for (int i = 0; i < text.length(); i++) {
            out[size + i] = (byte) text.charAt(i);
        }
        size += text.length();
    }

    void put(byte[] more) {
        System.arraycopy(more, 0, withRoom(more.length), size, more.length);
        size += more.length;
    }

    /** Moves what is between {@code from} and {@link #size} to {@code to}, and ends there. */
    void shift(int from, int to) {
        System.arraycopy(bytes, from, bytes, to, size - from);
        size = to + size - from;
    }

    void set(int index, byte one) {
        bytes[index] = one;
    }

    byte[] copy(int from, int to) {
        return Arrays.copyOfRange(bytes, from, to);
    }

    /** All of it, with room for {@code more} behind it. */
    byte[] all(int more) {
        return Arrays.copyOf(bytes, size + more);
    }

    /** For a refusal. */
    String quote(int from, int to) {
        // Beyond ASCII there are controls too, and a refusal stands in the log.
        String sent = new String(bytes, from, Math.min(to - from, MOST_QUOTED), StandardCharsets.ISO_8859_1);
        String text = CONTROL.matcher(sent).replaceAll("?");
        return to - from > MOST_QUOTED ? text + "…" : text;
    }

    /** Says what is wrong; the first word holds. */
    void refuse(Refusal why) {
        if (refusal == null) {
            refusal = why;
        }
    }

    void refuse(Reason reason, String detail) {
        refuse(new Refusal(reason, detail));
    }

    void malformed(String detail) {
        refuse(Refusal.malformed(detail));
    }

    /** What is wrong; null as long as nothing is. */
    @Nullable Refusal refusal() {
        return refusal;
    }
}
