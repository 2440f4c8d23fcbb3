package dev.hark.app.source;

import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** How a source gets on, for who asks. Told by the thread of its source alone, asked by anybody. */
final class Progress {
    /** @param behindSinceNanos all that was there then is published; null where that is so of all there is */
    private record Now(SourceStatus.State state, String trouble, long waiting, @Nullable Long behindSinceNanos) {}

    private final LongSupplier nanoTime;
    private final LongAdder published = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private volatile SourceStatus.Totals inAll = SourceStatus.Totals.NONE;
    private volatile Now now;

    /** When it began to look for what it reads now: what was there then is published when it {@link #hasAll}. */
    private @Nullable Long lookNanos;

    Progress(SourceStatus.State state, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.now = new Now(state, "", 0, null);
    }

    /** It has no turn. */
    void standsBy() {
        now = new Now(SourceStatus.State.STANDBY, "", 0, null);
    }

    /** It is about to ask for what comes next. */
    void looks() {
        if (lookNanos == null) {
            lookNanos = nanoTime.getAsLong();
        }
    }

    /** Nothing waited behind what it read last, and that is stored. */
    void hasAll() {
        if (now.behindSinceNanos() != null) {
            // Not from the newest look on: of what came while it read page after page, none may have been seen.
            now = new Now(now.state(), now.trouble(), now.waiting(), lookNanos);
        }
        lookNanos = null;
    }

    /** There was nothing to read. */
    void isAtEnd() {
        now = new Now(SourceStatus.State.RUNNING, "", 0, null);
    }

    /** It has {@code waiting} items and maybe more before it. */
    void isBehind(long waiting) {
        now = new Now(SourceStatus.State.RUNNING, "", waiting, since());
    }

    /** It does not get on. */
    void isInTrouble(String why) {
        now = new Now(SourceStatus.State.TROUBLE, why, now.waiting(), since());
    }

    void has(long events, long refusals) {
        published.add(events);
        refused.add(refusals);
    }

    void totals(SourceStatus.Totals totals) {
        inAll = totals;
    }

    private Long since() {
        Long before = now.behindSinceNanos() == null ? lookNanos : now.behindSinceNanos();
        return before == null ? (Long) nanoTime.getAsLong() : before;
    }

    String trouble() {
        return now.trouble();
    }

    SourceStatus status(String name, Upstream upstream) {
        Now is = now;
        Long since = is.behindSinceNanos();
        Duration behind = since == null ? Duration.ZERO : Duration.ofNanos(Math.max(0, nanoTime.getAsLong() - since));
        return new SourceStatus(name, upstream.kind(), upstream.address(), is.state(), behind, is.waiting(), is.trouble(), published.sum(),
                refused.sum(), inAll);
    }
}
