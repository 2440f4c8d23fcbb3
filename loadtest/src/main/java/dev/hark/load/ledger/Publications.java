package dev.hark.load.ledger;

/**
 * What became of every event on the publishing side.
 *
 * <p>Written by the publisher's thread only; read by others when it has ended.
 */
@SuppressWarnings("EnumOrdinal") // a byte per event, by ordinal: it lives no longer than the process
public final class Publications {
    /** What is known of an event. */
    public enum Fate {
        /** Never left: the run ended, or no connection could be had. */
        UNSENT,
        /** Left, but the answer never came: it may have been published or not, so nobody owes it. */
        SENT,
        /** Answered with success: everybody who reads the topic is owed it. */
        ACKNOWLEDGED,
        /** Answered with a refusal. */
        REFUSED
    }

    private static final Fate[] FATES = Fate.values();

    private final byte[] fates;
    private final long[] sentNanos;
    private final long[] answeredNanos;
    private final long[] idHashes;

    public Publications(int events) {
        fates = new byte[events];
        sentNanos = new long[events];
        answeredNanos = new long[events];
        idHashes = new long[events];
    }

    public int events() {
        return fates.length;
    }

    public void onSent(int event, long nanos) {
        fates[event] = (byte) Fate.SENT.ordinal();
        sentNanos[event] = nanos;
    }

    /** The id's hash, or 0 where the server tells none. */
    public void onAcknowledged(int event, long nanos, long idHash) {
        fates[event] = (byte) Fate.ACKNOWLEDGED.ordinal();
        answeredNanos[event] = nanos;
        idHashes[event] = idHash;
    }

    public void onRefused(int event, long nanos) {
        fates[event] = (byte) Fate.REFUSED.ordinal();
        answeredNanos[event] = nanos;
    }

    public Fate fate(int event) {
        return FATES[fates[event]];
    }

    public long sentNanos(int event) {
        return sentNanos[event];
    }

    public long answeredNanos(int event) {
        return answeredNanos[event];
    }

    public long idHash(int event) {
        return idHashes[event];
    }

    /** Another generator's event, as it said: when that was is not known by this clock. The run's thread only. */
    public void onTold(int event, Fate fate, long idHash) {
        fates[event] = (byte) fate.ordinal();
        idHashes[event] = idHash;
    }

    /** How many of a generator's own events met this fate. */
    public int count(Fate fate, Traffic traffic) {
        int count = 0;
        for (int event = 0; event < fates.length; event++) {
            if (fates[event] == fate.ordinal() && traffic.isOwn(event)) {
                count++;
            }
        }
        return count;
    }
}
