package dev.hark.app.cli;

import dev.hark.event.EventId;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Asks a hub for the last event that matches now, so that a stream which has come to it has caught up. Confined to the thread that
 * subscribes.
 *
 * @param last   a stream of the same filters that starts with the last matching event
 * @param latest one that starts with what is yet to come
 * @param requests what goes with each request
 */
record Probe(URI last, URI latest, HubRequest requests) {
    /*
     * A stream's first block carries the position where it starts. With `last=1` that is before the last matching event, which comes at
     * once. Where nothing matches, nothing comes, until a heartbeat says that the whole log was passed: waiting for it takes as long as a
     * heartbeat does, but is never wrong, as a guess from silence would be on a large log that is being read.
     */
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final int OK = 200;

    /**
     * How far to go.
     *
     * @param id the last event to print; empty where there is none
     */
    record Target(Optional<EventId> id) {
        boolean isReached() {
            return id.isEmpty();
        }

        /** Whether a stream at {@code position} has had it. */
        boolean isReachedBy(String position) {
            return compared(position) >= 0;
        }

        /** Whether {@code event} came after it. */
        boolean isPassedBy(String event) {
            return compared(event) > 0;
        }

        private int compared(String position) {
            Optional<EventId> at = EventId.parse(position);
            // Within a snapshot it is not there yet, wherever that was made: what came since then comes behind all of it.
            boolean there = at.isPresent() && !at.get().isWithinSnapshot() && at.get().epoch().equals(id.map(EventId::epoch).orElse(""));
            return there ? Long.compare(at.get().sequence(), id.get().sequence()) : -1;
        }
    }

    /**
     * How far the stream has to come; null where the hub refuses to answer such a stream, and so will refuse the stream itself, with a
     * reason.
     *
     * @throws IOException where the hub does not say
     */
    @Nullable Target ask(HttpClient client) throws IOException, InterruptedException {
        HttpResponse<InputStream> answer = answer(client, last);
        try (InputStream body = new PatientInputStream(answer.body(), TIMEOUT)) {
            if (answer.statusCode() != OK) {
                return null;
            }
            var events = new EventStreamReader(body, "");
            Target newest = new Target(first(events));
            Target now = new Target(newest(client));
            boolean nothing = now.id().filter(id -> newest.isPassedBy(id.toString())).isEmpty();
            return new Target(nothing ? Optional.empty() : wait(events, now));
        }
    }

    private Optional<EventId> newest(HttpClient client) throws IOException, InterruptedException {
        HttpResponse<InputStream> answer = answer(client, latest);
        try (InputStream body = new PatientInputStream(answer.body(), TIMEOUT)) {
            if (answer.statusCode() != OK) {
                throw new IOException("the answer was " + answer.statusCode());
            }
            return first(new EventStreamReader(body, ""));
        }
    }

    /** The event that comes; empty where the position reaches {@code end} without one. */
    private static Optional<EventId> wait(EventStreamReader events, Target end) throws IOException {
        ServerSentEvent block;
        while ((block = events.nextBlock()) != null) {
            if (EventPrinter.isOfAPublisher(block)) {
                return EventId.parse(block.id());
            }
            if (end.isReachedBy(block.id())) {
                return Optional.empty();
            }
        }
        throw silent();
    }

    private static Optional<EventId> first(EventStreamReader events) throws IOException {
        ServerSentEvent block;
        while ((block = events.nextBlock()) != null) {
            Optional<EventId> id = EventId.parse(block.id());
            if (id.isPresent()) {
                return id;
            }
        }
        throw silent();
    }

    private HttpResponse<InputStream> answer(HttpClient client, URI uri) throws IOException, InterruptedException {
        HttpRequest request = requests.to(uri).timeout(TIMEOUT).header("Accept", "text/event-stream").build();
        return client.send(request, BodyHandlers.ofInputStream());
    }

    private static IOException silent() {
        return new IOException("the hub does not say where its log ends");
    }
}
