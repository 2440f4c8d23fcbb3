package dev.hark.app.http.wire;

import dev.hark.app.http.wire.Refusal.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What the fields of a request say of its body and its connection (RFC 9112, sections 3.2, 6 and 9; RFC 9110, sections 8.4 and 10.1).
 * Confined to the connection's thread.
 */
final class Fields {
    private static final int MAX_LENGTH_DIGITS = 18;

    private final WireRules rules;
    private final RequestLine line;
    private final HeadText text;

    /** Where in {@code text} the value of the field begins that is being looked at; it ends where the text does. */
    private int begin;

    private boolean host;
    private boolean close;
    private boolean chunked;
    private boolean expectsContinue;
    private boolean expectsMore;

    /** -1 where none is given. */
    private long length = -1;

    private @Nullable String coding;
    private @Nullable String origin;

    Fields(WireRules rules, RequestLine line, HeadText text) {
        this.rules = rules;
        this.line = line;
        this.text = text;
    }

    /** Whether the connection is to end with the answer. */
    boolean close() {
        return close;
    }

    boolean chunked() {
        return chunked;
    }

    /** How long the body is, where it is not {@link #chunked}. */
    long length() {
        return Math.max(0, length);
    }

    boolean expectsContinue() {
        return expectsContinue;
    }

    /** Where the page is from that has this asked; null where nothing is said of it. */
    @Nullable String origin() {
        return origin;
    }

    /**
     * Looks at a field, whose name and value are the last of the text.
     *
     * @param nameBegin where its name begins, up to before {@code nameEnd}
     * @param valueBegin where its value begins
     * @return whether it stays in the head
     */
    boolean keep(int nameBegin, int nameEnd, int valueBegin) {
        begin = valueBegin;
        // By its length first: most fields are none of these.
        return switch (nameEnd - nameBegin) {
            case 2 -> !named(nameBegin, nameEnd, "te");
            case 4 -> !named(nameBegin, nameEnd, "host") || host();
            // Nothing here is so large that a part of it would do (RFC 9110, section 14.2).
            case 5 -> !named(nameBegin, nameEnd, "range");
            case 6 -> named(nameBegin, nameEnd, "origin") ? keepOrigin() : !named(nameBegin, nameEnd, "expect") || expectation();
            case 10 -> !named(nameBegin, nameEnd, "connection") || connection();
            case 14 -> !named(nameBegin, nameEnd, "content-length") || contentLength();
            case 16 -> !named(nameBegin, nameEnd, "content-encoding") || contentEncoding();
            case 17 -> !named(nameBegin, nameEnd, "transfer-encoding") || transferEncoding();
            default -> true;
        };
    }

    private boolean named(int from, int to, String lower) {
        return Octets.spell(text.bytes(), from, to, lower);
    }

    private boolean says(String lower) {
        return Octets.spell(text.bytes(), begin, text.size(), lower);
    }

    private String value() {
        return new String(text.bytes(), begin, text.size() - begin, StandardCharsets.ISO_8859_1);
    }

    /** For a refusal. */
    private String quoted() {
        return text.quote(begin, text.size());
    }

    private boolean host() {
        if (host) {
            text.malformed("there are two fields 'Host'; one is allowed");
        }
        host = true;
        int end = Hosts.end(text.bytes(), begin, text.size());
        if (end < 0) {
            text.malformed("the field 'Host' is '" + quoted() + "', which is no host with or without a port");
            return false;
        }
        text.cut(end);
        return line.authority() == null;
    }

    /** Kept for the answer to a refusal. Of several there is one list, as in any field. */
    private boolean keepOrigin() {
        String value = value();
        origin = origin == null ? value : origin + ", " + value;
        return true;
    }

    private boolean expectation() {
        boolean known = says("100-continue");
        expectsContinue |= known;
        expectsMore |= !known;
        return false;
    }

    private boolean connection() {
        byte[] bytes = text.bytes();
        int from = begin;
        while (from < text.size()) {
            int to = from;
            while (to < text.size() && bytes[to] != ',') {
                to++;
            }
            int last = to;
            while (from < last && Octets.isBlank(bytes[from])) {
                from++;
            }
            while (last > from && Octets.isBlank(bytes[last - 1])) {
                last--;
            }
            close |= Octets.spell(bytes, from, last, "close");
            from = to + 1;
        }
        return false;
    }

    private boolean contentLength() {
        int digit = begin;
        long value = 0;
        while (digit < text.size() && digit - begin < MAX_LENGTH_DIGITS && Octets.isDigit(text.at(digit))) {
            value = value * 10 + text.at(digit) - '0';
            digit++;
        }
        if (length >= 0) {
            text.malformed("there are two fields 'Content-Length'; one is allowed");
        } else if (digit < text.size() || digit == begin) {
            text.malformed("the content length is '" + quoted() + "'; one whole number is allowed");
        }
        length = value;
        return true;
    }

    /** Kept where there is no body that it could be about. */
    private boolean contentEncoding() {
        if (begin == text.size() || says("identity")) {
            return false;
        }
        coding = quoted();
        return true;
    }

    private boolean transferEncoding() {
        if (chunked) {
            text.malformed("there are two fields 'Transfer-Encoding'; one is allowed");
        } else if (!says("chunked")) {
            text.refuse(endsInChunked(value()) ? Reason.NOT_IMPLEMENTED : Reason.MALFORMED,
                    "the transfer encoding is '" + quoted() + "'; only chunked is allowed");
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

    /** There are no more: adds to the head what was taken from it, in the form that Helidon takes it, and its end. */
    void end() {
        boolean body = chunked || length > 0;
        if (!host && !line.http10()) {
            text.malformed("there is no field 'Host'; HTTP/1.1 needs one");
        } else if (chunked && length >= 0) {
            text.malformed("both Content-Length and Transfer-Encoding are given; one of them is allowed");
        } else if (chunked && line.http10()) {
            text.malformed("a transfer encoding is given, which HTTP/1.0 does not have");
        } else if (length > rules.maxBodyBytes()) {
            text.refuse(Refusal.tooLarge(rules.maxBodyBytes()));
        } else if (body && coding != null) {
            text.refuse(Reason.UNSUPPORTED_CODING,
                    "the content coding is '" + coding + "'; only identity, which is none, is allowed");
        } else if (expectsMore && !line.http10()) {
            text.refuse(Reason.EXPECTATION_FAILED, "something else than 100-continue is expected");
        } else {
            add();
        }
    }

    private void add() {
        byte[] authority = line.authority();
        if (authority != null) {
            text.put("Host: ");
            text.put(authority);
            text.put("\r\n");
        } else if (!host) {
            text.put("Host: localhost\r\n");
        }
        if (chunked) {
            text.put("Transfer-Encoding: chunked\r\n");
        }
        text.put("\r\n");
    }
}
