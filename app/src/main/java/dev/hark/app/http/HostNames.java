package dev.hark.app.http;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The names that a listener answers to. A page whose author has the page's own name point at the hub's address (DNS rebinding) is of the
 * same origin as the hub to its browser, and could read everything; but its requests carry that name as their {@code Host}. Thread-safe.
 *
 * <p>An address is always answered to, because no name server decides where it leads, and so are the names that always mean this machine
 * (RFC 6761, section 6.3).
 */
public final class HostNames implements Filter {
    /** Every name. */
    private static final String ANY = "*";

    private static final String LOCAL = "localhost";

    private final Set<String> listed = new HashSet<>();

    /** @param listed names beside those that are always answered to; {@code *} is every one */
    public HostNames(List<String> listed) {
        listed.forEach(name -> this.listed.add(name.toLowerCase(Locale.ROOT)));
    }

    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        String host = request.headers().first(HeaderNames.HOST).orElse("");
        if (host.isEmpty() || answersTo(host)) {
            chain.proceed();
        } else {
            Problems.send(request, response, new ProblemException(ProblemType.MISDIRECTED,
                    "this hub does not answer to the name '" + Shown.of(nameOf(host))
                            + "'; names that lead to it are listed in server.hosts"));
        }
    }

    /** Whether {@code host}, a name or an address with or without a port, is one of the hub's. */
    boolean answersTo(String host) {
        String name = nameOf(host);
        return listed.contains(ANY) || name.equals(LOCAL) || name.endsWith('.' + LOCAL) || listed.contains(name) || isAddress(name);
    }

    /** Without the port, the brackets of an IPv6 address and the dot that ends a full name. */
    private static String nameOf(String host) {
        String lower = host.toLowerCase(Locale.ROOT);
        int bracket = lower.indexOf(']');
        if (lower.startsWith("[") && bracket > 0) {
            return lower.substring(1, bracket);
        }
        int colon = lower.indexOf(':');
        String name = colon < 0 ? lower : lower.substring(0, colon);
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }

    private static boolean isAddress(String name) {
        try {
            InetAddress.ofLiteral(name);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
