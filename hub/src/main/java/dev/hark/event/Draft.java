package dev.hark.event;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * An event as its publisher hands it in, before the log gives it a position.
 *
 * @param topic          where it goes
 * @param type           the SSE event name, 1 to {@value #MAX_NAME_BYTES} bytes without control characters; by default
 *                       {@value #DEFAULT_TYPE}
 * @param key            what {@code conflate} conflates by, or null
 * @param data           the payload: valid UTF-8, not copied, not to be changed afterwards
 * @param idempotencyKey a retry with the same key and content is the same event, or null
 * @param kind           what it does beside
 */
@SuppressWarnings("ArrayRecordComponent") // a payload of 64 KiB is handed over, never copied and never compared
public record Draft(Topic topic, String type, @Nullable String key, byte[] data, @Nullable String idempotencyKey, EventKind kind) {
    public static final String DEFAULT_TYPE = "message";
    public static final String DELETED_TYPE = "hark.deleted";
    public static final int MAX_NAME_BYTES = 256;

    /** One that takes back what was published to {@code topic} with {@code key}. */
    public static Draft deleted(Topic topic, @Nullable String key, @Nullable String idempotencyKey) {
        byte[] data = new JsonOutput(64).raw("{\"topic\":").string(topic.value()).raw(",\"key\":").string(key).raw("}").toBytes();
        return new Draft(topic, DELETED_TYPE, key, data, idempotencyKey, EventKind.DELETED);
    }

    /** A plain one. */
    public Draft(Topic topic, String type, @Nullable String key, byte[] data, @Nullable String idempotencyKey) {
        this(topic, type, key, data, idempotencyKey, EventKind.PLAIN);
    }

    /** @throws InvalidEventException naming the field that is wrong, and the limit */
    public Draft {
        checkName("type", type);
        if (type.startsWith("hark.") && !(kind == EventKind.DELETED && type.equals(DELETED_TYPE))) {
            throw new InvalidEventException("type '" + type + "' begins with 'hark.', which belongs to the hub");
        }
        if (key != null) {
            checkName("key", key);
        }
        if (idempotencyKey != null) {
            checkName("idempotency key", idempotencyKey);
        }
        checkUtf8(data);
    }

    /** The same with another idempotency key. */
    public Draft withIdempotencyKey(String other) {
        return new Draft(topic, type, key, data, other, kind);
    }

    private static void checkName(String field, String value) {
        if (value.isEmpty()) {
            throw new InvalidEventException(field + " is empty");
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(value)) {
            throw new InvalidEventException(field + " holds a lone surrogate, which has no UTF-8 form");
        }
        int bytes = value.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_NAME_BYTES) {
            throw new InvalidEventException(field + " is " + bytes + " bytes long; the limit is " + MAX_NAME_BYTES);
        }
        for (int i = 0; i < value.length(); i++) {
            if (Character.isISOControl(value.charAt(i))) {
                throw new InvalidEventException("%s holds the control character U+%04X".formatted(field, (int) value.charAt(i)));
            }
        }
    }

    private static void checkUtf8(byte[] data) {
        // The fast path costs a vectorised scan: nearly every payload is ASCII.
        if (isAscii(data)) {
            return;
        }
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(data));
        } catch (CharacterCodingException e) {
            throw new InvalidEventException("data is not valid UTF-8");
        }
    }

    private static boolean isAscii(byte[] data) {
        int bits = 0;
        for (byte b : data) {
            bits |= b;
        }
        return bits >= 0;
    }
}
