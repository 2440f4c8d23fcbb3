package dev.hark.load.drive;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The request that is being made: one event, whose data is the body, or a batch, with an event in each line of the body.
 *
 * <p>Confined to the publisher's thread.
 */
final class PublishRequest {
    private static final byte[] END_OF_LINE = "\"}\n".getBytes(StandardCharsets.UTF_8);

    private final Target target;
    private final boolean isBatch;
    /** Per topic: the head of a single event's request, or the start of its line. */
    private final byte[][] starts;
    /** Where a batch's body begins, after the longest head. */
    private final int bodyFrom;
    private final ByteBuffer buffer;

    PublishRequest(Target target, PublishPlan plan, List<String> topics) {
        this.target = target;
        isBatch = plan.batch() > 1;
        starts = topics.stream().map(topic -> isBatch ? lineStart(topic) : target.publishHead(topic, plan.payloadBytes())).toArray(byte[][]::new);
        bodyFrom = isBatch ? target.batchHead(Integer.MAX_VALUE).length : 0;
        int longest = 0;
        for (byte[] start : starts) {
            longest = Math.max(longest, start.length);
        }
        buffer = ByteBuffer.allocateDirect(bodyFrom + plan.batch() * (longest + plan.payloadBytes() + END_OF_LINE.length));
    }

    private static byte[] lineStart(String topic) {
        return ("{\"topic\":\"" + new String(JsonStringEncoder.getInstance().quoteAsString(topic)) + "\",\"data\":\"").getBytes(StandardCharsets.UTF_8);
    }

    void begin() {
        buffer.clear().position(bodyFrom);
    }

    /** Adds an event; {@code data} is a stamp, which JSON holds as it is. */
    void add(int topic, byte[] data) {
        buffer.put(starts[topic]).put(data);
        if (isBatch) {
            buffer.put(END_OF_LINE);
        }
    }

    /** The whole request, to be read before the next one begins. */
    ByteBuffer end() {
        int from = 0;
        if (isBatch) {
            byte[] head = target.batchHead(buffer.position() - bodyFrom);
            from = bodyFrom - head.length;
            buffer.put(from, head);
        }
        return buffer.flip().position(from);
    }
}
