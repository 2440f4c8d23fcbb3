package dev.hark.app.http;

import dev.hark.app.listen.Connection;
import dev.hark.app.listen.ListenCounters;
import io.helidon.webserver.http.ServerRequest;
import java.util.Map;

/** Has bodies read for as long as there is room for them in the {@link BodyBudget}, and refuses them where there is none. Thread-safe. */
final class BodyRoom {
    private static final Map<String, String> SOON = Map.of("Retry-After", "1");

    /** The same, in the middle of a body, of which the rest is nobody's. */
    private static final Map<String, String> SOON_ANEW = Map.of("Retry-After", "1", "Connection", "close");

    /** What each piece that arrives takes beside its bytes, for as long as Helidon holds it in a list. */
    private static final int PIECE_BYTES = 64;

    private final BodyBudget bodies;
    private final ListenCounters counters;

    BodyRoom(BodyBudget bodies, ListenCounters counters) {
        this.bodies = bodies;
        this.counters = counters;
    }

    /**
     * Does {@code work}, which reads the body of {@code request}, as long as there is room for what arrives of it. What is announced takes
     * no room; but where there would be none for it now, the client need not send it.
     *
     * @param address  of the client
     * @param maxBytes what {@code work} refuses beyond
     * @throws ProblemException where there is no room
     */
    void during(ServerRequest request, String address, int maxBytes, Runnable work) {
        if (!request.content().hasEntity()) {
            work.run();
            return;
        }
        try (BodyBudget.Body body = bodies.expect(address)) {
            long announced = request.headers().contentLength().orElse(0);
            if (announced <= maxBytes && !body.fits(announced)) {
                throw busy(SOON);
            }
            Connection.current().ifPresent(connection -> {
                int there = Math.min(connection.behindHead(), announced > 0 ? (int) Math.min(announced, maxBytes) : maxBytes);
                grow(body, there);
                connection.tellArrivals(bytes -> grow(body, bytes));
            });
            work.run();
        } finally {
            Connection.current().ifPresent(connection -> connection.tellArrivals(null));
        }
    }

    private void grow(BodyBudget.Body body, int bytes) {
        if (!body.grow(bytes + PIECE_BYTES)) {
            throw busy(SOON_ANEW);
        }
    }

    private ProblemException busy(Map<String, String> headers) {
        counters.bodyRefused();
        return new ProblemException(
                ProblemType.BUSY,
                "bodies of " + bodies.taken() + " bytes are being received or stored; there is no room for this one, or not beside"
                        + " others of its address",
                headers);
    }
}
