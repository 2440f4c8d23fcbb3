package dev.hark.log.sqlite;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Draft;
import dev.hark.event.Filters;
import dev.hark.event.Topic;
import dev.hark.log.DraftBatch;
import dev.hark.log.EngineTest;
import dev.hark.log.LogConfig;
import dev.hark.log.Retention;
import dev.hark.log.replicated.Group;
import dev.hark.log.replicated.Journal;
import dev.hark.log.replicated.Replica;
import dev.hark.thread.VitalThreads;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a replica makes of clocks that are wrong: of a node's, which a group bears, and of the journal's, which each entry bears. */
class ReplicaClockTest {
    private static final long DAY = Duration.ofDays(1).toMillis();
    private static final long MINUTE = Duration.ofMinutes(1).toMillis();
    private static final long NOW = 1_700_000_000_000L;

    @TempDir(factory = FastFolder.class)
    Path folder;

    private SqliteReplica replica;
    private long position;

    @BeforeEach
    void open() {
        var config = new LogConfig(new Retention(1_000, Duration.ofDays(1), 1L << 30), EngineTest.HOT, EngineTest.KEYS);
        var settings = new SqliteSettings(folder.resolve("replica.db"), SqliteSettings.Durability.WRITE, config);
        replica = SqliteReplica.open(settings, new Random(1), new VitalThreads());
        apply(NOW, NOW, "an event");
    }

    @AfterEach
    void close() {
        replica.close();
    }

    /** @param data of an event; none says that time has passed */
    private void apply(long node, long journal, String... data) {
        position++;
        List<Draft> drafts = Stream.of(data)
                .map(each -> new Draft(new Topic("t"), Draft.DEFAULT_TYPE, null, each.getBytes(UTF_8), null))
                .toList();
        var group = new Group(data.length == 0 ? Group.Kind.TIME : Group.Kind.EVENTS, node, null,
                data.length == 0 ? List.of() : List.of(DraftBatch.of(drafts)));
        var entry = new Journal.Entry(position, "id-" + position, journal, new byte[0]);
        replica.apply(List.of(new Replica.Step(entry, group, Replica.Told.NOBODY)));
    }

    private int events() {
        return replica.read(0, Filters.EVERYTHING, 10).events().size();
    }

    @Test
    void oneThatIsWrongRemovesNothing() {
        apply(NOW + 1, NOW + 2 * DAY);
        assertThat(replica.timeMillis()).as("by the journal's alone").isEqualTo(NOW + 1);
        apply(NOW + 2 * DAY, NOW + 2);
        assertThat(replica.timeMillis()).as("by a node's alone").isEqualTo(NOW + 2 + MINUTE);
        assertThat(events()).isOne();
        apply(NOW + 2 * DAY, NOW + 2 * DAY);
        assertThat(events()).as("both say that it is too old").isZero();
    }

    @Test
    void oneThatIsBehindHoldsTimeBackAndNeverTurnsIt() {
        apply(NOW - DAY, NOW + 10);
        apply(NOW + 20, NOW - DAY);
        assertThat(replica.timeMillis()).isEqualTo(NOW);
        apply(NOW + 30, NOW + 30, "another");
        assertThat(replica.timeMillis()).isEqualTo(NOW + 30);
        assertThat(events()).isEqualTo(2);
    }
}
