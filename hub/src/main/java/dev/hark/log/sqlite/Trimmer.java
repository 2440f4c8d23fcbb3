package dev.hark.log.sqlite;

import dev.hark.log.IdempotencyLimits;
import dev.hark.log.LogConfig;
import dev.hark.log.Retention;
import dev.hark.log.TopicClass;
import dev.hark.log.TopicClasses;
import dev.hark.log.sqlite.EventStore.Wanted;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/**
 * What retention removes, a step with each transaction of the writer.
 *
 * <p>Confined to the log's writer thread.
 */
final class Trimmer {
    /** How many too many are worth the bother while publishers wait. */
    private static final int TOLERATED_EVENTS = 1_000;

    private static final long TOLERATED_BYTES = 1L << 20;

    private final EventStore store;
    private final LogConfig config;

    Trimmer(EventStore store, LogConfig config) {
        this.store = store;
        this.config = config;
    }

    /**
     * A log without what retention removes.
     *
     * @param more      whether there is more to remove
     * @param endsMoved whether chains end somewhere else now
     */
    record Trimmed(LogState state, ClassStates counted, boolean more, boolean endsMoved) {}

    /**
     * Removes what is too much of what {@code transaction} leaves behind.
     *
     * @param before what the database says of its classes now
     * @param asked  whether time asks for it; otherwise only what is far too much goes
     * @param clock  how late it is
     */
    Trimmed trim(Transaction transaction, ClassStates before, int removals, boolean asked, InstantSource clock) throws SQLException {
        LogState full = transaction.state();
        if (!before.areNone()) {
            return trimEach(transaction, removals, asked, clock);
        }
        Retention retention = config.retention();
        if (isDue(full.events(), full.bytes(), retention, asked)) {
            LogState left = store.removeOldest(full, wanted(retention, clock), removals);
            return new Trimmed(left, before, full.events() - left.events() >= removals, false);
        }
        return new Trimmed(full, before, false, false);
    }

    /** Class by class, whose events stand among each other's. */
    private Trimmed trimEach(Transaction transaction, int removals, boolean asked, InstantSource clock) throws SQLException {
        LogState left = transaction.state();
        ClassStates states = transaction.counted();
        boolean more = false;
        boolean endsMoved = false;
        TopicClasses classes = config.classes();
        for (Map.Entry<Integer, List<Long>> each : LatestTable.byClass(transaction.superseded()).entrySet()) {
            ClassSweep.Swept swept = store.remove(left, states.get(each.getKey()), each.getValue(), classes, transaction::chainEnd);
            left = swept.log();
            states = states.with(swept.state());
            transaction.moved().putAll(swept.ends());
            endsMoved |= !swept.ends().isEmpty();
        }
        for (TopicClass each : classes.all()) {
            ClassState state = states.get(each.number());
            Retention retention = each.keep().retention();
            // What was stored before a rule said that nothing is, goes.
            boolean due = retention == null ? asked : isDue(state.events(), state.bytes(), retention, asked);
            if (state.events() > 0 && due) {
                Wanted wanted = retention == null ? (events, bytes, timeMillis) -> true : wanted(retention, clock);
                if (state.isAllOf(left)) {
                    // Nothing stands among its events, so none of them has to be looked at.
                    LogState without = store.removeOldest(left, wanted, removals);
                    more |= left.events() - without.events() >= removals;
                    states = states.with(state.without(left, without));
                    left = without;
                    continue;
                }
                ClassSweep.Swept swept = store.sweep(
                        left, state, classes, wanted, removals, transaction::chainEnd);
                left = swept.log();
                states = states.with(swept.state());
                transaction.moved().putAll(swept.ends());
                more |= swept.full();
                endsMoved |= !swept.ends().isEmpty();
            }
        }
        return new Trimmed(left, states, more, endsMoved);
    }

    private static boolean isDue(long events, long bytes, Retention retention, boolean asked) {
        return asked || events - retention.events() >= TOLERATED_EVENTS || bytes - retention.bytes() >= TOLERATED_BYTES;
    }

    private static Wanted wanted(Retention retention, InstantSource clock) {
        long oldest = oldestToKeep(retention, clock);
        return (events, bytes, timeMillis) ->
                timeMillis < oldest || events > retention.events() || (bytes > retention.bytes() && events > 1);
    }

    private static long oldestToKeep(Retention retention, InstantSource clock) {
        return clock.millis() - retention.age().toMillis();
    }

    /** Forgets idempotency keys that are too old or too many. */
    LogState forget(LogState full, InstantSource clock) throws SQLException {
        if (full.keys() == 0) {
            return full;
        }
        IdempotencyLimits limits = config.idempotency();
        long oldest = clock.millis() - limits.age().toMillis() + 1;
        long left = full.keys() - store.forgetBefore(oldest, SqliteWriter.MAX_REMOVALS);
        long excess = left - limits.keys();
        return full.withKeys(excess <= 0 ? left : left - store.forgetOldest(Math.min(excess, SqliteWriter.MAX_REMOVALS)));
    }
}
