package dev.hark.log.sqlite.tools;

import dev.hark.log.sqlite.Faults;
import java.sql.Connection;
import java.sql.SQLException;
import org.sqlite.ProgressHandler;

/**
 * A bound on the work of statements that read all of a database: pages that lead around in a circle would have SQLite step through the same
 * rows for longer than anybody waits.
 *
 * <p>Confined to one thread.
 */
final class StepLimit extends ProgressHandler implements AutoCloseable {
    /** How many of its virtual machine's steps SQLite takes between two looks. */
    private static final int STEPS = 100_000;

    /** A row has some sixty bytes at least, and takes some hundred steps. */
    private static final long STEPS_PER_BYTE = 10;

    private static final long LEAST_STEPS = 10_000_000;

    private final Connection connection;
    private long left;

    /** Holds for {@code connection}, to a database of {@code bytes}, until it is closed. */
    StepLimit(Connection connection, long bytes) throws SQLException {
        this.connection = connection;
        this.left = (LEAST_STEPS + bytes * STEPS_PER_BYTE) / STEPS;
        setHandler(connection, STEPS, this);
    }

    @Override
    protected int progress() {
        left--;
        return left < 0 ? 1 : 0;
    }

    /** Whether {@code error} is how a statement ended that the limit has stopped. */
    boolean isReason(SQLException error) {
        return left < 0 && Faults.isInterruption(error);
    }

    @Override
    public void close() throws SQLException {
        clearHandler(connection);
    }
}
