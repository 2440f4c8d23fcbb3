package dev.hark.log.sqlite.tools;

import dev.hark.event.Filters;
import dev.hark.event.Topic;
import dev.hark.log.sqlite.LogState;
import dev.hark.log.sqlite.Probe;
import dev.hark.log.sqlite.StoredEvent;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;

/** A log on its way to a sink. Confined to one thread. */
final class Exporter implements LogWalk.Visitor {
    private final Connection connection;
    private final LogState state;
    private final Filters filters;
    private final ExportSink sink;
    private final Findings findings;
    private long exported;

    Exporter(Connection connection, LogState state, Filters filters, ExportSink sink) {
        this.connection = connection;
        this.state = state;
        this.filters = filters;
        this.sink = sink;
        this.findings = new Findings(sink::missing);
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
            case ExportStart.Time(long timeMillis) ->
                LogFile.inSnapshot(connection, () -> new Probe(connection).before(timeMillis, state.floor(), state.newest()));
        };
        new LogWalk(connection).walk(after, state.newest(), this);
        findings.end();
        return exported;
    }

    @Override
    public void event(StoredEvent event, Topic topic) throws IOException {
        if (filters.matches(topic)) {
            sink.event(new ExportedEvent(state.epoch(), event, topic));
            exported++;
        }
    }

    @Override
    public void damaged(String what) throws IOException {
        findings.add(what);
    }

    @Override
    public void removed(long after, long through) throws IOException {
        findings.add("the events after " + after + " up to " + through + " were removed by retention");
    }
}
