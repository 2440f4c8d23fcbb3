package dev.hark.app;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** What the process logs at WARNING and above while a test listens. Thread-safe. */
public final class LoggedWarnings extends Handler {
    private final List<String> all = new CopyOnWriteArrayList<>();

    private LoggedWarnings() {}

    public static LoggedWarnings listen() {
        var warnings = new LoggedWarnings();
        Logger.getLogger("").addHandler(warnings);
        return warnings;
    }

    public List<String> all() {
        return List.copyOf(all);
    }

    @Override
    public void publish(LogRecord record) {
        if (record.getLevel().intValue() >= Level.WARNING.intValue()) {
            @Nullable Throwable thrown = record.getThrown();
            all.add(record.getLoggerName() + ": " + record.getMessage() + (thrown == null ? "" : " " + thrown));
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        Logger.getLogger("").removeHandler(this);
    }
}
