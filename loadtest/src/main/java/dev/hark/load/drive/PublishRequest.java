package dev.hark.load.drive;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The request that is being made: one event, with what the target wants around its data, or a batch, with
 * an event in each line of the body.
 *
 * <p>All but the data is made ready for each topic: a single event's request allocates nothing. Confined to the publisher's thread.
 */
final class PublishRequest {
    private static final byte[] END_OF_LINE = "\"}\n".getBytes(StandardCharsets.UTF_8);

    private final Target target;
    private final boolean isBatch;
    private final List<String> publisher;
    private final byte space;
    /** Per topic: what comes before the data, in a single event's request or in its line. */
    private final byte[][] starts;
    /** Per topic: what follows the data there. */
    private final byte[][] ends;
    /** Where a batch's body begins, after the longest head. */
    private final int bodyFrom;
    private final ByteBuffer buffer;

    PublishRequest(Target target, PublishPlan plan, List<String> topics) {
        this.target = target;
        isBatch = plan.batch() > 1;
        publisher = target.publisherLines(topics);
        space = target.dataEncoding().space();
        starts = topics.stream()
                .map(topic -> isBatch ? lineStart(topic) : target.publishStart(topic, plan.payloadBytes(), publisher))
                .toArray(byte[][]::new);
        ends = topics.stream().map(topic -> isBatch ? END_OF_LINE : target.publishEnd(topic)).toArray(byte[][]::new);
        bodyFrom = isBatch ? target.batchHead(Integer.MAX_VALUE, publisher).length : 0;
        int longest = 0;
        for (int i = 0; i < starts.length; i++) {
            longest = Math.max(longest, starts[i].length + ends[i].length);
        }
        buffer = ByteBuffer.allocateDirect(bodyFrom + plan.batch() * (longest + plan.payloadBytes()));
    }

    private static byte[] lineStart(String topic) {
        return ("{\"topic\":\"" + BodyEncoding.JSON.encode(topic) + "\",\"data\":\"").getBytes(StandardCharsets.UTF_8);
    }

    void begin() {
        buffer.clear().position(bodyFrom);
    }

    /** Adds an event; {@code data} is a stamp: letters, digits and spaces. */
    void add(int topic, byte[] data) {
        buffer.put(starts[topic]);
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
            byte[] head = target.batchHead(buffer.position() - bodyFrom, publisher);
            from = bodyFrom - head.length;
            buffer.put(from, head);
        }
        return buffer.flip().position(from);
    }
}
