package dev.hark.app.source.rabbitmq;

import com.fasterxml.jackson.databind.JsonNode;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ShutdownSignalException;
import dev.hark.app.source.HeldUpException;
import dev.hark.app.source.Item;
import dev.hark.app.source.Portion;
import dev.hark.app.source.Reading;
import dev.hark.app.source.UpstreamException;
import dev.hark.app.source.rabbitmq.DeadLetters.Dead;
import dev.hark.event.Draft;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * Messages of a queue, as the broker sends them over one channel, acknowledged when the log has them.
 *
 * <p>Confined to the thread of its source, but for {@link #abort}.
 */
final class RabbitReading implements Reading {
    private static final System.Logger LOGGER = System.getLogger(RabbitReading.class.getName());

    /** How many bytes of data a portion brings together, its first message excepted. */
    private static final long MAX_PORTION_BYTES = 256 << 10;

    private static final String TOO_LARGE = "it is too large for the log";

    private final String address;
    private final Link link;
    private final Channel channel;
    private final String queue;
    private final Inbox inbox;
    private final Optional<DeadLetters> deadLetters;
    private final ExecutorService consumers;

    /** What is in the log; known when {@link #recall} was called. */
    private Appended appended = Appended.of(List.of());

    /** What has arrived and is in no portion that is stored, in the queue's order. */
    private final Deque<Arrived> taken = new ArrayDeque<>();

    /** What is in the log as no event, and has still to go where it belongs. */
    private final List<Dead> unburied = new ArrayList<>();

    /** What the newest portion ends with; null where that is stored, and before the first. */
    private @Nullable QueuePosition offered;

    /** The newest portion of this reading that is stored; 0 for none. */
    private long newest;

    /** The newest portion of which the broker has had the acknowledgement; 0 for none. */
    private long settled;

    /** Ids of what the last portion before this reading passed over. */
    private Set<String> refusedBefore = Set.of();

    /** How many messages wait at the broker, when it was last asked. */
    private long ready;

    RabbitReading(String address, Link link, Channel channel, String queue, Inbox inbox, Optional<DeadLetters> deadLetters,
            ExecutorService consumers, long ready) {
        this.address = address;
        this.link = link;
        this.channel = channel;
        this.queue = queue;
        this.inbox = inbox;
        this.deadLetters = deadLetters;
        this.consumers = consumers;
        this.ready = ready;
    }

    @Override
    public boolean needsRecall() {
        return true;
    }

    @Override
    public void recall(List<JsonNode> positions) throws UpstreamException {
        Deque<QueuePosition> known = new ArrayDeque<>();
        int messages = 0;
        for (JsonNode position : positions.reversed()) {
            QueuePosition each = parse(position);
            messages += known.isEmpty() || known.getFirst().number() != each.number() ? each.fingerprints().size() : 0;
            known.addFirst(each);
            if (messages >= Appended.MAX) {
                break;
            }
        }
        appended = Appended.of(List.copyOf(known));
    }

    @Override
    public Portion read(@Nullable JsonNode position, int limit) throws UpstreamException, HeldUpException {
        if (!unburied.isEmpty()) {
            settle(List.of(), Set.of());
        }
        QueuePosition before = parse(position);
        gather(limit);
        List<Item> items = new ArrayList<>();
        List<Long> fingerprints = new ArrayList<>();
        long bytes = 0;
        for (Arrived each : taken) {
            bytes += each.item() instanceof Item.Accepted ? each.bytes() : 0;
            if (items.size() == limit || (!items.isEmpty() && bytes > MAX_PORTION_BYTES)) {
                break;
            }
            items.add(each.item());
            fingerprints.add(each.fingerprint());
        }
        if (items.isEmpty()) {
            return new Portion(List.of(), before.toJson(), 0);
        }
        QueuePosition end = new QueuePosition(before.number() + 1, fingerprints, false);
        offered = end;
        return new Portion(items, end.toJson(), taken.size() - items.size() + inbox.size() + ready);
    }

    /** Has as many messages at hand as have arrived, {@code limit} at most, without those that are in the log. */
    private void gather(int limit) throws UpstreamException, HeldUpException {
        List<Arrived> again = new ArrayList<>();
        Arrived next = taken.size() < limit ? inbox.poll() : null;
        while (next != null) {
            (appended.has(next) ? again : taken).add(next);
            next = taken.size() < limit && again.size() < limit ? inbox.poll() : null;
        }
        if (!again.isEmpty()) {
            LOGGER.log(System.Logger.Level.INFO,
                    "{0}: {1,choice,1#1 message that came again is|1<{1} messages that came again are} in the log already",
                    address, again.size());
            settle(again, refusedBefore);
        }
        String end = inbox.end();
        if (taken.isEmpty() && end != null) {
            throw new UpstreamException(address + " cannot be read: " + end);
        }
    }

    @Override
    public void stored(JsonNode position, List<String> refused) throws UpstreamException, HeldUpException {
        QueuePosition at = parse(position);
        if (offered == null || at.number() != offered.number()) {
            // Of a reading before this one: what of it is still in the queue comes again.
            refusedBefore = Set.copyOf(refused);
            return;
        }
        List<Arrived> stored = new ArrayList<>();
        for (int i = 0; i < at.fingerprints().size(); i++) {
            stored.add(taken.removeFirst());
        }
        offered = null;
        appended.add(at.fingerprints());
        newest = at.number();
        // What the log could not take was a portion of its own. The others say themselves that they can be no events.
        settle(stored, stored.size() == 1 ? Set.copyOf(refused) : Set.of());
    }

    /**
     * Has the broker forget messages that are in the log, and know those that can be no event, those of earlier portions included.
     *
     * @param refused ids of those that the log could not take
     */
    private void settle(List<Arrived> messages, Set<String> refused) throws UpstreamException, HeldUpException {
        try {
            List<Arrived> accepted = new ArrayList<>();
            for (Arrived each : messages) {
                switch (each.item()) {
                    case Item.Refused(String id, String reason) -> unburied.add(new Dead(each, reason));
                    case Item.Accepted(String id, Draft draft) when refused.contains(id) -> unburied.add(new Dead(each, TOO_LARGE));
                    case Item.Accepted one -> accepted.add(each);
                }
            }
            // Not all up to the last one: before those that come again there may be some that are not stored yet.
            boolean isAll = unburied.isEmpty()
                    && (taken.isEmpty() || (!messages.isEmpty() && messages.getLast().tag() < taken.getFirst().tag()));
            if (isAll && !accepted.isEmpty()) {
                channel.basicAck(accepted.getLast().tag(), true);
            } else {
                for (Arrived each : accepted) {
                    channel.basicAck(each.tag(), false);
                }
            }
            bury();
            // The broker answers it behind all that was acknowledged before.
            ready = channel.queueDeclarePassive(queue).getMessageCount();
            settled = newest;
        } catch (IOException | ShutdownSignalException e) {
            throw new UpstreamException(address + " cannot be read: " + Broker.words(e), e);
        }
    }

    /** Has what can be no event go where it belongs; what the broker does not take now is tried again before the next portion. */
    private void bury() throws UpstreamException, HeldUpException {
        if (unburied.isEmpty()) {
            return;
        }
        try {
            if (deadLetters.isPresent()) {
                if (inbox.end() != null) {
                    throw new UpstreamException(address + " cannot be read: " + inbox.end());
                }
                deliver(deadLetters.get());
            }
            for (Dead each : unburied) {
                if (deadLetters.isPresent()) {
                    channel.basicAck(each.message().tag(), false);
                } else {
                    channel.basicReject(each.message().tag(), false);
                }
            }
            unburied.clear();
        } catch (IOException | ShutdownSignalException e) {
            throw new UpstreamException(address + " cannot be read: " + Broker.words(e), e);
        }
    }

    private void deliver(DeadLetters to) throws HeldUpException {
        try {
            to.send(unburied);
        } catch (UpstreamException e) {
            throw new HeldUpException(String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public JsonNode atRest(JsonNode position) {
        QueuePosition at = QueuePosition.parse(position);
        return at.settled() || at.number() != settled ? position : new QueuePosition(at.number(), at.fingerprints(), true).toJson();
    }

    private static QueuePosition parse(@Nullable JsonNode position) throws UpstreamException {
        try {
            return QueuePosition.parse(position);
        } catch (IllegalArgumentException e) {
            throw new UpstreamException("its position in the log cannot be used: " + e.getMessage() + "; see docs/sources.md", e);
        }
    }

    @Override
    public boolean awaitMore(Duration most) throws UpstreamException, HeldUpException {
        Arrived first = inbox.poll(most);
        if (first == null) {
            if (inbox.end() != null) {
                gather(1);
            }
            return false;
        }
        if (appended.has(first)) {
            settle(List.of(first), refusedBefore);
        } else {
            taken.add(first);
        }
        return true;
    }

    @Override
    public void abort() {
        deadLetters.ifPresent(DeadLetters::abort);
        link.abort();
    }

    @Override
    public void close() {
        deadLetters.ifPresent(DeadLetters::close);
        link.close();
        consumers.shutdown();
    }
}
