package dev.hark.app.state;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.Hub;
import dev.hark.HubMeter;
import dev.hark.event.Draft;
import dev.hark.event.EventId;
import dev.hark.event.Filters;
import dev.hark.event.Format;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import dev.hark.fanout.EventPage;
import dev.hark.fanout.PageAnswer;
import dev.hark.fanout.PageRequest;
import dev.hark.fanout.Start;
import dev.hark.fanout.Subscription;
import dev.hark.log.Append;
import dev.hark.log.Epochs;
import dev.hark.log.UnusableLogException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The states of one source, or of one hook, in the event log: events of a topic of the hub's own, each of which follows the one before it.
 *
 * <p>Confined to the thread of its source or hook.
 */
public final class StateLog {
    /*
     * A state is stored with an idempotency key that is made from the nonce of the state before it, and every try has a nonce of its own.
     * So of all that are to follow the same state the log stores the first, and refuses every other one whole, its events included, as the
     * key of another event: a compare-and-set, in the one place where events get their order, on every engine. It does not matter whose
     * try it was, or whether an earlier one of this node is still on its way.
     */
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int NONCE_BYTES = 16;

    private final Hub hub;
    private final String subject;
    private final Topic topic;
    private final Filters filters;
    private final RandomGenerator random;

    /** How many keys of a first state were found used, though no state is left; and in which epoch: in another one all begin alike. */
    private int firsts;
    private String firstsOf = "";

    /**
     * What is known of it.
     *
     * @param epoch of the log that says so
     * @param state null where the log has none
     */
    public record Known(String epoch, @Nullable WorkState state) {}

    /** What became of a try. */
    public sealed interface Outcome {
        /** It is stored. */
        record Stored(Known known) implements Outcome {}

        /** Nothing is stored: another state follows the one before it. */
        record Overtaken() implements Outcome {}

        /** Nothing is stored: it is too much at once. */
        record TooLarge(long bytes, long limit) implements Outcome {}
    }

    /**
     * @param subject of whom the states are: never another one's
     * @param topic   of the hub's own, and theirs alone
     */
    public StateLog(Hub hub, String subject, Topic topic, RandomGenerator random) {
        this.hub = hub;
        this.subject = subject;
        this.topic = topic;
        this.filters = Filters.of(List.of(TopicFilter.stored(topic.value())));
        this.random = random;
    }

    public String nonce() {
        var bytes = new byte[NONCE_BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** How many events this hub has stored so far, of all publishers; states are none of them. */
    public long published() {
        return HubMeter.PUBLISHED_EVENTS.read(hub);
    }

    /** Whether the log is still the one that said {@code known}. */
    public boolean isCurrent(Known known) {
        return hub.id(0).epoch().equals(known.epoch());
    }

    /** @throws LogAwayException if the log cannot be read */
    public Known load() throws LogAwayException {
        EventId newest = hub.newest();
        if (Epochs.isInterim(newest.epoch())) {
            // What is here is a part of what will be, under a name that is this node's alone.
            throw new LogAwayException("its position cannot be read now: the log is about to begin another history");
        }
        return new Known(newest.epoch(), newest(look(new Start.Last(1), 1), newest));
    }

    /**
     * The positions of the newest states up to {@code known}, as far back as the log has them, the oldest first.
     *
     * @param most how many
     * @throws LogAwayException if the log cannot be read
     */
    public List<JsonNode> positions(WorkState known, int most) throws LogAwayException {
        List<JsonNode> positions = new ArrayList<>();
        Start from = new Start.Last(most);
        boolean isWhole = false;
        // Each page but the last has a state at least.
        for (int pages = 0; !isWhole && pages <= most; pages++) {
            try (EventPage page = look(from, PageRequest.MAX_LIMIT)) {
                for (JsonNode event : JSON.readTree(page.json(Format.ENVELOPE)).path("events")) {
                    WorkState state = WorkState.parse(event.path("data"));
                    if (state.position() != null) {
                        positions.add(state.position());
                    }
                    isWhole |= state.nonce().equals(known.nonce());
                }
                from = new Start.After(page.next().toString());
            } catch (IOException e) {
                throw new IllegalStateException("a page is always JSON", e);
            }
        }
        if (!isWhole) {
            throw new LogAwayException("its positions cannot be read now");
        }
        return positions;
    }

    private EventPage look(Start from, int limit) throws LogAwayException {
        var request = new PageRequest(new Subscription(filters, from, Format.ENVELOPE), limit, Duration.ZERO);
        try {
            return switch (hub.look(request)) {
                case PageAnswer.Given(EventPage page) -> page;
                case PageAnswer.Refused refused -> throw new LogAwayException("its position cannot be read: " + refused.detail());
            };
        } catch (UnusableLogException e) {
            throw new LogAwayException("its position cannot be read: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LogAwayException("its position cannot be read: interrupted");
        }
    }

    /** @param newest what the search has to have come up to: one that takes too long ends with what it has found, which is nothing */
    private static @Nullable WorkState newest(EventPage page, EventId newest) throws LogAwayException {
        try (page) {
            boolean isWhole = page.next().epoch().equals(newest.epoch()) && page.next().sequence() >= newest.sequence();
            if (page.events().isEmpty() && (page.gap() != null || !isWhole)) {
                throw new LogAwayException("its position cannot be read now");
            }
            JsonNode events = JSON.readTree(page.json(Format.ENVELOPE)).path("events");
            return events.isEmpty() ? null : WorkState.parse(events.get(events.size() - 1).path("data"));
        } catch (IOException e) {
            throw new IllegalStateException("a page is always JSON", e);
        }
    }

    /**
     * Stores {@code drafts} and {@code after} behind them, all or nothing, if {@code before} is still the newest state.
     *
     * @throws LogAwayException if it is not known whether they are stored, or the log takes nothing
     */
    public Outcome store(Known before, List<Draft> drafts, WorkState after) throws LogAwayException {
        // The log knows its keys for a while only: who was away for longer would begin a line of states of its own.
        Known now = load();
        if (!now.epoch().equals(before.epoch()) || !Objects.equals(nonce(now.state()), nonce(before.state()))) {
            return new Outcome.Overtaken();
        }
        return append(before, drafts, after);
    }

    /** The same by the key alone, for as long as the log knows that. */
    public Outcome append(Known before, List<Draft> drafts, WorkState after) throws LogAwayException {
        if (!before.epoch().equals(firstsOf)) {
            firsts = 0;
            firstsOf = before.epoch();
        }
        List<Draft> batch = new ArrayList<>(drafts);
        batch.add(new Draft(topic, Draft.DEFAULT_TYPE, null, after.toJson(), key(before)));
        return switch (hub.publish(batch)) {
            case Append.Stored(List<Append.Entry> entries) -> new Outcome.Stored(new Known(entries.getLast().epoch(), after));
            case Append.KeyReused reused -> {
                if (before.state() == null) {
                    // Of somebody who was first; or of a state that is no longer retained, which then is no reason to wait for ever.
                    firsts++;
                }
                yield new Outcome.Overtaken();
            }
            case Append.TooLarge(long bytes, long limit) -> new Outcome.TooLarge(bytes, limit);
            case Append.KeyInFlight inFlight -> throw new LogAwayException("an earlier try is still being stored");
            case Append.Unknown(String why) -> throw new LogAwayException(why);
            case Append.Unavailable(String why) -> throw new LogAwayException(why);
        };
    }

    private static @Nullable String nonce(@Nullable WorkState state) {
        return state == null ? null : state.nonce();
    }

    private String key(Known before) {
        String follows = before.state() == null ? "first " + before.epoch() + ' ' + firsts : "after " + before.state().nonce();
        try {
            byte[] text = (subject + ' ' + follows).getBytes(StandardCharsets.UTF_8);
            return Base64.getUrlEncoder().withoutPadding().encodeToString(MessageDigest.getInstance("SHA-256").digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
