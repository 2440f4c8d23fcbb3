package dev.hark.app.http;

import dev.hark.app.config.TimeSpan;
import dev.hark.event.EventId;
import dev.hark.event.Format;
import dev.hark.event.InvalidEventException;
import dev.hark.fanout.PageRequest;
import dev.hark.fanout.Start;
import io.helidon.common.parameters.Parameters;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.time.Duration;
import java.util.List;

/**
 * What a request says about how events are to be given: where they start, in which format, how many at once. Every method throws an
 * {@link InvalidEventException} that names the parameter, the value and what is allowed. Stateless.
 */
final class ReadOptions {
    private static final HeaderName LAST_EVENT_ID = HeaderNames.create("Last-Event-ID");

    private static final String CURRENT = "current";

    private ReadOptions() {}

    /**
     * Where to start: the first that is given of the header {@code Last-Event-ID} and the parameters {@code lastEventId}, {@code since} and
     * {@code last}.
     *
     * @param epoch of the log as it is
     */
    static Start start(ServerRequest request, String epoch) {
        List<String> headers = request.headers().all(LAST_EVENT_ID, List::of);
        String id = LastEventIds.newest(headers, epoch);
        if (!id.isEmpty()) {
            return new Start.After(id, asksForCurrent(request.query()));
        }
        Start fresh = start(request.query());
        // A header without an id comes from a client that had one and was given an answer without.
        return headers.isEmpty() || fresh instanceof Start.After ? fresh : new Start.Lost(fresh);
    }

    private static Start start(Parameters query) {
        String lastEventId = parameter(query, "lastEventId");
        String since = parameter(query, "since");
        String last = parameter(query, "last");
        if (!lastEventId.isEmpty()) {
            return new Start.After(lastEventId, since.equals(CURRENT));
        }
        if (!since.isEmpty()) {
            return since(since);
        }
        return last.isEmpty() ? new Start.Latest() : last(last);
    }

    /** Whether a client that comes back began with the newest events: its address says so still. */
    private static boolean asksForCurrent(Parameters query) {
        return QueryNames.values(query, "since").contains(CURRENT);
    }

    private static Start since(String since) {
        if (since.equals("latest")) {
            return new Start.Latest();
        }
        if (since.equals("earliest")) {
            return new Start.Earliest();
        }
        if (since.equals(CURRENT)) {
            return new Start.Current();
        }
        if (EventId.parse(since).isPresent()) {
            return new Start.After(since);
        }
        return TimeSpan.parse(since).map(Start.Back::new).orElseThrow(() -> new InvalidEventException(
                "since is '" + Shown.of(since) + "'; latest, earliest, current, an event id and a time back such as 10m, 1h30m or PT10M"
                        + " are allowed"));
    }

    private static Start last(String last) {
        try {
            return new Start.Last(Integer.parseInt(last));
        } catch (NumberFormatException e) {
            throw new InvalidEventException("last is '" + Shown.of(last) + "'; a number from 0 to " + Start.Last.MAX_COUNT + " is allowed");
        }
    }

    /** In which shape events are wanted; {@code usual} where nothing is said. */
    static Format format(ServerRequest request, Format usual) {
        String format = parameter(request.query(), "format");
        return format.isEmpty()
                ? usual
                : Format.parse(format).orElseThrow(() -> new InvalidEventException(
                        "format is '" + Shown.of(format) + "'; " + Format.list() + " are allowed"));
    }

    /** How many events a page may have. */
    static int limit(ServerRequest request) {
        String limit = parameter(request.query(), "limit");
        try {
            return limit.isEmpty() ? PageRequest.DEFAULT_LIMIT : Integer.parseInt(limit);
        } catch (NumberFormatException e) {
            throw new InvalidEventException(
                    "limit is '" + Shown.of(limit) + "'; a number from 1 to " + PageRequest.MAX_LIMIT + " is allowed");
        }
    }

    /** How long a page may be waited for. */
    static Duration longestWait(ServerRequest request) {
        String wait = parameter(request.query(), "wait");
        return wait.isEmpty()
                ? Duration.ZERO
                : TimeSpan.parse(wait).orElseThrow(() -> new InvalidEventException("wait is '" + Shown.of(wait) + "'; a time of up to "
                        + PageRequest.MAX_WAIT.toSeconds() + " s, such as 20s or PT20S, is allowed"));
    }

    /** Refuses what a page has and a stream has not: who asks for it has forgotten to ask for a page. */
    static void requireNoneOfPages(ServerRequest request) {
        for (String name : List.of("limit", "wait")) {
            if (request.query().contains(name)) {
                throw new InvalidEventException(name + " is for pages, and this request asks for a stream; Accept: application/json"
                        + " asks for a page");
            }
        }
    }

    private static String parameter(Parameters query, String name) {
        List<String> values = QueryNames.values(query, name);
        if (values.size() > 1) {
            throw new InvalidEventException(name + " is given " + values.size() + " times; one is allowed");
        }
        return values.isEmpty() ? "" : values.getFirst();
    }
}
