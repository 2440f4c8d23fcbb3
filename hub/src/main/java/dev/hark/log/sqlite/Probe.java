package dev.hark.log.sqlite;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * A look at single rows of a database that may be damaged: which is the first after a position, and where reading can go on behind damage.
 *
 * <p>Confined to one of the log's reader threads.
 */
final class Probe {
    /* A page that SQLite cannot read takes some dozens of events with it, and whoever seeks into it is told that the database is malformed. So
       the distance is doubled until a row is found that is as it was stored, and halved again to the beginning of what can be read: some sixty
       looks at the most, however much is damaged. */

    // With >=, not >: a search for what is greater than the last of a page that is damaged would have to enter that page.
    private static final String FIRST =
            "SELECT " + StoredEvent.COLUMNS + " FROM event WHERE sequence >= ? AND sequence <= ? ORDER BY sequence LIMIT 1";

    private final Connection connection;
    private boolean damaged;
    private @Nullable SQLException refusal;

    Probe(Connection connection) {
        this.connection = connection;
    }

    /** The first event at {@code sequence} or later, up to {@code newest}; null where there is none or it is damaged. */
    @Nullable StoredEvent first(long sequence, long newest) {
        damaged = false;
        try (PreparedStatement first = connection.prepareStatement(FIRST)) {
            first.setLong(1, sequence);
            first.setLong(2, newest);
            try (ResultSet rows = first.executeQuery()) {
                if (!rows.next()) {
                    return null;
                }
                StoredEvent row = StoredEvent.read(rows);
                damaged = !row.isIntact() || row.sequence() < sequence;
                return damaged ? null : row;
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
        if (found != null || !damaged) {
            return found;
        }
        // What is damaged, and what is not or is not there.
        long low = sequence;
        long high = newest + 1;
        for (long step = 1; high - low > step; step *= 2) {
            found = first(low + step, newest);
            if (found != null || !damaged) {
                high = low + step;
                break;
            }
            low += step;
        }
        while (high - low > 1) {
            long middle = low + (high - low) / 2;
            StoredEvent nearer = first(middle, newest);
            if (nearer == null && damaged) {
                low = middle;
            } else {
                high = middle;
                found = nearer == null ? found : nearer;
            }
        }
        return found;
    }

    /**
     * Up to where nothing can be read after {@code from}; {@code from} itself where all is well.
     *
     * @throws SQLException if nothing up to {@code newest} can be read for a reason that may pass
     */
    long goneThrough(long from, long newest) throws SQLException {
        refusal = null;
        StoredEvent next = first(from + 1, newest);
        if (next != null) {
            return Math.max(from, next.previous());
        }
        StoredEvent found = firstReadable(from + 1, newest);
        if (found != null) {
            return found.previous() > from ? found.previous() : found.sequence() - 1;
        }
        if (refusal != null && !Faults.isDamage(refusal)) {
            throw refusal;
        }
        return newest;
    }
}
