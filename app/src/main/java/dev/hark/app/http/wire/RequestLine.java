package dev.hark.app.http.wire;

import static dev.hark.app.http.wire.Octets.HEX;
import static dev.hark.app.http.wire.Octets.TARGET;
import static dev.hark.app.http.wire.Octets.TOKEN;

import dev.hark.app.http.wire.Refusal.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a request line (RFC 9112, section 3), and empty lines before it. Confined to the connection's thread. */
final class RequestLine {
    /** Some clients send one behind a body (RFC 9112, section 2.2). */
    private static final int MAX_EMPTY_LINES = 4;

    private static final int MAX_METHOD_BYTES = 32;
    private static final byte[] VERSION = ascii("HTTP/");
    private static final byte[] HEAD = ascii("HEAD");
    private static final byte[] OPTIONS = ascii("OPTIONS");

    /** Those of RFC 9110 and RFC 5789, the frequent ones first; CONNECT is for proxies. */
    private static final List<byte[]> METHODS = List.of(
            ascii("POST"), ascii("GET"), HEAD, OPTIONS, ascii("PUT"), ascii("DELETE"), ascii("PATCH"), ascii("TRACE"));

    private enum At {
        BEFORE,
        BEFORE_LF,
        METHOD,
        TARGET,
        VERSION,
        LF,
        DONE
    }

    private final WireRules rules;
    private final HeadText text;

    private At at = At.BEFORE;
    private int emptyLines;
    private int lineBytes;

    /** Where in {@code text} the part that is being read begins. */
    private int begin;

    /** How many hexadecimal digits have to come, behind a percent sign of the target. */
    private int escape;

    /** Whether the target was seen to have a query. */
    private boolean query;

    private byte major;
    private byte minor;
    private boolean head;
    private boolean options;
    private byte @Nullable [] authority;

    RequestLine(WireRules rules, HeadText text) {
        this.rules = rules;
        this.text = text;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Takes bytes from {@code from} to before {@code to}, up to the end of the line or what is wrong with it; where it stopped. */
    int read(byte[] in, int from, int to) {
        int i = from;
        while (i < to && at != At.DONE && text.refusal() == null) {
            i = switch (at) {
                case BEFORE -> before(in[i], i);
                case METHOD -> method(in, i, to);
                case TARGET -> target(in, i, to);
                case VERSION -> version(in[i], i);
                case BEFORE_LF, LF -> lineFeed(in[i], i);
                case DONE -> i;
            };
        }
        return i;
    }

    /** Whether anything but empty lines has come. */
    boolean begun() {
        return at != At.BEFORE && at != At.BEFORE_LF;
    }

    boolean done() {
        return at == At.DONE;
    }

    /** Whether the method is HEAD. */
    boolean head() {
        return head;
    }

    boolean http10() {
        return minor == '0';
    }

    /** The host of a target in absolute-form, with its port; null for any other. */
    byte @Nullable [] authority() {
        return authority;
    }

    private int before(byte b, int i) {
        if (b == '\r') {
            at = At.BEFORE_LF;
            return i + 1;
        }
        at = At.METHOD;
        return i;
    }

    private int method(byte[] in, int from, int to) {
        byte[] out = text.withRoom(to - from);
        int size = text.size();
        int i = from;
        while (i < to && Octets.is(in[i], TOKEN) && size <= MAX_METHOD_BYTES) {
            out[size++] = in[i++];
        }
        text.grownTo(size);
        if (size > MAX_METHOD_BYTES) {
            text.refuse(Reason.NOT_IMPLEMENTED, "the method is longer than " + MAX_METHOD_BYTES + " bytes");
        } else if (i < to) {
            endMethod(in[i]);
            i++;
        }
        return i;
    }

    private void endMethod(byte b) {
        if (b != ' ' || text.size() == 0) {
            text.malformed("the request line begins with " + Octets.quote(b) + " where a method should be");
            return;
        }
        if (!isKnown()) {
            text.refuse(Reason.NOT_IMPLEMENTED, "the method '" + text.quote(0, text.size()) + "' is not known here");
            return;
        }
        head = isMethod(HEAD);
        options = isMethod(OPTIONS);
        text.put(b);
        lineBytes = text.size();
        begin = text.size();
        at = At.TARGET;
    }

    private boolean isKnown() {
        for (byte[] method : METHODS) {
            if (isMethod(method)) {
                return true;
            }
        }
        return false;
    }

    private boolean isMethod(byte[] method) {
        return Arrays.equals(method, 0, method.length, text.bytes(), 0, text.size());
    }

    private int target(byte[] in, int from, int to) {
        // No byte is looked at beyond what a line may have.
        int stop = Math.min(to, from + Math.max(0, rules.maxRequestLineBytes() - lineBytes));
        byte[] out = text.withRoom(stop - from);
        int size = text.size();
        int i = from;
        while (i < stop && isOfTarget(in[i], size > begin ? out[begin] : in[i])) {
            escape = escape > 0 ? escape - 1 : in[i] == '%' ? 2 : 0;
            out[size++] = in[i++];
        }
        text.grownTo(size);
        lineBytes += i - from;
        if (i < stop && isOfLooseQuery(in[i])) {
            text.put(String.format("%%%02X", in[i]));
            lineBytes++;
            i++;
        } else if (i < stop) {
            endTarget(in[i]);
            i++;
        } else if (i < to) {
            text.refuse(Reason.TARGET_TOO_LONG, "the request line is longer than " + rules.maxRequestLineBytes() + " bytes");
        }
        return i;
    }

    /** Brackets stand around an address in absolute-form alone. */
    private boolean isOfTarget(byte b, byte first) {
        return escape > 0 ? Octets.is(b, HEX) : Octets.is(b, TARGET) || ((b == '[' || b == ']') && first != '/' && first != b);
    }

    /** What browsers send as it is: it goes on as it should have come. */
    private boolean isOfLooseQuery(byte b) {
        query = query || text.contains((byte) '?', begin);
        return query && escape == 0 && Octets.is(b, Octets.LOOSE_QUERY);
    }

    private void endTarget(byte b) {
        if (b != ' ' || escape > 0) {
            refuseTarget(b);
        } else if (text.size() == begin) {
            text.malformed("the request line has no target between two blanks");
        } else if (options && text.size() == begin + 1 && text.at(begin) == '*') {
            text.set(begin, (byte) '/');
        } else if (text.at(begin) != '/') {
            fromAbsolute();
        }
        text.put(b);
        lineBytes++;
        begin = text.size();
        at = At.VERSION;
    }

    private void refuseTarget(byte b) {
        text.malformed(escape > 0
                ? "the target has a '%' that two hexadecimal digits do not follow"
                : b == '\r' || b == '\n'
                        ? "the request line has no HTTP version"
                        : "the target holds " + Octets.quote(b)
                                + "; in a path or a query, write the UTF-8 of what is neither a letter nor a digit percent-encoded");
    }

    /** Leaves of the target what follows the authority, which replaces the Host (RFC 9112, section 3.2.2). */
    private void fromAbsolute() {
        byte[] bytes = text.bytes();
        int size = text.size();
        int from = Octets.spell(bytes, begin, Math.min(size, begin + 7), "http://")
                ? begin + 7
                : Octets.spell(bytes, begin, Math.min(size, begin + 8), "https://") ? begin + 8 : size;
        int to = from;
        while (to < size && bytes[to] != '/' && bytes[to] != '?') {
            to++;
        }
        int end = Hosts.end(bytes, from, to);
        if (end < 0) {
            text.malformed("the target is neither a path nor an http URL with a host");
            return;
        }
        for (int i = to; i < size; i++) {
            if (bytes[i] == '[' || bytes[i] == ']') {
                refuseTarget(bytes[i]);
                return;
            }
        }
        authority = text.copy(from, end);
        boolean withoutPath = to == size || bytes[to] == '?';
        text.set(begin, (byte) '/');
        text.shift(to, withoutPath ? begin + 1 : begin);
    }

    /** One byte of {@code HTTP/1.1} and the CR. */
    private int version(byte b, int i) {
        int index = text.size() - begin;
        boolean right = switch (index) {
            case 0, 1, 2, 3, 4 -> b == VERSION[index];
            case 5, 7 -> Octets.isDigit(b);
            case 6 -> b == '.';
            default -> b == '\r';
        };
        if (!right) {
            text.malformed("the request line ends with " + Octets.quote(b) + " where a version such as HTTP/1.1 should be");
            return i;
        }
        if (index == 8) {
            at = At.LF;
            return i + 1;
        }
        text.put(b);
        if (index == 5) {
            major = b;
        } else if (index == 7) {
            minor = b;
        }
        return i + 1;
    }

    private int lineFeed(byte b, int i) {
        if (b != '\n') {
            text.malformed("a CR is followed by " + Octets.quote(b) + "; lines end in CR LF");
        } else if (at == At.BEFORE_LF) {
            at = At.BEFORE;
            emptyLines++;
            if (emptyLines > MAX_EMPTY_LINES) {
                text.malformed("more than " + MAX_EMPTY_LINES + " empty lines come before the request line");
            }
        } else if (major != '1') {
            text.refuse(Reason.VERSION_NOT_SUPPORTED,
                    "the version is " + text.quote(begin, text.size()) + "; HTTP/1.1 is spoken here");
        } else {
            // A higher minor version is spoken to as the highest that is known (RFC 9110, section 2.5).
            text.set(text.size() - 1, (byte) '1');
            text.put("\r\n");
            at = At.DONE;
        }
        return i + 1;
    }
}
