package dev.hark.log.sqlite;

import dev.hark.log.ClassesContract;
import dev.hark.log.DurableContract;
import dev.hark.log.EndsContract;
import dev.hark.log.EventLog;
import dev.hark.log.EventLogContract;
import dev.hark.log.KeyWindowContract;
import dev.hark.log.LatestContract;
import dev.hark.log.LogConfig;
import dev.hark.log.OwnClockContract;
import dev.hark.log.RetentionContract;
import dev.hark.log.TopicIndexContract;
import dev.hark.log.WholeBatchesContract;
import dev.hark.thread.VitalThreads;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.io.TempDir;

class SqliteLogTest extends EventLogContract
        implements WholeBatchesContract, KeyWindowContract, RetentionContract, ClassesContract, EndsContract, LatestContract,
        OwnClockContract, TopicIndexContract, DurableContract {
    @TempDir
    Path folder;

    private final AtomicInteger opened = new AtomicInteger();

    @Override
    protected EventLog openNew(LogConfig config, InstantSource clock) {
        opened.incrementAndGet();
        return openLast(config, clock);
    }

    @Override
    public EventLog reopen(LogConfig config) {
        return closedAtTheEnd(openLast(config, clock));
    }

    private EventLog openLast(LogConfig config, InstantSource clock) {
        Path path = folder.resolve("log-" + opened.get() + ".db");
        var settings = new SqliteSettings(path, SqliteSettings.Durability.FSYNC, config);
        return SqliteLog.open(settings, clock, new Random(opened.get()), new VitalThreads());
    }
}
