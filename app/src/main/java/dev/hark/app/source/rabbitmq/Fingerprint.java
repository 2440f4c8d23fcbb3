package dev.hark.app.source.rabbitmq;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Envelope;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a message is recognised by when it comes again: 64 bits of a hash, the same for each delivery of a message. Stateless. */
final class Fingerprint {
    /** Headers in which the broker counts deliveries. */
    private static final Set<String> COUNTERS = Set.of("x-delivery-count", "x-acquired-count");

    private Fingerprint() {}

    /** That of a message: of its id and who gave it, where it has one; otherwise of everything that its publisher has said. */
    static long of(Envelope envelope, BasicProperties properties, byte[] body) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            add(digest, envelope.getExchange());
            add(digest, envelope.getRoutingKey());
            add(digest, properties.getMessageId());
            add(digest, properties.getAppId());
            add(digest, properties.getUserId());
            if (!Arrived.hasId(properties)) {
                add(digest, properties.getContentType());
                add(digest, properties.getContentEncoding());
                add(digest, properties.getType());
                add(digest, properties.getCorrelationId());
                add(digest, properties.getReplyTo());
                add(digest, properties.getTimestamp());
                add(digest, properties.getPriority());
                add(digest, properties.getExpiration());
                // A message without headers has one when a quorum queue gives it again, in which that counts.
                add(digest, properties.getHeaders() == null ? Map.of() : properties.getHeaders());
            }
            digest.update(body);
            return ByteBuffer.wrap(digest.digest()).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    /** As people are shown it. */
    static String text(long fingerprint) {
        return HexFormat.of().toHexDigits(fingerprint);
    }

    /** With its length, so that no two lists of values are the same bytes. */
    private static void add(MessageDigest digest, @Nullable Object value) {
        byte[] bytes = print(value).getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
        digest.update(bytes);
    }

    /** By value: a broker may hand headers on in another order, and a number in another width. */
    private static String print(@Nullable Object value) {
        return switch (value) {
            case null -> "-";
            case byte[] bytes -> "x" + HexFormat.of().formatHex(bytes);
            case Date date -> "d" + date.toInstant().toEpochMilli();
            case Map<?, ?> map -> {
                var sorted = new TreeMap<String, String>();
                map.forEach((name, each) -> sorted.put(String.valueOf(name), print(each)));
                sorted.keySet().removeAll(COUNTERS);
                yield sorted.entrySet().stream().map(each -> quoted(each.getKey()) + quoted(each.getValue())).toList().toString();
            }
            case List<?> list -> list.stream().map(each -> quoted(print(each))).toList().toString();
            default -> "=" + value;
        };
    }

    private static String quoted(String text) {
        return text.length() + ":" + text;
    }
}
