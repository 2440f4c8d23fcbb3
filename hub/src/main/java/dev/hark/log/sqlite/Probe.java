package dev.hark.log.sqlite;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * A look at single rows of a database that may be damaged: which is the first after a position, and where reading can go on behind damage.
 *
 * <p>Confined to one thread at a time.
 */
public final class Probe {
    /* A page that SQLite cannot read takes some dozens of events with it, and whoever seeks into it is told that the database is malformed.
       So the distance is doubled until a row is found that is as it was stored, and halved again to the beginning of what can be read: some
       sixty looks at the most, however much is damaged.

       What is found is not trusted either. Where pages stand in each other's place, the first row that is found may be far away, and name a
       predecessor as far away: then it is looked for rows between. */

    // With >=, not >: a search for what is greater than the last of a page that is damaged would have to enter that page. Without an upper
    // bound: a row whose number was damaged would end the search, and hide what comes after it.
    private static final String FIRST = "SELECT " + StoredEvent.COLUMNS + " FROM event WHERE sequence >= ? ORDER BY sequence LIMIT 1";

    private final Connection connection;
    private boolean damaged;
    private @Nullable SQLException refusal;

    /** @param connection reads, in a state of the database that its owner chooses */
    public Probe(Connection connection) {
        this.connection = connection;
    }

    /** The first event at {@code sequence} or later, up to {@code newest}; null where there is none or it is damaged. */
    @Nullable StoredEvent first(long sequence, long newest) {
        damaged = false;
        try (PreparedStatement first = connection.prepareStatement(FIRST)) {
            first.setLong(1, sequence);
            try (ResultSet rows = first.executeQuery()) {
                if (!rows.next()) {
                    return null;
                }
                StoredEvent row = StoredEvent.read(rows);
                damaged = !row.isIntact() || row.sequence() < sequence;
                return damaged || row.sequence() > newest ? null : row;
            }
        } catch (SQLException e) {
            damaged = true;
            refusal = e;
            return null;
        }
    }

    /** As {@link #first}, but looks on behind what is damaged. */
    @Nullable StoredEvent firstReadable(long sequence, long newest) {
        StoredEvent found = first(sequence, newest);
        return found != null || !damaged ? found : beyond(sequence, newest);
    }

    /** The first event after {@code sequence}, where none is found, up to {@code newest}; null where none is found there either. */
    private @Nullable StoredEvent beyond(long sequence, long newest) {
        StoredEvent found = null;
        // From `low` on nothing is found, and from `high` on something.
        long low = sequence;
        long high = newest + 1;
        for (long step = 1; found == null && high - low > step; step *= 2) {
            found = first(low + step, newest);
            if (found == null) {
                low += step;
            } else {
                high = low + step;
            }
        }
        while (high - low > 1) {
            long middle = low + (high - low) / 2;
            StoredEvent nearer = first(middle, newest);
            if (nearer == null) {
                low = middle;
            } else {
                high = middle;
                found = nearer;
            }
        }
        return found;
    }

    /**
     * Up to where nothing can be read after {@code from}; {@code from} itself where all is well.
     *
     * @throws SQLException if nothing up to {@code newest} can be read for a reason that may pass
     */
    public long goneThrough(long from, long newest) throws SQLException {
        refusal = null;
        StoredEvent next = first(from + 1, newest);
        long claimed = next == null ? newest : next.previous();
        if (claimed <= from) {
            return from;
        }
        StoredEvent found = beyond(from + 1, claimed);
        if (found != null) {
            return found.previous() > from ? found.previous() : found.sequence() - 1;
        }
        if (next == null && refusal != null && !Faults.isDamage(refusal)) {
            throw refusal;
        }
        return claimed;
    }

    /** The position before the first event of {@code timeMillis} or later, from {@code floor} up to {@code newest}; times never go back. */
    public long before(long timeMillis, long floor, long newest) {
        long low = floor;
        long high = newest;
        // Everything up to `low` is older; the first event after `high` is not, or is damaged like all between.
        while (low < high) {
            long middle = low + (high - low) / 2;
            StoredEvent row = firstReadable(middle + 1, high);
            if (row != null && row.timeMillis() < timeMillis) {
                low = row.sequence();
            } else {
                high = middle;
            }
        }
        return low;
    }
}
