package dev.hark.load.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hark.load.drive.Failure;
import dev.hark.load.drive.Failures;
import dev.hark.load.drive.FanoutResult;
import dev.hark.load.drive.NodeResult;
import dev.hark.load.drive.Timeline;
import dev.hark.load.ledger.DueSecond;
import dev.hark.load.ledger.Publications;
import dev.hark.load.ledger.Publications.Fate;
import dev.hark.load.ledger.Traffic;
import dev.hark.load.measure.Laggard;
import dev.hark.load.measure.Mark;
import dev.hark.load.measure.Measurements;
import dev.hark.load.measure.Metric;
import dev.hark.load.measure.Second;
import dev.hark.load.measure.Timing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import org.HdrHistogram.Histogram;

/** What agents tell: their publications in chunks, their seconds, and their part of the result. */
final class Results {
    /** Events in one message: each takes 12 letters. */
    static final int CHUNK_EVENTS = 65_536;

    /** As the histograms of a run: an hour in nanoseconds, three digits. */
    private static final long MAX_NANOS = 3_600_000_000_000L;

    private static final int EVENT_BYTES = 1 + Long.BYTES;
    private static final ObjectMapper JSON = new ObjectMapper();

    private Results() {}

    /** What became of this generator's events among those from {@code from} on: a fate and an id's hash each. */
    static ObjectNode publications(Traffic traffic, Publications publications, int from) {
        int to = Math.min(traffic.events(), from + CHUNK_EVENTS);
        ByteBuffer bytes = ByteBuffer.allocate((to - from) * EVENT_BYTES);
        for (int event = from; event < to; event++) {
            if (traffic.isOwn(event)) {
                bytes.put(code(publications.fate(event))).putLong(publications.idHash(event));
            }
        }
        return Link.message("published")
                .put("owner", traffic.share().index())
                .put("from", from)
                .put("to", to)
                .put("last", to == traffic.events())
                .put("events", Base64.getEncoder().encodeToString(java.util.Arrays.copyOf(bytes.array(), bytes.position())));
    }

    /** Books what another generator said of its events. */
    static void book(JsonNode chunk, Traffic traffic, Publications into) throws IOException {
        int owner = chunk.path("owner").asInt(-1);
        int from = chunk.path("from").asInt(-1);
        int to = chunk.path("to").asInt(-1);
        if (owner < 0
                || owner >= traffic.share().of() || owner == traffic.share().index() || from < 0 || to < from || to > traffic.events()) {
            throw new IOException(
                    "publications of agent %d from %d to %d, in a run of %d events".formatted(owner, from, to, traffic.events()));
        }
        ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(chunk.path("events").asText()));
        for (int event = from; event < to; event++) {
            if (traffic.ownerOfFlow(traffic.flowOf(event)) == owner) {
                if (bytes.remaining() < EVENT_BYTES) {
                    throw new IOException("publications of agent %d end before event %d".formatted(owner, event));
                }
                into.onTold(event, fate(bytes.get()), bytes.getLong());
            }
        }
    }

    private static byte code(Fate fate) {
        return (byte) switch (fate) {
            case UNSENT -> 0;
            case SENT -> 1;
            case ACKNOWLEDGED -> 2;
            case REFUSED -> 3;
        };
    }

    private static Fate fate(byte code) throws IOException {
        return switch (code) {
            case 0 -> Fate.UNSENT;
            case 1 -> Fate.SENT;
            case 2 -> Fate.ACKNOWLEDGED;
            case 3 -> Fate.REFUSED;
            default -> throw new IOException("no fate has the number " + code);
        };
    }

    static ObjectNode progress(Second second) {
        return Link.message("progress").set("second", JSON.valueToTree(second));
    }

    static ObjectNode second(Second second, Histogram interval) {
        ObjectNode message = Link.message("second").set("second", JSON.valueToTree(second));
        return message.put("interval", encoded(interval));
    }

    static Second secondOf(JsonNode message) throws IOException {
        return read(message.path("second"), Second.class);
    }

    private static <T> T read(JsonNode from, Class<T> type) throws IOException {
        try {
            T value = JSON.treeToValue(from, type);
            if (value == null) {
                throw new IOException("a message without a " + type.getSimpleName());
            }
            return value;
        } catch (JsonProcessingException e) {
            throw new IOException("a " + type.getSimpleName() + " that cannot be read: " + e.getOriginalMessage(), e);
        }
    }

    static Histogram intervalOf(JsonNode message) throws IOException {
        return decoded(message.path("interval").asText());
    }

    static ObjectNode due(DueSecond second) {
        return Link.message("due").set("second", JSON.valueToTree(second));
    }

    static DueSecond dueOf(JsonNode message) throws IOException {
        return read(message.path("second"), DueSecond.class);
    }

    static ObjectNode result(FanoutResult result) {
        ObjectNode message = Link.message("result").put("ending", result.ending().name()).put("lossExample", result.lossExample());
        ObjectNode metrics = message.putObject("metrics");
        result.measurements().metrics().forEach((metric, value) -> metrics.put(metric.name(), value));
        ObjectNode timings = message.putObject("timings");
        for (Timing timing : Timing.values()) {
            timings.put(timing.name(), encoded(result.measurements().get(timing)));
        }
        ObjectNode failures = message.putObject("failures");
        result.failures().forEach((failure, entry) ->
                failures.putObject(failure.name()).put("count", entry.count()).put("example", entry.example()));
        message.set("marks", JSON.valueToTree(result.timeline().marks()));
        ArrayNode nodes = message.putArray("nodes");
        result.nodes().forEach(node -> write(nodes.addObject(), node));
        message.set("laggards", JSON.valueToTree(result.laggards()));
        return message;
    }

    /** A result with the seconds that were told before it. */
    static FanoutResult resultOf(JsonNode message, List<Second> seconds, List<Histogram> intervals, List<DueSecond> due)
            throws IOException {
        var measured = new Measurements();
        for (Map.Entry<String, JsonNode> metric : message.path("metrics").properties()) {
            measured.put(Metric.valueOf(metric.getKey()), metric.getValue().asDouble());
        }
        for (Map.Entry<String, JsonNode> timing : message.path("timings").properties()) {
            measured.put(Timing.valueOf(timing.getKey()), decoded(timing.getValue().asText()));
        }
        var failures = new EnumMap<Failure, Failures.Entry>(Failure.class);
        for (Map.Entry<String, JsonNode> failure : message.path("failures").properties()) {
            JsonNode entry = failure.getValue();
            failures.put(
                    Failure.valueOf(failure.getKey()), new Failures.Entry(entry.path("count").asInt(), entry.path("example").asText()));
        }
        String example = message.hasNonNull("lossExample") ? message.get("lossExample").asText() : null;
        var ending = FanoutResult.Ending.valueOf(message.path("ending").asText());
        var timeline = new Timeline(seconds, intervals, due, list(message.path("marks"), Mark.class));
        var nodes = new ArrayList<NodeResult>();
        message.path("nodes").forEach(node -> nodes.add(node(node)));
        return new FanoutResult(
                ending, measured, failures, example, timeline, list(message.path("laggards"), Laggard.class), nodes, List.of());
    }

    private static void write(ObjectNode into, NodeResult node) {
        into.put("name", node.name()).put("streams", node.streams()).put("streamsAtEnd", node.streamsAtEnd()).put("lost", node.lost())
                .put("delivered", node.delivered());
        node.cores().ifPresent(cores -> into.put("cores", cores));
        node.memoryBytes().ifPresent(bytes -> into.put("memoryBytes", bytes));
    }

    private static NodeResult node(JsonNode from) {
        JsonNode cores = from.path("cores");
        JsonNode memory = from.path("memoryBytes");
        return new NodeResult(
                from.path("name").asText(), from.path("streams").asLong(), from.path("streamsAtEnd").asLong(), from.path("lost").asLong(),
                from.path("delivered").asLong(), cores.isNumber() ? OptionalDouble.of(cores.asDouble()) : OptionalDouble.empty(),
                memory.isNumber() ? OptionalLong.of(memory.asLong()) : OptionalLong.empty());
    }

    private static <T> List<T> list(JsonNode from, Class<T> type) throws IOException {
        var list = new ArrayList<T>();
        for (JsonNode each : from) {
            list.add(read(each, type));
        }
        return list;
    }

    private static String encoded(Histogram histogram) {
        ByteBuffer bytes = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        int length = histogram.encodeIntoCompressedByteBuffer(bytes, Deflater.DEFAULT_COMPRESSION);
        return Base64.getEncoder().encodeToString(java.util.Arrays.copyOf(bytes.array(), length));
    }

    private static Histogram decoded(String text) throws IOException {
        try {
            var histogram = new Histogram(MAX_NANOS, 3);
            histogram.add(Histogram.decodeFromCompressedByteBuffer(ByteBuffer.wrap(Base64.getDecoder().decode(text)), MAX_NANOS));
            return histogram;
        } catch (DataFormatException | RuntimeException e) {
            throw new IOException("a histogram that cannot be read: " + e.getMessage(), e);
        }
    }
}
