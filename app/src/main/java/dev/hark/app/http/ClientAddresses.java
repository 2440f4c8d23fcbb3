package dev.hark.app.http;

import dev.hark.app.config.AddressRange;
import dev.hark.app.config.IpLiteral;
import io.helidon.common.socket.PeerInfo;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whose address counts, where something is bounded by address: the client's, as far as proxies that are believed tell it. Immutable.
 *
 * <p>{@code X-Forwarded-For} and {@code Forwarded} (RFC 7239) are lists to which each proxy adds whom it was asked by. So the last entry is
 * the word of who is connected, the one before it the word of the last entry, and so on: they are read from the right, for as long as who
 * says so is one of {@code server.proxies}. The first who is none of them is the client. Where the next entry is no address, whoever was
 * believed last counts.
 */
final class ClientAddresses {
    private static final HeaderName X_FORWARDED_FOR = HeaderNames.create("X-Forwarded-For");

    /** An address, an IPv6 one in brackets with a port behind it, and a port that may be obfuscated (RFC 7239, section 6). */
    private static final Pattern NODE =
            Pattern.compile("(?:\\[([0-9A-Fa-f.]*:[0-9A-Fa-f:.]*)]|([0-9.]+))(?::(?:[0-9]{1,5}|_[A-Za-z0-9._-]+))?");

    /** Of an IPv6 address, what a network has. Who has one has all the addresses in it. */
    private static final int NETWORK_BYTES = 8;

    private final List<AddressRange> proxies;

    /** @param proxies who is believed */
    ClientAddresses(List<AddressRange> proxies) {
        this.proxies = List.copyOf(proxies);
    }

    /** Who {@code request} comes from, as limits count it: an IPv4 address, or the network of an IPv6 one. */
    String of(ServerRequest request) {
        if (!(request.remotePeer().address() instanceof InetSocketAddress peer) || peer.isUnresolved()) {
            return request.remotePeer().host();
        }
        return counted(client(
                peer.getAddress(),
                request.headers().all(X_FORWARDED_FOR, List::of),
                request.headers().all(HeaderNames.FORWARDED, List::of)));
    }

    /**
     * Who has sent what {@code peer} sent.
     *
     * @param forwardedFor the lines of {@code X-Forwarded-For}
     * @param forwarded    the lines of {@code Forwarded}
     */
    InetAddress client(InetAddress peer, List<String> forwardedFor, List<String> forwarded) {
        if (!isProxy(peer)) {
            return peer;
        }
        if (forwarded.isEmpty()) {
            return walk(peer, entries(forwardedFor));
        }
        InetAddress client = walk(peer, nodes(forwarded));
        // A proxy adds to one of them and lets pass what its client put into the other.
        return forwardedFor.isEmpty() || client.equals(walk(peer, entries(forwardedFor))) ? client : peer;
    }

    private boolean isProxy(InetAddress address) {
        return proxies.stream().anyMatch(range -> range.contains(address));
    }

    private InetAddress walk(InetAddress peer, List<String> entries) {
        InetAddress believed = peer;
        for (String entry : entries.reversed()) {
            Optional<InetAddress> next = address(entry);
            if (next.isEmpty()) {
                return believed;
            }
            believed = next.get();
            if (!isProxy(believed)) {
                return believed;
            }
        }
        return believed;
    }

    /** Several lines of a field are one list (RFC 9110, section 5.3). */
    private static List<String> entries(List<String> lines) {
        return Arrays.stream(String.join(",", lines).split(",", -1)).map(String::strip).toList();
    }

    private static List<String> nodes(List<String> lines) {
        try {
            return ForwardedField.nodes(String.join(",", lines));
        } catch (IllegalArgumentException e) {
            return List.of();
        }
    }

    /** Empty for what is no address: {@code unknown}, an obfuscated identifier, and anything that is malformed. */
    private static Optional<InetAddress> address(String entry) {
        try {
            Matcher node = NODE.matcher(entry);
            if (!node.matches()) {
                // IPv6 without brackets, in X-Forwarded-For.
                return Optional.of(IpLiteral.parse(entry));
            }
            return Optional.of(IpLiteral.parse(node.group(1) == null ? node.group(2) : node.group(1)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** How who is at the other end of a connection is counted, whomever he speaks for. */
    static String counted(PeerInfo peer) {
        return peer.address() instanceof InetSocketAddress address && !address.isUnresolved() ? counted(address.getAddress()) : peer.host();
    }

    /** How {@code address} is counted, as text. */
    static String counted(InetAddress address) {
        if (address instanceof Inet4Address) {
            return address.getHostAddress();
        }
        byte[] bytes = address.getAddress();
        var network = new StringBuilder();
        for (int i = 0; i < NETWORK_BYTES; i += 2) {
            network.append(Integer.toHexString(Byte.toUnsignedInt(bytes[i]) << Byte.SIZE | Byte.toUnsignedInt(bytes[i + 1]))).append(':');
        }
        return network.append(":/").append(NETWORK_BYTES * Byte.SIZE).toString();
    }
}
