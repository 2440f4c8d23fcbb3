package dev.hark.app.access;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hark.Hub;
import dev.hark.app.access.AccessException.Kind;
import dev.hark.app.access.Credentials.Credential;
import dev.hark.app.config.HarkConfig;
import dev.hark.event.Draft;
import dev.hark.event.EventId;
import dev.hark.event.Filters;
import dev.hark.event.Format;
import dev.hark.event.GapReason;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import dev.hark.fanout.EventPage;
import dev.hark.fanout.PageAnswer;
import dev.hark.fanout.PageRequest;
import dev.hark.fanout.Start;
import dev.hark.fanout.Subscription;
import dev.hark.log.Append;
import dev.hark.log.UnusableLogException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Tickets of nodes that share a log: each is an event of a topic of the hub's own, and that it was used is another one. What it stands for
 * is the credential that it was given for, which is looked at again when it is used, by the rules of that node. In the
 * log it is sealed with the ticket itself: whoever reads the log, or a backup of it, can use neither. Thread-safe.
 */
final class SharedTickets {
    /*
     * The text is `random.id`, where id is that of the event: another node waits until its replica is there. The event is found by that,
     * and known by the hash of what is random. Of all who use a ticket the log stores one: the others have the same idempotency key.
     */

    /** So many digits of the hash name the topic: whether a ticket was used is looked for among few. */
    private static final int TOPIC_DIGITS = 2;

    /** How many requests wait for this node to come up to what another one gave: whoever makes ids up must not hold more. */
    private static final int MAX_WAITING = 1_000;

    /** Of a topic that nothing is published to: where only a position is waited for. */
    private static final Filters NOTHING = Filters.of(List.of(TopicFilter.stored(HarkConfig.TICKET_TOPICS + "none")));

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Hub hub;
    private final InstantSource clock;
    private final Semaphore waiting = new Semaphore(MAX_WAITING);

    /**
     * What a ticket stands for.
     *
     * @param only what it lets subscribe to of what the credential does; empty for all of that
     */
    record Pass(Credential credential, Optional<Filters> only) {}

    /** @param random what only its bearer knows */
    private record Parts(String random, EventId given) {
        static Optional<Parts> of(String text) {
            int dot = text.indexOf('.');
            return dot < 0 ? Optional.empty()
                    : EventId.parse(text.substring(dot + 1))
                            .filter(id -> !id.isWithinSnapshot() && id.sequence() > 0)
                            .map(id -> new Parts(text.substring(0, dot), id));
        }

        String hash() {
            return ApiKey.hash(random);
        }
    }

    SharedTickets(Hub hub, InstantSource clock) {
        this.hub = hub;
        this.clock = clock;
    }

    /** Whether {@code text} may be one of these. */
    static boolean isShared(String text) {
        return text.indexOf('.') >= 0;
    }

    /**
     * One for {@code pass}, until {@code until}.
     *
     * @throws AccessException if the log does not store it
     */
    Ticket create(Pass pass, Instant until) {
        String random = ApiKey.random();
        String hash = ApiKey.hash(random);
        ObjectNode event = JSON.createObjectNode().put("given", hash).put("sealed", Seal.close(random, write(pass, until)));
        return new Ticket(random + '.' + store(hash, event, null).id(), until);
    }

    /**
     * What {@code text} stands for; empty where it is no ticket, or not any more.
     *
     * @throws AccessException if that cannot be found out now
     */
    Optional<Pass> find(String text) {
        Parts parts = Parts.of(text).orElse(null);
        if (parts == null || !parts.given().epoch().equals(hub.newest().epoch())) {
            return Optional.empty();
        }
        awaitGiven(parts.given());
        List<JsonNode> events = readFrom(parts);
        boolean isGiven = !events.isEmpty() && events.getFirst().path("given").asText().equals(parts.hash());
        boolean isUsed = events.stream().anyMatch(event -> event.path("used").asText().equals(parts.hash()));
        return isGiven && !isUsed
                ? Seal.open(parts.random(), events.getFirst().path("sealed").asText()).flatMap(this::read)
                : Optional.empty();
    }

    /**
     * Uses up what {@link #find} has found; whether nobody else has.
     *
     * @throws AccessException if it is not known whether that is stored: the ticket may be used up then
     */
    boolean use(String text) {
        String hash = Parts.of(text).map(Parts::hash).orElseThrow(() -> new IllegalArgumentException("no ticket that was found"));
        return !store(hash, JSON.createObjectNode().put("used", hash), "ticket " + hash).replayed();
    }

    private static Topic topic(String hash) {
        return Topic.stored(HarkConfig.TICKET_TOPICS + hash.substring(0, TOPIC_DIGITS));
    }

    private Append.Entry store(String hash, ObjectNode event, @Nullable String idempotencyKey) {
        var draft = new Draft(topic(hash), Draft.DEFAULT_TYPE, null, bytes(event), idempotencyKey);
        return switch (hub.keep(List.of(draft))) {
            case Append.Stored(List<Append.Entry> entries) -> entries.getFirst();
            case Append.Unavailable(String why) -> throw undecided(why);
            case Append.Unknown(String why) -> throw undecided(why);
            case Append.KeyInFlight inFlight -> throw undecided("it is being used right now");
            case Append.TooLarge(long bytes, long limit) -> throw undecided(bytes + " bytes are too much for one event");
            case Append.KeyReused reused -> throw new IllegalStateException("who uses a ticket always says the same");
        };
    }

    /** Until this node knows that position, as long as a node may be behind. */
    private void awaitGiven(EventId given) {
        if (hub.newest().sequence() >= given.sequence()) {
            return;
        }
        if (!waiting.tryAcquire()) {
            throw undecided("too many wait for this node to come up to what others gave");
        }
        try (EventPage page = page(NOTHING, new Start.After(given.toString()))) {
            if (page.gap() != null && page.gap().reason() == GapReason.UNKNOWN_ID) {
                throw undecided("this node has not come up to " + given + ", if there is such a position");
            }
        } finally {
            waiting.release();
        }
    }

    /** The event that gave it, if there is one, and what followed in its topic. */
    private List<JsonNode> readFrom(Parts parts) {
        Filters filters = Filters.of(List.of(TopicFilter.stored(topic(parts.hash()).value())));
        Start next = new Start.After(new EventId(parts.given().epoch(), parts.given().sequence() - 1).toString());
        var all = new ArrayList<JsonNode>();
        boolean more = true;
        while (more) {
            try (EventPage page = page(filters, next)) {
                if (page.gap() != null || (all.isEmpty() && !page.events().isEmpty()
                        && page.events().getFirst().sequence() != parts.given().sequence())) {
                    return List.of();
                }
                JSON.readTree(page.json(Format.ENVELOPE)).path("events").forEach(event -> all.add(event.path("data")));
                next = new Start.After(page.next().toString());
                more = !page.events().isEmpty();
            } catch (IOException e) {
                throw new IllegalStateException("a page is always JSON", e);
            }
        }
        return all;
    }

    private EventPage page(Filters filters, Start start) {
        try {
            var request = new PageRequest(new Subscription(filters, start, Format.ENVELOPE), PageRequest.MAX_LIMIT, Duration.ZERO);
            return switch (hub.look(request)) {
                case PageAnswer.Given(EventPage page) -> page;
                case PageAnswer.Refused refused -> throw undecided(refused.detail());
            };
        } catch (UnusableLogException e) {
            throw undecided(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw undecided("interrupted");
        }
    }

    private static AccessException undecided(String why) {
        return new AccessException(Kind.UNAVAILABLE, "tickets cannot be given or looked at now", "tickets: " + why);
    }

    private static byte[] write(Pass pass, Instant until) {
        ObjectNode json = JSON.createObjectNode().put("until", until.toString());
        switch (pass.credential()) {
            case Credential.Bearer(String text) -> json.put("bearer", text);
            case Credential.Certificate(String fingerprint) -> json.put("certificate", fingerprint);
            case Credential.Ticket ticket -> throw new IllegalArgumentException("a ticket is given for no ticket");
        }
        pass.only().ifPresent(filters -> {
            ArrayNode list = json.putArray("subscribe");
            filters.asList().forEach(filter -> list.add(filter.value()));
        });
        return bytes(json);
    }

    /** Empty where it is over. */
    private Optional<Pass> read(byte[] text) {
        try {
            JsonNode json = JSON.readTree(text);
            if (!clock.instant().isBefore(Instant.parse(json.path("until").asText()))) {
                return Optional.empty();
            }
            Credential credential = json.has("bearer")
                    ? new Credential.Bearer(json.path("bearer").asText())
                    : new Credential.Certificate(json.path("certificate").asText());
            var only = new ArrayList<TopicFilter>();
            json.path("subscribe").forEach(filter -> only.add(new TopicFilter(filter.asText())));
            return Optional.of(new Pass(credential, json.has("subscribe") ? Optional.of(Filters.of(only)) : Optional.empty()));
        } catch (IOException e) {
            throw new IllegalStateException("what was sealed is JSON", e);
        }
    }

    private static byte[] bytes(ObjectNode json) {
        try {
            return JSON.writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("text is always JSON", e);
        }
    }
}
