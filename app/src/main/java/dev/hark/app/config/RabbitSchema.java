package dev.hark.app.config;

import dev.hark.app.config.RabbitSettings.Broker;
import dev.hark.app.config.RabbitSettings.Mapping;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/** The keys of a source that is a queue of RabbitMQ. Stateless. */
final class RabbitSchema {
    private static final int PORT = 5672;
    private static final int ENCRYPTED_PORT = 5671;

    /** The longest name that AMQP can say. */
    private static final int MAX_NAME_BYTES = 255;

    private static final Pattern SCHEME = Pattern.compile("^(?:[a-z][a-z0-9+.-]*://|amqps?:)", Pattern.CASE_INSENSITIVE);

    /** Behind the scheme, whatever else is wrong with the address. */
    private static final Pattern PASSWORD = Pattern.compile(":.*@", Pattern.DOTALL);

    private RabbitSchema() {}

    /** Empty where one of its keys is wrong, which is noted. */
    static Optional<RabbitSettings> read(Section rabbit) {
        Optional<Broker> broker = rabbit.item(
                () -> rabbit.parsed("uri", null, "an address such as amqp://hark@broker/", RabbitSchema::broker));
        Optional<TlsSettings.Secret> password = rabbit.secret("password");
        Optional<Path> authorities = rabbit.item(() -> rabbit.optional("authorities", "the path of a file in PEM", RabbitSchema::path));
        Optional<String> queue = rabbit.item(() -> rabbit.parsed("queue", null, "the name of a queue", RabbitSchema::name));
        Optional<MessageTemplate> topic = rabbit.item(
                () -> rabbit.parsed("topic", null, "a template such as \"{exchange}/{routing-key}\"", MessageTemplate::parse));
        Optional<MessageTemplate> key = rabbit.item(
                () -> rabbit.optional("key", "a template such as \"{header.key}\"", MessageTemplate::parse));
        Optional<MessageTemplate> type = rabbit.item(
                () -> rabbit.optional("type", "a template such as \"{type}\"", MessageTemplate::parse));
        int prefetch = rabbit.number("prefetch", 1000, 1, 10_000);
        Optional<String> deadLetter = rabbit.item(() -> rabbit.optional("dead-letter", "the name of a queue", RabbitSchema::name));
        rabbit.item(() -> {
            if (authorities.isPresent() && broker.isPresent() && !broker.get().encrypted()) {
                throw new ConfigException("the rabbitmq.authorities of a source are of no use without amqps://");
            }
            return "";
        });
        rabbit.item(() -> {
            if (deadLetter.isPresent() && deadLetter.equals(queue)) {
                throw new ConfigException("the rabbitmq.dead-letter of a source is its queue; what it sends there would come again");
            }
            return "";
        });
        if (broker.isEmpty() || queue.isEmpty() || topic.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new RabbitSettings(
                broker.get(), password, authorities, queue.get(), new Mapping(topic.get(), key, type), prefetch, deadLetter));
    }

    private static Broker broker(String text) {
        if (PASSWORD.matcher(SCHEME.matcher(text.strip()).replaceFirst("")).find()) {
            // Not with what was given, as other mistakes are. Before all else: what a / or # in a password makes of an address is anything.
            throw new ConfigException("the rabbitmq.uri of a source has a password in it, which belongs in rabbitmq.password"
                    + " (an @ in the name of a virtual host is %40)");
        }
        try {
            URI uri = new URI(text);
            boolean encrypted = "amqps".equalsIgnoreCase(uri.getScheme());
            if (!encrypted && !"amqp".equalsIgnoreCase(uri.getScheme())) {
                throw new IllegalArgumentException("amqp:// or amqps://");
            }
            String host = uri.getHost();
            if (host == null) {
                throw new IllegalArgumentException("it has no host");
            }
            if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
                throw new IllegalArgumentException("without parameters");
            }
            String path = uri.getRawPath() == null || uri.getRawPath().length() <= 1 ? "" : uri.getRawPath().substring(1);
            if (path.indexOf('/') >= 0) {
                throw new IllegalArgumentException("a / in the name of a virtual host is %2F");
            }
            String virtualHost = path.isEmpty() ? "/" : decoded(path);
            return new Broker(
                    encrypted, Optional.ofNullable(uri.getUserInfo()).filter(user -> !user.isEmpty()),
                    host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
                    uri.getPort() < 0 ? encrypted ? ENCRYPTED_PORT : PORT : uri.getPort(), virtualHost);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("it is no address", e);
        }
    }

    /** A plus is a plus in a path. */
    private static String decoded(String path) {
        return URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static String name(String text) {
        if (text.isEmpty() || text.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
            throw new IllegalArgumentException("1 to " + MAX_NAME_BYTES + " bytes");
        }
        return text;
    }

    private static Path path(String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException("");
        }
        return Path.of(text);
    }
}
