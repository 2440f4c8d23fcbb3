package dev.hark.app.reload;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.hark.app.config.ConfigException;
import dev.hark.app.config.Configuration;
import dev.hark.app.config.HarkConfig;
import dev.hark.app.reload.ReloadPart.Prepared;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Reads the configuration anew, and has the node's parts take it on: all of them or, where one refuses, none. Thread-safe.
 */
public final class Reload {
    private static final System.Logger LOGGER = System.getLogger(Reload.class.getName());

    /** How long a reload waits for another one to end. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** What operators have done, a line each. */
    private static final System.Logger AUDIT = System.getLogger("dev.hark.audit");

    private final Configuration started;
    private final List<ReloadPart> parts;
    private final Supplier<Configuration> source;
    private final Map<Outcome.Kind, AtomicLong> counts = new EnumMap<>(Outcome.Kind.class);

    /** Held by one reload, in which files are read, and perhaps waited for. */
    private final ReentrantLock lock = new ReentrantLock();

    /** What was taken on last. */
    @GuardedBy("lock")
    private Configuration current;

    /**
     * @param started what the node runs with
     * @param parts   what can change of it, in the order in which they commit
     */
    public Reload(Configuration started, List<ReloadPart> parts) {
        this(started, parts, () -> started.source().read());
    }

    Reload(Configuration started, List<ReloadPart> parts, Supplier<Configuration> source) {
        this.started = started;
        this.current = started;
        this.parts = List.copyOf(parts);
        this.source = source;
        for (Outcome.Kind kind : Outcome.Kind.values()) {
            counts.put(kind, new AtomicLong());
        }
    }

    /**
     * Does it, and says so in the log.
     *
     * @param by who or what asks for it, in words
     */
    public Outcome run(String by) {
        Outcome outcome = attemptInTurn();
        AtomicLong count = counts.get(outcome.kind());
        if (count != null) {
            count.incrementAndGet();
        }
        switch (outcome) {
            case Outcome.Applied(List<String> applied, List<String> restart) -> say(System.Logger.Level.INFO,
                    "configuration reloaded by " + by + "; changed: " + inWords(applied) + "; needs a restart: " + inWords(restart));
            case Outcome.Refused(List<String> mistakes) -> say(System.Logger.Level.WARNING,
                    "configuration not reloaded by " + by + ", nothing has changed: " + String.join(" | ", mistakes));
            case Outcome.Failed() -> say(System.Logger.Level.ERROR, "configuration not reloaded by " + by + ", because of a defect");
        }
        return outcome;
    }

    private static void say(System.Logger.Level level, String line) {
        AUDIT.log(level, line.replaceAll("\\p{Cntrl}", "\uFFFD"));
    }

    /** How many ended so. */
    public long count(Outcome.Kind kind) {
        AtomicLong count = counts.get(kind);
        return count == null ? 0 : count.get();
    }

    private Outcome attemptInTurn() {
        try {
            if (!lock.tryLock(PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
                return new Outcome.Refused(List.of("another reload has been under way for " + PATIENCE.toSeconds() + " s"));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Outcome.Refused(List.of("the hub is being stopped"));
        }
        try {
            return attempt();
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private Outcome attempt() {
        try {
            Configuration next = source.get();
            HarkConfig together = together(next);
            List<String> mistakes = new ArrayList<>();
            List<Prepared> prepared = new ArrayList<>();
            for (ReloadPart part : parts) {
                try {
                    prepared.add(part.prepare(together));
                } catch (ConfigException e) {
                    mistakes.addAll(e.mistakes());
                }
            }
            if (!mistakes.isEmpty()) {
                return new Outcome.Refused(mistakes);
            }
            Outcome.Applied outcome = differences(next, prepared);
            prepared.forEach(each -> each.commit().run());
            current = next;
            return outcome;
        } catch (ConfigException e) {
            return new Outcome.Refused(e.mistakes());
        } catch (RuntimeException e) {
            LOGGER.log(System.Logger.Level.ERROR, "a reload of the configuration failed", e);
            return new Outcome.Failed();
        }
    }

    /**
     * What is to hold: a configuration that takes a right away because it closes an address too must not do the one without the other.
     *
     * @throws ConfigException if that contradicts itself
     */
    private HarkConfig together(Configuration next) {
        try {
            return started.config().changedBy(next.config());
        } catch (ConfigException e) {
            throw new ConfigException(e.mistakes().stream().map(mistake -> "this needs a restart: until then " + mistake).toList());
        }
    }

    @GuardedBy("lock")
    private Outcome.Applied differences(Configuration next, List<Prepared> prepared) {
        Set<String> kept = new TreeSet<>();
        Set<String> renewed = new TreeSet<>();
        prepared.forEach(each -> {
            kept.addAll(each.kept());
            renewed.addAll(each.renewed());
        });
        current.differences(next).stream().filter(key -> isOfPart(key) && !isIn(key, kept)).forEach(renewed::add);
        started.differences(next).stream().filter(key -> !isOfPart(key)).forEach(kept::add);
        return new Outcome.Applied(List.copyOf(renewed), List.copyOf(kept));
    }

    private boolean isOfPart(String key) {
        return parts.stream().anyMatch(part -> isIn(key, part.keys()));
    }

    private static boolean isIn(String key, Set<String> sections) {
        return sections.stream().anyMatch(section -> key.equals(section) || key.startsWith(section + "."));
    }

    private static String inWords(List<String> keys) {
        return keys.isEmpty() ? "nothing" : String.join(", ", keys);
    }
}
