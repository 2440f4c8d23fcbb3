package dev.hark.log;

import static dev.hark.log.EngineTest.append;
import static dev.hark.log.EngineTest.bytes;
import static dev.hark.log.EngineTest.draft;
import static dev.hark.log.EngineTest.drafts;
import static dev.hark.log.EngineTest.readAll;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Draft;
import dev.hark.event.Filters;
import dev.hark.event.Topic;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an engine promises that has {@link Capability#KEY_WINDOW}. */
public interface KeyWindowContract extends EngineTest {
    @Test
    default void refusesAKeyWithAnythingElse() throws Exception {
        EventLog log = open();
        append(log, new Draft(new Topic("a"), "t", "k", bytes("x"), "key"));
        for (Draft other : List.of(
                new Draft(new Topic("b"), "t", "k", bytes("x"), "key"),
                new Draft(new Topic("a"), "u", "k", bytes("x"), "key"),
                new Draft(new Topic("a"), "t", null, bytes("x"), "key"),
                new Draft(new Topic("a"), "t", "l", bytes("x"), "key"),
                new Draft(new Topic("a"), "t", "k", bytes("y"), "key"),
                new Draft(new Topic("a"), "t", "k", bytes(""), "key"),
                // The same letters, cut differently.
                new Draft(new Topic("a"), "tk", null, bytes("x"), "key"),
                new Draft(new Topic("a"), "t", "kx", bytes(""), "key"))) {
            assertThat(log.append(List.of(other))).as("%s", other).isEqualTo(new Append.KeyReused(0));
        }
    }

    @Test
    default void knowsKeysWithinOneBatch() throws Exception {
        EventLog log = open();
        long start = log.tail().bounds().newest();
        Append append = log.append(List.of(draft("a", "x", "k"), draft("a", "y"), draft("a", "x", "k"), draft("a", "z")));
        List<Append.Entry> entries = ((Append.Stored) append).entries();
        assertThat(entries).extracting(Append.Entry::replayed).containsExactly(false, false, true, false);
        assertThat(entries.get(2).sequence()).isEqualTo(entries.get(0).sequence());
        assertThat(readAll(log, start, Filters.ALL)).extracting(EngineTest::data).containsExactly("x", "y", "z");
        assertThat(log.append(List.of(draft("a", "1", "m"), draft("a", "2", "m")))).isEqualTo(new Append.KeyReused(1));
        assertThat(readAll(log, start, Filters.ALL)).hasSize(3);
    }

    @Test
    default void forgetsKeysByAge() throws Exception {
        EventLog log = open(KEEPS_ALL, HOT, new IdempotencyLimits(100, Duration.ofSeconds(10)));
        append(log, draft("a", "x", "k"));
        clock().advance(Duration.ofMillis(9_999));
        log.maintain();
        assertThat(log.append(List.of(draft("a", "y", "k")))).isEqualTo(new Append.KeyReused(0));
        clock().advance(Duration.ofMillis(1));
        assertThat(((Append.Stored) log.append(List.of(draft("a", "y", "k")))).entries().getFirst().replayed()).isFalse();
        log.maintain();
        // The second one counts from its own time.
        clock().advance(Duration.ofMillis(9_999));
        log.maintain();
        assertThat(((Append.Stored) log.append(List.of(draft("a", "y", "k")))).entries().getFirst().replayed()).isTrue();
    }

    @Test
    default void forgetsTheOldestKeysWhereThereAreTooMany() throws Exception {
        EventLog log = open(KEEPS_ALL, HOT, new IdempotencyLimits(3, LONG));
        for (String key : List.of("z", "y", "x", "w")) {
            append(log, draft("a", "body", key));
        }
        for (String key : List.of("y", "x", "w")) {
            assertThat(isKnown(log, key)).as(key).isTrue();
        }
        assertThat(isKnown(log, "z")).isFalse();
    }

    @Test
    default void forgetsTheOldestKeysWithinABatchToo() throws Exception {
        EventLog log = open(KEEPS_ALL, HOT, new IdempotencyLimits(3, LONG));
        append(log, draft("a", "body", "z"), draft("a", "body", "y"), draft("a", "body", "x"),
                draft("a", "body", "w"), draft("a", "body", "v"));
        for (String key : List.of("x", "w", "v")) {
            assertThat(isKnown(log, key)).as(key).isTrue();
        }
        assertThat(isKnown(log, "z")).isFalse();
    }

    @Test
    default void forgetsNoKeyWithItsEvent() throws Exception {
        EventLog log = open(new Retention(1, LONG, 1L << 40));
        append(log, draft("a", "x", "k"));
        append(log, drafts(5));
        log.maintain();
        assertThat(((Append.Stored) log.append(List.of(draft("a", "x", "k")))).entries().getFirst().replayed()).isTrue();
    }

    private static boolean isKnown(EventLog log, String key) {
        return log.append(List.of(draft("a", "another body", key))) instanceof Append.KeyReused;
    }
}
