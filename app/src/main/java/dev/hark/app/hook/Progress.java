package dev.hark.app.hook;

import dev.hark.app.state.WorkState;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** How a hook gets on, for who asks. Told by the thread of its hook alone, asked by anybody. */
final class Progress {
    private record Now(HookStatus.State state, String trouble, int failed, @Nullable Long troubledSinceNanos) {
        static Now of(HookStatus.State state) {
            return new Now(state, "", 0, null);
        }
    }

    private final LongSupplier nanoTime;
    private final LongAdder told = new LongAdder();
    private final LongAdder dead = new LongAdder();
    private final LongAdder calls = new LongAdder();
    private final LongAdder failedCalls = new LongAdder();
    private volatile HookStatus.Totals all = HookStatus.Totals.NONE;
    private volatile Now now = Now.of(HookStatus.State.STANDBY);

    Progress(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** It has no turn. */
    void standsBy() {
        now = Now.of(HookStatus.State.STANDBY);
    }

    /** It has told all, or is about to. */
    void isWell() {
        now = Now.of(HookStatus.State.RUNNING);
    }

    /** It does not get on, after {@code failed} calls with the same events. */
    void isInTrouble(String why, int failed) {
        Long before = now.troubledSinceNanos();
        now = new Now(HookStatus.State.TROUBLE, why, failed, before == null ? (Long) nanoTime.getAsLong() : before);
    }

    /** Whoever is called wants no more. */
    void isUnwanted(String why) {
        Long before = now.troubledSinceNanos();
        now = new Now(HookStatus.State.UNWANTED, why, 0, before == null ? (Long) nanoTime.getAsLong() : before);
    }

    void called(boolean taken) {
        (taken ? calls : failedCalls).increment();
    }

    void has(long toldNow, long deadNow) {
        told.add(toldNow);
        dead.add(deadNow);
    }

    void totals(@Nullable WorkState state) {
        all = state == null ? HookStatus.Totals.NONE : new HookStatus.Totals(state.published(), state.refused(), state.refusals());
    }

    String trouble() {
        return now.trouble();
    }

    HookStatus status(String name, String address, int topics, long beyond) {
        Now is = now;
        Long since = is.troubledSinceNanos();
        Duration behind = since == null ? Duration.ZERO : Duration.ofNanos(Math.max(0, nanoTime.getAsLong() - since));
        return new HookStatus(name, address, is.state(), behind, is.failed(), is.trouble(), topics, beyond,
                new HookStatus.Counts(told.sum(), dead.sum(), calls.sum(), failedCalls.sum()), all);
    }
}
