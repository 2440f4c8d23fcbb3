package dev.hark.app.source.rabbitmq;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.BlockedListener;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import dev.hark.app.source.UpstreamException;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A queue for what can be no event, with the reason in a header. Over a connection of its own, opened for the first of them: a broker that
 * is short of memory stops reading from connections that publish.
 *
 * <p>Confined to the thread of its source, but for {@link #abort}.
 */
final class DeadLetters implements AutoCloseable {
    static final String REASON = "hark-reason";
    static final String EXCHANGE = "hark-exchange";
    static final String ROUTING_KEY = "hark-routing-key";

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** The broker would send copies to these. */
    private static final String[] MORE_RECIPIENTS = {"CC", "BCC"};

    /** As RabbitMQ spells a message that is to outlive a restart. */
    private static final int PERSISTENT = 2;

    private final Broker broker;
    private final String queue;
    private volatile @Nullable Open open;

    /** What a connection is made of, and what it said. */
    private static final class Open implements BlockedListener {
        private final ExecutorService consumers;
        private final Connection connection;
        private final Channel channel;
        private volatile @Nullable String blocked;
        private volatile @Nullable String returned;

        Open(ExecutorService consumers, Connection connection, Channel channel) {
            this.consumers = consumers;
            this.connection = connection;
            this.channel = channel;
        }

        @Override
        public void handleBlocked(String reason) {
            blocked = reason;
        }

        @Override
        public void handleUnblocked() {
            blocked = null;
        }
    }

    DeadLetters(Broker broker, String queue) {
        this.broker = broker;
        this.queue = queue;
    }

    /** Sends it; {@link #confirm} says whether it has arrived. */
    void send(Arrived message, String reason) throws UpstreamException {
        try {
            open().channel.basicPublish("", queue, true, properties(message, reason), message.body());
        } catch (IOException | ShutdownSignalException e) {
            throw failed(Broker.words(e), e);
        }
    }

    private static BasicProperties properties(Arrived message, String reason) {
        Map<String, Object> headers = new HashMap<>();
        if (message.properties().getHeaders() != null) {
            headers.putAll(message.properties().getHeaders());
        }
        for (String each : MORE_RECIPIENTS) {
            headers.remove(each);
        }
        headers.put(REASON, reason);
        headers.put(EXCHANGE, message.envelope().getExchange());
        headers.put(ROUTING_KEY, message.envelope().getRoutingKey());
        // The broker refuses the name of a user who is not this one, and would delete it when its time is over.
        return message.properties().builder().headers(headers).deliveryMode(PERSISTENT).userId(null).expiration(null).build();
    }

    /** Returns when the broker has all that was sent. */
    void confirm() throws UpstreamException {
        Open is = open();
        try {
            if (!is.channel.waitForConfirms(PATIENCE.toMillis())) {
                throw failed("the broker did not take it", null);
            }
        } catch (TimeoutException e) {
            String blocked = is.blocked;
            throw failed(blocked == null ? "no answer within " + PATIENCE.toSeconds() + " s" : "the broker takes nothing: " + blocked, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed("interrupted", e);
        } catch (ShutdownSignalException e) {
            throw failed(Broker.words(e), e);
        }
        String returned = is.returned;
        if (returned != null) {
            throw failed(returned, null);
        }
    }

    private Open open() throws UpstreamException {
        Open is = open;
        if (is != null) {
            return is;
        }
        ExecutorService consumers = Executors.newSingleThreadExecutor(Broker.threads());
        Connection connection = null;
        try {
            connection = broker.connect(consumers);
            Channel channel = connection.createChannel();
            if (channel == null) {
                throw failed("the broker gives no more channels", null);
            }
            var opened = new Open(consumers, connection, channel);
            connection.addBlockedListener(opened);
            channel.addReturnListener(returned -> opened.returned = returned.getReplyText() + ": is there a queue of this name?");
            channel.confirmSelect();
            open = opened;
            return opened;
        } catch (IOException | ShutdownSignalException e) {
            throw failed(Broker.words(e), e);
        } finally {
            if (open == null) {
                consumers.shutdown();
                if (connection != null) {
                    connection.abort(Broker.LAST_STEPS_MILLIS);
                }
            }
        }
    }

    private UpstreamException failed(String why, @Nullable Exception cause) {
        String message = "what can be no event does not get into the queue " + queue + " of " + broker.address() + ": " + why;
        return cause == null ? new UpstreamException(message) : new UpstreamException(message, cause);
    }

    /** Has whatever hangs here fail. Called by any thread. */
    void abort() {
        Open is = open;
        if (is != null) {
            is.connection.abort(Broker.LAST_STEPS_MILLIS);
        }
    }

    @Override
    public void close() {
        abort();
        Open is = open;
        if (is != null) {
            is.consumers.shutdown();
        }
    }
}
