package dev.hark.app.http.wire;

import static dev.hark.app.http.wire.Octets.HEX;
import static dev.hark.app.http.wire.Octets.NAME;

/** A host with or without a port (RFC 3986, section 3.2.2 and 3.2.3; RFC 9110, section 7.2). */
final class Hosts {
    private static final int MAX_PORT = 65_535;

    private Hosts() {}

    /**
     * Where the host in {@code bytes} from {@code from} to before {@code to} ends, with its port but without a colon that no port follows;
     * -1 where it is none.
     */
    static int end(byte[] bytes, int from, int to) {
        int host = from < to && bytes[from] == '[' ? literal(bytes, from, to) : name(bytes, from, to);
        if (host <= from || host == to) {
            return host <= from ? -1 : to;
        }
        if (bytes[host] != ':') {
            return -1;
        }
        int port = 0;
        for (int i = host + 1; i < to; i++) {
            port = port * 10 + bytes[i] - '0';
            if (!Octets.isDigit(bytes[i]) || port > MAX_PORT) {
                return -1;
            }
        }
        return host + 1 == to ? host : to;
    }

    /** A registered name or an IPv4 address. */
    private static int name(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && Octets.is(bytes[i], NAME)) {
            if (bytes[i] == '%') {
                if (to - i < 3 || !Octets.is(bytes[i + 1], HEX) || !Octets.is(bytes[i + 2], HEX)) {
                    return -1;
                }
                i += 2;
            }
            i++;
        }
        return i;
    }

    /** An IPv6 address in brackets. */
    private static int literal(byte[] bytes, int from, int to) {
        int i = from + 1;
        int colons = 0;
        while (i < to && (Octets.is(bytes[i], HEX) || bytes[i] == ':' || bytes[i] == '.')) {
            colons += bytes[i] == ':' ? 1 : 0;
            i++;
        }
        return i < to && bytes[i] == ']' && colons >= 2 && colons <= 8 ? i + 1 : -1;
    }
}
