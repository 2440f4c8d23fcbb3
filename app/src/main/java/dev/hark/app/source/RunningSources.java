package dev.hark.app.source;

import dev.hark.Hub;
import dev.hark.app.config.HarkConfig;
import dev.hark.app.config.LogSettings;
import dev.hark.app.config.RabbitSettings;
import dev.hark.app.config.SourceSettings;
import dev.hark.app.config.SourceSettings.Jdbc;
import dev.hark.app.source.jdbc.JdbcOutbox;
import dev.hark.app.source.rabbitmq.RabbitQueue;
import dev.hark.app.state.StateLog;
import dev.hark.app.state.Turn;
import dev.hark.event.Topic;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;

/** The sources of a node, from their start to their end. Thread-safe. */
public final class RunningSources implements AutoCloseable {
    /** For all of them together: more than each needs at most. */
    private static final Duration LAST_STEPS = Duration.ofSeconds(3);

    /** How late a source may be before an operator has to hear of it: it may be a restart. */
    private final Duration patience;

    private final List<Source> running = new ArrayList<>();
    private final List<SourceStatus> disabled = new ArrayList<>();
    private final AtomicBoolean closing = new AtomicBoolean();

    private RunningSources(Duration patience) {
        this.patience = patience;
    }

    /** Starts those that {@code config} has on {@code hub}; returns at once, whether what they read is there or not. */
    public static RunningSources start(HarkConfig config, Hub hub) {
        var sources = new RunningSources(config.hub().stall());
        var random = new SecureRandom();
        boolean shared = config.log().kind() == LogSettings.Kind.JETSTREAM;
        for (SourceSettings settings : config.sources()) {
            int maxBytes = config.limits().eventBytes();
            Upstream upstream = switch (settings.input()) {
                case Jdbc jdbc -> JdbcOutbox.of(jdbc, maxBytes);
                case RabbitSettings rabbit -> new RabbitQueue(rabbit, maxBytes);
            };
            Duration poll = switch (settings.input()) {
                case Jdbc jdbc -> jdbc.poll();
                case RabbitSettings rabbit -> RabbitQueue.POLL;
            };
            if (!settings.enabled()) {
                var progress = new Progress(SourceStatus.State.DISABLED, System::nanoTime);
                sources.disabled.add(progress.status(settings.name(), upstream));
                continue;
            }
            var states = states(hub, settings.name(), random);
            sources.running.add(new Source(settings.name(), upstream, states, new Turn(shared, states.nonce(), System::nanoTime),
                    new Source.Terms(settings.batch(), poll),
                    new Progress(SourceStatus.State.STANDBY, System::nanoTime)));
        }
        sources.running.forEach(Source::start);
        return sources;
    }

    /** Where the log keeps how far the source {@code name} is. */
    static StateLog states(Hub hub, String name, RandomGenerator random) {
        return new StateLog(hub, "source " + name, Topic.stored(SourceSettings.STATE_TOPICS + name), random);
    }

    /** How they are: those that run in the order of the configuration, then those that do not. */
    public List<SourceStatus> status() {
        List<SourceStatus> all = new ArrayList<>(running.stream().map(Source::status).toList());
        all.addAll(disabled);
        return all;
    }

    /** What an operator must know: a sentence for each that is late, with trouble or without. */
    public List<String> alarms() {
        return alarms(status(), patience);
    }

    static List<String> alarms(List<SourceStatus> sources, Duration patience) {
        return sources.stream()
                .filter(each -> each.behind().isPositive() && each.behind().compareTo(patience) >= 0)
                .map(each -> each.state() == SourceStatus.State.TROUBLE
                        ? String.format(Locale.ROOT, "the source '%s' does not get on, and may be late by %,d s: %s", each.name(),
                                each.behind().toSeconds(), each.trouble())
                        : String.format(Locale.ROOT, "the source '%s' is late by up to %,d s: it publishes, and more waits (%,d known)",
                                each.name(), each.behind().toSeconds(), each.waiting()))
                .toList();
    }

    /** Ends them all at once, each behind the portion that it is at. Has an end, {@link #LAST_STEPS}. Called again, it does nothing. */
    @Override
    public void close() {
        if (!closing.compareAndSet(false, true)) {
            return;
        }
        List<Thread> ends = running.stream().map(each -> Thread.ofVirtual().start(each::stop)).toList();
        long beginNanos = System.nanoTime();
        try {
            for (Thread end : ends) {
                Duration left = LAST_STEPS.minusNanos(System.nanoTime() - beginNanos);
                end.join(left.isPositive() ? left : Duration.ofMillis(1));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
