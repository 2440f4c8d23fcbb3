package dev.hark.log.memory;

import dev.hark.log.ClassesContract;
import dev.hark.log.EndsContract;
import dev.hark.log.EventLog;
import dev.hark.log.EventLogContract;
import dev.hark.log.KeyWindowContract;
import dev.hark.log.LatestContract;
import dev.hark.log.LogConfig;
import dev.hark.log.OwnClockContract;
import dev.hark.log.RetentionContract;
import dev.hark.log.WholeBatchesContract;
import java.time.InstantSource;

class MemoryLogTest extends EventLogContract
        implements WholeBatchesContract, KeyWindowContract, RetentionContract, ClassesContract, EndsContract, LatestContract,
        OwnClockContract {
    @Override
    protected EventLog openNew(LogConfig config, InstantSource clock) {
        return new MemoryLog("7k3q9x2m", config, clock);
    }
}
