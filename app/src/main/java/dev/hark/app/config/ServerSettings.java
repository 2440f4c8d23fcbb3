package dev.hark.app.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The data listener, where events are published and streams are served.
 *
 * @param host            the address to listen on
 * @param hosts           the names that it answers to, beside addresses and localhost
 * @param proxies         who is believed whom it was asked by
 * @param port            the port; 0 takes a free one
 * @param backlog         how many connections may wait to be accepted
 * @param idleTimeout     how long a connection may ask for nothing, or be about one request, before it is closed; streams are not meant
 * @param arrivalTimeout  how long a handshake or a request's head may take, and the next piece of a body
 * @param sendBufferBytes the kernel's send buffer of each stream, which bounds what hides behind a stalled reader
 * @param tls             encryption, where the hub itself does it
 */
public record ServerSettings(
        String host,
        List<String> hosts,
        List<AddressRange> proxies,
        int port,
        int backlog,
        Duration idleTimeout,
        Duration arrivalTimeout,
        int sendBufferBytes,
        Optional<TlsSettings> tls) {
    public ServerSettings {
        hosts = List.copyOf(hosts);
        proxies = List.copyOf(proxies);
    }

    ServerSettings withTls(Optional<TlsSettings> other) {
        return new ServerSettings(host, hosts, proxies, port, backlog, idleTimeout, arrivalTimeout, sendBufferBytes, other);
    }
}
