package dev.hark.app.source.rabbitmq;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ShutdownSignalException;
import dev.hark.app.config.RabbitSettings;
import dev.hark.app.source.Reading;
import dev.hark.app.source.Upstream;
import dev.hark.app.source.UpstreamException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;

/** A queue of RabbitMQ, over AMQP 0-9-1. Thread-safe. */
public final class RabbitQueue implements Upstream {
    /** How long a source waits for messages before it looks whether it is still to. */
    public static final Duration POLL = Duration.ofSeconds(1);

    private static final String CONSUMER = "hark";

    private final RabbitSettings settings;
    private final Broker broker;
    private final MessageMapping mapping;
    private final AtomicBoolean isNoStream = new AtomicBoolean();

    /** @param maxBytes of the data of one event */
    public RabbitQueue(RabbitSettings settings, int maxBytes) {
        this.settings = settings;
        this.broker = new Broker(settings);
        this.mapping = new MessageMapping(settings.mapping(), maxBytes);
    }

    @Override
    public String kind() {
        return "rabbitmq";
    }

    @Override
    public String address() {
        return broker.address() + " queue " + settings.queue();
    }

    @Override
    public Reading open() throws UpstreamException {
        ExecutorService consumers = Broker.consumers();
        Link link = null;
        Reading reading = null;
        try {
            link = broker.connect(consumers);
            Channel channel = link.connection().createChannel();
            if (channel == null) {
                throw new UpstreamException(address() + " cannot be read: the broker gives no more channels");
            }
            channel.basicQos(settings.prefetch());
            long ready = channel.queueDeclarePassive(settings.queue()).getMessageCount();
            var deadLetters = settings.deadLetter().map(queue -> new DeadLetters(broker, queue));
            var inbox = new Inbox(channel, mapping, deadLetters.isPresent(), isNoStream);
            var opened = new RabbitReading(address(), link, channel, settings.queue(), inbox, deadLetters, consumers, ready);
            // Nobody else beside it, or the order would be lost.
            channel.basicConsume(settings.queue(), false, CONSUMER, false, true, Map.of(), inbox);
            reading = opened;
            return opened;
        } catch (IOException | ShutdownSignalException e) {
            throw new UpstreamException(address() + " cannot be read: " + Broker.words(e), e);
        } finally {
            if (reading == null) {
                if (link != null) {
                    link.close();
                }
                consumers.shutdown();
            }
        }
    }
}
