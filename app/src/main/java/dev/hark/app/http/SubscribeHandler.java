package dev.hark.app.http;

import dev.hark.Hub;
import dev.hark.app.access.Held;
import dev.hark.app.config.RequestLimits;
import dev.hark.app.listen.ListenCounters;
import dev.hark.event.Filters;
import dev.hark.event.Format;
import dev.hark.event.Frame;
import dev.hark.event.InvalidEventException;
import dev.hark.event.TopicFilter;
import dev.hark.fanout.Admission;
import dev.hark.fanout.Subscriber;
import dev.hark.fanout.Subscription;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * Subscribing: a request that is admitted becomes a stream, and its connection lives on as that stream alone. One that prefers JSON is
 * given a page instead ({@link PageHandler}). Thread-safe.
 */
final class SubscribeHandler {
    private static final System.Logger LOGGER = System.getLogger(SubscribeHandler.class.getName());
    private static final Header EVENT_STREAM = HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "text/event-stream;charset=utf-8");
    private static final Header NO_CACHE = HeaderValues.createCached(HeaderNames.CACHE_CONTROL, "no-cache, no-transform");
    /** A cache may keep a 204 for as long as it likes (RFC 9110, section 15.1), and the topic may be opened anew. */
    private static final Header NO_STORE = HeaderValues.createCached(HeaderNames.CACHE_CONTROL, "no-store");
    /** Tells nginx to pass events on as they come. */
    private static final Header NO_BUFFERING = HeaderValues.createCached("X-Accel-Buffering", "no");

    private static final String HTTP_1_0 = "1.0";

    private static final Map<String, String> SOON = Map.of("Retry-After", "2");

    private final Hub hub;
    private final Gate gate;
    private final RequestLimits limits;
    private final ClientAddresses addresses;
    private final StreamShares shares;
    private final PageHandler pages;
    private final RefusalWatch refusals;

    SubscribeHandler(
            Hub hub, Gate gate, ClientAddresses addresses, RequestLimits limits, ListenCounters counters, RefusalWatch refusals) {
        this.refusals = refusals;
        this.hub = hub;
        this.gate = gate;
        this.limits = limits;
        this.addresses = addresses;
        this.shares = new StreamShares(limits.subscribersPerIp(), limits.subscribersPerSubject(), counters);
        this.pages = new PageHandler(hub, gate, addresses, shares);
    }

    /** Gives what {@code filters} match, from where the request says: as a stream, or as a page where that is what it prefers. */
    void read(ServerRequest request, ServerResponse response, List<String> filters) {
        if (Accepted.prefersJson(request.headers().all(HeaderNames.ACCEPT, List::of))) {
            pages.page(request, response, filters);
        } else {
            stream(request, response, filters);
        }
    }

    /** Streams what {@code filters} match, from where the request says; for HEAD, the head of the response alone. */
    private void stream(ServerRequest request, ServerResponse response, List<String> filters) {
        Subscription wanted = subscription(request, filters);
        // Before a ticket is used up.
        requireFits(wanted);
        if (request.prologue().method().equals(Method.HEAD)) {
            head(request, response, wanted);
        }
        Place place = enter(request, wanted.filters());
        boolean handedOver = false;
        try {
            switch (hub.subscribe(wanted.under(place.right().lease()))) {
                case Admission.Admitted(Subscriber subscriber) -> {
                    StreamSink sink = sink(request, response, subscriber);
                    handedOver = true;
                    throw new StreamHandover(() -> serve(subscriber, sink, place));
                }
                case Admission.Ended ended -> response.status(Status.NO_CONTENT_204).header(NO_STORE).send();
                case Admission.Refused refused -> turnAway(request, response, wanted.filters(), refused);
            }
        } finally {
            if (!handedOver) {
                leave(place);
            }
        }
    }

    /** The head of a stream, which is none and so takes no place. */
    private void head(ServerRequest request, ServerResponse response, Subscription wanted) {
        gate.release(gate.hold(request, wanted.filters()));
        // Not through send(), which would announce a body of no bytes.
        sink(request, response).emit(new byte[0]);
        throw new CloseConnectionException("there is no more to a HEAD");
    }

    /** What a stream has for as long as it is there: its share of the places, and the right to what it is given. */
    private record Place(StreamShares.Share share, Held right) {}

    private Place enter(ServerRequest request, Filters filters) {
        Held right = gate.hold(request, filters);
        try {
            return new Place(shares.take(addresses.of(request), right.grant().caller()), right);
        } catch (ProblemException full) {
            gate.release(right);
            throw full;
        }
    }

    private void leave(Place place) {
        place.share().giveBack();
        gate.release(place.right());
    }

    private StreamSink sink(ServerRequest request, ServerResponse response, Subscriber admitted) {
        try {
            return sink(request, response);
        } catch (RuntimeException e) {
            // It was admitted, and so has to end.
            hub.serve(admitted, (bytes, offset, length) -> {
                throw new IOException("the stream could not begin", e);
            });
            throw e;
        }
    }

    /**
     * A stream, from its first byte to its last. The connection's thread waits for its end, in {@code read}; a thread of its own writes,
     * whose stack is as shallow as can be, because it is copied to and from the heap at each wake-up.
     */
    private void serve(Subscriber subscriber, StreamSink sink, Place place) {
        Thread writer = Thread.ofVirtual().name("hark-stream").start(() -> write(subscriber, sink, place));
        try {
            sink.awaitEnd();
        } finally {
            if (Thread.currentThread().isInterrupted()) {
                // The process is stopping: the client had no part in it.
                writer.interrupt();
            } else {
                subscriber.clientGone();
            }
        }
    }

    private void write(Subscriber subscriber, StreamSink sink, Place place) {
        try {
            hub.serve(subscriber, sink);
        } catch (RuntimeException defect) {
            LOGGER.log(System.Logger.Level.ERROR, "a stream of " + place.right().filters() + " failed", defect);
        } finally {
            leave(place);
            sink.end();
        }
    }

    private void turnAway(ServerRequest request, ServerResponse response, Filters filters, Admission.Refused refused) {
        switch (limits.overloadAnswer()) {
            case RETRY -> {
                refusals.refused(filters.asList().stream().map(TopicFilter::value).toList(), ProblemType.OVERLOADED);
                Frame closing = refused.closing();
                try {
                    sink(request, response).finish(closing.array(0), closing.offset(0), closing.length());
                } catch (IOException e) {
                    throw new CloseConnectionException("the client went before it could be told", e);
                }
                throw new CloseConnectionException("a stream that is refused ends as any other");
            }
            case STATUS -> throw new ProblemException(ProblemType.OVERLOADED, refused.detail(), SOON);
        }
    }

    /** Only where it will be one: a refusal has its own headers, and keeps those that let pages of other origins read it. */
    private static StreamSink sink(ServerRequest request, ServerResponse response) {
        response.header(EVENT_STREAM).header(NO_CACHE).header(NO_BUFFERING);
        if (!request.prologue().protocolVersion().equals(HTTP_1_0)) {
            // Clients that read a body of unknown length hold events back until their buffer is full, unless it comes in chunks.
            response.header(HeaderValues.TRANSFER_ENCODING_CHUNKED);
        }
        return response.sink(StreamSink.TYPE);
    }

    private Subscription subscription(ServerRequest request, List<String> filters) {
        try {
            ReadOptions.requireNoneOfPages(request);
            return new Subscription(
                    Filters.of(filters.toArray(String[]::new)),
                    ReadOptions.start(request, hub.id(0).epoch()),
                    ReadOptions.format(request, Format.DATA));
        } catch (InvalidEventException e) {
            throw new ProblemException(ProblemType.INVALID_FILTER, String.valueOf(e.getMessage()));
        }
    }

    private void requireFits(Subscription subscription) {
        try {
            hub.requireFits(subscription);
        } catch (InvalidEventException e) {
            throw new ProblemException(ProblemType.INVALID_FILTER, String.valueOf(e.getMessage()));
        }
    }
}
