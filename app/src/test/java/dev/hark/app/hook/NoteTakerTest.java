package dev.hark.app.hook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hark.Hub;
import dev.hark.app.config.ConfigSource;
import dev.hark.app.config.HarkConfig;
import dev.hark.app.config.HookSettings;
import dev.hark.app.hook.NoteLog.Noted;
import dev.hark.app.hook.NoteLog.Notes;
import dev.hark.app.state.LogAwayException;
import dev.hark.event.Draft;
import dev.hark.event.EventId;
import dev.hark.event.Filters;
import dev.hark.log.Append;
import dev.hark.log.SteadyClock;
import dev.hark.log.memory.MemoryLog;
import dev.hark.thread.VitalThreads;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What nodes that share a log note of their streams, with a clock of the test's. */
class NoteTakerTest {
    private static final Duration SETTLE = Duration.ofSeconds(5);
    private static final Duration LEASE = Duration.ofSeconds(20);

    private final HarkConfig config = new ConfigSource(Path.of("..", "application.yaml"),
            List.of("hooks.0.name=presence", "hooks.0.url=http://none/", "hooks.0.secret=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                    "hooks.0.topics=orders/*", "hooks.0.on=listened,left,gap,refused"), Map.of()).load();

    private final HookSettings hook = config.hooks().getFirst();
    private final SteadyClock clock = SteadyClock.ofSystem();
    private final MemoryLog memory = new MemoryLog("7k3q9x2m", config.log().config(), clock);
    private final AtomicReference<@Nullable Function<List<Draft>, Append>> fault = new AtomicReference<>();
    private final Hub hub = Hub.start(config.hub(), FaultyLog.of(memory, this::answer), clock, new VitalThreads());
    private final NoteLog log = new NoteLog(hub, hook);
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - SETTLE.toNanos());

    @AfterEach
    void end() {
        hub.close();
    }

    private @Nullable Append answer(List<Draft> batch) {
        Function<List<Draft>, Append> now = fault.get();
        return now == null ? null : now.apply(batch);
    }

    private List<String> listened() throws Exception {
        var presence = new Presence();
        notes().forEach(presence::take);
        return presence.listened();
    }

    /** One node. */
    private final class Node {
        private final Tally tally = new Tally(hook, nanos::get);
        private final NoteTaker taker;

        Node(String run, boolean shared) {
            this(run, shared, NoteTaker.MAX_TOPICS);
        }

        Node(String run, boolean shared, int most) {
            Duration lease = shared ? LEASE : SETTLE;
            taker = new NoteTaker(hook.name(), tally, log, new NoteTaker.Terms(run, shared, SETTLE, lease, most), nanos::get);
        }

        Node comes(String... filters) throws Exception {
            tally.came(Filters.of(filters));
            taker.step();
            return this;
        }

        Node leaves(String... filters) throws Exception {
            tally.left(Filters.of(filters));
            taker.step();
            return this;
        }
    }

    private void pass(Duration time, Node... nodes) throws Exception {
        nanos.addAndGet(time.toNanos());
        for (Node node : nodes) {
            node.taker.step();
        }
    }

    private List<Note> notes() throws Exception {
        List<Note> all = new ArrayList<>();
        @Nullable EventId at = null;
        boolean more = true;
        while (more) {
            Notes next = log.read(at, 500);
            next.notes().stream().map(Noted::note).forEach(all::add);
            at = next.next();
            more = at.sequence() < log.newest().sequence();
        }
        return all;
    }

    @Test
    void notesTheFirstStreamAndThatTheLastOneHasBeenGoneForLongEnough() throws Exception {
        Node node = new Node("a", false).comes("orders/1").comes("orders/1");
        assertThat(notes()).containsExactly(new Note.Here("a", "orders/1"));

        node.leaves("orders/1");
        pass(SETTLE.multipliedBy(2), node);
        node.leaves("orders/1");
        pass(SETTLE.minusNanos(1), node);
        assertThat(notes()).hasSize(1);
        pass(Duration.ofNanos(1), node);
        // Taken back, it stays only as long as retention lasts; both are there still.
        assertThat(notes()).containsExactly(new Note.Here("a", "orders/1"), new Note.Gone("a", "orders/1"));
        assertThat(node.tally.topics()).isZero();
    }

    @Test
    void notesNothingOfAReconnect() throws Exception {
        Node node = new Node("a", false).comes("orders/1").leaves("orders/1");
        pass(SETTLE.minusNanos(1), node);
        node.comes("orders/1");
        pass(SETTLE.multipliedBy(3), node);

        assertThat(notes()).containsExactly(new Note.Here("a", "orders/1"));
    }

    @Test
    void countsAStreamForWhatItAsksForAndOnlyWhatTheHookCovers() throws Exception {
        new Node("a", false).comes("orders/*", "news", "orders/1/lines").comes("**");

        assertThat(notes()).containsExactly(new Note.Here("a", "orders/*"));
    }

    @Test
    void takesOverWhatItsEarlierRunLeftAfterAWhile() throws Exception {
        new Node("before", false).comes("orders/1", "orders/2");
        Node after = new Node("after", false).comes("orders/1");
        pass(SETTLE.minusNanos(1), after);
        assertThat(notes()).doesNotContain(new Note.Gone("before", "orders/1"));
        pass(Duration.ofNanos(1), after);

        var presence = new Presence();
        notes().forEach(presence::take);
        assertThat(presence.listened()).containsExactly("orders/1");
        assertThat(notes()).contains(new Note.Over("before")).doesNotContain(new Note.Gone("after", "orders/1"));
    }

    @Test
    void saysThatANodeIsGoneThatSaysNothingAndItsTopicsWithIt() throws Exception {
        Node dies = new Node("dies", true).comes("orders/1", "orders/2");
        Node lives = new Node("lives", true).comes("orders/2");
        for (int i = 0; i < 10; i++) {
            pass(Duration.ofSeconds(5), dies, lives);
        }
        assertThat(notes()).as("both say that they are there").noneMatch(note -> note instanceof Note.Gone);

        for (int i = 0; i < 5; i++) {
            pass(Duration.ofSeconds(5), lives);
        }
        var presence = new Presence();
        notes().forEach(presence::take);
        assertThat(presence.listened()).containsExactly("orders/2");

        // It was only stopped for a while.
        pass(Duration.ofSeconds(5), dies, lives);
        var later = new Presence();
        notes().forEach(later::take);
        assertThat(later.listened()).containsExactly("orders/1", "orders/2");
        lives.leaves("orders/2");
        pass(SETTLE, dies, lives);
        var last = new Presence();
        notes().forEach(last::take);
        assertThat(last.listened()).as("the other one has it").containsExactly("orders/1", "orders/2");
    }

    @Test
    void waitsForAnotherNodeForAsLongAsATopicMayHaveNobody() {
        var random = new Random(1);
        for (Duration settle : List.of(Duration.ZERO, LEASE, Duration.ofMinutes(1), Duration.ofHours(1))) {
            Duration least = settle.compareTo(LEASE) > 0 ? settle : LEASE;
            assertThat(NoteTaker.Terms.of("a", true, settle, random).lease()).isBetween(least, least.plusSeconds(10));
            assertThat(NoteTaker.Terms.of("a", false, settle, random).lease()).as("its own earlier run").isEqualTo(settle);
        }
    }

    @Test
    void saysThatItIsThereAndNothingElseWhileItsStreamsAreEnded() throws Exception {
        Node ends = new Node("ends", true).comes("orders/1", "orders/2");
        Node lives = new Node("lives", true).comes("orders/3");
        ends.tally.left(Filters.of("orders/1"));
        for (int i = 0; i < 12; i++) {
            nanos.addAndGet(Duration.ofSeconds(5).toNanos());
            ends.taker.beat();
            lives.taker.step();
        }
        assertThat(listened()).containsExactly("orders/1", "orders/2", "orders/3");
        for (int i = 0; i < 4; i++) {
            pass(Duration.ofSeconds(5), lives);
        }

        assertThat(listened()).containsExactly("orders/3");
    }

    /** Time passes, in which no node gets anything stored. */
    private void passWithoutLog(Duration time, Node... nodes) {
        nanos.addAndGet(time.toNanos());
        for (Node node : nodes) {
            try {
                node.taker.step();
            } catch (LogAwayException e) {
                // So it is.
            }
        }
    }

    /** The node that lives has a topic itself, or has none. */
    @ParameterizedTest
    @CsvSource({"4, true", "8, true", "4, false", "8, false"})
    void saysOfNobodyThatItIsGoneBecauseTheLogWasAway(int times, boolean hasTopic) throws Exception {
        Node quick = new Node("quick", true);
        Node late = new Node("late", true).comes("orders/1");
        pass(Duration.ofSeconds(1), quick, late);
        if (hasTopic) {
            quick.comes("orders/2");
        }
        fault.set(batch -> new Append.Unavailable("the log is away"));
        for (int i = 0; i < times; i++) {
            passWithoutLog(Duration.ofSeconds(5), quick, late);
        }
        fault.set(null);
        // The one comes back to the log before the other does.
        for (int i = 0; i < 4; i++) {
            pass(Duration.ofMillis(500), quick);
        }
        for (int i = 0; i < 10; i++) {
            pass(Duration.ofSeconds(5), quick, late);
        }

        assertThat(notes()).noneMatch(note -> note instanceof Note.Gone || note instanceof Note.Over);
    }

    @Test
    void saysOfNobodyThatItIsGoneBehindANoteThatTookLong() throws Exception {
        Node quick = new Node("quick", true);
        new Node("late", true).comes("orders/1");
        pass(Duration.ofSeconds(1), quick);
        // It waits for the log, and has what it waits for at last.
        fault.set(batch -> {
            nanos.addAndGet(Duration.ofSeconds(9).toNanos());
            return memory.append(batch);
        });
        pass(Duration.ofSeconds(11), quick);
        fault.set(null);
        pass(Duration.ofSeconds(1), quick);

        assertThat(notes()).contains(new Note.Alive("quick")).noneMatch(note -> note instanceof Note.Gone);
    }

    @Test
    void saysOfNobodyThatItIsGoneWhileItsOwnLogIsBehind() throws Exception {
        Node stopped = new Node("stopped", true).comes("orders/1");
        Node lives = new Node("lives", true).comes("orders/2");
        pass(Duration.ofSeconds(1), stopped, lives);
        // What is stored is not here yet.
        List<List<Draft>> onTheWay = new ArrayList<>();
        fault.set(batch -> {
            onTheWay.add(batch);
            return new Append.Stored(List.of());
        });
        for (int i = 0; i < 3; i++) {
            pass(Duration.ofSeconds(6), lives);
        }
        assertThat(onTheWay).hasSizeGreaterThan(1);
        // What is stored from here on has all of it before it.
        fault.set(batch -> {
            onTheWay.forEach(memory::append);
            onTheWay.clear();
            return memory.append(batch);
        });
        pass(LEASE.minusSeconds(18), stopped);
        pass(Duration.ofSeconds(1), stopped, lives);

        assertThat(onTheWay).isEmpty();
        assertThat(notes()).noneMatch(note -> note instanceof Note.Gone);
        assertThat(listened()).containsExactly("orders/1", "orders/2");
    }

    @Test
    void noNodesWithoutTopicsTalkForEverOfOneThatIsGone() throws Exception {
        Node one = new Node("one", true).comes("orders/9").leaves("orders/9");
        Node other = new Node("other", true);
        new Node("dies", true).comes("orders/1", "orders/2");
        for (int i = 0; i < 20; i++) {
            pass(Duration.ofSeconds(5), one, other);
        }
        List<Note> all = notes();
        assertThat(listened()).isEmpty();
        assertThat(all).contains(new Note.Over("dies"));
        for (int i = 0; i < 20; i++) {
            pass(Duration.ofSeconds(5), one, other);
        }

        assertThat(notes()).isEqualTo(all);
    }

    /** It is stored, and only the answer is lost. */
    private Append unknown(List<Draft> batch) {
        memory.append(batch);
        return new Append.Unknown("no answer");
    }

    @Test
    void saysThatATopicIsListenedToThatMayBeNotedAsLeft() throws Exception {
        Node node = new Node("a", false).comes("orders/1").leaves("orders/1");
        fault.set(this::unknown);
        assertThatThrownBy(() -> pass(SETTLE, node)).isInstanceOf(LogAwayException.class);
        fault.set(null);
        assertThat(listened()).isEmpty();
        node.comes("orders/1");

        assertThat(listened()).containsExactly("orders/1");
        pass(SETTLE.multipliedBy(2), node);
        assertThat(notes()).as("once").hasSize(3);
    }

    @Test
    void saysThatATopicIsLeftThatMayBeNotedAsListenedTo() throws Exception {
        Node node = new Node("a", false);
        fault.set(this::unknown);
        assertThatThrownBy(() -> node.comes("orders/1")).isInstanceOf(LogAwayException.class);
        fault.set(null);
        node.leaves("orders/1");
        assertThat(listened()).containsExactly("orders/1");
        pass(SETTLE, node);

        assertThat(listened()).isEmpty();
        assertThat(node.tally.topics()).isZero();
    }

    @Test
    void saysThatATopicIsLeftOfWhichItKnowsNothing() throws Exception {
        log.append(List.of(new Note.Here("a", "orders/1")));
        Node node = new Node("a", true);
        pass(Duration.ZERO, node);
        pass(SETTLE.minusNanos(1), node);
        assertThat(listened()).containsExactly("orders/1");
        pass(Duration.ofNanos(1), node);

        assertThat(listened()).isEmpty();
    }

    @Test
    void notesAtOnceWhoComesWhileMoreWaitToBeLeftThanAStepLooksAt() throws Exception {
        Node node = new Node("a", false);
        List<String> many = IntStream.range(0, 11_000).mapToObj(i -> "orders/" + i).toList();
        many.forEach(each -> node.tally.came(Filters.of(each)));
        pass(Duration.ZERO, node, node);
        many.forEach(each -> node.tally.left(Filters.of(each)));
        pass(Duration.ZERO, node, node);
        List<String> late = IntStream.range(0, 100).mapToObj(i -> "orders/late" + i).toList();
        late.forEach(each -> node.tally.came(Filters.of(each)));
        pass(Duration.ZERO, node);
        assertThat(listened()).hasSize(11_100).containsAll(late);
        pass(SETTLE, node, node);

        assertThat(node.tally.topics()).as("all others are noted as left").isEqualTo(100);
    }

    @Test
    void notesTopicsBeyondItsBoundWhenThereIsRoom() throws Exception {
        Node node = new Node("a", false, 2).comes("orders/1").comes("orders/2").comes("orders/3").comes("orders/4").leaves("orders/3");
        assertThat(listened()).containsExactly("orders/1", "orders/2");
        assertThat(node.taker.beyond()).isEqualTo(2);
        node.leaves("orders/1");
        pass(SETTLE, node, node);

        assertThat(listened()).containsExactly("orders/2", "orders/4");
    }

    @Test
    void keepsNothingOfTopicsThatComeAndGoWhileTheLogTakesNothing() throws Exception {
        Node node = new Node("a", false).comes("orders/held");
        List<String> held = IntStream.range(0, 2_000).mapToObj(i -> "orders/held" + i).toList();
        held.forEach(each -> node.tally.came(Filters.of(each)));
        fault.set(batch -> new Append.Unavailable("full"));
        for (int step = 0; step < 10; step++) {
            int from = step * 1_000;
            // Some are there when it looks, and some have gone by then.
            List<String> passing = IntStream.range(from, from + 1_000).mapToObj(i -> "orders/" + i).toList();
            passing.forEach(each -> node.tally.came(Filters.of(each)));
            passing.subList(0, 500).forEach(each -> node.tally.left(Filters.of(each)));
            passWithoutLog(Duration.ofSeconds(1), node);
            passing.subList(500, 1_000).forEach(each -> node.tally.left(Filters.of(each)));
        }
        passWithoutLog(Duration.ofSeconds(1), node);
        assertThat(node.tally.topics()).as("those held, and at most one batch that may be stored").isBetween(2_001, 2_501);
        fault.set(null);
        pass(SETTLE, node, node);

        assertThat(listened()).hasSize(2_001).contains("orders/held").containsAll(held);
        assertThat(node.tally.topics()).isEqualTo(2_001);
    }

    @Test
    void countsTogetherWhatHappenedInASecondAndNamesNotTooMuch() throws Exception {
        Node node = new Node("a", false);
        node.tally.gap(Filters.of("orders/1", "news"), "retention");
        node.tally.gap(Filters.of("orders/1"), "retention");
        node.taker.step();
        assertThat(notes()).isEmpty();
        pass(Duration.ofSeconds(1), node);
        assertThat(notes()).containsExactly(new Note.Happened(Note.What.GAP, "orders/1", "retention", 0, 2));

        for (int i = 0; i < Tally.MAX_NAMED + 50; i++) {
            node.tally.refused(Filters.of("orders/" + i).asList(), "forbidden", 403);
        }
        pass(Duration.ofSeconds(1), node);
        assertThat(notes()).hasSize(1 + Tally.MAX_NAMED + 1)
                .contains(new Note.Happened(Note.What.REFUSED, Note.NO_TOPIC, "forbidden", 403, 50));
        pass(Duration.ofSeconds(1), node);
        assertThat(notes()).hasSize(1 + Tally.MAX_NAMED + 1);
    }

    @Test
    void storesInPartsWhatIsTooMuchAtOnce() throws Exception {
        fault.set(batch -> batch.size() > 2 ? new Append.TooLarge(batch.size(), 2) : memory.append(batch));
        List<Note> written = IntStream.range(0, 7).mapToObj(i -> (Note) new Note.Here("r", "orders/" + i)).toList();
        log.append(written);

        assertThat(notes()).isEqualTo(written);
    }

    @Test
    void readsBackWhatItWrote() throws Exception {
        List<Note> written = List.of(
                new Note.Here("r", "orders/ä"), new Note.Gone("r", "orders/ä"), new Note.Alive("r"), new Note.Over("r"),
                new Note.Happened(Note.What.GAP, "orders/1", "reset", 0, 3), new Note.Happened(Note.What.REFUSED, "", "forbidden", 403, 1));
        log.append(written);

        assertThat(notes()).isEqualTo(written);
    }
}
