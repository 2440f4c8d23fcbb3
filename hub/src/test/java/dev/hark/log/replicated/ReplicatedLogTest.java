package dev.hark.log.replicated;

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
import dev.hark.log.sqlite.SqliteReplica;
import dev.hark.log.sqlite.SqliteSettings;
import dev.hark.thread.VitalThreads;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;

/** One node on a journal in memory. */
class ReplicatedLogTest extends EventLogContract
        implements WholeBatchesContract, KeyWindowContract, RetentionContract, ClassesContract, EndsContract, LatestContract,
        OwnClockContract, TopicIndexContract, DurableContract {
    static final Duration STALL = Duration.ofSeconds(10);

    @TempDir
    Path folder;

    private int opened;
    private LocalJournal journal = new LocalJournal(clock());

    @Override
    protected EventLog openNew(LogConfig config, InstantSource clock) {
        opened++;
        journal = new LocalJournal(clock);
        return openLast(config, clock);
    }

    @Override
    public EventLog reopen(LogConfig config) {
        return closedAtTheEnd(openLast(config, clock));
    }

    private EventLog openLast(LogConfig config, InstantSource clock) {
        return open(journal, folder.resolve("replica-" + opened + ".db"), config, clock, opened);
    }

    static ReplicatedLog open(LocalJournal journal, Path path, LogConfig config, InstantSource clock, long seed) {
        return open(journal, path, config, clock, seed, null);
    }

    static ReplicatedLog open(
            ReplicatedLog.Journals journal, Path path, LogConfig config, InstantSource clock, long seed,
            @Nullable SnapshotSettings snapshots) {
        var settings = new SqliteSettings(path, SqliteSettings.Durability.WRITE, config);
        var vital = new VitalThreads();
        return ReplicatedLog.open(
                journal, SqliteReplica.open(settings, new Random(seed), vital), STALL, clock, new Random(seed), vital, snapshots);
    }
}
