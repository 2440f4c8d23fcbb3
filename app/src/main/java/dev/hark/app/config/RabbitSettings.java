package dev.hark.app.config;

import dev.hark.log.jetstream.Tls;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * A queue of RabbitMQ that a source reads.
 *
 * @param broker      where it is
 * @param password    of the broker's user; {@code guest} where there is none
 * @param authorities whose certificates of brokers are believed, in PEM; those that Java trusts where there are none
 * @param queue       its name
 * @param mapping     what becomes of a message
 * @param prefetch    how many messages the broker sends ahead of their acknowledgement, positive
 * @param deadLetter  the queue for what can be no event; what the broker makes of a refused message where there is none
 */
public record RabbitSettings(
        Broker broker,
        Optional<TlsSettings.Secret> password,
        Optional<Path> authorities,
        String queue,
        Mapping mapping,
        int prefetch,
        Optional<String> deadLetter)
        implements SourceSettings.Input {

    /**
     * A broker, as its address has it.
     *
     * @param encrypted   whether by TLS
     * @param user        empty where the address has none
     * @param virtualHost {@code /} unless the address has another one
     */
    public record Broker(boolean encrypted, Optional<String> user, String host, int port, String virtualHost) {
        /** As people write it, without secrets. */
        public String address() {
            return (encrypted ? "amqps://" : "amqp://") + user.map(name -> name + '@').orElse("")
                    + (host.indexOf(':') >= 0 ? '[' + host + ']' : host) + ':' + port + (virtualHost.equals("/") ? "/" : '/' + virtualHost);
        }
    }

    /**
     * What becomes of a message.
     *
     * @param topic of the event
     * @param key   of the event; none where it is empty
     * @param type  of the event; the message's own, where it has one, unless this says otherwise
     */
    public record Mapping(MessageTemplate topic, Optional<MessageTemplate> key, Optional<MessageTemplate> type) {}

    /**
     * Whom the hub believes to be the broker.
     *
     * @throws IOException if {@code authorities} cannot be read
     */
    public SSLContext trust() throws IOException {
        return Tls.trusting(authorities.orElse(null), null);
    }
}
