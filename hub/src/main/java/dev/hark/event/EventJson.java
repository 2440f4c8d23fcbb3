package dev.hark.event;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Events as JSON, each in one line: docs/http.md has the forms. Stateless.
 *
 * <p>Data that is JSON stands as JSON, unless it is a string; everything else stands as a string, whose text is the data. So nothing that
 * was published is given as something else, and what stands there can be published again by {@code POST /events}.
 */
final class EventJson {
    /** RFC 3339, in UTC, with milliseconds. */
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    /** What an envelope or a CloudEvent takes beside what the event says, about. */
    private static final int ROOM = 320;

    /** What a URI's path may have beside letters and digits (RFC 3986, section 3.3), of what {@link URLEncoder} escapes. */
    private static final String IN_PATHS = "!$&'()+,;=:@~/";

    private EventJson() {}

    /** {@code event} as {@code format} has it. */
    static byte[] of(Event event, Format format) {
        EventFields fields = EventFields.of(event.frame());
        byte @Nullable [] json = json(fields.data());
        var out = new JsonOutput(ROOM + event.frame().length() + event.topic().value().length());
        switch (format) {
            case DATA -> data(out, fields, json);
            case ENVELOPE -> envelope(out, event, fields, json);
            case CLOUDEVENTS -> cloudEvent(out, event, fields, json);
        }
        return out.toBytes();
    }

    private static void envelope(JsonOutput out, Event event, EventFields fields, byte @Nullable [] json) {
        out.raw("{\"topic\":").string(event.topic().value());
        out.raw(",\"id\":").string(fields.ownId());
        out.raw(",\"type\":").string(fields.type());
        out.raw(",\"key\":").string(event.key());
        out.raw(",\"time\":").string(time(event));
        out.raw(",\"data\":");
        data(out, fields, json);
        out.raw("}");
    }

    /** CloudEvents 1.0.2, and the JSON event format of the same version; the key is the documented extension for partitioning. */
    private static void cloudEvent(JsonOutput out, Event event, EventFields fields, byte @Nullable [] json) {
        String topic = event.topic().value();
        out.raw("{\"specversion\":\"1.0\",\"id\":").string(fields.ownId());
        out.raw(",\"source\":").string("/topics/" + inPath(topic));
        out.raw(",\"type\":").string(fields.type());
        out.raw(",\"subject\":").string(topic);
        out.raw(",\"time\":").string(time(event));
        if (event.key() != null) {
            out.raw(",\"partitionkey\":").string(event.key());
        }
        out.raw(json == null ? ",\"datacontenttype\":\"text/plain\",\"data\":" : ",\"datacontenttype\":\"application/json\",\"data\":");
        data(out, fields, json);
        out.raw("}");
    }

    private static void data(JsonOutput out, EventFields fields, byte @Nullable [] json) {
        if (json == null) {
            out.string(fields.data());
        } else {
            out.raw(json);
        }
    }

    /** {@code data} as it stands in a document; null where it stands as a string. */
    private static byte @Nullable [] json(byte[] data) {
        byte[] json = JsonText.compact(data);
        return json == null || json[0] == '"' ? null : json;
    }

    private static String time(Event event) {
        return TIME.format(Instant.ofEpochMilli(event.timeMillis()));
    }

    /** {@code topic} as it stands in the path of a URI. */
    private static String inPath(String topic) {
        var path = new StringBuilder(topic.length() + 16);
        int from = 0;
        for (int i = 0; i <= topic.length(); i++) {
            if (i == topic.length() || IN_PATHS.indexOf(topic.charAt(i)) >= 0) {
                // A topic has no white space, which is all that a form and a path have different ideas of.
                path.append(URLEncoder.encode(topic.substring(from, i), StandardCharsets.UTF_8));
                if (i < topic.length()) {
                    path.append(topic.charAt(i));
                }
                from = i + 1;
            }
        }
        return path.toString();
    }
}
