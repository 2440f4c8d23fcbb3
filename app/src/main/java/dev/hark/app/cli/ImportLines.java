package dev.hark.app.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.event.Draft;
import dev.hark.event.EventKind;
import dev.hark.event.InvalidEventException;
import dev.hark.event.Topic;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Events as lines of JSON, one after the other; empty lines are passed over. Confined to one thread. */
final class ImportLines implements AutoCloseable {
    private static final Set<String> FIELDS = Set.of("id", "time", "topic", "type", "key", "data", "end", "deleted");

    private static final Set<String> FLAGS = Set.of("end", "deleted");

    private static final ObjectMapper JSON = new ObjectMapper(
                    JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /** What JSON may make of a byte of data: a control character becomes six bytes. */
    private static final int MAX_ESCAPE = 6;

    /** For everything on a line but the data. */
    private static final int OTHER_BYTES = 16 << 10;

    private final InputStream in;
    private final int maxEventBytes;
    private final int maxLineBytes;
    private long number;
    private @Nullable Draft draft;

    /** A line that is no event: its number and what is wrong. */
    static final class WrongLineException extends Exception {
        private static final long serialVersionUID = 1L;

        WrongLineException(long number, String what) {
            super(String.format(Locale.ROOT, "line %,d %s", number, what));
        }

        @Override
        public String getMessage() {
            return String.valueOf(super.getMessage());
        }
    }

    ImportLines(InputStream in, int maxEventBytes) {
        this.in = in;
        this.maxEventBytes = maxEventBytes;
        this.maxLineBytes = Math.toIntExact(Math.min(Integer.MAX_VALUE - 8L, (long) maxEventBytes * MAX_ESCAPE + OTHER_BYTES));
    }

    /** Goes on to the next event; false at the end. */
    boolean next() throws IOException, WrongLineException {
        var line = new ByteArrayOutputStream();
        while (true) {
            int b = in.read();
            if (b != '\n' && b >= 0) {
                if (line.size() == maxLineBytes) {
                    throw new WrongLineException(number + 1,
                            String.format(Locale.ROOT, "has more than %,d bytes, which limits.event-bytes allows for", maxLineBytes));
                }
                line.write(b);
                continue;
            }
            if (b < 0 && line.size() == 0) {
                return false;
            }
            number++;
            String text = text(line.toByteArray());
            if (!text.isBlank()) {
                draft = read(text);
                return true;
            }
            line.reset();
        }
    }

    /** The number of the line of {@link #draft}, from 1. */
    long number() {
        return number;
    }

    /** The event that {@link #next} came to. */
    Draft draft() {
        if (draft == null) {
            throw new IllegalStateException("there is no event before the first call of next()");
        }
        return draft;
    }

    private String text(byte[] line) throws WrongLineException {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line)).toString();
        } catch (CharacterCodingException e) {
            throw new WrongLineException(number, "is not valid UTF-8");
        }
    }

    private Draft read(String line) throws WrongLineException {
        JsonNode event;
        try {
            event = JSON.readTree(line);
        } catch (JsonProcessingException e) {
            // In words of our own: the parser's speak of its features.
            throw new WrongLineException(number, e instanceof JsonEOFException
                    ? "is not valid JSON: it ends too early"
                    : "is not valid JSON at column " + e.getLocation().getColumnNr());
        }
        if (!event.isObject()) {
            throw new WrongLineException(number, "is not a JSON object");
        }
        for (Map.Entry<String, JsonNode> field : event.properties()) {
            if (!FIELDS.contains(field.getKey())) {
                throw new WrongLineException(
                        number, "has the field '" + field.getKey() + "'; id, time, topic, type, key, data, end and deleted are allowed");
            }
            if (FLAGS.contains(field.getKey())) {
                if (!field.getValue().isBoolean()) {
                    throw new WrongLineException(number, "has " + (field.getKey().equals("end") ? "an end" : "a deleted")
                            + " that is not true or false");
                }
            } else if (!field.getValue().isTextual()) {
                throw new WrongLineException(number, "has a " + field.getKey() + " that is not a string");
            }
        }
        boolean deleted = event.path("deleted").asBoolean();
        if (!event.has("topic") || !(event.has("data") || deleted)) {
            throw new WrongLineException(number, "has no " + (event.has("topic") ? "data" : "topic"));
        }
        if (deleted && (event.path("end").asBoolean() || !event.path("type").asText(Draft.DELETED_TYPE).equals(Draft.DELETED_TYPE))) {
            throw new WrongLineException(
                    number, "is deleted, and so has no end, and no other type than " + Draft.DELETED_TYPE);
        }
        try {
            JsonNode key = event.get("key");
            if (deleted) {
                return Draft.deleted(new Topic(event.path("topic").asText()), key == null ? null : key.asText(), null);
            }
            return new Draft(
                    new Topic(event.path("topic").asText()),
                    event.has("type") ? event.path("type").asText() : Draft.DEFAULT_TYPE,
                    key == null ? null : key.asText(),
                    data(event.path("data").asText()),
                    null,
                    event.path("end").asBoolean() ? EventKind.END : EventKind.PLAIN);
        } catch (InvalidEventException e) {
            throw new WrongLineException(number, "is refused: " + e.getMessage());
        }
    }

    private byte[] data(String text) throws WrongLineException {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new WrongLineException(number, "has data with a lone surrogate, which has no UTF-8 form");
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > maxEventBytes) {
            throw new WrongLineException(
                    number, String.format(Locale.ROOT, "has %,d bytes of data; limits.event-bytes is %,d", bytes.length, maxEventBytes));
        }
        return bytes;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
