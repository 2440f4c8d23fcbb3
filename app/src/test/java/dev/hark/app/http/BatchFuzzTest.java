package dev.hark.app.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hark.app.FuzzInputs;
import dev.hark.app.config.ConfigSource;
import dev.hark.event.Draft;
import dev.hark.event.EventKind;
import dev.hark.event.Filters;
import dev.hark.event.TopicFilter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Bodies in JSON: what is taken of one is what a strict reader finds in it, and all of it. The input is the body. */
public final class BatchFuzzTest {
    private static final BatchReader READER = new BatchReader(ConfigSource.defaults().load().limits());

    /** Strict, and of UTF-8 alone, which is looked at before. */
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .disable(JsonFactory.Feature.CHARSET_DETECTION)
                    .streamReadConstraints(JsonMistake.LIMITS)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
            .build();

    @Test
    void holdsForWhatIsKept() {
        FuzzInputs.each(BatchFuzzTest.class, BatchFuzzTest::fuzzerTestOneInput);
    }

    /** The fuzzer's way in. */
    public static void fuzzerTestOneInput(byte[] input) {
        FuzzInputs.bounded(input, BatchFuzzTest::look);
    }

    private static void look(byte[] body) {
        Optional<List<Draft>> document = read(body, READER::readJson);
        document.ifPresent(drafts -> requireSame(drafts, elements(strict(body))));
        Optional<List<Draft>> lines = read(body, READER::readLines);
        lines.ifPresent(drafts -> requireSame(drafts, lines(body)));
        ticket(body);
    }

    private static Optional<List<Draft>> read(byte[] body, Function<byte[], List<Draft>> reader) {
        try {
            List<Draft> drafts = reader.apply(body);
            assertThat(drafts).isNotEmpty();
            // What was read says the same when it is written and read again.
            List<Draft> again = READER.readLines(written(drafts).getBytes(UTF_8));
            assertThat(again).usingRecursiveComparison().isEqualTo(drafts);
            return Optional.of(drafts);
        } catch (ProblemException e) {
            FuzzInputs.requireReadable(e);
            return Optional.empty();
        }
    }

    private static String written(List<Draft> drafts) {
        var lines = new StringBuilder();
        for (Draft draft : drafts) {
            ObjectNode json = JSON.createObjectNode().put("topic", draft.topic().value()).put("data", new String(draft.data(), UTF_8))
                    .put("type", draft.type()).put("end", draft.kind() == EventKind.END);
            put(json, "key", draft.key());
            put(json, "idempotencyKey", draft.idempotencyKey());
            lines.append(json).append('\n');
        }
        return lines.toString();
    }

    private static void put(ObjectNode json, String name, @Nullable String value) {
        if (value != null) {
            json.put(name, value);
        }
    }

    private static void requireSame(List<Draft> drafts, List<JsonNode> entries) {
        assertThat(drafts).hasSameSizeAs(entries);
        for (int i = 0; i < drafts.size(); i++) {
            Draft draft = drafts.get(i);
            JsonNode entry = entries.get(i);
            assertThat(draft.topic().value()).isEqualTo(entry.path("topic").textValue());
            assertThat(draft.type()).isEqualTo(entry.has("type") ? entry.path("type").textValue() : Draft.DEFAULT_TYPE);
            assertThat(draft.key()).isEqualTo(entry.path("key").textValue());
            assertThat(draft.idempotencyKey()).isEqualTo(entry.path("idempotencyKey").textValue());
            assertThat(draft.kind() == EventKind.END).isEqualTo(entry.path("end").booleanValue());
            JsonNode data = entry.path("data");
            if (data.isTextual()) {
                assertThat(new String(draft.data(), UTF_8)).isEqualTo(data.textValue());
            } else {
                assertThat(strict(draft.data())).isEqualTo(data);
                assertThat(draft.data()).doesNotContain('\n', '\r');
            }
        }
    }

    private static List<JsonNode> elements(JsonNode document) {
        return document.isArray() ? document.valueStream().toList() : List.of(document);
    }

    private static List<JsonNode> lines(byte[] body) {
        return Arrays.stream(new String(body, UTF_8).split("\n")).filter(line -> !line.matches("[ \t\r]*"))
                .map(line -> strict(line.getBytes(UTF_8))).toList();
    }

    /** What a ticket is asked for: nothing but a list, that of the body. */
    private static void ticket(byte[] body) {
        Optional<Filters> only;
        try {
            only = TicketHandler.only(body);
        } catch (ProblemException e) {
            FuzzInputs.requireReadable(e);
            return;
        }
        if (body.length == 0) {
            assertThat(only).isEmpty();
            return;
        }
        JsonNode json = strict(body);
        assertThat(json.isObject()).isTrue();
        assertThat(json.propertyStream().filter(member -> !member.getKey().equals("subscribe"))).isEmpty();
        assertThat(only.isPresent()).isEqualTo(json.has("subscribe"));
        if (only.isPresent()) {
            var filters = new ArrayList<TopicFilter>();
            json.path("subscribe").forEach(each -> filters.add(new TopicFilter(each.textValue())));
            assertThat(only).contains(Filters.of(filters));
        }
    }

    private static JsonNode strict(byte[] json) {
        try {
            UTF_8.newDecoder().decode(ByteBuffer.wrap(json));
            return JSON.readTree(json);
        } catch (CharacterCodingException e) {
            throw new UncheckedIOException("taken, and no UTF-8", e);
        } catch (IOException e) {
            throw new UncheckedIOException("taken, and no JSON that can be read in one way only", e);
        }
    }
}
