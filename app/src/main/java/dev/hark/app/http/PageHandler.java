package dev.hark.app.http;

import dev.hark.Hub;
import dev.hark.app.access.Grant;
import dev.hark.app.access.Held;
import dev.hark.app.listen.Connection;
import dev.hark.event.Filters;
import dev.hark.event.Format;
import dev.hark.event.InvalidEventException;
import dev.hark.fanout.EventPage;
import dev.hark.fanout.PageAnswer;
import dev.hark.fanout.PageRequest;
import dev.hark.fanout.Subscription;
import dev.hark.log.UnusableLogException;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Pages, for clients that hold no stream: what a stream would give them, a piece at a time. Thread-safe.
 *
 * <p>One that waits does so on its connection's virtual thread, and has a place among the streams.
 */
final class PageHandler {
    /** JSON is nothing but UTF-8 (RFC 8259, section 8.1); some clients guess all the same where nobody tells them. */
    private static final Header JSON = HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "application/json;charset=utf-8");

    /** What a page has is over as soon as something is published, and nobody may wait for it in another's place. */
    private static final Header NO_STORE = HeaderValues.createCached(HeaderNames.CACHE_CONTROL, "no-store");

    private static final Map<String, String> SOON = Map.of("Retry-After", "2");

    private final Hub hub;
    private final Gate gate;
    private final ClientAddresses addresses;
    private final StreamShares shares;

    PageHandler(Hub hub, Gate gate, ClientAddresses addresses, StreamShares shares) {
        this.hub = hub;
        this.gate = gate;
        this.addresses = addresses;
        this.shares = shares;
    }

    /** Answers with a page of what {@code filters} match; for HEAD, with the head alone, after the request was checked. */
    void page(ServerRequest request, ServerResponse response, List<String> filters) {
        PageRequest wanted = wanted(request, filters);
        // Before a ticket is used up.
        requireFits(wanted.subscription());
        Held right = gate.hold(request, wanted.subscription().filters());
        try {
            page(request, response, wanted, right);
        } finally {
            gate.release(right);
        }
    }

    private void page(ServerRequest request, ServerResponse response, PageRequest wanted, Held right) {
        if (request.prologue().method().equals(Method.HEAD)) {
            response.header(JSON).header(NO_STORE);
            response.sink(StreamSink.TYPE).emit(new byte[0]);
            throw new CloseConnectionException("there is no more to a HEAD");
        }
        PageRequest leased = wanted.under(right.lease());
        switch (wanted.waits() ? waitFor(leased, addresses.of(request), right.grant()) : find(leased)) {
            case PageAnswer.Given(EventPage page) -> {
                try (page) {
                    // It may have waited for a minute, and the right to it be over.
                    gate.requireLasting(request, right);
                    response.header(JSON).header(NO_STORE);
                    response.send(page.json(wanted.subscription().format()));
                }
            }
            case PageAnswer.Refused refused -> throw new ProblemException(ProblemType.OVERLOADED, refused.detail(), SOON);
        }
    }

    /** As a stream would be, it is counted. */
    private PageAnswer waitFor(PageRequest wanted, String address, Grant grant) {
        StreamShares.Share share = shares.take(address, grant.caller());
        try {
            return find(wanted);
        } finally {
            share.giveBack();
        }
    }

    private PageAnswer find(PageRequest wanted) {
        Optional<Connection> connection = Connection.current();
        try {
            return hub.page(wanted, gone -> connection.ifPresent(watched -> watched.keepWaiting(gone)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CloseConnectionException("the process is stopping", e);
        } catch (UnusableLogException e) {
            throw new ProblemException(ProblemType.LOG_UNAVAILABLE, "the log cannot be read now", SOON);
        } finally {
            connection.ifPresent(Connection::endWaiting);
        }
    }

    private PageRequest wanted(ServerRequest request, List<String> filters) {
        try {
            var subscription = new Subscription(
                    Filters.of(filters.toArray(String[]::new)),
                    ReadOptions.start(request, hub.id(0).epoch()),
                    ReadOptions.format(request, Format.ENVELOPE));
            return new PageRequest(subscription, ReadOptions.limit(request), ReadOptions.longestWait(request));
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
