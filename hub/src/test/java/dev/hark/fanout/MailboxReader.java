package dev.hark.fanout;

/**
 * The loop of {@link Subscriber} over a log that has every event, one a position; checks order and counts. Confined to
 * its thread, but for the position.
 */
final class MailboxReader {
    private final Mailbox mailbox;
    private final Batch batch = new Batch();
    private volatile long position;
    private long delivered;
    private long dropped;
    private long parks;

    MailboxReader(Mailbox mailbox) {
        this.mailbox = mailbox;
    }

    /** Reads until the mailbox is closed, and really parks. */
    void readToTheEnd() throws InterruptedException {
        readThrough(Long.MAX_VALUE);
    }

    void readThrough(long end) throws InterruptedException {
        while (position < end) {
            switch (readOnce()) {
                case FILLED, BEHIND, HEARTBEAT, RESET -> {}
                case EMPTY -> {
                    parks++;
                    mailbox.await();
                }
                case CLOSED -> {
                    return;
                }
            }
        }
    }

    Mailbox.Drained readOnce() {
        Mailbox.Drained drained = mailbox.drain(batch, position);
        switch (drained) {
            case FILLED -> read();
            case BEHIND -> {
                long through = mailbox.spilledThrough();
                delivered += through - position;
                position = through;
            }
            case EMPTY, HEARTBEAT, RESET, CLOSED -> {}
        }
        return drained;
    }

    private void read() {
        long at = position;
        dropped += batch.droppedBefore();
        for (int i = 0; i < batch.count(); i++) {
            long sequence = batch.event(i).sequence();
            if (sequence <= at) {
                throw new AssertionError("event " + sequence + " after position " + at);
            }
            at = sequence;
        }
        delivered += batch.count();
        dropped += batch.droppedAfter();
        if (batch.droppedAfter() > 0) {
            at = batch.resumedAfter();
        }
        batch.clear();
        position = at;
    }

    /** Everything up to the position was delivered or is known to be lost, and no event is both. */
    void check() {
        if (delivered + dropped != position) {
            throw new AssertionError("delivered " + delivered + " and dropped " + dropped + " up to position " + position);
        }
    }

    /** Up to where it has read. Thread-safe. */
    long position() {
        return position;
    }

    long dropped() {
        return dropped;
    }

    long parks() {
        return parks;
    }
}
