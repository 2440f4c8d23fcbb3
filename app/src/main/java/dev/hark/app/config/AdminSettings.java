package dev.hark.app.config;

import java.util.Optional;

/**
 * The admin listener, where health and metrics are.
 *
 * @param host the address to listen on
 * @param port the port; 0 takes a free one
 * @param tls  encryption
 */
public record AdminSettings(String host, int port, Optional<TlsSettings> tls) {
    AdminSettings withTls(Optional<TlsSettings> other) {
        return new AdminSettings(host, port, other);
    }
}
