package dev.hark.load.drive;

import dev.hark.load.drive.Tally.Count;
import dev.hark.load.ledger.Receipts;
import dev.hark.load.ledger.Schedule;
import dev.hark.load.wire.HttpListener;
import dev.hark.load.wire.HttpResponseDecoder;
import dev.hark.load.wire.SseListener;
import dev.hark.load.wire.Stamp;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;
import org.jspecify.annotations.Nullable;

/**
 * What one reader thread makes of the bytes of its streams: it times each event, checks it and books it.
 *
 * <p>Confined to the reader thread, but for {@link #recent()}; the rest may be read when that thread has ended.
 */
final class Deliveries implements HttpListener, SseListener {
    /** What the hub's own events begin with. */
    static final byte[] OWN = "hark.".getBytes(StandardCharsets.US_ASCII);

    /** The first block of a stream that was admitted. */
    static final byte[] OPEN = "hark.open".getBytes(StandardCharsets.US_ASCII);

    private static final byte[] GAP = "hark.gap".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CLOSE = "hark.close".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] WRAPPED = "\"hl ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DROPPED = "\"dropped\":".getBytes(StandardCharsets.US_ASCII);

    /** Longest latency that is told apart; what is beyond counts as this. */
    static final long MAX_NANOS = 3_600_000_000_000L;

    private final Receipts receipts;
    private final boolean comparesIds;

    /** Whether the server may put what is published into JSON of its own, as Centrifugo does. */
    private final boolean mayWrap;

    private final Tally tally = new Tally();
    private final Stamp stamp = new Stamp();
    private final Histogram connect = new Histogram(MAX_NANOS, 3);
    private final Histogram delivery = new Histogram(MAX_NANOS, 3);
    private final Histogram resume = new Histogram(MAX_NANOS, 3);
    /** Of what was due while streams were away because a node had been taken, and of what was due when all were back. */
    private final Histogram during = new Histogram(MAX_NANOS, 3);

    private final Histogram after = new Histogram(MAX_NANOS, 3);
    private final NodeTally nodes;
    private final SingleWriterRecorder recent = new SingleWriterRecorder(MAX_NANOS, 3);
    private volatile @Nullable Schedule schedule;

    /** When a node was taken away, and when all streams were back; 0 while they are not. */
    private volatile long takenNanos;

    private volatile long backNanos;

    private @Nullable StreamLoop loop;
    private @Nullable Stream stream;
    private long nowNanos;
    private long idHash;
    private boolean idIsLater;

    Deliveries(Receipts receipts, boolean comparesIds) {
        this(receipts, comparesIds, 1);
    }

    Deliveries(Receipts receipts, boolean comparesIds, int nodeCount) {
        this.receipts = receipts;
        nodes = new NodeTally(nodeCount);
        this.comparesIds = comparesIds;
        this.mayWrap = !comparesIds;
        // A server whose ids are not compared need not send any.
        idIsLater = !comparesIds;
    }

    Tally tally() {
        return tally;
    }

    Receipts receipts() {
        return receipts;
    }

    Histogram connect() {
        return connect;
    }

    /** Latencies from due of the measured events. */
    Histogram delivery() {
        return delivery;
    }

    /** From a stream's end, or its cut, to its confirmed start. */
    Histogram resume() {
        return resume;
    }

    /** Latencies of what was due while streams were away because a node had been taken. */
    Histogram during() {
        return during;
    }

    /** Latencies of what was due when all were back. */
    Histogram after() {
        return after;
    }

    /** What there was of each node. Safe from any thread. */
    NodeTally nodes() {
        return nodes;
    }

    /** A node is taken away now. Safe from any thread. */
    void onTaken(long nanos) {
        takenNanos = nanos;
    }

    /** All streams are back. Safe from any thread. */
    void onBack(long nanos) {
        backNanos = nanos;
    }

    /** More streams have ended. Safe from any thread. */
    void onAwayAgain() {
        backNanos = 0;
    }

    /** Latencies from due of all events since the last call to its {@code getIntervalHistogram}. Safe from any thread. */
    SingleWriterRecorder recent() {
        return recent;
    }

    /** From now on events are expected. Safe from any thread, before the first is published. */
    void expect(Schedule expected) {
        schedule = expected;
    }

    /** Points at the stream whose bytes are fed next, and the time when they were read. */
    HttpListener of(Stream next, long readNanos, StreamLoop owner) {
        stream = next;
        nowNanos = readNanos;
        loop = owner;
        return this;
    }

    void onConfirmed(long nanos) {
        connect.recordValue(Math.min(nanos, MAX_NANOS));
    }

    void onResumed(long nanos) {
        resume.recordValue(Math.clamp(nanos, 0, MAX_NANOS));
    }

    @Override
    public void onHead(HttpResponseDecoder response) {
        loop().onHead(stream(), response.status(), response.contentType());
    }

    @Override
    public void onBody(byte[] bytes, int from, int to) throws ProtocolException {
        Stream current = stream();
        if (current.state == Stream.State.LIVE || current.state == Stream.State.AWAITING_START) {
            current.scanner.feed(bytes, from, to, this);
        }
    }

    @Override
    public void onEnd() {
        // Not the close of the connection: a proxy may keep that for another request.
        loop().onEnd(stream());
    }

    @Override
    public void onRetry(long retryMillis) {
        stream().retryMillis = retryMillis;
    }

    @Override
    public void onId(byte[] id, int from, int to) {
        Stream current = stream();
        current.rememberId(id, from, to);
        idHash = comparesIds ? Stamp.hashOf(id, from, to) : 0;
        idIsLater = !comparesIds || current.isAfterLast(id, from, to);
    }

    @Override
    public void onEvent(byte[] type, int typeFrom, int typeTo, byte[] data, int dataFrom, int dataTo) {
        Stream current = stream();
        if (typeTo > typeFrom && isOwn(type, typeFrom, typeTo)) {
            onNotice(type, typeFrom, typeTo, data, dataFrom, dataTo);
            return;
        }
        int from = dataFrom;
        int to = dataTo;
        if (mayWrap && from < to && data[from] == '{') {
            from = indexOfWrapped(data, from, to);
            if (from < 0) {
                // The server's own: a greeting, a ping.
                return;
            }
            to = endOfString(data, from, to);
        }
        boolean sound = stamp.read(data, from, to);
        Schedule expected = schedule;
        if (!sound) {
            tally.add(Count.CORRUPT, 1);
            receipts.onCorrupt(current.subscriber);
            return;
        }
        if (expected == null) {
            tally.add(Count.FOREIGN, 1);
            return;
        }
        long skipped = receipts.skipped();
        Receipts.Kind kind = receipts.onDelivery(current.subscriber, stamp, idHash, nowNanos, !current.hasLeft);
        if (receipts.skipped() != skipped) {
            tally.add(Count.SKIPPED, receipts.skipped() - skipped);
        }
        switch (kind) {
            case IN_ORDER -> {
                if (!idIsLater) {
                    tally.add(Count.DISORDER, 1);
                }
                onNew(expected);
            }
            case OUT_OF_ORDER -> {
                tally.add(Count.DISORDER, 1);
                onNew(expected);
            }
            case WRONG_ID -> {
                tally.add(Count.WRONG_ID, 1);
                onNew(expected);
            }
            case DUPLICATE -> tally.add(Count.DUPLICATE, 1);
            case WRONG_RECIPIENT -> tally.add(Count.WRONG_RECIPIENT, 1);
            case FOREIGN -> tally.add(Count.FOREIGN, 1);
            case UNKNOWN -> tally.add(Count.CORRUPT, 1);
        }
    }

    /** Where a JSON string begins that is an event of ours; -1 where there is none. */
    private static int indexOfWrapped(byte[] data, int from, int to) {
        for (int at = from; at + WRAPPED.length <= to; at++) {
            if (equal(WRAPPED, data, at, at + WRAPPED.length)) {
                return at + 1;
            }
        }
        return -1;
    }

    /** What is published holds nothing that JSON escapes: the next quote is the end. */
    private static int endOfString(byte[] data, int from, int to) {
        int at = from;
        while (at < to && data[at] != '"') {
            at++;
        }
        return at;
    }

    private void onNew(Schedule expected) {
        tally.add(Count.DELIVERED, 1);
        nodes.onDelivery((int) (stream().turn % nodes.nodes()));
        if (!receipts.isOwnFlow(stamp.flow()) || stream().hasLeft) {
            // Due by another process's clock, or while its reader was away on purpose: checked, but not timed.
            return;
        }
        long due = stamp.dueNanos();
        long latency = Math.clamp(nowNanos - due, 0, MAX_NANOS);
        recent.recordValue(latency);
        if (due - expected.measureFromNanos() >= 0) {
            delivery.recordValue(latency);
            stream().slowestNanos = Math.max(stream().slowestNanos, latency);
        }
        Histogram outage = ofOutage(due);
        if (outage != null) {
            outage.recordValue(latency);
        }
    }

    /** Where a latency of what was due then is counted beside all others; null where no node had been taken. */
    @Nullable Histogram ofOutage(long dueNanos) {
        long taken = takenNanos;
        long back = backNanos;
        if (taken == 0 || dueNanos - taken < 0) {
            return null;
        }
        return back != 0 && dueNanos - back >= 0 ? after : during;
    }

    /** Whether an event is the hub's own, and so nothing that was published. */
    static boolean isOwn(byte[] type, int from, int to) {
        return to - from > OWN.length && equal(OWN, type, from, from + OWN.length);
    }

    private void onNotice(byte[] type, int typeFrom, int typeTo, byte[] data, int dataFrom, int dataTo) {
        if (equal(OPEN, type, typeFrom, typeTo)) {
            if (stream().state == Stream.State.AWAITING_START) {
                loop().onStart(stream());
            }
        } else if (equal(GAP, type, typeFrom, typeTo)) {
            tally.add(Count.GAPS, 1);
            receipts.onGap(stream().subscriber, dropped(data, dataFrom, dataTo));
        } else if (equal(CLOSE, type, typeFrom, typeTo)) {
            tally.add(Count.CLOSE_NOTICES, 1);
        }
        // Others say where the stream stands: its id is remembered already.
    }

    static boolean equal(byte[] expected, byte[] bytes, int from, int to) {
        return java.util.Arrays.equals(expected, 0, expected.length, bytes, from, to);
    }

    /** The number after {@code "dropped":} in a gap notice, or -1 if it is null or missing. */
    static long dropped(byte[] data, int from, int to) {
        for (int at = from; at + DROPPED.length <= to; at++) {
            if (java.util.Arrays.equals(DROPPED, 0, DROPPED.length, data, at, at + DROPPED.length)) {
                return number(data, at + DROPPED.length, to);
            }
        }
        return -1;
    }

    private static long number(byte[] data, int from, int to) {
        int at = from;
        while (at < to && data[at] == ' ') {
            at++;
        }
        long value = -1;
        for (; at < to && data[at] >= '0' && data[at] <= '9'; at++) {
            value = Math.max(0, value) * 10 + data[at] - '0';
        }
        return value;
    }

    private Stream stream() {
        return java.util.Objects.requireNonNull(stream, "of() comes before feeding");
    }

    private StreamLoop loop() {
        return java.util.Objects.requireNonNull(loop, "of() comes before feeding");
    }
}
