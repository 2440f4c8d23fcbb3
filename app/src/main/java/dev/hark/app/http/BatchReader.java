package dev.hark.app.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.hark.app.config.RequestLimits;
import dev.hark.event.Draft;
import dev.hark.event.EventKind;
import dev.hark.event.InvalidEventException;
import dev.hark.event.Topic;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The body of {@code POST /events}: objects with {@code topic}, {@code data} and perhaps {@code type},
 * {@code key}, {@code idempotencyKey} and {@code end}.
 *
 * <p>A string's text is the data; any other JSON value stays as it was written, but for the white space between its tokens. A refusal names
 * the entry's index, from 0. Thread-safe.
 */
final class BatchReader {
    /** UTF-8 alone, as RFC 8259 says. Data is cut out of the body byte by byte, so guessing another encoding would yield other data. */
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(JsonMistake.LIMITS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonFactory.Feature.CHARSET_DETECTION)
            .build();

    private final RequestLimits limits;

    BatchReader(RequestLimits limits) {
        this.limits = limits;
    }

    /**
     * Whether {@code mediaType} is one object a line, rather than one JSON document.
     *
     * @throws ProblemException for every other media type
     */
    boolean isLines(String mediaType) {
        return switch (mediaType) {
            case "application/x-ndjson" -> true;
            case "application/json" -> false;
            default -> throw new ProblemException(
                    ProblemType.UNSUPPORTED_MEDIA_TYPE,
                    "content type is " + Shown.of(mediaType) + "; application/x-ndjson and application/json are allowed");
        };
    }

    /** Reads one object a line; empty lines are passed over. */
    List<Draft> readLines(byte[] body) {
        requireUtf8(body);
        List<Draft> drafts = new ArrayList<>();
        int from = 0;
        for (int i = 0; i <= body.length; i++) {
            if (i == body.length || body[i] == '\n') {
                if (!isBlank(body, from, i)) {
                    readLine(body, from, i, drafts);
                }
                from = i + 1;
            }
        }
        return requireSome(drafts);
    }

    private void readLine(byte[] body, int from, int end, List<Draft> drafts) {
        int index = drafts.size();
        try (JsonParser parser = JSON.createParser(body, from, end - from)) {
            expect(parser.nextToken() == JsonToken.START_OBJECT, index, "is not a JSON object");
            add(drafts, readEntry(parser, body, from, index));
            expect(parser.nextToken() == null, index, "is followed by more on the same line");
        } catch (IOException e) {
            throw malformed(index, e, body, from);
        }
    }

    /** Reads an object, or an array of objects. */
    List<Draft> readJson(byte[] body) {
        requireUtf8(body);
        List<Draft> drafts = new ArrayList<>();
        try (JsonParser parser = JSON.createParser(body)) {
            JsonToken first = parser.nextToken();
            if (first == JsonToken.START_ARRAY) {
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    expect(parser.currentToken() == JsonToken.START_OBJECT, drafts.size(), "is not a JSON object");
                    add(drafts, readEntry(parser, body, 0, drafts.size()));
                }
            } else {
                expect(first == JsonToken.START_OBJECT, 0, "is not a JSON object");
                add(drafts, readEntry(parser, body, 0, 0));
            }
            expect(parser.nextToken() == null, drafts.size(), "is beyond the end of the document");
        } catch (IOException e) {
            throw malformed(drafts.size(), e, body, 0);
        }
        return requireSome(drafts);
    }

    private Draft readEntry(JsonParser parser, byte[] body, int offset, int index) throws IOException {
        String topic = null;
        String type = Draft.DEFAULT_TYPE;
        String key = null;
        String idempotencyKey = null;
        EventKind kind = EventKind.PLAIN;
        byte @Nullable [] data = null;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String field = parser.currentName();
            parser.nextToken();
            switch (field) {
                case "topic" -> topic = text(parser, field, index);
                case "type" -> type = text(parser, field, index);
                case "key" -> key = text(parser, field, index);
                case "idempotencyKey" -> idempotencyKey = text(parser, field, index);
                case "end" -> kind = flag(parser, field, index) ? EventKind.END : EventKind.PLAIN;
                case "data" -> data = data(parser, body, offset, index);
                default -> throw refusal(ProblemType.INVALID_EVENT, index,
                        "has the field '" + Shown.of(field) + "'; topic, data, type, key, idempotencyKey and end are allowed");
            }
        }
        if (topic == null || data == null) {
            throw refusal(ProblemType.INVALID_EVENT, index, "has no " + (topic == null ? "topic" : "data"));
        }
        if (data.length > limits.eventBytes()) {
            throw refusal(ProblemType.TOO_LARGE, index, "has " + data.length + " bytes of data; the limit is " + limits.eventBytes());
        }
        try {
            return new Draft(new Topic(topic), type, key, data, idempotencyKey, kind);
        } catch (InvalidEventException e) {
            throw refusal(ProblemType.INVALID_EVENT, index, "is refused: " + e.getMessage());
        }
    }

    private static String text(JsonParser parser, String field, int index) throws IOException {
        expect(parser.currentToken() == JsonToken.VALUE_STRING, index, "has a " + field + " that is not a string");
        return parser.getText();
    }

    private static boolean flag(JsonParser parser, String field, int index) throws IOException {
        expect(parser.currentToken().isBoolean(), index, "has an " + field + " that is not true or false");
        return parser.getBooleanValue();
    }

    private static byte[] data(JsonParser parser, byte[] body, int offset, int index) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_STRING) {
            String text = parser.getText();
            expect(StandardCharsets.UTF_8.newEncoder().canEncode(text), index, "has data with a lone surrogate, which has no UTF-8 form");
            return text.getBytes(StandardCharsets.UTF_8);
        }
        int start = offset + (int) parser.currentTokenLocation().getByteOffset();
        parser.skipChildren();
        // Numbers and literals are only scanned to their end when something asks for their text.
        parser.getText();
        return compact(body, start, offset + (int) parser.currentLocation().getByteOffset());
    }

    /** A JSON text without the white space between its tokens (RFC 8259, section 2). */
    private static byte[] compact(byte[] body, int start, int end) {
        var out = new ByteArrayOutputStream(end - start);
        boolean inString = false;
        for (int i = start; i < end; i++) {
            byte b = body[i];
            if (!inString && (b == ' ' || b == '\t' || b == '\n' || b == '\r')) {
                continue;
            }
            out.write(b);
            if (b == '"') {
                inString = !inString;
            } else if (inString && b == '\\') {
                out.write(body[++i]);
            }
        }
        return out.toByteArray();
    }

    private void add(List<Draft> drafts, Draft draft) {
        if (drafts.size() == limits.batchEvents()) {
            throw new ProblemException(
                    ProblemType.TOO_LARGE, "batch has more than " + limits.batchEvents() + " events, which is the limit");
        }
        drafts.add(draft);
    }

    /** Jackson takes overlong forms, which have slipped slashes and line ends past many a check. */
    private static void requireUtf8(byte[] body) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body));
        } catch (CharacterCodingException e) {
            throw new ProblemException(ProblemType.MALFORMED, "batch is not valid UTF-8");
        }
    }

    private static List<Draft> requireSome(List<Draft> drafts) {
        if (drafts.isEmpty()) {
            throw new ProblemException(ProblemType.MALFORMED, "batch holds no event; at least one is needed");
        }
        return drafts;
    }

    private static boolean isBlank(byte[] body, int from, int end) {
        for (int i = from; i < end; i++) {
            if (body[i] != ' ' && body[i] != '\t' && body[i] != '\r') {
                return false;
            }
        }
        return true;
    }

    private static void expect(boolean holds, int index, String otherwise) {
        if (!holds) {
            throw refusal(ProblemType.MALFORMED, index, otherwise);
        }
    }

    private static ProblemException refusal(ProblemType type, int index, String what) {
        return new ProblemException(type, "entry " + index + " " + what);
    }

    private static RuntimeException malformed(int index, IOException e, byte[] body, int offset) {
        if (e instanceof JsonProcessingException json) {
            return refusal(ProblemType.MALFORMED, index, JsonMistake.inWords(json, body, offset));
        }
        return new UncheckedIOException(e);
    }
}
