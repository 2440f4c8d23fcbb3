package dev.hark.log.replicated;

import static dev.hark.log.EngineTest.draft;
import static dev.hark.log.replicated.ReplicatedNodesTest.CONFIG;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.log.Append;
import dev.hark.log.FakeClock;
import dev.hark.log.sqlite.SqliteReplica;
import dev.hark.log.sqlite.SqliteSettings;
import dev.hark.thread.VitalThreads;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A journal that answers what nobody has asked. */
@Timeout(60)
class OddAnswerTest {
    @TempDir
    Path folder;

    private volatile boolean odd;

    private Journal oddly(Journal journal) {
        return (Journal) Proxy.newProxyInstance(Journal.class.getClassLoader(), new Class<?>[] {Journal.class}, (proxy, method, given) -> {
            if (odd && method.getName().equals("append")) {
                return new Journal.Appended.Overtaken();
            }
            try {
                return method.invoke(journal, given);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        });
    }

    @Test
    void whatItDidIsUnknownAndTheNextGroupIsAppended() {
        var clock = new FakeClock();
        var journal = new LocalJournal(clock);
        var vital = new VitalThreads();
        SqliteReplica replica = SqliteReplica.open(
                new SqliteSettings(folder.resolve("one.db"), SqliteSettings.Durability.WRITE, CONFIG), new Random(1), vital);
        try (ReplicatedLog log = ReplicatedLog.open(
                () -> oddly(journal.open()), replica, Duration.ofSeconds(5), clock, new Random(1), vital)) {
            odd = true;
            assertThat(log.append(List.of(draft("t/1", "1")))).isInstanceOf(Append.Unknown.class);
            odd = false;
            assertThat(log.append(List.of(draft("t/1", "2")))).isInstanceOf(Append.Stored.class);
        }
    }
}
