package dev.hark.app.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * Events on standard output, and what the hub says about the stream, in sentences, on standard error.
 * Confined to the thread that subscribes.
 */
final class EventPrinter {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Shell shell;
    private final boolean json;

    EventPrinter(Shell shell, boolean json) {
        this.shell = shell;
        this.json = json;
    }

    /** Prints {@code event}; false where the output cannot be written, as where nobody reads it any more. */
    boolean print(ServerSentEvent event) {
        switch (event.type()) {
            case "hark.gap" -> shell.warn(gap(event.data()));
            case "hark.close" -> shell.note(close(event.data()));
            case String type when type.startsWith("hark.") -> {} // where the stream stands, or what a later hub has to say
            default -> shell.out().println(json ? jsonLine(event) : plain(event));
        }
        return !shell.out().checkError();
    }

    private String plain(ServerSentEvent event) {
        return shell.terminal() ? Shell.harmless(event.data()) : event.data();
    }

    private static String jsonLine(ServerSentEvent event) {
        return JSON.createObjectNode().put("id", event.id()).put("type", event.type()).put("data", event.data()).toString();
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

    private static String close(String data) {
        return "the hub ends the stream: " + switch (parse(data).path("reason").asText()) {
            case "draining" -> "it is going down";
            case "token-expired" -> "the token has expired";
            case "revoked" -> "the right to read was revoked";
            case "slow" -> "this subscriber was too slow";
            case "kicked" -> "an operator closed it";
            case "overloaded" -> "the hub is full";
            case "failed" -> "a part of it died";
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
