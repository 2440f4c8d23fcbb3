package dev.hark.app.source.rabbitmq;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a source is in a queue, which is what the newest portion took from it.
 *
 * @param number       of the portion, from 1
 * @param fingerprints of its messages, in the queue's order
 * @param settled      whether the source ended in order behind it: the broker is known to have had the acknowledgement of all of them, and
 *                     of all before
 */
record QueuePosition(long number, List<Long> fingerprints, boolean settled) {
    static final QueuePosition BEGINNING = new QueuePosition(0, List.of(), true);

    QueuePosition {
        fingerprints = List.copyOf(fingerprints);
    }

    JsonNode toJson() {
        ByteBuffer bytes = ByteBuffer.allocate(fingerprints.size() * Long.BYTES);
        fingerprints.forEach(bytes::putLong);
        return JsonNodeFactory.instance.objectNode().put("portion", number).put("settled", settled)
                .put("messages", Base64.getEncoder().withoutPadding().encodeToString(bytes.array()));
    }

    /** @throws IllegalArgumentException if it is no position in a queue */
    static QueuePosition parse(@Nullable JsonNode json) {
        if (json == null) {
            return BEGINNING;
        }
        if (!json.path("portion").canConvertToLong() || !json.path("messages").isTextual()) {
            throw new IllegalArgumentException("it is none of a queue");
        }
        LongBuffer longs = ByteBuffer.wrap(Base64.getDecoder().decode(json.path("messages").asText())).asLongBuffer();
        var all = new Long[longs.remaining()];
        for (int i = 0; i < all.length; i++) {
            all[i] = longs.get(i);
        }
        return new QueuePosition(json.path("portion").asLong(), List.of(all), json.path("settled").asBoolean());
    }
}
