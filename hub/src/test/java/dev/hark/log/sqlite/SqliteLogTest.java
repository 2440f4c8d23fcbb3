package dev.hark.log.sqlite;

import dev.hark.log.EventLog;
import dev.hark.log.EventLogContract;
import dev.hark.log.HotLimits;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.Retention;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.io.TempDir;

class SqliteLogTest extends EventLogContract {
    @TempDir
    Path folder;

    private final AtomicInteger opened = new AtomicInteger();

    @Override
    protected EventLog openNew(Retention retention, HotLimits hot, IdempotencyLimits idempotency, InstantSource clock) {
        Path path = folder.resolve("log-" + opened.incrementAndGet() + ".db");
        return SqliteLog.open(
                new SqliteSettings(path, SqliteSettings.Durability.FSYNC, retention, hot, idempotency), clock, new Random(opened.get()));
    }
}
