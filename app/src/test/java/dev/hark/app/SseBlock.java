package dev.hark.app;

import java.util.ArrayList;
import java.util.List;

/**
 * A block of a stream as it came, and what a client makes of it (WHATWG HTML, 9.2.6), written down anew so that the hub's own idea of it is
 * checked by another one.
 *
 * @param raw   the block with the empty line that ends it
 * @param event the event's name; {@code message} where none is given
 * @param id    empty where none is given
 * @param data  the data lines joined by LF
 * @param retry in milliseconds; -1 where none is given
 * @param names the fields' names in order
 */
public record SseBlock(String raw, String event, String id, String data, long retry, List<String> names) {
    /** A heartbeat: a line, which no empty line ends. */
    public static final String COMMENT = ":\n";

    public SseBlock {
        names = List.copyOf(names);
    }

    public static SseBlock parse(String raw) {
        String event = "message";
        String id = "";
        long retry = -1;
        var data = new ArrayList<String>();
        var names = new ArrayList<String>();
        for (String line : raw.substring(0, raw.length() - (raw.equals(COMMENT) ? 1 : 2)).split("\n", -1)) {
            if (line.indexOf('\r') >= 0) {
                throw new AssertionError("a CR in a stream splits lines in clients: " + raw);
            }
            int colon = line.indexOf(':');
            String name = colon < 0 ? line : line.substring(0, colon);
            String value = colon < 0 ? "" : line.substring(colon + 1);
            value = value.startsWith(" ") ? value.substring(1) : value;
            names.add(name);
            switch (name) {
                case "" -> {} // a comment
                case "event" -> event = value;
                case "id" -> id = value;
                case "data" -> data.add(value);
                case "retry" -> retry = Long.parseLong(value);
                default -> throw new AssertionError("unknown field '" + name + "' in " + raw);
            }
        }
        return new SseBlock(raw, event, id, String.join("\n", data), retry, names);
    }

    /** Whether it says nothing but where the stream stands. */
    public boolean isPosition() {
        return is("hark.open") || is("hark.position");
    }

    /** Whether a client raises an event for it. */
    public boolean isEvent() {
        return names.contains("data");
    }

    public boolean is(String name) {
        return isEvent() && event.equals(name);
    }

    /** What stands behind the dash of the id. */
    public long sequence() {
        return Long.parseLong(id.substring(id.indexOf('-') + 1));
    }
}
