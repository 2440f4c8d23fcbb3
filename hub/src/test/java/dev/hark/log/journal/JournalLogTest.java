package dev.hark.log.journal;

import dev.hark.log.EventLog;
import dev.hark.log.EventLogContract;
import dev.hark.log.KeyWindowContract;
import dev.hark.log.LogConfig;
import dev.hark.log.RetentionContract;
import dev.hark.log.WholeBatchesContract;
import java.time.Duration;
import java.time.InstantSource;

class JournalLogTest extends EventLogContract implements WholeBatchesContract, KeyWindowContract, RetentionContract {
    @Override
    protected EventLog openNew(LogConfig config, InstantSource clock) throws InterruptedException {
        return JournalLog.open(new Journal("7k3q9x2m"), config, clock, Duration.ofSeconds(1));
    }
}
