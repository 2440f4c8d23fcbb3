package dev.hark.app.http.wire;

import static dev.hark.app.http.wire.Octets.TOKEN;
import static dev.hark.app.http.wire.Octets.VALUE;

import dev.hark.app.http.wire.Refusal.Reason;

/**
 * Reads header fields (RFC 9112, section 5) up to the empty line behind them, and asks of each what it means. Confined to the connection's
 * thread.
 */
final class FieldLines {
    private enum At {
        LINE,
        NAME,
        BLANK,
        VALUE,
        VALUE_LF,
        END_LF,
        DONE
    }

    private final int maxBytes;
    private final HeadText text;
    private final Fields fields;

    private At at = At.LINE;
    private int bytes;

    /** Where in {@code text} the field that is being read begins, its name ends, and its value begins. */
    private int begin;
    private int nameEnd;
    private int valueBegin;

    FieldLines(int maxBytes, HeadText text, Fields fields) {
        this.maxBytes = maxBytes;
        this.text = text;
        this.fields = fields;
    }

    /** Takes bytes from {@code from} to before {@code to}, up to the end of all fields or what is wrong with them; where it stopped. */
    int read(byte[] in, int from, int to) {
        int i = from;
        while (i < to && at != At.DONE && text.refusal() == null) {
            i = switch (at) {
                case LINE -> line(in[i], i);
                case NAME -> name(in, i, to);
                case BLANK -> blank(in, i, to);
                case VALUE -> value(in, i, to);
                case VALUE_LF, END_LF -> lineFeed(in[i], i);
                case DONE -> i;
            };
        }
        return i;
    }

    boolean done() {
        return at == At.DONE;
    }

    private int line(byte b, int i) {
        if (b == '\r') {
            at = At.END_LF;
            return i + 1;
        }
        begin = text.size();
        at = At.NAME;
        return i;
    }

    private int name(byte[] in, int from, int to) {
        int i = take(in, from, to, TOKEN);
        if (i == to || text.refusal() != null) {
            return i;
        }
        if (in[i] != ':' || text.size() == begin) {
            refuseName(in[i]);
            return i;
        }
        bytes++;
        nameEnd = text.size();
        text.put(": ");
        valueBegin = text.size();
        at = At.BLANK;
        return i + 1;
    }

    private void refuseName(byte b) {
        text.malformed(text.size() > begin
                ? "the name of the field '" + text.quote(begin, text.size()) + "' is followed by " + Octets.quote(b) + " instead of ':'"
                : Octets.isBlank(b)
                        ? "a line of the head begins with a blank; fields are not folded"
                        : "the name of a field begins with " + Octets.quote(b));
    }

    private int blank(byte[] in, int from, int to) {
        int stop = stop(from, to);
        int i = from;
        while (i < stop && Octets.isBlank(in[i])) {
            i++;
        }
        bytes += i - from;
        if (i < stop) {
            at = At.VALUE;
        } else if (i < to) {
            refuseAsTooLarge();
        }
        return i;
    }

    private int value(byte[] in, int from, int to) {
        int i = take(in, from, to, VALUE);
        if (i == to || text.refusal() != null) {
            return i;
        }
        if (in[i] != '\r') {
            text.malformed("the field '" + text.quote(begin, nameEnd) + "' holds " + Octets.quote(in[i]) + ", which no field may hold");
            return i;
        }
        bytes += 2;
        at = At.VALUE_LF;
        return i + 1;
    }

    /** Keeps the bytes of {@code kind} that come next; where another one is, or what is too much. */
    private int take(byte[] in, int from, int to, int kind) {
        int stop = stop(from, to);
        byte[] out = text.withRoom(stop - from);
        int size = text.size();
        int i = from;
        while (i < stop && Octets.is(in[i], kind)) {
            out[size++] = in[i++];
        }
        text.grownTo(size);
        bytes += i - from;
        if (i == stop && i < to) {
            refuseAsTooLarge();
        }
        return i;
    }

    /** Before which byte to stop, so that none is looked at beyond what all fields may have. */
    private int stop(int from, int to) {
        return Math.min(to, from + Math.max(0, maxBytes - bytes));
    }

    private void refuseAsTooLarge() {
        text.refuse(Reason.HEAD_TOO_LARGE, "the header fields are larger than " + maxBytes + " bytes");
    }

    private int lineFeed(byte b, int i) {
        if (b != '\n') {
            text.malformed("a CR is followed by " + Octets.quote(b) + "; lines end in CR LF");
        } else if (at == At.END_LF) {
            at = At.DONE;
        } else {
            while (text.size() > valueBegin && Octets.isBlank(text.at(text.size() - 1))) {
                text.cut(text.size() - 1);
            }
            if (fields.keep(begin, nameEnd, valueBegin)) {
                text.put("\r\n");
            } else {
                text.cut(begin);
            }
            at = At.LINE;
        }
        return i + 1;
    }
}
