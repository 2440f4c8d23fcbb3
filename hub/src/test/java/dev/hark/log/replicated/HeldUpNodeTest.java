package dev.hark.log.replicated;

import static dev.hark.log.EngineTest.append;
import static dev.hark.log.EngineTest.draft;
import static dev.hark.log.EngineTest.readAll;
import static dev.hark.log.replicated.ReplicatedNodesTest.CONFIG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.event.Filters;
import dev.hark.log.Append;
import dev.hark.log.EngineTest;
import dev.hark.log.EventLog;
import dev.hark.log.FakeClock;
import dev.hark.log.UnusableLogException;
import dev.hark.log.sqlite.SqliteReplica;
import dev.hark.log.sqlite.SqliteSettings;
import dev.hark.thread.VitalThreads;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node that cannot go on for a while, on a journal that others go on with. */
@Timeout(120)
class HeldUpNodeTest {
    private static final Duration LONG = Duration.ofMinutes(10);

    @TempDir
    Path folder;

    private final FakeClock clock = new FakeClock();
    private final LocalJournal journal = new LocalJournal(clock);
    private final List<EventLog> nodes = new ArrayList<>();

    /** What is done before one applies anything. */
    private final AtomicReference<@Nullable Runnable> beforeApplying = new AtomicReference<>();

    private ReplicatedLog two;

    @BeforeEach
    void open() {
        two = node("two", journal, ReplicatedLogTest.STALL);
    }

    @AfterEach
    void close() {
        beforeApplying.set(null);
        nodes.forEach(EventLog::close);
    }

    private ReplicatedLog node(String name, ReplicatedLog.Journals journals, Duration stall) {
        var vital = new VitalThreads();
        var settings = new SqliteSettings(folder.resolve(name + ".db"), SqliteSettings.Durability.WRITE, CONFIG);
        SqliteReplica replica = SqliteReplica.open(settings, new Random(nodes.size()), vital);
        Replica inFront = (Replica) Proxy.newProxyInstance(Replica.class.getClassLoader(), new Class<?>[] {Replica.class},
                (proxy, method, arguments) -> {
                    Runnable before = beforeApplying.get();
                    if (name.equals("one") && method.getName().equals("apply") && before != null) {
                        before.run();
                    }
                    try {
                        return method.invoke(replica, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        ReplicatedLog node = ReplicatedLog.open(journals, inFront, stall, clock, new Random(nodes.size()), vital);
        nodes.add(node);
        return node;
    }

    @Test
    void refusesWhatItCannotKeepThoughOthersCould() {
        ReplicatedLog one = node("one", journal, ReplicatedLogTest.STALL);
        beforeApplying.set(() -> {
            throw new UnusableLogException("the disk is full");
        });
        append(two, draft("a", "1"));
        await().until(() -> one.health().trouble() != null);
        int groups = journal.copy().size();
        for (int i = 0; i < 3; i++) {
            assertThat(one.append(List.of(draft("a", "never")))).isEqualTo(new Append.Unavailable("the disk is full"));
        }
        assertThat(journal.copy()).as("nobody has it").hasSize(groups);
        beforeApplying.set(null);
        await().until(() -> one.health().trouble() == null);
        append(one, draft("a", "2"));
        assertThat(readAll(one, 0, Filters.ALL)).extracting(EngineTest::data).containsExactly("1", "2");
    }

    /** It tells everybody who waits for the disk that this takes too long. */
    @Test
    void doesNotHoldUpTheUpkeep() {
        ReplicatedLog one = node("one", journal, LONG);
        var well = new CountDownLatch(1);
        beforeApplying.set(() -> {
            try {
                well.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        // It would wait for ten minutes.
        one.maintain();
        one.maintain();
        well.countDown();
    }

    @Test
    void forgetsWhatNobodyWaitsForWhileAnotherHistoryIsToBegin() throws Exception {
        append(two, draft("a", "1"));
        append(two, draft("a", "2"));
        // It bounds how long the node takes to open as well.
        Duration brief = Duration.ofMillis(1_500);
        ReplicatedLog one = node("one", journal, brief);
        two.close();
        // Nobody can begin with that, and nobody makes a snapshot.
        List<Journal.Entry> all = journal.copy();
        journal.restore(all.subList(all.size() - 1, all.size()).stream()
                .map(entry -> new Journal.Entry(entry.position() - 1, "other-1", entry.timeMillis(), entry.group())).toList());
        await().until(() -> String.valueOf(one.health().trouble()).contains("there is no snapshot"));
        // There are places for the first ones, and for the others where those have been given back.
        try (ExecutorService publishers = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<Append> publish = () -> one.append(List.of(draft("a", "x")));
            for (int round = 0; round < 2; round++) {
                for (Future<Append> each : publishers.invokeAll(Collections.nCopies(2_500, publish))) {
                    assertThat(each.get()).isInstanceOfSatisfying(Append.Unavailable.class, refused ->
                            assertThat(refused.why()).doesNotContain("cannot keep up"));
                }
            }
        }
    }

    /** Each group takes longer than the upkeep waits, and there are always others. */
    @Test
    void saysHowLateItIsOnASlowJournal() throws Exception {
        ReplicatedLog one = node("one", () -> new Slow(journal.open()), ReplicatedLogTest.STALL);
        try (ExecutorService publishers = Executors.newFixedThreadPool(3)) {
            for (int i = 0; i < 3; i++) {
                publishers.execute(() -> {
                    while (!Thread.interrupted()) {
                        one.append(List.of(draft("a", "x")));
                    }
                });
            }
            await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(1)).until(() -> {
                one.maintain();
                return journal.copy().stream().anyMatch(entry -> kind(entry) == Group.Kind.TIME);
            });
            publishers.shutdownNow();
        }
    }

    private static Group.Kind kind(Journal.Entry entry) {
        try {
            return GroupCodec.decode(entry.group()).kind();
        } catch (UnreadableGroupException e) {
            throw new AssertionError(e);
        }
    }

    private record Slow(Journal journal) implements ForwardingJournal {
        @Override
        public Appended append(String id, byte[] group, Duration patience) throws InterruptedException {
            Thread.sleep(1_200);
            return journal.append(id, group, patience);
        }
    }

    /** Somebody else's group always comes first. */
    @Test
    void beginsAnotherHistoryBesideSomebodyWhoNeverRests() {
        append(two, draft("a", "kept"));
        List<Journal.Entry> yesterday = journal.copy();
        append(two, draft("a", "lost"));
        String before = two.tail().epoch();
        two.close();
        journal.restore(yesterday);
        ReplicatedLog again = node("two", () -> new Overtaken(journal.open(), clock), ReplicatedLogTest.STALL);
        assertThat(again.tail().epoch()).isNotEqualTo(before);
        append(again, draft("a", "new"));
        assertThat(readAll(again, 0, Filters.ALL)).extracting(EngineTest::data).containsExactly("kept", "new");
    }

    /** Servers that were killed have lost it again. */
    @Test
    void beginsAnotherHistoryThoughTheFirstMarkerWasLost() {
        append(two, draft("a", "kept"));
        List<Journal.Entry> yesterday = journal.copy();
        append(two, draft("a", "lost"));
        String before = two.tail().epoch();
        two.close();
        journal.restore(yesterday);
        ReplicatedLog again = node("two", () -> new Losing(journal.open(), new AtomicBoolean()), ReplicatedLogTest.STALL);
        assertThat(again.tail().epoch()).isNotEqualTo(before);
        assertThat(readAll(again, 0, Filters.ALL)).extracting(EngineTest::data).containsExactly("kept");
    }

    /** It has acknowledged what it does not have. */
    private record Losing(Journal journal, AtomicBoolean lost) implements ForwardingJournal {
        @Override
        public Appended appendAfter(long last, String id, byte[] group, Duration patience) throws InterruptedException {
            return lost.compareAndSet(false, true) ? new Appended.At(last + 1) : journal.appendAfter(last, id, group, patience);
        }
    }

    private record Overtaken(Journal journal, FakeClock clock) implements ForwardingJournal {
        @Override
        public Appended appendAfter(long last, String id, byte[] group, Duration patience) throws InterruptedException {
            journal.append("somebody-" + System.nanoTime(), GroupCodec.encodeTime(clock.millis()), patience);
            return journal.appendAfter(last, id, group, patience);
        }
    }
}
