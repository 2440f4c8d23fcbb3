package dev.hark.app.cli;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/**
 * Events on standard output, and what the hub says about the stream, in sentences, on standard error.
 * Confined to the thread that subscribes.
 */
final class EventPrinter {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Names of the hub's own events about the stream. */
    private static final String OWN = "hark.";

    /** The name of an event that takes back those of its topic and key. */
    private static final String DELETED = "hark.deleted";

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");

    private final Shell shell;
    private final boolean json;
    private final @Nullable String topic;
    private final InstantSource clock;

    /** @param topic of all the events, or null where each comes in an envelope, or its topic is not wanted */
    EventPrinter(Shell shell, boolean json, @Nullable String topic, InstantSource clock) {
        this.shell = shell;
        this.json = json;
        this.topic = topic;
        this.clock = clock;
    }

    /** Whether the events have to say what topic they are of, and so to come in envelopes: where nothing else does, and it is printed. */
    boolean wantsEnvelopes() {
        return topic == null && (json || shell.terminal());
    }

    /** Prints {@code event}; false where the output cannot be written, as where nobody reads it any more. */
    boolean print(ServerSentEvent event) {
        switch (event.type()) {
            case "hark.gap" -> shell.warn(gap(event.data()));
            case "hark.close" -> shell.note(close(event.data()));
            default -> {
                // The rest of the hub's own says where the stream stands, or is what a later hub has to say.
                if (isOfAPublisher(event)) {
                    Said said = wantsEnvelopes() ? Said.ofEnvelope(event.data()) : new Said(topic, event.data());
                    if (json || shell.terminal()) {
                        shell.out().println(json ? jsonLine(event, said) : readable(event, said));
                    } else if (event.type().equals(DELETED)) {
                        // Among data alone nothing would tell it from data.
                        shell.note(deleted(event.data()));
                    } else {
                        shell.out().println(event.data());
                    }
                }
            }
        }
        return !shell.out().checkError();
    }

    /** Whether it says that the topic has ended, and so that there is no more to come unless it was published to again. */
    static boolean saysEnded(ServerSentEvent event) {
        return event.type().equals("hark.close") && parse(event.data()).path("reason").asText().equals("ended");
    }

    /** Whether it is what somebody published or deleted, rather than what the hub says about the stream. */
    static boolean isOfAPublisher(ServerSentEvent event) {
        return event.type().equals(DELETED) || (!event.type().isEmpty() && !event.type().startsWith(OWN));
    }

    /** For a person: when it came, of what topic and type it is, and the data, further lines of it indented. */
    private String readable(ServerSentEvent event, Said said) {
        var line = new StringBuilder(dim(TIME.format(clock.instant().atZone(ZoneId.systemDefault()))));
        if (said.topic() != null) {
            line.append("  ").append(Shell.harmless(said.topic()));
        }
        if (!event.type().equals("message")) {
            line.append("  ").append(Shell.harmless(event.type()));
        }
        return line.append("  ").append(Shell.harmless(said.data()).replace("\n", "\n  ")).toString();
    }

    /**
     * What an event says of itself.
     *
     * @param topic null where it does not say that
     * @param data  as it was published, but for line ends, and white space in JSON
     */
    private record Said(@Nullable String topic, String data) {
        /** What is no envelope is taken for data, as of a hub that knows none. */
        static Said ofEnvelope(String json) {
            String topic = null;
            String data = null;
            try (JsonParser parser = JSON.createParser(json)) {
                if (parser.nextToken() == JsonToken.START_OBJECT) {
                    while (parser.nextToken() == JsonToken.FIELD_NAME) {
                        String name = parser.currentName();
                        JsonToken value = parser.nextToken();
                        if (name.equals("topic")) {
                            topic = parser.getText();
                        } else if (name.equals("data")) {
                            data = value == JsonToken.VALUE_STRING ? parser.getText() : asWritten(parser, json);
                        } else {
                            parser.skipChildren();
                        }
                    }
                }
            } catch (IOException e) {
                return new Said(null, json);
            }
            return topic == null || data == null ? new Said(null, json) : new Said(topic, data);
        }

        /** The value at which {@code parser} is, in its own words: a number that is read and printed may be another one. */
        private static String asWritten(JsonParser parser, String json) throws IOException {
            int start = (int) parser.currentTokenLocation().getCharOffset();
            parser.skipChildren();
            // Numbers and literals are only scanned to their end when something asks for their text.
            parser.getText();
            return json.substring(start, (int) parser.currentLocation().getCharOffset());
        }
    }

    private String dim(String text) {
        return shell.colour() ? "\u001B[2m" + text + "\u001B[0m" : text;
    }

    private String jsonLine(ServerSentEvent event, Said said) {
        ObjectNode line = JSON.createObjectNode().put("id", event.id());
        if (said.topic() != null) {
            line.put("topic", said.topic());
        }
        return line.put("type", event.type()).put("data", said.data()).toString();
    }

    private static String gap(String data) {
        JsonNode gap = parse(data);
        String missing = gap.path("dropped").isNumber()
                ? gap.path("dropped").asLong() + (gap.path("dropped").asLong() == 1 ? " event is" : " events are") + " missing"
                : "events may be missing";
        String after = gap.path("after").isTextual() ? " after " + gap.path("after").asText() : "";
        String reason = switch (gap.path("reason").asText()) {
            case "overflow" -> "this subscriber was too slow";
            case "retention" -> "the log keeps them no longer";
            case "damage" -> "the log is damaged there";
            case "reset" -> "the hub's log was replaced";
            case "unknown-id" -> "the hub never gave the id to resume with";
            default -> data;
        };
        String resumed = gap.path("resumedAt").isTextual() ? "; the stream goes on at " + gap.path("resumedAt").asText() : "";
        return missing + after + ": " + reason + resumed;
    }

    private static String deleted(String data) {
        JsonNode deleted = parse(data);
        return "deleted: topic " + deleted.path("topic").asText()
                + (deleted.path("key").isTextual() ? ", key " + deleted.path("key").asText() : ", without a key");
    }

    private static String close(String data) {
        return "the hub ends the stream: " + switch (parse(data).path("reason").asText()) {
            case "draining" -> "it is going down";
            case "token-expired" -> "the token has expired";
            case "revoked" -> "the right to read was revoked";
            case "slow" -> "this subscriber was too slow";
            case "kicked" -> "an operator closed it";
            case "overloaded" -> "the hub is full";
            case "failed" -> "a part of it died";
            case "ended" -> "the topic has ended";
            case "unreadable" -> "the hub cannot read its log";
            default -> data;
        };
    }

    private static JsonNode parse(String data) {
        try {
            return JSON.readTree(data);
        } catch (JsonProcessingException e) {
            return JSON.missingNode();
        }
    }
}
