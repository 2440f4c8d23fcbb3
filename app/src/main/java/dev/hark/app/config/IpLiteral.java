package dev.hark.app.config;

import java.net.InetAddress;
import java.util.regex.Pattern;

/**
 * IP addresses as people and proxies write them: four decimals, or IPv6 without a zone. What else the JDK takes for an address
 * ({@code 10.1} and {@code 1} are some to it) is none here, because not everybody reads it as the same one. Stateless.
 */
public final class IpLiteral {
    private static final Pattern V4 = Pattern.compile("(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\\.(?!$)|$)){4}");
    private static final Pattern V6 = Pattern.compile("[0-9A-Fa-f:.]{2,45}");

    private IpLiteral() {}

    /**
     * The address that {@code text} is; an IPv4 address that stands in IPv6 ({@code ::ffff:192.0.2.1}) is that IPv4 address.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static InetAddress parse(String text) {
        boolean v6 = text.indexOf(':') >= 0;
        if (!(v6 ? V6 : V4).matcher(text).matches()) {
            throw new IllegalArgumentException("no IP address");
        }
        return InetAddress.ofLiteral(text);
    }
}
