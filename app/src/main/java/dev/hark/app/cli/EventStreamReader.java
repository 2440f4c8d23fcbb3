package dev.hark.app.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An event stream, read as WHATWG HTML, section 9.2.6, says.
 *
 * <p>A block that the stream's end cuts off is discarded, and its id with it. Confined to the thread that reads.
 */
final class EventStreamReader {
    /*
     * Bytes are gathered up to a line end and only then decoded, so that it does not matter where the network cuts: CR, LF and the bytes of
     * UTF-8 never stand inside another character. A CR ends its line at once, without waiting for the LF that may follow: the block has to
     * be dispatched now, and the LF is skipped when it comes.
     */
    static final int MAX_EVENT_BYTES = 64 << 20;

    private static final long MAX_RETRY_MILLIS = Duration.ofDays(1).toMillis();

    private final InputStream in;
    private final byte[] chunk = new byte[16 << 10];
    private int next;
    private int end;
    private boolean afterCarriageReturn;
    private boolean atStart = true;

    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final StringBuilder data = new StringBuilder();
    private String type = "";
    private String idBuffer;

    private String lastEventId;
    private Optional<Duration> retry = Optional.empty();

    /** @param lastEventId what the stream was resumed with, or empty */
    EventStreamReader(InputStream in, String lastEventId) {
        this.in = in;
        this.idBuffer = lastEventId;
        this.lastEventId = lastEventId;
    }

    /** The next event, waiting for it; null at the stream's end. */
    @Nullable ServerSentEvent next() throws IOException {
        ServerSentEvent block = nextBlock();
        while (block != null && block.type().isEmpty()) {
            block = nextBlock();
        }
        return block;
    }

    /** As {@link #next()}, but what only moves the stream's position is returned as well, as an event without type and data. */
    @Nullable ServerSentEvent nextBlock() throws IOException {
        while (readLine()) {
            String text = line.toString(StandardCharsets.UTF_8);
            line.reset();
            if (atStart && text.startsWith("\uFEFF")) {
                text = text.substring(1);
            }
            atStart = false;
            if (text.isEmpty()) {
                ServerSentEvent event = dispatch();
                if (event != null) {
                    return event;
                }
            } else {
                field(text);
            }
        }
        return null;
    }

    /** What to resume with: the id of the last complete block that had one. */
    String lastEventId() {
        return lastEventId;
    }

    /** The reconnection time that the stream asked for last, at most a day. */
    Optional<Duration> retry() {
        return retry;
    }

    private @Nullable ServerSentEvent dispatch() {
        boolean moved = !lastEventId.equals(idBuffer);
        lastEventId = idBuffer;
        ServerSentEvent event = data.isEmpty()
                ? moved ? new ServerSentEvent("", lastEventId, "") : null
                : new ServerSentEvent(type.isEmpty() ? "message" : type, lastEventId, data.substring(0, data.length() - 1));
        data.setLength(0);
        type = "";
        return event;
    }

    private void field(String text) {
        int colon = text.indexOf(':');
        String name = colon < 0 ? text : text.substring(0, colon);
        String value = colon < 0 ? "" : text.substring(text.startsWith(" ", colon + 1) ? colon + 2 : colon + 1);
        switch (name) {
            case "event" -> type = value;
            case "data" -> data.append(value).append('\n');
            case "id" -> {
                if (value.indexOf('\0') < 0) {
                    idBuffer = value;
                }
            }
            case "retry" -> {
                if (value.matches("[0-9]+")) {
                    boolean tooLong = value.length() > 12;
                    retry = Optional.of(Duration.ofMillis(tooLong ? MAX_RETRY_MILLIS : Math.min(Long.parseLong(value), MAX_RETRY_MILLIS)));
                }
            }
            default -> {} // a comment (the name is empty) or a field of a later standard
        }
    }

    /** Gathers a line without its end; false where the stream ends first. */
    private boolean readLine() throws IOException {
        while (true) {
            if (next == end) {
                end = in.read(chunk);
                next = 0;
                if (end < 0) {
                    end = 0;
                    return false;
                }
                continue;
            }
            byte b = chunk[next++];
            boolean followsCarriageReturn = afterCarriageReturn;
            afterCarriageReturn = b == '\r';
            if (b == '\n' && followsCarriageReturn) {
                continue;
            }
            if (b == '\r' || b == '\n') {
                return true;
            }
            line.write(b);
            if (line.size() + (long) data.length() > MAX_EVENT_BYTES) {
                throw new IOException("an event of the stream is longer than " + MAX_EVENT_BYTES + " bytes");
            }
        }
    }
}
