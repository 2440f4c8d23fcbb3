package dev.hark.log.jetstream;

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
import dev.hark.log.UnusableLogException;
import dev.hark.log.WholeBatchesContract;
import dev.hark.log.replicated.ClockedJournal;
import dev.hark.log.replicated.ReplicatedLog;
import dev.hark.log.sqlite.SqliteReplica;
import dev.hark.log.sqlite.SqliteSettings;
import dev.hark.thread.VitalThreads;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;

/** What every log promises, and all that is declared of one that nodes share, on a real server of some version. */
abstract class JetStreamLogContract extends EventLogContract
        implements WholeBatchesContract, KeyWindowContract, RetentionContract, ClassesContract, EndsContract, LatestContract,
        OwnClockContract, TopicIndexContract, DurableContract {
    private static final Duration STALL = Duration.ofSeconds(10);

    @TempDir
    Path replicas;

    private int opened;
    private @Nullable JetStreamSettings settings;

    /** A stream on a server that runs for all tests of the class. */
    abstract JetStreamSettings newStream() throws IOException, InterruptedException;

    @Override
    protected EventLog openNew(LogConfig config, InstantSource clock) throws Exception {
        opened++;
        settings = newStream();
        return openLast(config, clock);
    }

    @Override
    public EventLog reopen(LogConfig config) {
        return closedAtTheEnd(openLast(config, clock));
    }

    private EventLog openLast(LogConfig config, InstantSource clock) {
        var vital = new VitalThreads();
        var replica = new SqliteSettings(replicas.resolve("replica-" + opened + ".db"), SqliteSettings.Durability.WRITE, config);
        return ReplicatedLog.open(
                () -> new ClockedJournal(open(vital), clock), SqliteReplica.open(replica, new Random(opened), vital), STALL, clock,
                new Random(), vital);
    }

    private JetStreamJournal open(VitalThreads vital) {
        try {
            return JetStreamJournal.open(Objects.requireNonNull(settings, "opened before"), vital, TestServers.PATIENCE);
        } catch (IOException | InterruptedException e) {
            throw new UnusableLogException(String.valueOf(e.getMessage()), e);
        }
    }
}
