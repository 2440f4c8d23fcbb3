package dev.hark.log.sqlite;

import dev.hark.event.Event;
import java.sql.SQLException;
import java.util.List;

/**
 * A range of the log that was read and found as it was stored.
 *
 * @param events  the matching ones, in order
 * @param through up to which position
 * @param damaged whether what follows is damaged or lost
 */
record ReadRange(List<Event> events, long through, boolean damaged) {
    private static final System.Logger LOGGER = System.getLogger(ReadRange.class.getName());

    /** One that ends because SQLite refuses to read on. */
    static ReadRange refused(List<Event> events, long through, SQLException error) {
        LOGGER.log(System.Logger.Level.DEBUG, "the database refused to read on after event " + through, error);
        return new ReadRange(events, through, true);
    }
}
