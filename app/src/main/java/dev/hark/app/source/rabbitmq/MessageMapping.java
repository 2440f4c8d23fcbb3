package dev.hark.app.source.rabbitmq;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.LongString;
import dev.hark.app.config.MessageTemplate;
import dev.hark.app.config.MessageTemplate.Name;
import dev.hark.app.config.MessageTemplate.Part;
import dev.hark.app.config.RabbitSettings.Mapping;
import dev.hark.app.source.Item;
import dev.hark.event.Draft;
import dev.hark.event.InvalidEventException;
import dev.hark.event.Topic;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a message: an event, or the reason why it is none. Thread-safe.
 *
 * @param maxBytes of the data of one event
 */
record MessageMapping(Mapping templates, int maxBytes) {
    private static final JsonMapper JSON = JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    /** In a topic, the one that is not dots' business. */
    private static final char SEGMENT = '/';

    /** A message, and its data as JSON once somebody has asked for that. */
    private static final class Message {
        private final Envelope envelope;
        private final BasicProperties properties;
        private final byte[] body;
        private @Nullable JsonNode json;

        Message(Envelope envelope, BasicProperties properties, byte[] body) {
            this.envelope = envelope;
            this.properties = properties;
            this.body = body;
        }

        JsonNode json() {
            JsonNode known = json;
            if (known == null) {
                known = parse();
                json = known;
            }
            return known;
        }

        private JsonNode parse() {
            try {
                return JSON.readTree(body);
            } catch (JsonProcessingException e) {
                throw new InvalidEventException("data is no JSON, which the template needs: " + e.getOriginalMessage());
            } catch (IOException e) {
                // Bytes that begin as UTF-16 or UTF-32 do, and are none.
                throw new InvalidEventException("data is no JSON, which the template needs: " + e.getMessage());
            }
        }
    }

    /** @param name what people are shown it by */
    Item toItem(String name, Envelope envelope, BasicProperties properties, byte[] body) {
        if (body.length > maxBytes) {
            return new Item.Refused(name, "data is " + body.length + " bytes; the limit is " + maxBytes + " bytes (limits.event-bytes)");
        }
        var message = new Message(envelope, properties, body);
        try {
            String topic = fill(templates.topic(), message, true);
            String type = templates.type().isPresent() ? fill(templates.type().get(), message, false) : properties.getType();
            String key = templates.key().isPresent() ? fill(templates.key().get(), message, false) : null;
            return new Item.Accepted(
                    name, new Draft(new Topic(topic), type == null || type.isEmpty() ? Draft.DEFAULT_TYPE : type, key, body, null));
        } catch (InvalidEventException e) {
            return new Item.Refused(name, String.valueOf(e.getMessage()));
        }
    }

    private static String fill(MessageTemplate template, Message message, boolean isTopic) {
        var filled = new StringBuilder();
        for (Part part : template.parts()) {
            filled.append(switch (part) {
                case Part.Text(String text) -> text;
                case Part.Property(Name name) -> {
                    String value = property(name, message);
                    yield isTopic && name == Name.ROUTING_KEY ? value.replace('.', SEGMENT) : value;
                }
                case Part.Header(String name) -> inOneSegment(isTopic, "the header '" + name + "'", header(name, message));
                case Part.Pointer pointer -> inOneSegment(isTopic, "the value at " + pointer.pointer(), value(pointer, message));
            });
        }
        return filled.toString();
    }

    /** What a message holds may not choose how deep a topic is. */
    private static String inOneSegment(boolean isTopic, String what, String value) {
        if (isTopic && value.indexOf(SEGMENT) >= 0) {
            throw new InvalidEventException(what + " has a '/', and stands in a topic: '" + value + "'");
        }
        return value;
    }

    private static String property(Name name, Message message) {
        BasicProperties properties = message.properties;
        String value = switch (name) {
            case EXCHANGE -> message.envelope.getExchange();
            case ROUTING_KEY -> message.envelope.getRoutingKey();
            case TYPE -> properties.getType();
            case MESSAGE_ID -> properties.getMessageId();
            case CORRELATION_ID -> properties.getCorrelationId();
            case APP_ID -> properties.getAppId();
        };
        if (value == null || (value.isEmpty() && name != Name.ROUTING_KEY)) {
            throw new InvalidEventException(name == Name.EXCHANGE
                    ? "it came through the default exchange, which has no name for {exchange}"
                    : "it has no " + name.configName());
        }
        return value;
    }

    private static String header(String name, Message message) {
        Object value = message.properties.getHeaders() == null ? null : message.properties.getHeaders().get(name);
        return switch (value) {
            case null -> throw new InvalidEventException("it has no header '" + name + "'");
            case LongString text -> text.toString();
            case String text -> text;
            case Number number -> number.toString();
            case Boolean flag -> flag.toString();
            default -> throw new InvalidEventException("the header '" + name + "' is no text, number or boolean");
        };
    }

    private static String value(Part.Pointer at, Message message) {
        JsonNode value = message.json().at(at.pointer());
        if (value.isMissingNode()) {
            throw new InvalidEventException("its data has nothing at " + at.pointer());
        }
        if (!value.isValueNode() || value.isNull()) {
            throw new InvalidEventException("its data has no text, number or boolean at " + at.pointer());
        }
        return value.asText();
    }
}
