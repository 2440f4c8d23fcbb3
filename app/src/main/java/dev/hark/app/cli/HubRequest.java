package dev.hark.app.cli;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpRequest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Requests to a hub, whatever its host is called.
 *
 * @param credential a token or a key that goes with each; null where there is none
 */
record HubRequest(@Nullable String credential) {
    /*
     * RFC 952 knows no underscore in the name of a host, and so java.net.URI has no host where it meets one, and the JDK's HTTP client
     * refuses the URL. Docker and Compose make such names all the same, and name servers resolve them. So the name is resolved here,
     * the URL has the address instead, and `Host` the name, which the client lets nobody set but with this property.
     */
    private static final String RESTRICTED = "jdk.httpclient.allowRestrictedHeaders";

    private static final Pattern UNDERSCORED = Pattern.compile("([A-Za-z0-9_.-]*_[A-Za-z0-9_.-]*)(:[0-9]{1,5})?");

    static {
        if (System.getProperty(RESTRICTED) == null) {
            System.setProperty(RESTRICTED, "host");
        }
    }

    /** Whether {@code uri} has a host that a request can be sent to. */
    static boolean hasHost(URI uri) {
        return uri.getHost() != null || isUnderscored(uri);
    }

    /** Whether its host has a name that no certificate may hold (CA/Browser Forum, ballot SC12). */
    static boolean isUnderscored(URI uri) {
        return uri.getHost() == null && uri.getRawAuthority() != null && UNDERSCORED.matcher(uri.getRawAuthority()).matches();
    }

    /** @throws UnknownHostException if a name that is resolved here has no address */
    HttpRequest.Builder to(URI uri) throws UnknownHostException {
        HttpRequest.Builder request = bare(uri);
        return credential == null ? request : request.header("Authorization", "Bearer " + credential);
    }

    private static HttpRequest.Builder bare(URI uri) throws UnknownHostException {
        Matcher authority = UNDERSCORED.matcher(String.valueOf(uri.getRawAuthority()));
        if (uri.getHost() != null || !authority.matches()) {
            return HttpRequest.newBuilder(uri);
        }
        String address = InetAddress.getByName(authority.group(1)).getHostAddress();
        String port = authority.group(2) == null ? "" : authority.group(2);
        String host = (address.indexOf(':') < 0 ? address : '[' + address + ']') + port;
        String rest = uri.toString().substring(uri.toString().indexOf(uri.getRawAuthority()) + uri.getRawAuthority().length());
        return HttpRequest.newBuilder(URI.create(uri.getScheme() + "://" + host + rest)).header("Host", uri.getRawAuthority());
    }
}
