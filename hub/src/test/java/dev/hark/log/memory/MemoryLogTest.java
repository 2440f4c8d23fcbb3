package dev.hark.log.memory;

import dev.hark.log.LogConfig;
import dev.hark.log.EventLog;
import dev.hark.log.EventLogContract;
import dev.hark.log.HotLimits;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.Retention;
import java.time.InstantSource;

class MemoryLogTest extends EventLogContract {
    @Override
    protected EventLog openNew(Retention retention, HotLimits hot, IdempotencyLimits idempotency, InstantSource clock) {
        return new MemoryLog("7k3q9x2m", new LogConfig(retention, hot, idempotency), clock);
    }
}
