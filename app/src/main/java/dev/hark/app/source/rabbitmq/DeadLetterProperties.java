package dev.hark.app.source.rabbitmq;

import com.rabbitmq.client.AMQP.BasicProperties;
import dev.hark.app.source.rabbitmq.DeadLetters.Dead;
import dev.hark.app.state.OneLine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a dead letter says of itself: what its message did, and why it is one. */
final class DeadLetterProperties {
    static final String REASON = "hark-reason";
    static final String EXCHANGE = "hark-exchange";
    static final String ROUTING_KEY = "hark-routing-key";

    /** How many of the message's own headers it goes without, and which. */
    static final String LEFT_OUT = "hark-left-out";

    /** The broker would send copies to these. */
    private static final String[] MORE_RECIPIENTS = {"CC", "BCC"};

    /** As RabbitMQ spells a message that is to outlive a restart. */
    private static final int PERSISTENT = 2;

    private DeadLetterProperties() {}

    /**
     * Those of {@code dead}, without the largest of its message's headers where all of them do not fit: AMQP has properties and headers in
     * one frame, and the message may have filled that by itself.
     *
     * @param maxBytes of a frame; 0 where it has no limit
     */
    static BasicProperties of(Dead dead, int maxBytes) {
        Arrived message = dead.message();
        Map<String, @Nullable Object> headers = new HashMap<>();
        if (message.properties().getHeaders() != null) {
            headers.putAll(message.properties().getHeaders());
        }
        for (String each : MORE_RECIPIENTS) {
            headers.remove(each);
        }
        List<String> largestFirst = largestFirst(headers);
        headers.put(REASON, OneLine.of(dead.reason(), OneLine.SHORT));
        headers.put(EXCHANGE, message.envelope().getExchange());
        headers.put(ROUTING_KEY, message.envelope().getRoutingKey());
        BasicProperties properties = properties(message, headers);
        List<String> leftOut = new ArrayList<>();
        for (String name : largestFirst) {
            if (fits(properties, maxBytes)) {
                break;
            }
            headers.remove(name);
            leftOut.add(name);
            headers.put(LEFT_OUT, OneLine.of(leftOut.size() + ": " + String.join(", ", leftOut), OneLine.SHORT));
            properties = properties(message, headers);
        }
        // A frame may be as small as 4 KiB.
        return fits(properties, maxBytes)
                ? properties
                : new BasicProperties.Builder().messageId(properties.getMessageId()).headers(headers).deliveryMode(PERSISTENT).build();
    }

    private static List<String> largestFirst(Map<String, @Nullable Object> headers) {
        Map<String, Integer> sizes = new HashMap<>();
        headers.forEach((name, value) -> sizes.put(
                name, size(new BasicProperties.Builder().headers(Collections.singletonMap(name, value)).build())));
        return sizes.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
                .map(Map.Entry::getKey)
                .toList();
    }

    private static BasicProperties properties(Arrived message, Map<String, @Nullable Object> headers) {
        // The broker refuses the name of a user who is not this one, and would delete it when its time is over.
        return message.properties().builder().headers(headers).deliveryMode(PERSISTENT).userId(null).expiration(null).build();
    }

    private static boolean fits(BasicProperties properties, int maxBytes) {
        return maxBytes == 0 || size(properties) <= maxBytes;
    }

    /** As the client measures it, in bytes; more than any limit for what it cannot write. */
    private static int size(BasicProperties properties) {
        try {
            return properties.toFrame(0, 0).size();
        } catch (IOException | IllegalArgumentException e) {
            return Integer.MAX_VALUE;
        }
    }
}
