package dev.hark.log.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Draft;
import dev.hark.event.Filters;
import dev.hark.event.Topic;
import dev.hark.log.DraftBatch;
import dev.hark.log.EngineTest;
import dev.hark.log.EventLog;
import dev.hark.log.LogConfig;
import dev.hark.log.replicated.Group;
import dev.hark.log.replicated.Journal;
import dev.hark.log.replicated.Replica;
import dev.hark.thread.VitalThreads;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A replica whose history is over, that comes by it again on the way to the next one. */
class HiddenReplicaTest {
    private static final String OVER = "over0000";
    private static final String NEXT = "next0000";
    private static final String OTHER = "other000";
    private static final long BEGUN = Duration.ofDays(1).toMillis();
    private static final long ENDED = BEGUN + Duration.ofHours(1).toMillis();

    @TempDir(factory = FastFolder.class)
    Path folder;

    private final List<String> shown = new ArrayList<>();
    private SqliteReplica replica;

    @BeforeEach
    void open() {
        var config = new LogConfig(EngineTest.KEEPS_ALL, EngineTest.HOT, EngineTest.KEYS);
        var settings = new SqliteSettings(folder.resolve("replica.db"), SqliteSettings.Durability.WRITE, config);
        replica = SqliteReplica.open(settings, new Random(1), new VitalThreads());
        replica.tail().follow(() -> shown.add(replica.tail().epoch()));
    }

    @AfterEach
    void close() {
        replica.close();
    }

    private void begin(long position, String epoch, long millis) {
        apply(position, new Group(Group.Kind.EPOCH, millis, epoch, List.of()), millis);
    }

    private void publish(long position, long millis) {
        var draft = new Draft(new Topic("a"), "message", null, ("event " + position).getBytes(StandardCharsets.UTF_8), null);
        apply(position, new Group(Group.Kind.EVENTS, millis, null, List.of(DraftBatch.of(List.of(draft)))), millis);
    }

    private void apply(long position, Group group, long millis) {
        var entry = new Journal.Entry(position, "id-" + position, millis, new byte[0]);
        replica.apply(List.of(new Replica.Step(entry, group, Replica.Told.NOBODY)));
    }

    /** Two events of the history that is over. */
    private void applyTheOld() {
        begin(1, OVER, BEGUN);
        publish(2, BEGUN + 1);
        publish(3, BEGUN + 2);
    }

    private void hide() {
        replica.hide(new Replica.Over(replica.tail().epoch(), ENDED, NEXT));
    }

    private List<String> data() {
        return replica.read(0, Filters.of("a"), EventLog.MAX_PAGE_EVENTS).events().stream().map(EngineTest::data).toList();
    }

    @Test
    void doesNotShowAgainWhatIsOver() {
        applyTheOld();
        publish(4, ENDED);
        shown.clear();
        hide();
        replica.clear();
        applyTheOld();
        assertThat(data()).containsExactly("event 2", "event 3");
        assertThat(replica.isHidden()).isTrue();
        // An earlier one is over as well.
        begin(4, OTHER, BEGUN + 3);
        assertThat(replica.isHidden()).isTrue();
        assertThat(shown).doesNotContain(OVER, OTHER);
        begin(5, NEXT, ENDED + 1);
        assertThat(replica.isHidden()).isFalse();
        assertThat(replica.tail().epoch()).isEqualTo(NEXT);
        assertThat(data()).containsExactly("event 2", "event 3");
    }

    @Test
    void showsWhatSomebodyElseHasBegun() {
        applyTheOld();
        hide();
        replica.clear();
        applyTheOld();
        begin(4, OTHER, ENDED);
        assertThat(replica.tail().epoch()).isEqualTo(OTHER);
    }

    /** Whatever the clocks say: or it would be begun again and again. */
    @Test
    void showsWhatItsNodeHasBegun() {
        applyTheOld();
        hide();
        begin(4, NEXT, 0);
        assertThat(replica.tail().epoch()).isEqualTo(NEXT);
    }

    @Test
    void isHiddenAfterARestartToo() {
        applyTheOld();
        hide();
        replica.clear();
        applyTheOld();
        String interim = replica.tail().epoch();
        replica.close();
        open();
        assertThat(replica.tail().epoch()).isEqualTo(interim);
        assertThat(replica.isHidden()).isTrue();
        replica.hide(Replica.Over.forgotten(interim, ENDED, NEXT));
        assertThat(replica.tail().epoch()).as("names nothing that may have gone on since").isNotEqualTo(interim);
        begin(4, NEXT, ENDED + 1);
        assertThat(replica.tail().epoch()).isEqualTo(NEXT);
    }

    /** What it has applied by then says nothing of how late the end was. */
    @Test
    void isHiddenAfterARestartOnTheWay() {
        applyTheOld();
        hide();
        replica.clear();
        publish(1, BEGUN - 1);
        replica.close();
        open();
        replica.hide(Replica.Over.forgotten(replica.tail().epoch(), ENDED, NEXT));
        begin(2, OVER, BEGUN);
        assertThat(replica.isHidden()).isTrue();
        begin(3, OTHER, ENDED);
        assertThat(replica.tail().epoch()).isEqualTo(OTHER);
    }

    @Test
    void hidesUnderANewNameOnceMore() {
        applyTheOld();
        hide();
        replica.clear();
        assertThat(replica.hide(new Replica.Over(replica.tail().epoch(), 0, OTHER)))
                .isEqualTo(new Replica.Over(OVER, ENDED, OTHER));
    }

    @Test
    void isGivenACopyOfWhatIsOver() throws Exception {
        applyTheOld();
        Path copy = folder.resolve("copy.db");
        Replica.Copied copied = replica.copy(copy);
        publish(4, ENDED);
        Path again = Files.copy(copy, folder.resolve("again.db"));
        shown.clear();
        hide();
        replica.restore(copy, copied, BEGUN + 2);
        assertThat(data()).containsExactly("event 2", "event 3");
        assertThat(replica.isHidden()).isTrue();
        replica.close();
        open();
        assertThat(replica.isHidden()).as("also where the process ends then").isTrue();
        assertThat(shown).doesNotContain(OVER);
        // Of a history that has begun since, under whatever name.
        replica.hide(new Replica.Over(replica.tail().epoch(), BEGUN, NEXT));
        replica.restore(again, copied, ENDED);
        assertThat(replica.tail().epoch()).isEqualTo(OVER);
    }
}
