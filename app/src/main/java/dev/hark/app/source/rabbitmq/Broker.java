package dev.hark.app.source.rabbitmq;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.MalformedFrameException;
import com.rabbitmq.client.Method;
import com.rabbitmq.client.ShutdownSignalException;
import com.rabbitmq.client.SocketConfigurators;
import dev.hark.app.config.RabbitSettings;
import dev.hark.app.config.TlsSettings;
import dev.hark.app.source.UpstreamException;
import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Connections to a broker, each of which has an end with whatever it waits for. Thread-safe. */
final class Broker {
    /** For a connection, and for each answer. */
    private static final int PATIENCE_MILLIS = 10_000;

    /** After twice of it without a sign of life the other side is taken for dead. */
    private static final int HEARTBEAT_SECONDS = 10;

    private static final String DEFAULT_NAME = "guest";
    private static final ThreadFactory THREADS = Thread.ofPlatform().daemon().name("hark-amqp-", 0).factory();

    private final RabbitSettings settings;

    Broker(RabbitSettings settings) {
        this.settings = settings;
    }

    String address() {
        return settings.broker().address();
    }

    /**
     * A connection.
     *
     * @param consumers who runs what is called when something arrives
     * @throws UpstreamException with one sentence for the operator
     */
    Link connect(ExecutorService consumers) throws UpstreamException {
        var socket = new AtomicReference<Socket>();
        RabbitSettings.Broker broker = settings.broker();
        var factory = new ConnectionFactory();
        factory.setHost(broker.host());
        factory.setPort(broker.port());
        factory.setVirtualHost(broker.virtualHost());
        factory.setUsername(broker.user().orElse(DEFAULT_NAME));
        factory.setPassword(settings.password().map(TlsSettings.Secret::text).orElse(DEFAULT_NAME));
        factory.setConnectionTimeout(PATIENCE_MILLIS);
        factory.setHandshakeTimeout(PATIENCE_MILLIS);
        factory.setChannelRpcTimeout(PATIENCE_MILLIS);
        factory.setShutdownTimeout(Link.LAST_STEPS_MILLIS);
        factory.setRequestedHeartbeat(HEARTBEAT_SECONDS);
        // The source connects again by itself: what is known of a queue holds for one connection.
        factory.setAutomaticRecoveryEnabled(false);
        factory.setTopologyRecoveryEnabled(false);
        factory.setThreadFactory(THREADS);
        factory.setSharedExecutor(consumers);
        factory.setSocketConfigurator(SocketConfigurators.defaultConfigurator().andThen(socket::set));
        try {
            if (broker.encrypted()) {
                factory.useSslProtocol(settings.trust());
                factory.enableHostnameVerification();
            }
            return new Link(factory.newConnection("hark"), socket.get());
        } catch (IOException | TimeoutException | ShutdownSignalException e) {
            throw new UpstreamException(address() + " cannot be reached: " + words(e), e);
        }
    }

    /**
     * One thread for what is called when something arrives. Behind its end nothing is called any more, and nobody is told: a connection
     * that could not be closed in time says later that it is.
     */
    static ExecutorService consumers() {
        return new ThreadPoolExecutor(
                1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), THREADS, new ThreadPoolExecutor.DiscardPolicy());
    }

    /** What the broker said, or else what went wrong. */
    static String words(Throwable failure) {
        @Nullable Throwable each = failure;
        for (int depth = 0; each != null && depth < 10; depth++) {
            if (each instanceof ShutdownSignalException signal) {
                return words(signal);
            }
            each = each.getCause();
        }
        if (failure instanceof TimeoutException) {
            return "no answer within " + PATIENCE_MILLIS / 1000 + " s";
        }
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message.strip().replaceAll("\\s*\\R\\s*", " ");
    }

    private static String words(ShutdownSignalException signal) {
        Method reason = signal.getReason();
        return switch (reason) {
            case AMQP.Channel.Close close -> close.getReplyText();
            case AMQP.Connection.Close close -> close.getReplyText();
            case null, default -> signal.getCause() == null || signal.getCause().getMessage() == null
                    ? "the connection has ended"
                    : "the connection has ended: " + signal.getCause().getMessage() + unreadable(signal.getCause());
        };
    }

    /** What to do where a message came that the client does not take, and would come again each time. */
    private static String unreadable(Throwable cause) {
        boolean isMessage = cause instanceof MalformedFrameException || String.valueOf(cause.getMessage()).contains("body is too large");
        return isMessage ? "; a message that cannot be read has to be taken out of the queue, see docs/sources.md" : "";
    }
}
