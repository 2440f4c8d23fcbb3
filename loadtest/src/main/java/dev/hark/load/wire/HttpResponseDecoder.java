package dev.hark.load.wire;

import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * An incremental reader of HTTP/1.1 responses to GET and POST (RFC 9112): with a {@code Content-Length}, chunked, or ended by the close of
 * the connection; one after the other on a connection that is kept alive.
 *
 * <p>Lines may end with CRLF or LF; bytes may arrive split anywhere. Trailers are read and dropped.
 *
 * <p>Confined to one thread.
 */
public final class HttpResponseDecoder {
    /** A longer head is taken for something that is not HTTP. */
    static final int MAX_HEAD_BYTES = 32 * 1024;

    /** Room for the size of a chunk, which stays: in reads of any length it is cut again and again. */
    private static final int KEPT_LINE_BYTES = 64;

    /** Of what is wrong, in a message. */
    private static final int MOST_SHOWN = 80;
    private static final Pattern CONTROL = Pattern.compile("\\p{Cc}");

    private static final byte[] NO_BYTES = {};
    private static final long UNKNOWN = -1;

    private enum State {
        STATUS,
        HEADER,
        FIXED_BODY,
        CHUNK_SIZE,
        CHUNK,
        CHUNK_END,
        TRAILER,
        BODY_UNTIL_CLOSE,
        CLOSED
    }

    private State state = State.STATUS;
    private byte[] line = NO_BYTES;
    private int lineLength;
    private int headBytes;
    private long remaining;

    private int status;
    private long contentLength = UNKNOWN;
    private boolean chunked;
    private boolean keepAlive;
    private String contentType = "";
    private String retryAfter = "";

    public int status() {
        return status;
    }

    /** Whether the status is one that says the request was carried out. */
    public boolean isSuccess() {
        return status >= 200 && status < 300;
    }

    /** The media type in lower case without parameters, or an empty string. */
    public String contentType() {
        return contentType;
    }

    /** The value of {@code Retry-After}, or an empty string. */
    public String retryAfter() {
        return retryAfter;
    }

    /** Whether another response may follow on this connection. */
    public boolean keepAlive() {
        return keepAlive && state != State.BODY_UNTIL_CLOSE && state != State.CLOSED;
    }

    /**
     * Reads on, calling the listener for whatever became complete.
     *
     * @throws ProtocolException if this is not HTTP; the decoder is of no use afterwards
     */
    public void feed(byte[] bytes, int from, int to, HttpListener listener) throws ProtocolException {
        int at = from;
        while (at < to) {
            switch (state) {
                case STATUS, HEADER, CHUNK_SIZE, CHUNK_END, TRAILER -> at = readLine(bytes, at, to, listener);
                case FIXED_BODY, CHUNK -> {
                    int end = at + (int) Math.min(to - at, remaining);
                    remaining -= end - at;
                    listener.onBody(bytes, at, end);
                    at = end;
                    if (remaining == 0) {
                        onBodyPartEnd(listener);
                    }
                }
                case BODY_UNTIL_CLOSE -> {
                    listener.onBody(bytes, at, to);
                    at = to;
                }
                case CLOSED -> throw new ProtocolException((to - at) + " bytes after the end of the last response");
            }
        }
    }

    /**
     * The peer ended the connection.
     *
     * @return whether that was a proper end: between two responses, or the end of a response that the close delimits
     */
    public boolean onClosed(HttpListener listener) throws ProtocolException {
        State before = state;
        state = State.CLOSED;
        if (before == State.BODY_UNTIL_CLOSE) {
            listener.onEnd();
            return true;
        }
        return before == State.CLOSED || (before == State.STATUS && lineLength == 0);
    }

    private void onBodyPartEnd(HttpListener listener) throws ProtocolException {
        if (state == State.CHUNK) {
            state = State.CHUNK_END;
        } else {
            onResponseEnd(listener);
        }
    }

    private void onResponseEnd(HttpListener listener) throws ProtocolException {
        state = keepAlive ? State.STATUS : State.CLOSED;
        listener.onEnd();
    }

    private int readLine(byte[] bytes, int from, int to, HttpListener listener) throws ProtocolException {
        int end = from;
        while (end < to && bytes[end] != '\n') {
            end++;
        }
        headBytes += end - from;
        if (headBytes > MAX_HEAD_BYTES) {
            throw new ProtocolException("head of a response is longer than " + MAX_HEAD_BYTES + " bytes");
        }
        if (end == to) {
            carry(bytes, from, to);
            return to;
        }
        if (lineLength > 0) {
            carry(bytes, from, end);
            int length = lineLength;
            lineLength = 0;
            onLine(line, 0, length, listener);
            if (line.length > KEPT_LINE_BYTES) {
                line = NO_BYTES;
            }
        } else {
            onLine(bytes, from, end, listener);
        }
        return end + 1;
    }

    private void carry(byte[] bytes, int from, int to) {
        int length = lineLength + to - from;
        if (line.length < length) {
            line = Arrays.copyOf(line, Math.max(KEPT_LINE_BYTES, 2 * length));
        }
        System.arraycopy(bytes, from, line, lineLength, to - from);
        lineLength = length;
    }

    private void onLine(byte[] bytes, int from, int lineTo, HttpListener listener) throws ProtocolException {
        int to = lineTo > from && bytes[lineTo - 1] == '\r' ? lineTo - 1 : lineTo;
        switch (state) {
            case STATUS -> {
                if (from < to) {
                    onStatusLine(bytes, from, to);
                }
            }
            case HEADER -> {
                if (from == to) {
                    onHeadEnd(listener);
                } else {
                    onHeader(new String(bytes, from, to - from, StandardCharsets.ISO_8859_1));
                }
            }
            case CHUNK_SIZE -> onChunkSize(bytes, from, to);
            case CHUNK_END -> {
                if (from != to) {
                    throw new ProtocolException("a chunk is followed by '" + text(bytes, from, to) + "' where its line end should be");
                }
                state = State.CHUNK_SIZE;
                headBytes = 0;
            }
            case TRAILER -> {
                if (from == to) {
                    onResponseEnd(listener);
                }
            }
            case FIXED_BODY, CHUNK, BODY_UNTIL_CLOSE, CLOSED -> throw new IllegalStateException("no lines in " + state);
        }
    }

    private void onStatusLine(byte[] bytes, int from, int to) throws ProtocolException {
        boolean shaped = to - from >= 12
                && bytes[from] == 'H'
                && bytes[from + 1] == 'T'
                && bytes[from + 2] == 'T'
                && bytes[from + 3] == 'P'
                && bytes[from + 4] == '/'
                && bytes[from + 5] == '1'
                && bytes[from + 6] == '.'
                && bytes[from + 8] == ' ';
        int code = 0;
        for (int i = from + 9; shaped && i < from + 12; i++) {
            shaped = bytes[i] >= '0' && bytes[i] <= '9';
            code = code * 10 + bytes[i] - '0';
        }
        if (!shaped || code < 100) {
            throw new ProtocolException("'" + text(bytes, from, to) + "' is not the status line of an HTTP/1.x response");
        }
        status = code;
        contentLength = UNKNOWN;
        chunked = false;
        keepAlive = bytes[from + 7] != '0';
        contentType = "";
        retryAfter = "";
        state = State.HEADER;
    }

    private void onHeader(String header) throws ProtocolException {
        int colon = header.indexOf(':');
        if (colon < 1) {
            throw new ProtocolException("header line '" + shown(header) + "' has no name");
        }
        String value = header.substring(colon + 1).strip();
        switch (header.substring(0, colon).toLowerCase(Locale.ROOT)) {
            case "content-length" -> contentLength = parseLength(value);
            case "transfer-encoding" -> chunked = value.toLowerCase(Locale.ROOT).endsWith("chunked");
            case "connection" -> keepAlive = keepAlive && !value.equalsIgnoreCase("close");
            case "content-type" -> {
                int end = value.indexOf(';');
                contentType = (end < 0 ? value : value.substring(0, end)).strip().toLowerCase(Locale.ROOT);
            }
            case "retry-after" -> retryAfter = value;
            default -> {
                // Of no consequence here.
            }
        }
    }

    private static long parseLength(String value) throws ProtocolException {
        try {
            long length = Long.parseLong(value);
            if (length >= 0) {
                return length;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new ProtocolException("Content-Length '" + shown(value) + "' is not a length");
    }

    private void onHeadEnd(HttpListener listener) throws ProtocolException {
        headBytes = 0;
        if (status < 200) {
            state = State.STATUS;
            return;
        }
        boolean bodiless = status == 204 || status == 304;
        if (chunked && !bodiless) {
            state = State.CHUNK_SIZE;
        } else if (bodiless || contentLength == 0) {
            state = State.FIXED_BODY;
            remaining = 0;
        } else if (contentLength > 0) {
            state = State.FIXED_BODY;
            remaining = contentLength;
        } else {
            state = State.BODY_UNTIL_CLOSE;
        }
        listener.onHead(this);
        if (state == State.FIXED_BODY && remaining == 0) {
            onResponseEnd(listener);
        }
    }

    private void onChunkSize(byte[] bytes, int from, int to) throws ProtocolException {
        long size = 0;
        int at = from;
        for (; at < to; at++) {
            int digit = Character.digit(bytes[at], 16);
            if (digit < 0) {
                break;
            }
            size = size << 4 | digit;
            if (size > Integer.MAX_VALUE) {
                throw new ProtocolException("chunk size '" + text(bytes, from, to) + "' is beyond " + Integer.MAX_VALUE);
            }
        }
        boolean endsWell = at == to || bytes[at] == ';' || bytes[at] == ' ' || bytes[at] == '\t';
        if (at == from || !endsWell) {
            throw new ProtocolException("'" + text(bytes, from, to) + "' is not a chunk size");
        }
        remaining = size;
        state = size == 0 ? State.TRAILER : State.CHUNK;
        headBytes = 0;
    }

    /** What a server has sent, for whoever reads of it on a terminal: short, and nothing that steers that. */
    private static String shown(String text) {
        return CONTROL.matcher(text.substring(0, Math.min(text.length(), MOST_SHOWN))).replaceAll("?");
    }

    private static String text(byte[] bytes, int from, int to) {
        return shown(new String(bytes, from, Math.min(to - from, MOST_SHOWN), StandardCharsets.ISO_8859_1));
    }
}
