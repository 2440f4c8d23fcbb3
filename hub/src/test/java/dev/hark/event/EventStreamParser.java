package dev.hark.event;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A client's side of an event stream, written from WHATWG HTML 9.2.6 and from nothing of the encoder: slow, plain and strict.
 *
 * <p>Bytes may come in any pieces. Confined to one thread.
 */
public final class EventStreamParser {
    /**
     * An event as {@code EventSource} raises it.
     *
     * @param type        the event's name
     * @param data        its data
     * @param lastEventId what the client would resume with now
     */
    public record Message(String type, String data, String lastEventId) {}

    private final List<Message> messages = new ArrayList<>();
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private boolean afterCarriageReturn;
    private boolean firstLine = true;

    private final StringBuilder data = new StringBuilder();
    private String type = "";
    private String idBuffer = "";
    private String lastEventId = "";
    private String retry = "";
    private int comments;
    private int blocks;
    private int unknownFields;

    /** All of {@code bytes} as one stream. */
    public static EventStreamParser parse(byte[] bytes) {
        var parser = new EventStreamParser();
        parser.feed(bytes, 0, bytes.length);
        return parser;
    }

    public void feed(byte[] bytes, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            byte b = bytes[i];
            boolean secondOfPair = afterCarriageReturn && b == '\n';
            afterCarriageReturn = b == '\r';
            if (secondOfPair) {
                continue;
            }
            if (b == '\r' || b == '\n') {
                endLine();
            } else {
                line.write(b);
            }
        }
    }

    private void endLine() {
        String text = line.toString(StandardCharsets.UTF_8);
        line.reset();
        if (firstLine && text.startsWith("\uFEFF")) {
            text = text.substring(1);
        }
        firstLine = false;
        if (text.isEmpty()) {
            dispatch();
            return;
        }
        int colon = text.indexOf(':');
        if (colon == 0) {
            comments++;
        } else if (colon < 0) {
            field(text, "");
        } else {
            String value = text.substring(colon + 1);
            field(text.substring(0, colon), value.startsWith(" ") ? value.substring(1) : value);
        }
    }

    private void field(String name, String value) {
        switch (name) {
            case "event" -> type = value;
            case "data" -> data.append(value).append('\n');
            case "id" -> {
                if (value.indexOf('\0') < 0) {
                    idBuffer = value;
                }
            }
            case "retry" -> {
                if (!value.isEmpty() && value.chars().allMatch(c -> c >= '0' && c <= '9')) {
                    retry = value;
                }
            }
            default -> unknownFields++;
        }
    }

    private void dispatch() {
        blocks++;
        lastEventId = idBuffer;
        if (!data.isEmpty()) {
            messages.add(new Message(type.isEmpty() ? "message" : type, data.substring(0, data.length() - 1), lastEventId));
        }
        data.setLength(0);
        type = "";
    }

    /** The events so far, in order; the list is the parser's own. */
    public List<Message> messages() {
        return messages;
    }

    public String lastEventId() {
        return lastEventId;
    }

    /** The last {@code retry} field, empty before the first. */
    public String retry() {
        return retry;
    }

    public int comments() {
        return comments;
    }

    /** How many blocks ended, whether they raised an event or not. */
    public int blocks() {
        return blocks;
    }

    public int unknownFields() {
        return unknownFields;
    }

    /** Whether the stream stands between two blocks. */
    public boolean isBetweenBlocks() {
        return line.size() == 0 && data.isEmpty() && type.isEmpty();
    }
}
