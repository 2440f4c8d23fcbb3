package dev.hark.load.wire;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An {@code http} URL of a server, whatever its host is called.
 *
 * @param host a name or an address
 * @param port 80 where the URL says none
 */
public record ServerUrl(URI uri, String host, int port) {
    /*
     * RFC 952 knows no underscore in the name of a host, and so java.net.URI has no host where it meets one, and the JDK's HTTP client
     * refuses the URL. Docker and Compose make such names all the same, and name servers resolve them. So the name is resolved here,
     * the URL has the address instead, and `Host` the name, which the client lets nobody set but with this property.
     */
    private static final String RESTRICTED = "jdk.httpclient.allowRestrictedHeaders";

    private static final int HTTP_PORT = 80;
    private static final Pattern UNDERSCORED = Pattern.compile("([A-Za-z0-9_.-]*_[A-Za-z0-9_.-]*)(?::([0-9]{1,5}))?");

    static {
        if (System.getProperty(RESTRICTED) == null) {
            System.setProperty(RESTRICTED, "host");
        }
    }

    /** Where {@code uri} leads; empty where it is not of the form {@code http://host}. */
    public static Optional<ServerUrl> of(URI uri) {
        if (!"http".equals(uri.getScheme()) || uri.getRawAuthority() == null) {
            return Optional.empty();
        }
        if (uri.getHost() != null) {
            return Optional.of(new ServerUrl(uri, uri.getHost(), uri.getPort() < 0 ? HTTP_PORT : uri.getPort()));
        }
        Matcher authority = UNDERSCORED.matcher(uri.getRawAuthority());
        if (!authority.matches()) {
            return Optional.empty();
        }
        int port = authority.group(2) == null ? HTTP_PORT : Integer.parseInt(authority.group(2));
        return Optional.of(new ServerUrl(uri, authority.group(1), port));
    }

    /** Makes clients that send what {@link #request} gives. Not every client does: it asks for the property when it is first used. */
    public static HttpClient.Builder client() {
        return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1);
    }

    /** @throws UnknownHostException if a name that is resolved here has no address */
    public HttpRequest.Builder request() throws UnknownHostException {
        if (uri.getHost() != null) {
            return HttpRequest.newBuilder(uri);
        }
        String address = InetAddress.getByName(host).getHostAddress();
        String rest = uri.toString().substring(uri.toString().indexOf(uri.getRawAuthority()) + uri.getRawAuthority().length());
        String resolved = "http://" + (address.indexOf(':') < 0 ? address : '[' + address + ']') + ':' + port + rest;
        return HttpRequest.newBuilder(URI.create(resolved)).header("Host", uri.getRawAuthority());
    }
}
