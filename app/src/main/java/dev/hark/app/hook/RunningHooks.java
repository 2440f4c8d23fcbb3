package dev.hark.app.hook;

import dev.hark.Hub;
import dev.hark.app.config.HarkConfig;
import dev.hark.app.config.HookSettings;
import dev.hark.app.config.LogSettings;
import dev.hark.app.state.LogAwayException;
import dev.hark.app.state.OneLine;
import dev.hark.app.state.StateLog;
import dev.hark.app.state.Turn;
import dev.hark.event.Topic;
import java.net.http.HttpClient;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The hooks of a node, from their start to their end. Thread-safe. */
public final class RunningHooks implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(RunningHooks.class.getName());

    /** How often it is looked what has changed. */
    private static final Duration STEP = Duration.ofMillis(100);

    /** How long it waits after the log took nothing. */
    private static final Duration AWAY = Duration.ofSeconds(1);

    /** How long the end waits for calls. */
    private static final Duration LAST_STEPS = Duration.ofSeconds(6);

    /** How long the end waits for a note that is being stored, and then for what was cut short: nobody needs it any more. */
    private static final Duration LAST_NOTE = Duration.ofSeconds(1);

    /** From when on an operator has to hear of trouble: sooner it may be a restart. */
    private final Duration patience;

    private final List<Part> parts = new ArrayList<>();
    private final AtomicBoolean ending = new AtomicBoolean();
    private final CountDownLatch callsEnded = new CountDownLatch(1);
    private final CountDownLatch stopping = new CountDownLatch(1);
    private @Nullable HttpClient client;
    private @Nullable Thread noting;

    /** What there is for each hook. */
    private record Part(Hook hook, NoteTaker taker, Tally tally) {
        HookStatus status() {
            return hook.progress().status(hook.settings().name(), hook.settings().address(), tally.topics(), taker.beyond());
        }
    }

    private RunningHooks(Duration patience) {
        this.patience = patience;
    }

    /**
     * Starts those that {@code config} has on {@code hub}; returns at once, whether what they call is there or not.
     *
     * @param attendance what has been counted for them since the hub has run
     */
    public static RunningHooks start(HarkConfig config, Hub hub, Attendance attendance, InstantSource clock) {
        return start(config, hub, attendance, clock, System::nanoTime);
    }

    /** The same, with a time of a test's by which notes are taken. */
    static RunningHooks start(HarkConfig config, Hub hub, Attendance attendance, InstantSource clock, LongSupplier nanoTime) {
        var hooks = new RunningHooks(config.hub().stall());
        if (!config.hooks().isEmpty()) {
            hooks.begin(config, hub, attendance, clock, nanoTime);
        }
        return hooks;
    }

    private void begin(HarkConfig config, Hub hub, Attendance attendance, InstantSource clock, LongSupplier nanoTime) {
        var random = new SecureRandom();
        boolean shared = config.log().kind() == LogSettings.Kind.JETSTREAM;
        HttpClient calling = Endpoint.client();
        client = calling;
        for (HookSettings hook : config.hooks()) {
            var notes = new NoteLog(hub, hook);
            var states = new StateLog(hub, "hook " + hook.name(), Topic.stored(hook.stateTopic()), random);
            String run = states.nonce();
            var taker = new NoteTaker(
                    hook.name(), attendance.of(hook), notes, NoteTaker.Terms.of(run, shared, hook.settle(), random), nanoTime);
            var working = new Hook(hook, new Hook.Logs(notes, states), new Turn(shared, run, System::nanoTime),
                    new Endpoint(calling, hook, clock), new Backoff(random), clock, new Progress(System::nanoTime));
            parts.add(new Part(working, taker, attendance.of(hook)));
        }
        Thread taking = Thread.ofPlatform().daemon().name("hark-hook-notes").unstarted(this::takeNotes);
        noting = taking;
        taking.start();
        parts.forEach(part -> part.hook().start());
    }

    private void takeNotes() {
        String trouble = "";
        while (stopping.getCount() > 0) {
            String now = "";
            for (Part part : parts) {
                try {
                    if (ending.get()) {
                        // That streams are ended here is no news of who listens; that some still are here other nodes have to know.
                        part.taker().beat();
                    } else {
                        part.taker().step();
                    }
                } catch (LogAwayException e) {
                    now = String.valueOf(e.getMessage());
                } catch (RuntimeException | Error e) { // its thread goes on, or nobody would know that it has ended
                    LOGGER.log(System.Logger.Level.ERROR, "a defect of the hub: notes of a hook cannot be taken", e);
                    now = "a defect of the hub: " + e;
                }
            }
            if (!now.isEmpty() && trouble.isEmpty() && !ending.get()) {
                LOGGER.log(System.Logger.Level.WARNING, "what hooks are to tell cannot be noted now, and is later: {0}",
                        OneLine.of(now, OneLine.LONG));
            }
            trouble = now;
            try {
                stopping.await((now.isEmpty() ? STEP : AWAY).toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** How they are, in the order of the configuration. */
    public List<HookStatus> status() {
        return parts.stream().map(Part::status).toList();
    }

    /** What an operator must know: a sentence for each that does not get on for a while. */
    public List<String> alarms() {
        return status().stream()
                .filter(each -> !each.trouble().isEmpty() && each.behind().compareTo(patience) >= 0)
                .map(each -> String.format(Locale.ROOT, "the hook '%s' has told nothing for %,d s: %s", each.name(),
                        each.behind().toSeconds(), each.trouble()))
                .toList();
    }

    /**
     * Ends all calls at once, each behind the one that it is at. What happens from now on is not noted; only that this node is there, until
     * it is {@link #close closed}. Has an end. Called again, it waits for that.
     */
    public void endCalls() {
        try {
            if (ending.compareAndSet(false, true)) {
                List<Thread> ends = parts.stream().map(part -> Thread.ofVirtual().start(part.hook()::stop)).toList();
                for (Thread end : ends) {
                    end.join(LAST_STEPS);
                }
                callsEnded.countDown();
            } else {
                callsEnded.await(LAST_STEPS.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends all that is left, calls included. */
    @Override
    public void close() {
        endCalls();
        stopping.countDown();
        try {
            if (noting != null && !noting.join(LAST_NOTE)) {
                noting.interrupt();
                noting.join(LAST_NOTE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        // Sooner it would make a failure of a call that is under way.
        if (client != null && callsEnded.getCount() == 0) {
            client.shutdownNow();
        }
    }
}
