package dev.hark.app.hook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.Hub;
import dev.hark.app.config.ConfigSource;
import dev.hark.app.config.HarkConfig;
import dev.hark.app.config.HookSettings;
import dev.hark.app.state.LogAwayException;
import dev.hark.app.state.StateLog;
import dev.hark.app.state.Turn;
import dev.hark.event.Draft;
import dev.hark.event.Topic;
import dev.hark.log.Append;
import dev.hark.log.SteadyClock;
import dev.hark.log.memory.MemoryLog;
import dev.hark.thread.VitalThreads;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One hook, with a log that fails as a test says. */
class HookTest {
    private final Receiver receiver = new Receiver();
    private final SteadyClock clock = SteadyClock.ofSystem();
    private final HttpClient client = Endpoint.client();
    private volatile Function<List<Draft>, @Nullable Append> fault = batch -> null;
    private List<Note> before = List.of();
    private @Nullable Hub hub;
    private @Nullable NoteLog notes;
    private @Nullable Hook working;

    @AfterEach
    void end() {
        if (working != null) {
            working.stop();
        }
        if (hub != null) {
            hub.close();
        }
        client.shutdownNow();
        receiver.close();
    }

    private Hook start(String... more) {
        return start(new Turn(false, "a", System::nanoTime), more);
    }

    private Hook start(Turn turn, String... more) {
        HarkConfig config = new ConfigSource(Path.of("..", "application.yaml"), Stream.concat(Stream.of("hooks.0.name=presence",
                "hooks.0.url=" + receiver.url(), "hooks.0.secret=" + Receiver.SECRET, "hooks.0.topics=orders/*"), Stream.of(more)).toList(),
                Map.of()).load();
        HookSettings settings = config.hooks().getFirst();
        var log = FaultyLog.of(new MemoryLog("7k3q9x2m", config.log().config(), clock), batch -> fault.apply(batch));
        Hub running = Hub.start(config.hub(), log, clock, new VitalThreads());
        hub = running;
        var noted = new NoteLog(running, settings);
        notes = noted;
        before.forEach(note -> append(noted, note));
        return start(running, settings, turn);
    }

    private Hook start(Hub running, HookSettings settings, Turn turn) {
        var random = new Random(running.newest().sequence());
        var states = new StateLog(running, "hook presence", Topic.stored(settings.stateTopic()), random);
        var notes = new NoteLog(running, settings);
        var hook = new Hook(settings, new Hook.Logs(notes, states), turn, new Endpoint(client, settings, clock),
                new Backoff(random), clock, new Progress(System::nanoTime));
        working = hook;
        hook.start();
        return hook;
    }

    /** Starts the hook anew, behind the end of {@code earlier}, with the same log. */
    private Hook startAgain(Hook earlier) {
        return start(Objects.requireNonNull(hub), earlier.settings(), new Turn(false, "a", System::nanoTime));
    }

    private static void append(NoteLog notes, Note note) {
        try {
            notes.append(List.of(note));
        } catch (LogAwayException e) {
            throw new IllegalStateException(e);
        }
    }

    private static HookStatus status(Hook hook) {
        return hook.progress().status("presence", "", 0, 0);
    }

    @Test
    void callsNotAgainWhereTheLogDidNotStoreThatItWasTaken() {
        var states = new AtomicInteger();
        // The first state says that it begins.
        fault = batch -> {
            int state = states.incrementAndGet();
            return state == 2 || state == 3 ? new Append.Unavailable("full") : null;
        };
        Hook hook = start();
        await().atMost(Duration.ofSeconds(60)).until(() -> status(hook).counts().told() == 1);

        assertThat(states).hasValue(4);
        assertThat(receiver.calls()).hasSize(1);
        assertThat(status(hook).counts().calls()).isEqualTo(1);
        await().atMost(Duration.ofSeconds(60)).until(() -> status(hook).state() == HookStatus.State.RUNNING);
    }

    @Test
    void givesNothingUpThatIsUnderWayAtItsEnd() throws Exception {
        var asked = new CopyOnWriteArrayList<String>();
        var released = new CountDownLatch(1);
        receiver.answer(call -> {
            if (!call.isReset()) {
                asked.add(call.id());
                await().atMost(Duration.ofSeconds(60)).until(() -> released.getCount() == 0);
            }
            return new Receiver.Reply(204);
        });
        Hook hook = start("hooks.0.attempts=1");
        await().atMost(Duration.ofSeconds(60)).until(() -> status(hook).counts().told() == 1);
        append(Objects.requireNonNull(notes), new Note.Here("a", "orders/1"));
        await().atMost(Duration.ofSeconds(60)).until(() -> asked.size() == 1);
        hook.stop();
        released.countDown();

        assertThat(status(hook).counts()).as("the reset alone").isEqualTo(new HookStatus.Counts(1, 0, 1, 0));
        assertThat(status(hook).all().dead()).isZero();
        Hook next = startAgain(hook);
        await().atMost(Duration.ofSeconds(60)).until(() -> status(next).counts().told() == 1);
        assertThat(asked).as("the same call once more").hasSize(2).containsOnly(asked.getFirst());
        assertThat(status(next).all()).isEqualTo(new HookStatus.Totals(2, 0, List.of()));
    }

    private long failedCalls() {
        Hook hook = working;
        return hook == null ? 0 : status(hook).counts().failed();
    }

    private static boolean isState(List<Draft> batch) {
        return batch.getFirst().topic().value().endsWith("/state");
    }

    /** One whose reset was taken, and that has {@code topics} to tell. */
    private Hook startWith(Turn turn, List<String> topics, String... more) {
        Hook hook = start(turn, more);
        await().atMost(Duration.ofSeconds(60)).until(() -> status(hook).counts().told() == 1);
        topics.forEach(topic -> append(Objects.requireNonNull(notes), new Note.Here("a", topic)));
        return hook;
    }

    @Test
    void callsNotSoonerThanItWasAskedToBecauseTheLogWasAway() {
        var nanos = new AtomicLong();
        receiver.answer(call -> call.isReset() ? new Receiver.Reply(204) : new Receiver.Reply(503, "Retry-After", "3600"));
        Hook hook = startWith(new Turn(true, "a", nanos::get), List.of("orders/1"));
        await().atMost(Duration.ofSeconds(60)).until(() -> status(hook).counts().failed() == 1);
        var away = new AtomicInteger();
        var stored = new AtomicInteger();
        fault = batch -> isState(batch) && away.getAndIncrement() == 0 ? new Append.Unavailable("away") : counted(stored);
        // It has to say that it is still there, and begins where it was because it cannot; says so then, and once more while it rests.
        for (int i = 1; i <= 2; i++) {
            int times = i;
            nanos.addAndGet(Duration.ofSeconds(4).toNanos());
            await().atMost(Duration.ofSeconds(60)).until(() -> stored.get() == times);
        }

        assertThat(receiver.calls().stream().filter(call -> !call.isReset())).hasSize(1);
        assertThat(status(hook).counts().failed()).isEqualTo(1);
    }

    private static @Nullable Append counted(AtomicInteger count) {
        count.incrementAndGet();
        return null;
    }

    @Test
    void givesUpAfterAsManyCallsAsItMayMakeThoughTheLogWasAwayBetween() {
        // A call that has failed took four seconds, which are over when it is counted: however long it waits for the answer here.
        LongSupplier nanos = () -> failedCalls() * Duration.ofSeconds(4).toNanos();
        var away = new AtomicLong();
        fault = batch -> isState(batch) && away.get() < failedCalls() && away.getAndIncrement() < failedCalls()
                ? new Append.Unavailable("away")
                : null;
        receiver.answer(call -> new Receiver.Reply(call.isReset() ? 204 : 503));
        Hook hook = startWith(new Turn(true, "a", nanos), List.of("orders/1"), "hooks.0.attempts=2");
        await().atMost(Duration.ofSeconds(60)).until(() -> status(hook).counts().dead() == 1);

        assertThat(away).as("behind each of them").hasValue(2);
        assertThat(receiver.calls().stream().filter(call -> !call.isReset())).hasSize(2);
        assertThat(status(hook).all().last()).singleElement()
                .satisfies(letter -> assertThat(letter.reason()).isEqualTo("1 event given up after 2 calls: it answered 503"));
    }

    @Test
    void tellsOnceWhatWasTakenThoughMoreIsNotedUntilTheLogHasThat() {
        var turns = new AtomicInteger();
        fault = batch -> {
            boolean isTold = isState(batch) && receiver.told().contains("topic.listened orders/1");
            if (!isTold || turns.getAndIncrement() > 0) {
                return null;
            }
            append(Objects.requireNonNull(notes), new Note.Here("a", "orders/2"));
            return new Append.Unavailable("away");
        };
        Hook hook = startWith(new Turn(false, "a", System::nanoTime), List.of("orders/1"));
        await().atMost(Duration.ofSeconds(60)).until(() -> status(hook).counts().told() == 3);

        assertThat(receiver.told()).containsExactly("hook.reset new", "topic.listened orders/1", "topic.listened orders/2");
    }

    /** Each call takes a second of the test's clock, and is answered at once. */
    @Test
    void saysThatItIsStillThereInTheMiddleOfALongReset() {
        var nanos = new AtomicLong();
        receiver.answer(call -> {
            nanos.addAndGet(Duration.ofSeconds(1).toNanos());
            return new Receiver.Reply(204);
        });
        before = IntStream.range(0, 19).mapToObj(i -> (Note) new Note.Here("a", "orders/" + i)).toList();
        var renewed = new AtomicInteger();
        fault = batch -> {
            if (batch.getFirst().topic().value().endsWith("/state") && !receiver.calls().isEmpty()) {
                renewed.incrementAndGet();
            }
            return null;
        };
        Hook hook = start(new Turn(true, "a", nanos::get), "hooks.0.batch=1");
        await().atMost(Duration.ofSeconds(60)).until(() -> status(hook).counts().told() == 20);

        assertThat(receiver.calls()).hasSize(20);
        assertThat(renewed).as("every three seconds, and at the end").hasValueGreaterThanOrEqualTo(6);
    }

    @Test
    void callsNobodyWhoWantsNoCallsWhateverBecomesOfItsTurn() {
        var nanos = new AtomicLong();
        receiver.answer(call -> new Receiver.Reply(410));
        var refused = new AtomicInteger();
        Hook hook = start(new Turn(true, "a", nanos::get));
        await().atMost(Duration.ofSeconds(60)).until(() -> status(hook).state() == HookStatus.State.UNWANTED);
        // It cannot say that it is still there, and begins from the beginning.
        fault = batch -> {
            refused.incrementAndGet();
            return new Append.Unavailable("full");
        };
        nanos.addAndGet(Duration.ofSeconds(4).toNanos());
        await().atMost(Duration.ofSeconds(60)).until(() -> refused.get() >= 2);
        fault = batch -> null;
        await().atMost(Duration.ofSeconds(60)).until(() -> status(hook).state() == HookStatus.State.UNWANTED);

        assertThat(receiver.calls()).hasSize(1);
    }

    @Test
    void callsNobodyInATurnThatMayHaveEndedWhileItSaidThatItIsStillThere() {
        var nanos = new AtomicLong();
        var slow = new AtomicBoolean(true);
        var during = new AtomicInteger();
        fault = batch -> {
            if (slow.get()) {
                nanos.addAndGet(Turn.LEASE.toNanos());
                during.incrementAndGet();
            }
            return null;
        };
        Hook hook = start(new Turn(true, "a", nanos::get));
        await().atMost(Duration.ofSeconds(60)).until(() -> during.get() >= 4);
        assertThat(receiver.calls()).isEmpty();
        slow.set(false);
        await().atMost(Duration.ofSeconds(60)).until(() -> status(hook).counts().told() == 1);

        assertThat(receiver.calls()).hasSize(1);
    }

    @Test
    void saysWhyInOneShortLine() {
        String why = new Answer.Failed("a\nb" + "\ud83d\ude00".repeat(300) + "\ud83d", Optional.empty()).why();

        assertThat(why).startsWith("a b\ud83d\ude00").doesNotContain("\n");
        assertThat(why.codePointCount(0, why.length())).isEqualTo(200);
    }
}
