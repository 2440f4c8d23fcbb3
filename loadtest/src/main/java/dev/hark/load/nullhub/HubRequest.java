package dev.hark.load.nullhub;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/**
 * A request to the null hub: {@code POST /topics/T} publishes one event, {@code POST /events} many, {@code GET /topics/T} subscribes.
 *
 * @param isPublish whether it is not a subscription
 * @param topic the topic; empty for many events
 * @param lastEventId what the client says it has, or an empty string
 * @param key an idempotency key; empty for none
 * @param body the event's data, or the events in lines of JSON
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
record HubRequest(boolean isPublish, String topic, String lastEventId, String key, byte[] body) {
    private static final String PREFIX = "/topics/";

    static HubRequest of(String head, byte[] body) {
        String[] line = head.substring(0, head.indexOf("\r\n")).split(" ");
        String path = line.length > 1 && line[1].startsWith(PREFIX) ? line[1].substring(PREFIX.length()) : "";
        return new HubRequest(
                line[0].equals("POST"), URLDecoder.decode(path, StandardCharsets.UTF_8), header(head, "last-event-id:"),
                header(head, "idempotency-key:"), body);
    }

    static String header(String head, String name) {
        for (String line : head.split("\r\n")) {
            if (line.regionMatches(true, 0, name, 0, name.length())) {
                return line.substring(name.length()).strip();
            }
        }
        return "";
    }

    /** The sequence in the last event id, or the given one where there is none. */
    long lastSequence(long latest) {
        return lastEventId.isEmpty() ? latest : Long.parseLong(lastEventId.substring(lastEventId.lastIndexOf('-') + 1));
    }
}
