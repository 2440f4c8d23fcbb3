package dev.hark.fanout;

/**
 * How much may wait for one subscriber. The frames are shared with every other subscriber; the bytes bound
 * what one slow client keeps alive.
 *
 * @param events how many events at most, at least 1
 * @param bytes  how many bytes of frames at most, at least 1; one event always fits into an empty mailbox
 */
public record MailboxLimits(int events, int bytes) {
    /** @throws IllegalArgumentException naming the bound that is out of range */
    public MailboxLimits {
        if (events < 1 || bytes < 1) {
            throw new IllegalArgumentException("mailbox bounded by " + events + " events and " + bytes + " bytes; both must be at least 1");
        }
    }

    /** The larger of both in each bound. */
    MailboxLimits max(MailboxLimits other) {
        return new MailboxLimits(Math.max(events, other.events), Math.max(bytes, other.bytes));
    }
}
