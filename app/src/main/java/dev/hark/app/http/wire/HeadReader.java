package dev.hark.app.http.wire;

import static dev.hark.app.http.wire.Octets.HEX;
import static dev.hark.app.http.wire.Octets.TARGET;
import static dev.hark.app.http.wire.Octets.TOKEN;
import static dev.hark.app.http.wire.Octets.VALUE;

import dev.hark.app.http.wire.Refusal.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads the heads of requests (RFC 9112, sections 2 to 5), and says each again in one form: origin-form, {@code HTTP/1.1}, one {@code
 * Host}, no blanks around values, and without the fields that speak of the connection, which it knows instead.
 *
 * <p>The outcome depends on the bytes alone, not on how they are dealt out to {@link #read}. A refusal comes with the first byte that makes
 * it certain. Confined to the connection's thread.
 */
final class HeadReader {
    /* Each byte is looked at once, and written to `out` as it is kept; what is learned at the end of a field may take the field away again.
       So nothing has to be read twice where a head comes in pieces, and no piece is kept. */

    /** Of empty lines before a request, which some clients send behind a body (RFC 9112, section 2.2). */
    private static final int MAX_EMPTY_LINES = 4;

    private static final int MAX_METHOD_BYTES = 32;
    private static final int MAX_LENGTH_DIGITS = 18;

    /** For what is added to a head. */
    private static final int SLACK = 96;

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
        LINE_LF,
        FIELD,
        NAME,
        BLANK,
        VALUE,
        VALUE_LF,
        END_LF,
        DONE
    }

    private final WireRules rules;

    private At at = At.BEFORE;
    private byte[] out = new byte[0];
    private int size;
    private int emptyLines;
    private int lineBytes;
    private int fieldBytes;

    /** Where in {@code out} the part that is being read begins; of a field, its name. */
    private int begin;

    /** Where in {@code out} the name of the field that is being read ends, and its value begins. */
    private int nameEnd;
    private int valueBegin;

    /** How many hexadecimal digits have to come, behind a percent sign of the target. */
    private int escape;

    private byte minor;
    private byte major;

    private boolean head;
    private boolean options;
    private boolean close;
    private boolean chunked;
    private boolean host;
    private boolean expectsContinue;
    private boolean expectsMore;
    private long length;
    private byte @Nullable [] authority;
    private @Nullable String coding;
    private @Nullable Refusal refusal;

    HeadReader(WireRules rules) {
        this.rules = rules;
        reset();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Begins another head. */
    void reset() {
        at = At.BEFORE;
        out = new byte[0];
        size = 0;
        emptyLines = 0;
        lineBytes = 0;
        fieldBytes = 0;
        escape = 0;
        major = 0;
        minor = 0;
        head = false;
        options = false;
        close = false;
        chunked = false;
        host = false;
        expectsContinue = false;
        expectsMore = false;
        length = -1;
        authority = null;
        coding = null;
        refusal = null;
    }

    /** Takes bytes from {@code from} to before {@code to}, up to the end of the head or what is wrong with it; where it stopped. */
    int read(byte[] in, int from, int to) {
        int i = from;
        while (i < to && at != At.DONE && refusal == null) {
            i = switch (at) {
                case BEFORE -> before(in, i);
                case METHOD -> method(in, i, to);
                case TARGET -> target(in, i, to);
                case VERSION -> version(in, i);
                case FIELD -> field(in, i);
                case NAME -> name(in, i, to);
                case BLANK -> blank(in, i, to);
                case VALUE -> value(in, i, to);
                case BEFORE_LF, LINE_LF, VALUE_LF, END_LF -> lineFeed(in, i);
                case DONE -> i;
            };
        }
        return i;
    }

    /** Whether anything of a request has come. */
    boolean begun() {
        return at != At.BEFORE && at != At.BEFORE_LF;
    }

    boolean done() {
        return at == At.DONE && refusal == null;
    }

    /** What is wrong; null as long as nothing is. */
    @Nullable Refusal refusal() {
        return refusal;
    }

    /** The head in the one form, with room for {@code more} bytes behind it. Only once it is {@link #done}. */
    byte[] bytes(int more) {
        return Arrays.copyOf(out, size + more);
    }

    /** Whether the method is HEAD. */
    boolean head() {
        return head;
    }

    /** Whether the client is HTTP/1.0's. */
    boolean http10() {
        return minor == '0';
    }

    /** Whether the connection ends with the answer. */
    boolean close() {
        return close || http10();
    }

    /** Whether the client waits for {@code 100 Continue} before it sends the body. */
    boolean expectsContinue() {
        return expectsContinue && !http10() && (chunked || length > 0);
    }

    boolean chunked() {
        return chunked;
    }

    /** How long the body is, where it is not {@link #chunked}. */
    long length() {
        return Math.max(0, length);
    }

    private int before(byte[] in, int i) {
        if (in[i] == '\r') {
            at = At.BEFORE_LF;
            return i + 1;
        }
        at = At.METHOD;
        return i;
    }

    private int method(byte[] in, int from, int to) {
        reserve(to - from);
        int i = from;
        while (i < to && Octets.is(in[i], TOKEN) && size <= MAX_METHOD_BYTES) {
            out[size++] = in[i++];
        }
        if (size > MAX_METHOD_BYTES) {
            return refuse(Reason.NOT_IMPLEMENTED, "the method is longer than " + MAX_METHOD_BYTES + " bytes", i);
        }
        if (i == to) {
            return i;
        }
        if (in[i] != ' ' || size == 0) {
            return refuse(Reason.MALFORMED, "the request line begins with " + where("method", in[i]), i);
        }
        if (!isKnown()) {
            return refuse(Reason.NOT_IMPLEMENTED, "the method '" + text(0, size) + "' is not known here", i);
        }
        head = isMethod(HEAD);
        options = isMethod(OPTIONS);
        lineBytes = size + 1;
        out[size++] = ' ';
        begin = size;
        at = At.TARGET;
        return i + 1;
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
        return Arrays.equals(method, 0, method.length, out, 0, size);
    }

    private int target(byte[] in, int from, int to) {
        int stop = (int) Math.min(to, from + (long) rules.maxRequestLineBytes() - lineBytes);
        reserve(Math.max(0, stop - from));
        int i = from;
        while (i < stop && in[i] != ' ') {
            byte b = in[i];
            boolean bracket = (b == '[' || b == ']') && size > begin && out[begin] != '/';
            if (escape > 0 ? !Octets.is(b, HEX) : !Octets.is(b, TARGET) && !bracket) {
                return refuseTarget(b, i);
            }
            escape = escape > 0 ? escape - 1 : b == '%' ? 2 : 0;
            out[size++] = b;
            i++;
        }
        lineBytes += i - from;
        if (i < to && in[i] == ' ' && i < stop) {
            if (escape > 0) {
                return refuseTarget(in[i], i);
            }
            lineBytes++;
            endTarget();
            return i + 1;
        }
        return i < to
                ? refuse(Reason.TARGET_TOO_LONG, "the request line is longer than " + rules.maxRequestLineBytes() + " bytes", i)
                : i;
    }

    private int refuseTarget(byte b, int i) {
        if (escape > 0) {
            return refuse(Reason.MALFORMED, "the target has a '%' that two hexadecimal digits do not follow", i);
        }
        if (b == '\r' || b == '\n') {
            return refuse(Reason.MALFORMED, "the request line has no HTTP version", i);
        }
        return refuse(Reason.MALFORMED, "the target holds " + Octets.quote(b)
                + "; in a path or a query, write the UTF-8 of what is neither a letter nor a digit percent-encoded", i);
    }

    private void endTarget() {
        if (size == begin) {
            refuse(Reason.MALFORMED, "the request line has no target between two blanks", 0);
        } else if (options && size == begin + 1 && out[begin] == '*') {
            out[begin] = '/';
        } else if (out[begin] != '/') {
            fromAbsolute();
        }
        out[size++] = ' ';
        begin = size;
        at = At.VERSION;
    }

    /** Leaves of the target what follows the authority, which replaces the Host (RFC 9112, section 3.2.2). */
    private void fromAbsolute() {
        int from = Octets.spell(out, begin, Math.min(size, begin + 7), "http://")
                ? begin + 7
                : Octets.spell(out, begin, Math.min(size, begin + 8), "https://") ? begin + 8 : size;
        int to = from;
        while (to < size && out[to] != '/' && out[to] != '?') {
            to++;
        }
        int end = Hosts.end(out, from, to);
        if (end < 0) {
            refuse(Reason.MALFORMED, "the target is neither a path nor an http URL with a host", 0);
            return;
        }
        for (int i = to; i < size; i++) {
            if (out[i] == '[' || out[i] == ']') {
                refuseTarget(out[i], 0);
                return;
            }
        }
        authority = Arrays.copyOfRange(out, from, end);
        int path = begin;
        if (to == size || out[to] == '?') {
            out[path++] = '/';
        }
        System.arraycopy(out, to, out, path, size - to);
        size = path + size - to;
    }

    /** One byte of {@code HTTP/1.1} and the CR. */
    private int version(byte[] in, int i) {
        byte b = in[i];
        int index = size - begin;
        lineBytes++;
        boolean right = switch (index) {
            case 0, 1, 2, 3, 4 -> b == VERSION[index];
            case 5, 7 -> Octets.isDigit(b);
            case 6 -> b == '.';
            default -> b == '\r';
        };
        if (!right) {
            return refuse(Reason.MALFORMED, "the request line ends with " + where("version such as HTTP/1.1", b), i);
        }
        if (index == 8) {
            at = At.LINE_LF;
            return i + 1;
        }
        reserve(1);
        out[size++] = b;
        if (index == 5) {
            major = b;
        } else if (index == 7) {
            minor = b;
        }
        return i + 1;
    }

    private int lineFeed(byte[] in, int i) {
        if (in[i] != '\n') {
            return refuse(Reason.MALFORMED, "a CR is followed by " + Octets.quote(in[i]) + "; lines end in CR LF", i);
        }
        switch (at) {
            case BEFORE_LF -> {
                emptyLines++;
                at = At.BEFORE;
                if (emptyLines > MAX_EMPTY_LINES) {
                    refuse(Reason.MALFORMED, "more than " + MAX_EMPTY_LINES + " empty lines come before the request line", i);
                }
            }
            case LINE_LF -> endLine();
            case VALUE_LF -> endField();
            default -> end();
        }
        return i + 1;
    }

    private void endLine() {
        if (major != '1') {
            refuse(Reason.VERSION_NOT_SUPPORTED, "the version is " + text(begin, size) + "; HTTP/1.1 is spoken here", 0);
            return;
        }
        // A higher minor version is spoken to as the highest that is known (RFC 9110, section 2.5).
        out[size - 1] = '1';
        put("\r\n");
        at = At.FIELD;
    }

    private int field(byte[] in, int i) {
        if (in[i] == '\r') {
            at = At.END_LF;
            return i + 1;
        }
        begin = size;
        at = At.NAME;
        return i;
    }

    private int name(byte[] in, int from, int to) {
        int stop = stop(from, to);
        reserve(stop - from);
        int i = from;
        while (i < stop && Octets.is(in[i], TOKEN)) {
            out[size++] = in[i++];
        }
        fieldBytes += i - from;
        if (i == stop) {
            return i < to ? refuseTooLarge(i) : i;
        }
        if (in[i] == ':' && size > begin) {
            fieldBytes++;
            nameEnd = size;
            put(": ");
            valueBegin = size;
            at = At.BLANK;
            return i + 1;
        }
        String what = size > begin
                ? "the name of the field '" + text(begin, size) + "' is followed by " + Octets.quote(in[i]) + " instead of ':'"
                : Octets.isBlank(in[i])
                        ? "a line of the head begins with a blank; fields are not folded"
                        : "the name of a field begins with " + Octets.quote(in[i]);
        return refuse(Reason.MALFORMED, what, i);
    }

    private int blank(byte[] in, int from, int to) {
        int stop = stop(from, to);
        int i = from;
        while (i < stop && Octets.isBlank(in[i])) {
            i++;
        }
        fieldBytes += i - from;
        if (i == stop) {
            return i < to ? refuseTooLarge(i) : i;
        }
        at = At.VALUE;
        return i;
    }

    private int value(byte[] in, int from, int to) {
        int stop = stop(from, to);
        reserve(stop - from);
        int i = from;
        while (i < stop && Octets.is(in[i], VALUE)) {
            out[size++] = in[i++];
        }
        fieldBytes += i - from;
        if (i == stop) {
            return i < to ? refuseTooLarge(i) : i;
        }
        if (in[i] == '\r') {
            fieldBytes += 2;
            at = At.VALUE_LF;
            return i + 1;
        }
        return refuse(Reason.MALFORMED,
                "the field '" + text(begin, nameEnd) + "' holds " + Octets.quote(in[i]) + ", which no field may hold", i);
    }

    /** Before which byte to stop, so that no byte is read beyond what all fields may have. */
    private int stop(int from, int to) {
        return Math.min(to, from + Math.max(0, rules.maxFieldBytes() - fieldBytes));
    }

    private int refuseTooLarge(int i) {
        return refuse(Reason.HEAD_TOO_LARGE, "the header fields are larger than " + rules.maxFieldBytes() + " bytes", i);
    }

    private void endField() {
        while (size > valueBegin && Octets.isBlank(out[size - 1])) {
            size--;
        }
        at = At.FIELD;
        boolean kept = switch (nameEnd - begin) {
            case 2 -> !named("te");
            case 4 -> !named("host") || host();
            case 6 -> !named("expect") || expectation();
            case 10 -> !named("connection") || connection();
            case 14 -> !named("content-length") || contentLength();
            case 16 -> !named("content-encoding") || contentEncoding();
            case 17 -> !named("transfer-encoding") || transferEncoding();
            default -> true;
        };
        if (kept) {
            put("\r\n");
        } else {
            size = begin;
        }
    }

    private boolean named(String lower) {
        return Octets.spell(out, begin, nameEnd, lower);
    }

    /** Whether the field stays in the head; so do the others. */
    private boolean host() {
        if (host) {
            refuse(Reason.MALFORMED, "there are two fields 'Host'; one is allowed", 0);
        }
        host = true;
        int end = Hosts.end(out, valueBegin, size);
        if (end < 0) {
            refuse(Reason.MALFORMED, "the field 'Host' is '" + text(valueBegin, size) + "', which is no host with or without a port", 0);
            return false;
        }
        size = end;
        return authority == null;
    }

    private boolean expectation() {
        boolean known = Octets.spell(out, valueBegin, size, "100-continue");
        expectsContinue |= known;
        expectsMore |= !known;
        return false;
    }

    private boolean connection() {
        int from = valueBegin;
        while (from < size) {
            int to = from;
            while (to < size && out[to] != ',') {
                to++;
            }
            int last = to;
            while (from < last && Octets.isBlank(out[from])) {
                from++;
            }
            while (last > from && Octets.isBlank(out[last - 1])) {
                last--;
            }
            close |= Octets.spell(out, from, last, "close");
            from = to + 1;
        }
        return false;
    }

    private boolean contentLength() {
        int digits = valueBegin;
        long value = 0;
        while (digits < size && digits - valueBegin < MAX_LENGTH_DIGITS && Octets.isDigit(out[digits])) {
            value = value * 10 + out[digits++] - '0';
        }
        if (length >= 0) {
            refuse(Reason.MALFORMED, "there are two fields 'Content-Length'; one is allowed", 0);
        } else if (digits < size || digits == valueBegin) {
            refuse(Reason.MALFORMED, "the content length is '" + text(valueBegin, size) + "'; one whole number is allowed", 0);
        }
        length = value;
        return true;
    }

    /** Kept where there is no body that it could be about. */
    private boolean contentEncoding() {
        if (size == valueBegin || Octets.spell(out, valueBegin, size, "identity")) {
            return false;
        }
        coding = text(valueBegin, size);
        return true;
    }

    private boolean transferEncoding() {
        if (chunked) {
            refuse(Reason.MALFORMED, "there are two fields 'Transfer-Encoding'; one is allowed", 0);
        } else if (!Octets.spell(out, valueBegin, size, "chunked")) {
            String value = text(valueBegin, size);
            refuse(endsInChunked(value) ? Reason.NOT_IMPLEMENTED : Reason.MALFORMED,
                    "the transfer encoding is '" + value + "'; only chunked is allowed", 0);
        }
        chunked = true;
        return false;
    }

    /** Whether it is known where such a body ends (RFC 9112, section 6.3), though what it is then is not. */
    private static boolean endsInChunked(String value) {
        String[] codings = value.toLowerCase(Locale.ROOT).split(",", -1);
        for (int i = 0; i < codings.length; i++) {
            String coding = codings[i].strip();
            if (coding.isEmpty() || coding.equals("chunked") != (i == codings.length - 1)) {
                return false;
            }
        }
        return true;
    }

    private void end() {
        at = At.DONE;
        if (refusal != null) {
            return;
        }
        boolean body = chunked || length > 0;
        if (!host && !http10()) {
            refuse(Reason.MALFORMED, "there is no field 'Host'; HTTP/1.1 needs one", 0);
        } else if (chunked && length >= 0) {
            refuse(Reason.MALFORMED, "both Content-Length and Transfer-Encoding are given; one of them is allowed", 0);
        } else if (chunked && http10()) {
            refuse(Reason.MALFORMED, "a transfer encoding is given, which HTTP/1.0 does not have", 0);
        } else if (length > rules.maxBodyBytes()) {
            refusal = Refusal.tooLarge(rules.maxBodyBytes());
        } else if (body && coding != null) {
            refuse(Reason.UNSUPPORTED_CODING, "the content coding is '" + coding + "'; only identity, which is none, is allowed", 0);
        } else if (expectsMore && !http10()) {
            refuse(Reason.EXPECTATION_FAILED, "something else than 100-continue is expected", 0);
        } else {
            add();
        }
    }

    /** What was taken from the head, in the form that Helidon takes it, and the end. */
    private void add() {
        byte[] target = authority;
        if (target != null) {
            put("Host: ");
            reserve(target.length);
            System.arraycopy(target, 0, out, size, target.length);
            size += target.length;
            put("\r\n");
        } else if (!host) {
            put("Host: localhost\r\n");
        }
        if (chunked) {
            put("Transfer-Encoding: chunked\r\n");
        }
        put("\r\n");
    }

    private int refuse(Reason reason, String detail, int i) {
        if (refusal == null) {
            refusal = new Refusal(reason, detail);
        }
        return i;
    }

    private static String where(String expected, byte found) {
        return Octets.quote(found) + " where a " + expected + " should be";
    }

    /** Of what the client sent, for a refusal: no more than is needed to find it. */
    private String text(int from, int to) {
        int most = 60;
        String text = new String(out, from, Math.min(to - from, most), StandardCharsets.ISO_8859_1);
        return to - from > most ? text + "…" : text;
    }

    private void put(String text) {
        reserve(text.length());
        for (int i = 0; i < text.length(); i++) {
            out[size++] = (byte) text.charAt(i);
        }
    }

    private void reserve(int bytes) {
        if (out.length - size < bytes) {
            out = Arrays.copyOf(out, Math.max(size + bytes + SLACK, out.length + out.length / 2));
        }
    }
}
