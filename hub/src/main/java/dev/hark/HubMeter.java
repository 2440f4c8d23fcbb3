package dev.hark;

import dev.hark.event.CloseReason;
import dev.hark.event.Format;
import dev.hark.event.GapReason;
import dev.hark.fanout.DeliveryCounters;
import dev.hark.fanout.OverflowPolicy;
import dev.hark.fanout.StreamEnd;
import dev.hark.log.LogHealth;
import java.util.Locale;
import java.util.function.ToLongFunction;

/**
 * Everything that a hub counts, with the sentence that the metrics page and the documentation print.
 *
 * <p>A counter only grows; a gauge goes up and down. Read at any time, from any thread.
 */
public enum HubMeter {
    PUBLISHED_EVENTS(Kind.COUNTER, "Events that were stored.", Hub::publishedEvents),
    PUBLISHED_BYTES(Kind.COUNTER, "Bytes of data that publishers handed in and that were stored or known.", Hub::publishedBytes),
    PUBLISH_REPEATS(Kind.COUNTER, "Events that were known by their idempotency key and not stored again.", Hub::replayedPublishes),
    PUBLISH_CONFLICTS(
            Kind.COUNTER, "Publishes refused for an idempotency key that another event has or that is in flight.",
            Hub::conflictingPublishes),
    PUBLISH_UNAVAILABLE(Kind.COUNTER, "Publishes refused because the log takes no events.", Hub::unavailablePublishes),
    PUBLISH_UNKNOWN(
            Kind.COUNTER, "Publishes answered without knowing what became of them, because the log did not say in time.",
            Hub::unknownPublishes),

    STREAMS(Kind.GAUGE, "Streams that are open, and pages that wait.", hub -> hub.fanout().streams()),
    STREAMS_INDEXED(Kind.GAUGE, "Streams that the lanes know; equals streams but for moments.", hub -> hub.fanout().indexed()),
    STREAMS_OPENED(Kind.COUNTER, "Streams that were admitted.", of(DeliveryCounters::opened)),
    STREAMS_REFUSED(
            Kind.COUNTER, "Streams, and pages with wait, that were refused because the hub was full, draining or failed.",
            of(DeliveryCounters::refused)),
    STREAMS_REFUSED_INDEX(
            Kind.COUNTER, "Refused streams for which limits.index-bytes, or the number of shapes, was reached.",
            hub -> hub.fanout().indexRefusals()),
    SUBSCRIPTIONS_TOO_LARGE(
            Kind.COUNTER, "Subscriptions refused because their filters take more than limits.subscription-bytes.",
            hub -> hub.fanout().subscriptionsTooLarge()),
    STREAMS_GONE(Kind.COUNTER, "Streams whose client went away.", of(c -> c.ended(StreamEnd.CLIENT_GONE))),
    STREAMS_STALLED(
            Kind.COUNTER, "Streams cut because their socket took nothing for delivery.write-timeout.", of(c -> c.ended(StreamEnd.STALLED))),
    STREAMS_CUT(
            Kind.COUNTER, "Streams cut without hark.close because they had to end at once and their socket took nothing.",
            of(c -> c.ended(StreamEnd.CUT))),
    STREAMS_INTERRUPTED(Kind.COUNTER, "Streams that ended with the process, untold.", of(c -> c.ended(StreamEnd.INTERRUPTED))),
    STREAMS_UNREADABLE(
            Kind.COUNTER, "Streams ended with hark.close because the log could not be read.", of(c -> c.ended(StreamEnd.UNREADABLE))),
    STREAMS_CLOSED_DRAINING(
            Kind.COUNTER, "Streams ended with hark.close because the node was draining.", of(c -> c.closed(CloseReason.DRAINING))),
    STREAMS_CLOSED_FAILED(
            Kind.COUNTER, "Streams ended with hark.close because a thread of the node died.", of(c -> c.closed(CloseReason.FAILED))),
    STREAMS_CLOSED_SLOW(
            Kind.COUNTER, "Streams ended with hark.close because their mailbox overflowed.", of(c -> c.closed(CloseReason.SLOW))),
    STREAMS_CLOSED_TOKEN_EXPIRED(
            Kind.COUNTER, "Streams ended with hark.close because their token expired.", of(c -> c.closed(CloseReason.TOKEN_EXPIRED))),
    STREAMS_CLOSED_REVOKED(
            Kind.COUNTER, "Streams ended with hark.close because their right was taken away.", of(c -> c.closed(CloseReason.REVOKED))),
    STREAMS_CLOSED_ENDED(
            Kind.COUNTER, "Streams ended with hark.close because their topic ended.", of(c -> c.closed(CloseReason.ENDED))),
    STREAMS_AT_END(
            Kind.COUNTER, "Streams answered with 204 because their client has all of a topic that has ended.",
            of(DeliveryCounters::endedAnswers)),
    TOPICS_ENDED(
            Kind.GAUGE, "Topics that have ended, whose last events are retained; 100,000 at most are known.",
            hub -> hub.log().tail().era().ended().size()),

    PAGES(Kind.COUNTER, "Pages that were given, empty ones included.", of(DeliveryCounters::pages)),
    PAGES_WAITING(
            Kind.GAUGE, "Pages that wait for something to be in them; each has a place among the streams.",
            hub -> hub.fanout().waitingPages()),
    PAGE_EVENTS(Kind.COUNTER, "Events given in pages.", of(DeliveryCounters::pageEvents)),
    SNAPSHOTS(
            Kind.COUNTER, "Snapshots that were begun, of streams and pages with since=current.", of(DeliveryCounters::snapshots)),
    SNAPSHOT_EVENTS(
            Kind.COUNTER, "Events given in snapshots; divided by snapshots it is how many one has.", of(DeliveryCounters::snapshotEvents)),
    SHAPES_ENCODED_ENVELOPE(
            Kind.COUNTER, "Envelopes that were encoded: one an event, however many want it.",
            hub -> hub.fanout().shapes().encoded(Format.ENVELOPE)),
    SHAPES_ENCODED_CLOUDEVENTS(
            Kind.COUNTER, "CloudEvents that were encoded: one an event, however many want it.",
            hub -> hub.fanout().shapes().encoded(Format.CLOUDEVENTS)),
    SHAPES_BYTES(
            Kind.GAUGE, "Bytes of the envelopes and CloudEvents that are kept for others, with those of their events.",
            hub -> hub.fanout().shapes().bytes()),

    DELIVERED_EVENTS(Kind.COUNTER, "Events written to streams, replayed ones included.", of(DeliveryCounters::deliveredEvents)),
    REPLAYED_EVENTS(Kind.COUNTER, "Events written to streams that were read back from the log.", of(DeliveryCounters::replayedEvents)),
    WRITTEN_BYTES(Kind.COUNTER, "Bytes written to streams.", of(DeliveryCounters::writtenBytes)),
    WRITES(
            Kind.COUNTER, "Socket writes to streams; delivered_events divided by this is what one write carries.",
            of(DeliveryCounters::writes)),
    LINGERED_WRITES(
            Kind.COUNTER, "Writes to streams that were put off, so that more events could join (topics[].linger).",
            of(DeliveryCounters::lingeredWrites)),
    LINGERED_EVENTS(
            Kind.COUNTER, "Events that waited for such a write; divided by lingered_writes it is what one carries.",
            of(DeliveryCounters::lingeredEvents)),
    HEARTBEATS(Kind.COUNTER, "Signs of life written to silent streams.", of(DeliveryCounters::heartbeats)),

    MAILBOX_SPILLS(Kind.COUNTER, "Mailboxes that ran over and were left to the log (overflow: replay).", of(DeliveryCounters::spills)),
    MAILBOX_WAITING(Kind.GAUGE, "Events that wait in mailboxes.", hub -> hub.fanout().waiting()),
    DROPPED_OLDEST(
            Kind.COUNTER, "Events dropped by drop-oldest, as announced by hark.gap.", of(c -> c.dropped(OverflowPolicy.DROP_OLDEST))),
    DROPPED_NEWEST(
            Kind.COUNTER, "Events dropped by drop-newest, as announced by hark.gap.", of(c -> c.dropped(OverflowPolicy.DROP_NEWEST))),
    DROPPED_CONFLATED(Kind.COUNTER, "Events dropped by conflate, as announced by hark.gap.", of(c -> c.dropped(OverflowPolicy.CONFLATE))),
    GAPS_OVERFLOW(Kind.COUNTER, "Gaps announced because a mailbox overflowed.", of(c -> c.gaps(GapReason.OVERFLOW))),
    GAPS_RETENTION(Kind.COUNTER, "Gaps announced because retention had removed events.", of(c -> c.gaps(GapReason.RETENTION))),
    GAPS_DAMAGE(Kind.COUNTER, "Gaps announced because what the log holds there is damaged.", of(c -> c.gaps(GapReason.DAMAGE))),
    GAPS_RESET(
            Kind.COUNTER, "Gaps announced because the client's id was of another epoch, or the epoch changed.",
            of(c -> c.gaps(GapReason.RESET))),
    GAPS_UNKNOWN_ID(
            Kind.COUNTER, "Gaps announced because the client's id was none that this log gave.", of(c -> c.gaps(GapReason.UNKNOWN_ID))),

    INDEX_BYTES(
            Kind.GAUGE, "Bytes that the filters of streams may take in memory, which limits.index-bytes bounds.",
            hub -> hub.fanout().indexBytes()),
    LANE_BACKLOG(Kind.GAUGE, "Positions of the log that the slowest lane has not offered yet.", hub -> hub.fanout().laneBacklog()),
    LANE_LAG_MILLIS(
            Kind.GAUGE, "Milliseconds that events wait for the slowest lane, to half a second.", hub -> hub.fanout().laneLag().toMillis()),
    READS_WAITING(Kind.GAUGE, "Streams that wait for their turn to read the log.", hub -> hub.fanout().waitingReads()),
    LOG_FLOOR(Kind.GAUGE, "The position before the oldest retained event.", hub -> hub.log().tail().bounds().floor()),
    LOG_NEWEST(Kind.GAUGE, "The position of the newest event.", hub -> hub.log().tail().bounds().newest()),
    LOG_TROUBLE(
            Kind.GAUGE, "Whether the log takes no events or cannot be read, or did so some seconds ago: 1; 0 where all is well.",
            hub -> isWell(hub.log().health()) ? 0 : 1),
    LOG_LOST(Kind.GAUGE, "Positions that were acknowledged and were missing when the log was opened.", hub -> hub.log().health().lost()),
    LOG_DAMAGED(Kind.GAUGE, "Stretches of the log that were found damaged since it was opened.", hub -> hub.log().health().damaged()),
    HOT_BYTES(Kind.GAUGE, "Bytes of the newest events that are kept in memory.", hub -> hub.log().tail().era().hot().bytes());

    /** What every meter's name begins with. */
    public static final String PREFIX = "hark_";

    /** How a meter moves. */
    public enum Kind {
        COUNTER,
        GAUGE
    }

    private final Kind kind;
    private final String sentence;

    @SuppressWarnings("ImmutableEnumChecker") // every one is a lambda without state
    private final ToLongFunction<Hub> reading;


    HubMeter(Kind kind, String sentence, ToLongFunction<Hub> reading) {
        this.kind = kind;
        this.sentence = sentence;
        this.reading = reading;
    }

    private static boolean isWell(LogHealth health) {
        return health.trouble() == null && health.refusal() == null;
    }

    private static ToLongFunction<Hub> of(ToLongFunction<DeliveryCounters> reading) {
        return hub -> reading.applyAsLong(hub.fanout().counters());
    }

    public Kind kind() {
        return kind;
    }

    /** What it says, in one sentence. */
    public String sentence() {
        return sentence;
    }

    /** {@code hark_published_events}, to which Prometheus' text adds {@code _total} for counters. */
    public String metricName() {
        return PREFIX + name().toLowerCase(Locale.ROOT);
    }

    /** The value now. */
    public long read(Hub hub) {
        return reading.applyAsLong(hub);
    }
}
