package dev.hark.app.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.Hub;
import dev.hark.app.config.AuthSettings;
import dev.hark.app.config.ConfigSource;
import dev.hark.app.config.HarkConfig;
import dev.hark.event.EventId;
import dev.hark.log.Append;
import dev.hark.log.SteadyClock;
import dev.hark.log.memory.MemoryLog;
import dev.hark.thread.VitalThreads;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Words about revocations: which of them holds, and what is stored again where another history of the log lacks them. */
class RevocationWordsTest {
    private static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");
    private static final String OLD = "old00000";
    private static final String NEW = "new00000";

    private final HarkConfig config = new ConfigSource(Path.of("..", "application.yaml"), List.of(), Map.of()).load();
    private final SteadyClock clock = SteadyClock.ofSystem();
    private final Hub hub = Hub.start(config.hub(), new MemoryLog("7k3q9x2m", config.log().config(), clock), clock, new VitalThreads());
    private final AccessControl access = new AccessControl(AuthSettings.NONE, () -> NOW);
    private final RevocationWords words = new RevocationWords(hub, access);

    @AfterEach
    void end() {
        hub.close();
    }

    private static Revocation ofToken(String id, @Nullable Instant until) {
        return new Revocation(id, null, null, null, null, until == null ? Instant.MAX : until);
    }

    private static Revocation takenBack(String id) {
        return ofToken(id, NOW.minusSeconds(1));
    }

    /** NATS lost its newest groups, or an older copy of the stream was put back while the nodes ran. */
    @Test
    void olderWordsOfAnotherHistoryDoNotUndoWhatHolds() {
        Revocation lasting = ofToken("a", NOW.plusSeconds(100));
        words.take(lasting, new EventId(OLD, 20), NOW.minusSeconds(10));
        assertThat(words.take(takenBack("a"), new EventId(NEW, 2), NOW.minusSeconds(20))).isFalse();
        assertThat(words.take(ofToken("a", NOW.plusSeconds(50)), new EventId(NEW, 3), NOW.minusSeconds(15))).isFalse();
        assertThat(access.revocations()).containsExactly(lasting);

        assertThat(words.take(takenBack("a"), new EventId(NEW, 9), NOW.minusSeconds(5))).as("a newer one").isTrue();
        assertThat(access.revocations()).isEmpty();
        assertThat(words.take(lasting, new EventId(NEW, 10), NOW.minusSeconds(7))).as("nothing holds").isTrue();
        assertThat(access.revocations()).containsExactly(lasting);
        words.take(takenBack("a"), new EventId(NEW, 11), NOW.minusSeconds(9));
        assertThat(access.revocations()).as("in one history the order of the log decides").isEmpty();
    }

    /** Whether the log had it or not. */
    @Test
    void olderWordsOfAnotherHistoryDoNotUndoWhatWasSaidHere() {
        Revocation said = ofToken("a", NOW.plusSeconds(100));
        words.say(said);
        words.end(said, new Append.Unavailable("away"));
        assertThat(words.take(takenBack("a"), new EventId(NEW, 2), NOW.minusSeconds(20))).isFalse();
        assertThat(access.revocations()).containsExactly(said);
    }

    /** The follower of the log has come by both when the answer to the first one is looked at. */
    @Test
    void whatWasReadBehindAWordIsNotUndoneByItsAnswer() {
        var said = new SaidHere();
        said.follow();
        said.begin("a", new EventId(NEW, 5));
        said.taken("a", new EventId(NEW, 7));
        assertThat(said.end("a", new EventId(NEW, 6))).isFalse();
        said.begin("a", new EventId(NEW, 8));
        assertThat(said.isOlder("a", new EventId(NEW, 7))).isTrue();
        assertThat(said.end("a", new EventId(NEW, 9))).isTrue();
        said.forget(new EventId(NEW, 7), NEW);
        assertThat(said.size()).isEqualTo(1);
        said.forget(new EventId(NEW, 9), NEW);
        assertThat(said.size()).isZero();
    }

    @Test
    void whatIsLostIsStoredAgainPartByPartUnlessSomethingElseWasSaid() {
        IntStream.range(0, 1_200).forEach(i -> access.revoke(ofToken("t" + i, null)));
        Set<String> known = IntStream.range(0, 100).mapToObj(i -> RevocationJson.key(ofToken("t" + i, null))).collect(Collectors.toSet());
        var again = new SayingAgain(hub, access);
        again.begin(known);
        again.goOn();
        assertThat(hub.newest().sequence()).isEqualTo(500);
        again.isSaid(IntStream.range(100, 1_100).mapToObj(i -> RevocationJson.key(ofToken("t" + i, null))).collect(Collectors.toSet()));
        access.revoke(ofToken("t1198", NOW.plusSeconds(9)));
        access.revoke(takenBack("t1199"));
        long before = hub.newest().sequence();
        again.goOn();
        again.goOn();
        // Of the last hundred those that were not among the first five hundred, and hold as they did.
        assertThat(hub.newest().sequence() - before).isBetween(1L, 98L);
    }
}
