package dev.hark.app.http;

import dev.hark.app.RunningHub.Engine;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.parallel.Isolated;

/** Clients that misbehave, of a hub on each engine of the log. */
@Isolated("it looks at what the whole process logs or holds")
class MisbehavingClientsIT {
    @Nested
    class OnSqlite extends MisbehavingClients {
        OnSqlite() {
            super(Engine.SQLITE);
        }
    }

    @Nested
    class InMemory extends MisbehavingClients {
        InMemory() {
            super(Engine.MEMORY);
        }
    }
}
