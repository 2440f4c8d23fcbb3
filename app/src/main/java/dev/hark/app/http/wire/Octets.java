package dev.hark.app.http.wire;

/** What a byte may be part of. Immutable. */
final class Octets {
    /** Of a token: a method, the name of a field (RFC 9110, section 5.6.2). */
    static final int TOKEN = 1;

    /** Of a path or a query: pchar, slash and question mark, but for the percent sign's own rule (RFC 3986, section 3.3 and 3.4). */
    static final int TARGET = 2;

    /** Of the value of a field: visible, blank, or beyond ASCII (RFC 9110, section 5.5). */
    static final int VALUE = 4;

    static final int HEX = 8;

    /** Of a registered name (RFC 3986, section 3.2.2), but for the percent sign's own rule. */
    static final int NAME = 16;

    /** What browsers write into a query as it is, though it should be percent-encoded (WHATWG URL, query percent-encode set). */
    static final int LOOSE_QUERY = 32;

    private static final byte[] KINDS = kinds();

    private Octets() {}

    private static byte[] kinds() {
        byte[] kinds = new byte[256];
        for (int b = 0; b < kinds.length; b++) {
            boolean letter = (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z');
            boolean digit = b >= '0' && b <= '9';
            int kind = 0;
            if (letter || digit || "!#$%&'*+-.^_`|~".indexOf(b) >= 0) {
                kind |= TOKEN;
            }
            if (letter || digit || "-._~!$&'()*+,;=%".indexOf(b) >= 0) {
                kind |= NAME | TARGET;
            }
            if (":@/?".indexOf(b) >= 0) {
                kind |= TARGET;
            }
            if ((b >= 0x20 && b != 0x7f) || b == '\t') {
                kind |= VALUE;
            }
            if (digit || (b >= 'a' && b <= 'f') || (b >= 'A' && b <= 'F')) {
                kind |= HEX;
            }
            if ("[]{|}^`\\".indexOf(b) >= 0) {
                kind |= LOOSE_QUERY;
            }
            kinds[b] = (byte) kind;
        }
        return kinds;
    }

    static boolean is(byte octet, int kind) {
        return (KINDS[octet & 0xff] & kind) != 0;
    }

    static boolean isBlank(byte octet) {
        return octet == ' ' || octet == '\t';
    }

    static boolean isDigit(byte octet) {
        return octet >= '0' && octet <= '9';
    }

    /** The value of a {@link #HEX} digit. */
    static int hex(byte octet) {
        return octet <= '9' ? octet - '0' : (octet | 0x20) - 'a' + 10;
    }

    /** Whether the bytes from {@code from} to before {@code to} are {@code text}, in lower case, written in any case. */
    static boolean spell(byte[] bytes, int from, int to, String text) {
        if (to - from != text.length()) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            byte b = bytes[from + i];
            if ((b >= 'A' && b <= 'Z' ? b | 0x20 : b) != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** For a refusal: {@code 'x'}, or {@code the byte 0x0a}. */
    static String quote(byte octet) {
        return octet > 0x20 && octet < 0x7f ? "'" + (char) octet + "'" : String.format("the byte 0x%02x", octet & 0xff);
    }
}
