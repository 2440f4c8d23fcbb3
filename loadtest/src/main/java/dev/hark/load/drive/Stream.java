package dev.hark.load.drive;

import dev.hark.load.wire.HttpResponseDecoder;
import dev.hark.load.wire.SseScanner;
import dev.hark.load.wire.Stamp;
import java.nio.channels.SelectionKey;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One subscriber's connection: where it stands, and the unread rest of what it was sent.
 *
 * <p>Confined to its reader thread.
 */
final class Stream {
    enum State {
        IDLE,
        CONNECTING,
        /** Its ticket is on its way. */
        AWAITING_TICKET,
        AWAITING_HEAD,
        AWAITING_START,
        LIVE,
        STALLED,
        /** It left on purpose, and is late. */
        AWAY,
        WAITING_TO_RESUME,
        OVER
    }

    /** What a scanner accepts; the hub's own limit for an event is 60 KiB. */
    private static final int MAX_EVENT_BYTES = 16 << 20;

    /** Longer ids are not kept: a stream that has one is not resumed. */
    private static final int MAX_ID_BYTES = 256;

    private static final int MAX_SEQUENCE_DIGITS = 18;
    private static final long DEFAULT_RETRY_MILLIS = 2000;

    final int subscriber;
    State state = State.IDLE;
    @Nullable SelectionKey key;
    HttpResponseDecoder decoder = new HttpResponseDecoder();
    SseScanner scanner = new SseScanner(MAX_EVENT_BYTES);

    /** The number at the end of the last event's id, and a hash of what stands before it. */
    private long lastSequence;

    private long lastEpoch;

    private byte[] lastId = {};
    private int lastIdLength;
    /** What comes to its request for a ticket; null where it needs none. */
    @Nullable TicketAnswer ticketAnswer;
    /** With which it is to be opened, on a connection of its own; null where it has none. */
    Target.@Nullable Ticket ticket;
    /** Its node is that whose turn it is; it moves on with each connection that is not its first. */
    long turn;
    boolean confirmedOnce;
    boolean hasLeft;
    long startedNanos;
    long retryMillis = DEFAULT_RETRY_MILLIS;
    long resumeAtNanos;
    /** When it was cut, or left; of no meaning while it is up. */
    long awaySinceNanos;
    /** The longest latency of its measured deliveries; 0 where it had none. */
    long slowestNanos;

    /** @param turn with which node it begins */
    Stream(int subscriber, long turn) {
        this.subscriber = subscriber;
        this.turn = turn;
    }

    void rememberId(byte[] id, int from, int to) {
        int length = to - from;
        if (length > MAX_ID_BYTES) {
            lastIdLength = 0;
            return;
        }
        if (lastId.length < length) {
            lastId = new byte[Math.max(24, length)];
        }
        System.arraycopy(id, from, lastId, 0, length);
        lastIdLength = length;
    }

    /**
     * Whether an event whose id ends in a number, such as {@code <epoch>-<sequence>}, comes after the one before it. Ids of another shape,
     * and the first of an epoch, always do.
     */
    boolean isAfterLast(byte[] id, int from, int to) {
        int digits = to;
        while (digits > from && id[digits - 1] >= '0' && id[digits - 1] <= '9') {
            digits--;
        }
        if (digits == to || digits == from || id[digits - 1] != '-' || to - digits > MAX_SEQUENCE_DIGITS) {
            return true;
        }
        long sequence = 0;
        for (int i = digits; i < to; i++) {
            sequence = sequence * 10 + id[i] - '0';
        }
        long epoch = Stamp.hashOf(id, from, digits);
        boolean after = epoch != lastEpoch || sequence > lastSequence;
        lastEpoch = epoch;
        lastSequence = sequence;
        return after;
    }

    /** Whether it was asked for, and is not there yet. */
    boolean isOnItsWay() {
        return switch (state) {
            case CONNECTING, AWAITING_TICKET, AWAITING_HEAD, AWAITING_START -> true;
            case IDLE, LIVE, STALLED, AWAY, WAITING_TO_RESUME, OVER -> false;
        };
    }

    @Nullable String lastEventId() {
        return lastIdLength == 0 ? null : new String(lastId, 0, lastIdLength, StandardCharsets.UTF_8);
    }

    /** Makes it ready for another connection. */
    void renew() {
        ticketAnswer = null;
        decoder = new HttpResponseDecoder();
        scanner = new SseScanner(MAX_EVENT_BYTES);
    }
}
