package dev.hark.app.source.rabbitmq;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.MessageProperties;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * A service that publishes messages, a few at a time, and has the broker confirm them. It goes on when the broker comes back, with the
 * next ones: none is published twice. Runs on a thread of its own; its results are asked for when that has ended.
 */
public final class RabbitPublisher implements Runnable {
    private static final int MAX_MESSAGES = 8;
    private static final long PAUSE_NANOS = 20_000_000;
    private static final long PATIENCE_MILLIS = 10_000;

    private final RabbitServer rabbit;
    private final String queue;
    private final int number;
    private final boolean givesIds;
    private final Random random;
    private final Set<String> confirmed = ConcurrentHashMap.newKeySet();
    private final Set<String> sent = ConcurrentHashMap.newKeySet();
    private int next;
    private volatile boolean ended;

    /** @param givesIds whether its messages have ids */
    public RabbitPublisher(RabbitServer rabbit, String queue, int number, boolean givesIds, long seed) {
        this.rabbit = rabbit;
        this.queue = queue;
        this.number = number;
        this.givesIds = givesIds;
        this.random = new Random(seed + number);
    }

    public void end() {
        ended = true;
    }

    @Override
    public void run() {
        while (!ended) {
            try (Connection connection = rabbit.connect(); Channel channel = connection.createChannel()) {
                channel.confirmSelect();
                while (!ended) {
                    publish(channel);
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            } catch (IOException | TimeoutException | ShutdownSignalException e) {
                LockSupport.parkNanos(PAUSE_NANOS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void publish(Channel channel) throws IOException, InterruptedException, TimeoutException {
        List<String> messages = new ArrayList<>();
        int count = 1 + random.nextInt(MAX_MESSAGES);
        for (int i = 0; i < count; i++) {
            messages.add(number + "-" + next++);
        }
        sent.addAll(messages);
        for (String each : messages) {
            BasicProperties properties = givesIds
                    ? MessageProperties.PERSISTENT_BASIC.builder().messageId(each).build()
                    : MessageProperties.PERSISTENT_BASIC;
            channel.basicPublish("", queue, properties, each.getBytes(StandardCharsets.UTF_8));
        }
        if (channel.waitForConfirms(PATIENCE_MILLIS)) {
            confirmed.addAll(messages);
        }
    }

    /** What the broker has answered for. */
    Set<String> confirmed() {
        return Collections.unmodifiableSet(confirmed);
    }

    /** What it may have. */
    Set<String> sent() {
        return Collections.unmodifiableSet(sent);
    }
}
