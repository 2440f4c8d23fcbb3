package dev.hark.app.source.rabbitmq;

import com.rabbitmq.client.BlockedListener;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ShutdownSignalException;
import dev.hark.app.source.UpstreamException;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A queue for what can be no event, with the reason in a header. Over a connection of its own, opened for the first of them: a broker that
 * is short of memory stops reading from connections that publish.
 *
 * <p>Confined to the thread of its source, but for {@link #abort}.
 */
final class DeadLetters implements AutoCloseable {
    /** For a write, and then for the answer. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final String TAKES_NOTHING = "the broker takes nothing: ";

    private final Broker broker;
    private final String queue;
    private volatile @Nullable Open open;

    /** One of them. */
    record Dead(Arrived message, String reason) {}

    /** What a connection is made of, and what it said. */
    private static final class Open implements BlockedListener {
        private final ExecutorService consumers;
        private final Link link;
        private final Channel channel;

        /** Tags of those that were sent and not confirmed yet: they are not sent again here. */
        private final Set<Long> sent = new HashSet<>();

        private volatile @Nullable String blocked;
        private volatile @Nullable String returned;

        Open(ExecutorService consumers, Link link, Channel channel) {
            this.consumers = consumers;
            this.link = link;
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

    /**
     * Returns when the broker has all of them.
     *
     * @throws UpstreamException with one sentence for the operator; the same ones may be sent again
     */
    void send(List<Dead> dead) throws UpstreamException {
        Open to = open();
        try {
            write(to, dead);
            confirm(to);
        } catch (TimeoutException e) {
            // They may be on their way, and are only waited for when they are sent again.
            String blocked = to.blocked;
            throw failed(blocked == null ? "no answer within " + PATIENCE.toSeconds() + " s" : TAKES_NOTHING + blocked, e);
        } catch (IOException | ShutdownSignalException e) {
            close();
            String blocked = to.blocked;
            throw failed(blocked == null ? Broker.words(e) : TAKES_NOTHING + blocked, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed("interrupted", e);
        }
    }

    private void write(Open to, List<Dead> dead) throws IOException, UpstreamException {
        List<Dead> unsent = dead.stream().filter(each -> !to.sent.contains(each.message().tag())).toList();
        String blocked = to.blocked;
        if (!unsent.isEmpty() && blocked != null) {
            throw failed(TAKES_NOTHING + blocked, null);
        }
        // A write has no end of its own, and nobody could say so meanwhile.
        var isWritten = new AtomicBoolean();
        CompletableFuture.delayedExecutor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS).execute(() -> {
            if (!isWritten.get()) {
                to.link.abort();
            }
        });
        try {
            for (Dead each : unsent) {
                to.channel.basicPublish("", queue, true, DeadLetterProperties.of(each, to.link.connection().getFrameMax()),
                        each.message().body());
                to.sent.add(each.message().tag());
            }
        } finally {
            isWritten.set(true);
        }
    }

    private void confirm(Open to) throws UpstreamException, TimeoutException, InterruptedException {
        boolean isTaken = to.channel.waitForConfirms(PATIENCE.toMillis());
        to.sent.clear();
        String returned = to.returned;
        to.returned = null;
        if (!isTaken || returned != null) {
            throw failed(returned == null ? "the broker did not take it" : returned, null);
        }
    }

    private Open open() throws UpstreamException {
        Open is = open;
        if (is != null) {
            return is;
        }
        ExecutorService consumers = Broker.consumers();
        Link link = null;
        try {
            link = broker.connect(consumers);
            Channel channel = link.connection().createChannel();
            if (channel == null) {
                throw failed("the broker gives no more channels", null);
            }
            var opened = new Open(consumers, link, channel);
            link.connection().addBlockedListener(opened);
            channel.addReturnListener(returned -> opened.returned = returned.getReplyText() + ": is there a queue of this name?");
            channel.confirmSelect();
            open = opened;
            return opened;
        } catch (IOException | ShutdownSignalException e) {
            throw failed(Broker.words(e), e);
        } finally {
            if (open == null) {
                consumers.shutdown();
                if (link != null) {
                    link.close();
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
            is.link.abort();
        }
    }

    @Override
    public void close() {
        Open is = open;
        if (is != null) {
            open = null;
            is.link.close();
            is.consumers.shutdown();
        }
    }
}
