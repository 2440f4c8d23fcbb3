package dev.hark.load.drive;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * The request that is being made: one event, with what the target wants around its data, or a batch, with
 * an event in each line of the body.
 *
 * <p>All but the data is made ready for each topic: a single event's request allocates nothing. Confined to the publisher's thread.
 */
final class PublishRequest {
    /** Stands for an event's number in its idempotency key. */
    private static final String DIGITS = "0000000000";

    private static final byte[] END_OF_LINE = "\"}\n".getBytes(StandardCharsets.UTF_8);

    private final Target target;
    private final Node node;
    private final boolean isBatch;
    private final List<String> publisher;
    private final byte space;
    /** Per topic: what comes before the data, in a single event's request or in its line. */
    private final byte[][] starts;
    /** Per topic: what follows the data there. */
    private final byte[][] ends;
    /** Per topic: where the event's number goes in what comes before the data; -1 where it has no idempotency key. */
    private final int[] numberAt;
    /** Where a batch's body begins, after the longest head. */
    private final int bodyFrom;
    private final ByteBuffer buffer;

    /**
     * Requests to one node.
     *
     * @param run the number of the run, which stands in idempotency keys
     */
    PublishRequest(Target target, Node node, PublishPlan plan, List<String> topics, int run) {
        this.target = target;
        this.node = node;
        isBatch = plan.batch() > 1;
        publisher = target.publisherLines(topics);
        String key = plan.retries() ? "hl-%08x-%s".formatted(run, DIGITS) : "";
        space = target.dataEncoding().space();
        starts = topics.stream()
                .map(topic -> isBatch ? lineStart(topic, key) : target.publishStart(node, topic, plan.payloadBytes(), lines(key)))
                .toArray(byte[][]::new);
        ends = topics.stream().map(topic -> isBatch ? END_OF_LINE : target.publishEnd(topic)).toArray(byte[][]::new);
        numberAt = Arrays.stream(starts).mapToInt(start -> key.isEmpty() ? -1 : endOfKey(start, key) - DIGITS.length()).toArray();
        bodyFrom = isBatch ? target.batchHead(node, Integer.MAX_VALUE, publisher).length : 0;
        int longest = 0;
        for (int i = 0; i < starts.length; i++) {
            longest = Math.max(longest, starts[i].length + ends[i].length);
        }
        buffer = ByteBuffer.allocateDirect(bodyFrom + plan.batch() * (longest + plan.payloadBytes()));
    }

    private static byte[] lineStart(String topic, String key) {
        String known = key.isEmpty() ? "" : "\"idempotencyKey\":\"" + key + "\",";
        return ("{\"topic\":\"" + BodyEncoding.JSON.encode(topic) + "\"," + known + "\"data\":\"").getBytes(StandardCharsets.UTF_8);
    }

    private List<String> lines(String key) {
        return key.isEmpty() ? publisher : Stream.concat(publisher.stream(), Stream.of("Idempotency-Key: " + key)).toList();
    }

    /** The key is the last thing of its kind: a topic may look like it. */
    private static int endOfKey(byte[] start, String key) {
        // One letter for each byte, so that places are the same.
        return new String(start, StandardCharsets.ISO_8859_1).lastIndexOf(key) + key.length();
    }

    void begin() {
        buffer.clear().position(bodyFrom);
    }

    /**
     * Adds an event.
     *
     * @param event its number
     * @param data a stamp: letters, digits and spaces
     */
    void add(int event, int topic, byte[] data) {
        int from = buffer.position();
        buffer.put(starts[topic]);
        if (numberAt[topic] >= 0) {
            int left = event;
            for (int at = from + numberAt[topic] + DIGITS.length() - 1; left > 0; at--) {
                buffer.put(at, (byte) ('0' + left % 10));
                left /= 10;
            }
        }
        if (space == ' ') {
            buffer.put(data);
        } else {
            for (byte each : data) {
                buffer.put(each == ' ' ? space : each);
            }
        }
        buffer.put(ends[topic]);
    }

    /** The whole request, to be read before the next one begins. */
    ByteBuffer end() {
        int from = 0;
        if (isBatch) {
            byte[] head = target.batchHead(node, buffer.position() - bodyFrom, publisher);
            from = bodyFrom - head.length;
            buffer.put(from, head);
        }
        return buffer.flip().position(from);
    }
}
