package dev.hark.app.access;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hark.Hub;
import dev.hark.app.access.AccessException.Kind;
import dev.hark.app.config.HarkConfig;
import dev.hark.event.Draft;
import dev.hark.event.EventId;
import dev.hark.event.Filters;
import dev.hark.event.Format;
import dev.hark.event.GapReason;
import dev.hark.event.InvalidEventException;
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
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Tickets of nodes that share a log: each is an event of a topic of the hub's own, and that it was used is another one. What it stands for
 * is looked at again when it is used, by the rules of that node. In the log that is sealed with the ticket itself: whoever reads the log,
 * or a backup of it, can use neither. Thread-safe.
 */
final class SharedTickets {
    /*
     * The text is `random.id`, where id is that of the event: another node waits until its replica is there. The event is found by that,
     * and known by the hash of what is random. Of all who use a ticket the first in the order of the log does, on every node: each says so,
     * and then looks whose event comes first.
     */

    /** So many digits of the hash name the topic: whether a ticket was used is looked for among few. */
    private static final int TOPIC_DIGITS = 2;

    /** What a ticket may take of the log. */
    private static final int MAX_BYTES = 16 << 10;

    /** How many requests wait for this node to come up to what another one gave: whoever makes ids up must not hold more. */
    private static final int MAX_WAITING = 1_000;

    /** How many look into the log: who has no ticket must not keep it from those who read. */
    private static final int MAX_LOOKING = 2;

    private static final Duration LONGEST_TURN = Duration.ofSeconds(2);

    /** Of a topic that nothing is published to: where only a position is waited for. */
    private static final Filters NOTHING = Filters.of(List.of(TopicFilter.stored(HarkConfig.TICKET_TOPICS + "none")));

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Hub hub;
    private final InstantSource clock;
    private final Semaphore waiting = new Semaphore(MAX_WAITING);
    private final Semaphore looking = new Semaphore(MAX_LOOKING);

    /** What a ticket stands for. Nothing of it is printed: a token is a secret. */
    sealed interface Holder {
        /** The bearer of a token, which is needed whole: it is looked at again. */
        record Token(String text) implements Holder {
            @Override
            public String toString() {
                return "Token";
            }
        }

        /** The bearer of a key: its hash is enough. */
        record Key(String hash) implements Holder {}

        /** Who has a client certificate, by its fingerprint. */
        record Certificate(String fingerprint) implements Holder {}
    }

    /** @param only what it lets subscribe to of what its holder may; empty for all of that */
    record Pass(Holder holder, Optional<Filters> only) {}

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

        Filters topic() {
            return Filters.of(List.of(TopicFilter.stored(SharedTickets.topic(hash()).value())));
        }

        /** Before the event. */
        Start start() {
            return new Start.After(new EventId(given.epoch(), given.sequence() - 1).toString());
        }
    }

    /** An event of theirs. */
    private record Read(long sequence, JsonNode data) {}

    SharedTickets(Hub hub, InstantSource clock) {
        this.hub = hub;
        this.clock = clock;
    }

    /** Whether {@code text} may be one of these. */
    static boolean isShared(String text) {
        return text.indexOf('.') >= 0;
    }

    /** Whether they can be given and used now. */
    boolean areUsable() {
        return hub.notPublishing().isEmpty();
    }

    /**
     * One for {@code pass}, until {@code until}.
     *
     * @throws AccessException if the log does not store it, or it would be too large
     */
    Ticket create(Pass pass, Instant until) {
        String random = ApiKey.random();
        String hash = ApiKey.hash(random);
        ObjectNode event = JSON.createObjectNode().put("given", hash).put("sealed", Seal.close(random, write(pass, until)));
        byte[] data = bytes(event);
        if (data.length > MAX_BYTES) {
            throw new AccessException(Kind.MALFORMED, "the ticket would be too large; fewer or shorter filters are allowed",
                    "a ticket of " + data.length + " bytes");
        }
        return new Ticket(random + '.' + store(hash, data).id(), until);
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
        return inTurn(() -> {
            // Whoever has none costs one event.
            Page page = look(parts.topic(), parts.start(), 1);
            List<Read> first = page.events();
            // Behind a gap it is one of those that are gone.
            boolean isGiven = !page.isTorn() && !first.isEmpty() && first.getFirst().sequence() == parts.given().sequence()
                    && first.getFirst().data().path("given").asText().equals(parts.hash());
            Optional<Pass> pass = isGiven
                    ? Seal.open(parts.random(), first.getFirst().data().path("sealed").asText()).flatMap(this::read)
                    : Optional.empty();
            return pass.filter(known -> firstUse(parts).isEmpty());
        });
    }

    /**
     * Uses up what {@link #find} has found; whether nobody else has.
     *
     * @throws AccessException if it is not known whether that is stored: the ticket may be used up then
     */
    boolean use(String text) {
        Parts parts = Parts.of(text).orElseThrow(() -> new IllegalArgumentException("no ticket that was found"));
        if (!areUsable()) {
            throw undecided("nothing can be published now");
        }
        Append.Entry mine = store(parts.hash(), bytes(JSON.createObjectNode().put("used", parts.hash())));
        return mine.epoch().equals(parts.given().epoch())
                && inTurn(() -> firstUse(parts)).filter(sequence -> sequence == mine.sequence()).isPresent();
    }

    private static Topic topic(String hash) {
        return Topic.stored(HarkConfig.TICKET_TOPICS + hash.substring(0, TOPIC_DIGITS));
    }

    private Append.Entry store(String hash, byte[] data) {
        var draft = new Draft(topic(hash), Draft.DEFAULT_TYPE, null, data, null);
        return switch (hub.keep(List.of(draft))) {
            case Append.Stored(List<Append.Entry> entries) -> entries.getFirst();
            case Append.Unavailable(String why) -> throw undecided(why);
            case Append.Unknown(String why) -> throw undecided(why);
            case Append.TooLarge(long bytes, long limit) -> throw undecided(bytes + " bytes are too much for one event");
            case Append.KeyInFlight inFlight -> throw new IllegalStateException("it has no idempotency key");
            case Append.KeyReused reused -> throw new IllegalStateException("it has no idempotency key");
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
        try (EventPage page = page(NOTHING, new Start.After(given.toString()), 1)) {
            if (page.gap() != null && page.gap().reason() == GapReason.UNKNOWN_ID) {
                throw undecided("this node has not come up to " + given + ", if there is such a position");
            }
        } finally {
            waiting.release();
        }
    }

    private <T> T inTurn(Supplier<T> look) {
        try {
            if (!looking.tryAcquire(LONGEST_TURN.toMillis(), TimeUnit.MILLISECONDS)) {
                throw undecided("too many look for tickets");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw undecided("interrupted");
        }
        try {
            return look.get();
        } finally {
            looking.release();
        }
    }

    /** The position of the first event that says that it was used, of all that this node knows. */
    private Optional<Long> firstUse(Parts parts) {
        EventId newest = hub.newest();
        Start next = parts.start();
        while (true) {
            Page page = look(parts.topic(), next, PageRequest.MAX_LIMIT);
            if (page.isTorn()) {
                throw undecided("some of what came after it is gone");
            }
            Optional<Long> use = page.events().stream()
                    .filter(event -> event.data().path("used").asText().equals(parts.hash())).map(Read::sequence).findFirst();
            if (use.isPresent()) {
                return use;
            }
            if (page.through().epoch().equals(newest.epoch()) && page.through().sequence() >= newest.sequence()) {
                return Optional.empty();
            }
            if (page.events().isEmpty()) {
                throw undecided("the search took too long");
            }
            next = new Start.After(page.through().toString());
        }
    }

    /**
     * Events of theirs, and up to where there are no others.
     *
     * @param isTorn whether some before the first are gone
     */
    private record Page(List<Read> events, EventId through, boolean isTorn) {}

    private Page look(Filters filters, Start start, int limit) {
        try (EventPage page = page(filters, start, limit)) {
            if (page.gap() != null && page.gap().reason() == GapReason.DAMAGE) {
                throw undecided("a part of the log is damaged");
            }
            JsonNode json = JSON.readTree(page.json(Format.ENVELOPE)).path("events");
            var events = new ArrayList<Read>();
            for (int i = 0; i < page.events().size(); i++) {
                events.add(new Read(page.events().get(i).sequence(), json.path(i).path("data")));
            }
            return new Page(events, page.next(), page.gap() != null);
        } catch (IOException e) {
            throw new IllegalStateException("a page is always JSON", e);
        }
    }

    private EventPage page(Filters filters, Start start, int limit) {
        try {
            var request = new PageRequest(new Subscription(filters, start, Format.ENVELOPE), limit, Duration.ZERO);
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
        switch (pass.holder()) {
            case Holder.Token(String text) -> json.put("token", text);
            case Holder.Key(String hash) -> json.put("key", hash);
            case Holder.Certificate(String fingerprint) -> json.put("certificate", fingerprint);
        }
        pass.only().ifPresent(filters -> {
            ArrayNode list = json.putArray("subscribe");
            filters.asList().forEach(filter -> list.add(filter.value()));
        });
        return bytes(json);
    }

    /** Empty where it is over, or a newer version has written it. */
    private Optional<Pass> read(byte[] text) {
        try {
            JsonNode json = JSON.readTree(text);
            if (!clock.instant().isBefore(Instant.parse(json.path("until").asText()))) {
                return Optional.empty();
            }
            var only = new ArrayList<TopicFilter>();
            json.path("subscribe").forEach(filter -> only.add(TopicFilter.stored(filter.asText())));
            Optional<Filters> narrowed = json.has("subscribe") ? Optional.of(Filters.of(only)) : Optional.empty();
            return holder(json).map(holder -> new Pass(holder, narrowed));
        } catch (IOException | DateTimeException | InvalidEventException e) {
            return Optional.empty();
        }
    }

    private static Optional<Holder> holder(JsonNode json) {
        if (json.has("token")) {
            return Optional.of(new Holder.Token(json.path("token").asText()));
        }
        if (json.has("key")) {
            return Optional.of(new Holder.Key(json.path("key").asText()));
        }
        return json.has("certificate") ? Optional.of(new Holder.Certificate(json.path("certificate").asText())) : Optional.empty();
    }

    private static byte[] bytes(ObjectNode json) {
        try {
            return JSON.writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("text is always JSON", e);
        }
    }
}
