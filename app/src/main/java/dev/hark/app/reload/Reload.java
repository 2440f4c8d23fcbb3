package dev.hark.app.reload;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.hark.app.config.ConfigException;
import dev.hark.app.config.Configuration;
import dev.hark.app.reload.ReloadPart.Prepared;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Reads the configuration anew, and has the node's parts take it on: all of them or, where one refuses, none. Thread-safe.
 */
public final class Reload {
    private static final System.Logger LOGGER = System.getLogger(Reload.class.getName());

    /** What operators have done, a line each. */
    private static final System.Logger AUDIT = System.getLogger("dev.hark.audit");

    private final Configuration started;
    private final List<ReloadPart> parts;
    private final Supplier<Configuration> source;
    private final Map<Outcome.Kind, AtomicLong> counts = new EnumMap<>(Outcome.Kind.class);

    /** What was taken on last. */
    @GuardedBy("this")
    private Configuration current;

    /**
     * @param started what the node runs with
     * @param parts   what can change of it
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
    public synchronized Outcome run(String by) {
        Outcome outcome = attempt();
        AtomicLong count = counts.get(outcome.kind());
        if (count != null) {
            count.incrementAndGet();
        }
        switch (outcome) {
            case Outcome.Applied(List<String> applied, List<String> restart) -> AUDIT.log(System.Logger.Level.INFO,
                    "configuration reloaded by " + by + "; changed: " + inWords(applied) + "; needs a restart: " + inWords(restart));
            case Outcome.Refused(List<String> mistakes) -> AUDIT.log(System.Logger.Level.WARNING,
                    "configuration not reloaded by " + by + ", nothing has changed: " + String.join(" | ", mistakes));
            case Outcome.Failed() -> AUDIT.log(System.Logger.Level.ERROR, "configuration not reloaded by " + by + ", because of a defect");
        }
        return outcome;
    }

    /** How many ended so. */
    public long count(Outcome.Kind kind) {
        AtomicLong count = counts.get(kind);
        return count == null ? 0 : count.get();
    }

    private synchronized Outcome attempt() {
        try {
            Configuration next = source.get();
            List<String> mistakes = new ArrayList<>();
            List<Prepared> prepared = new ArrayList<>();
            for (ReloadPart part : parts) {
                try {
                    prepared.add(part.prepare(next.config()));
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

    private synchronized Outcome.Applied differences(Configuration next, List<Prepared> prepared) {
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
