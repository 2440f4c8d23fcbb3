package dev.hark.app.hook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.Hub;
import dev.hark.app.config.ConfigSource;
import dev.hark.app.config.HarkConfig;
import dev.hark.app.config.HookSettings;
import dev.hark.app.hook.NoteLog.Noted;
import dev.hark.event.Filters;
import dev.hark.log.SteadyClock;
import dev.hark.log.memory.MemoryLog;
import dev.hark.thread.VitalThreads;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The hooks of a node that shares its log, as its configuration says, with a clock of the test's. */
class RunningHooksTest {
    private final Receiver receiver = new Receiver();
    private final HarkConfig config = new ConfigSource(Path.of("..", "application.yaml"), List.of(
            "log.kind=jetstream", "log.servers.0=nats://none", "hooks.0.name=presence", "hooks.0.url=" + receiver.url(),
            "hooks.0.secret=" + Receiver.SECRET, "hooks.0.topics=orders/*", "hooks.0.settle=PT1S"), Map.of()).load();

    private final HookSettings hook = config.hooks().getFirst();
    private final SteadyClock clock = SteadyClock.ofSystem();
    private final Hub hub =
            Hub.start(config.hub(), new MemoryLog("7k3q9x2m", config.log().config(), clock), clock, new VitalThreads());

    @AfterEach
    void end() {
        hub.close();
        receiver.close();
    }

    private List<Note> notes() throws Exception {
        return new NoteLog(hub, hook).read(null, 500).notes().stream().map(Noted::note).toList();
    }

    private long beats() throws Exception {
        return notes().stream().filter(note -> note instanceof Note.Alive).count();
    }

    private void awaitBeat(int number, AtomicLong nanos) {
        nanos.addAndGet(Duration.ofSeconds(6).toNanos());
        await().atMost(Duration.ofSeconds(60)).until(() -> beats() == number);
    }

    @Test
    void saysThatItsNodeIsThereUntilItIsClosed() throws Exception {
        var nanos = new AtomicLong();
        var attendance = new Attendance(config.hooks(), nanos::get);
        attendance.came(Filters.of("orders/1"));
        try (RunningHooks hooks = RunningHooks.start(config, hub, attendance, clock, nanos::get)) {
            await().atMost(Duration.ofSeconds(60)).until(() -> notes().size() == 1);
            hooks.endCalls();
            // The last of the step that may have been under way: behind it nothing is noted but that the node is there.
            awaitBeat(1, nanos);
            attendance.left(Filters.of("orders/1"));
            awaitBeat(2, nanos);
            awaitBeat(3, nanos);
        }

        assertThat(notes()).hasSize(4).noneMatch(note -> note instanceof Note.Gone);
    }
}
