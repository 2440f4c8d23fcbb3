package dev.hark.app.listen;

import java.util.Locale;
import java.util.function.ToLongFunction;

/**
 * Everything that is counted of connections, and of what is refused for whom it comes from, with the sentence that the metrics page
 * prints. Read at any time, from any thread.
 */
public enum ListenMeter {
    CONNECTIONS(true, "Connections that hold a place of the data listener, streams included.", Listeners::dataConnections),
    CONNECTION_PLACES(true, "Connections that the data listener holds at most.", Listeners::dataPlaces),
    CONNECTIONS_EVICTED(
            false, "Idle connections closed because their listener had no place left.", of(c -> c.evicted.sum())),
    CONNECTIONS_IDLE(
            false, "Connections closed after server.idle-timeout without a request, or about the same one.",
            of(c -> c.idle.sum())),
    CONNECTIONS_FAILED_HANDSHAKE(
            false, "Connections whose TLS handshake failed, or whose client left in it.", of(c -> c.failedHandshakes.sum())),
    CONNECTIONS_SLOW_HANDSHAKE(
            false, "Connections closed in a TLS handshake that took longer than server.arrival-timeout.",
            of(c -> c.slowHandshakes.sum())),
    CONNECTIONS_SLOW_HEAD(
            false, "Connections closed because the head of a request took longer than server.arrival-timeout.",
            of(c -> c.slowHeads.sum())),
    CONNECTIONS_SLOW_BODY(
            false, "Requests ended because too little of their body arrived within server.arrival-timeout.",
            of(c -> c.slowBodies.sum())),
    CONNECTIONS_SLOW_END(
            false, "Connections reset because their client did not take the end of a TLS connection.", of(c -> c.slowEnds.sum())),
    BODIES_REFUSED(false, "Bodies refused because there was no room for them.", of(c -> c.refusedBodies.sum())),
    HEADS_REFUSED(
            false, "Connections closed because there was no room for a request head of more than 16 KiB.",
            of(c -> c.refusedHeads.sum())),
    STREAMS_REFUSED_ADDRESS(
            false, "Streams and waiting pages refused; limits.subscribers-per-ip were held.",
            of(c -> c.streamsBeyondAddress.sum())),
    STREAMS_REFUSED_SUBJECT(
            false, "Streams and waiting pages refused; limits.subscribers-per-subject were held.",
            of(c -> c.streamsBeyondSubject.sum())),
    PUBLISH_RATE_LIMITED(
            false, "Publishes refused because their address, subject or key had used its rate up.",
            of(c -> c.publishesBeyondRate.sum()));

    private final boolean gauge;
    private final String sentence;

    @SuppressWarnings("ImmutableEnumChecker") // every one is a lambda without state
    private final ToLongFunction<Listeners> reading;

    ListenMeter(boolean gauge, String sentence, ToLongFunction<Listeners> reading) {
        this.gauge = gauge;
        this.sentence = sentence;
        this.reading = reading;
    }

    private static ToLongFunction<Listeners> of(ToLongFunction<ListenCounters> reading) {
        return listeners -> reading.applyAsLong(listeners.counters());
    }

    /** Whether it goes up and down; otherwise it only grows. */
    public boolean isGauge() {
        return gauge;
    }

    /** What it says, in one sentence. */
    public String sentence() {
        return sentence;
    }

    /** {@code connections_evicted}, which the page puts the hub's prefix before. */
    public String metricName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The value now. */
    public long read(Listeners listeners) {
        return reading.applyAsLong(listeners);
    }
}
