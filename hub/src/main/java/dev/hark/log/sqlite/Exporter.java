package dev.hark.log.sqlite;

import dev.hark.event.TopicFilter;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/** A log on its way to a sink. Confined to one thread. */
final class Exporter implements LogWalk.Visitor {
    private final Connection connection;
    private final LogState state;
    private final List<TopicFilter> filters;
    private final ExportSink sink;
    private long exported;

    Exporter(Connection connection, LogState state, List<TopicFilter> filters, ExportSink sink) {
        this.connection = connection;
        this.state = state;
        this.filters = filters;
        this.sink = sink;
    }

    /** As {@link LogFile#export}. */
    long export(ExportStart start) throws SQLException, IOException {
        long after = switch (start) {
            case ExportStart.Oldest oldest -> state.floor();
            case ExportStart.After(var id) -> {
                if (!id.epoch().equals(state.epoch())) {
                    throw new IllegalArgumentException("it is of the log " + id.epoch() + ", and this one is " + state.epoch());
                }
                if (id.sequence() > state.newest()) {
                    throw new IllegalArgumentException("the newest event is " + state.epoch() + '-' + state.newest());
                }
                yield id.sequence();
            }
            case ExportStart.Time(long timeMillis) -> before(timeMillis);
        };
        new LogWalk(connection).walk(after, state.newest(), this);
        return exported;
    }

    /** The position before the first event of {@code timeMillis} or later; times never go back. */
    private long before(long timeMillis) throws SQLException, IOException {
        return LogFile.inSnapshot(connection, () -> {
            long low = state.floor();
            long high = state.newest();
            try (PreparedStatement firstFrom = connection.prepareStatement("SELECT sequence, time FROM event WHERE sequence > ? ORDER BY sequence LIMIT 1")) {
                while (low < high) {
                    long middle = low + (high - low) / 2;
                    firstFrom.setLong(1, middle);
                    try (ResultSet row = firstFrom.executeQuery()) {
                        if (row.next() && row.getLong(1) <= high && row.getLong(2) < timeMillis) {
                            low = row.getLong(1);
                        } else {
                            high = middle;
                        }
                    }
                }
            }
            return low;
        });
    }

    @Override
    public void event(StoredEvent event) throws IOException {
        var found = new ExportedEvent(state.epoch(), event);
        if (filters.stream().anyMatch(filter -> filter.matches(found.topic()))) {
            sink.event(found);
            exported++;
        }
    }

    @Override
    public void damaged(String what) throws IOException {
        sink.missing(what);
    }

    @Override
    public void removed(long after, long through) throws IOException {
        sink.missing("the events after " + after + " up to " + through + " were removed by retention");
    }
}
