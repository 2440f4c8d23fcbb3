package dev.hark.app.http.wire;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * What clients do wrong, counted, and told in one line for all that happened within some seconds: none of it is an accident of the hub, and
 * whoever wants to can do it thousands of times a second. Thread-safe.
 */
public final class ClientFaults {
    private static final System.Logger LOGGER = System.getLogger(ClientFaults.class.getName());
    private static final Duration PERIOD = Duration.ofSeconds(10);

    /** The kinds of fault, each of which is a metric. */
    public enum Kind {
        REFUSED("requests_refused", "requests were no valid HTTP", "Requests that were refused because they are no valid HTTP."),
        LEFT("requests_left", "clients left within a request", "Requests whose client left before all of it had come."),
        RESET("connections_reset", "connections were reset",
                "Connections that their client reset, or that could not be read or written; not streams.");

        private final String metricName;
        private final String plural;
        private final String sentence;

        Kind(String metricName, String plural, String sentence) {
            this.metricName = metricName;
            this.plural = plural;
            this.sentence = sentence;
        }

        /** Without the prefix of all metrics, and without the suffix of a counter. */
        public String metricName() {
            return metricName;
        }

        public String sentence() {
            return sentence;
        }
    }

    private final Map<Kind, LongAdder> counts = new EnumMap<>(Kind.class);
    private final Duration period;
    private final Pause pause;
    private final Consumer<String> log;

    /** What of {@code counts} the line before has told. */
    @GuardedBy("this")
    private final Map<Kind, Long> told = new EnumMap<>(Kind.class);

    /** Whether a thread waits for the end of the period, and will tell. */
    private final AtomicBoolean telling = new AtomicBoolean();

    private volatile String lastRefusal = "";

    public ClientFaults() {
        this(PERIOD, Thread::sleep, line -> LOGGER.log(System.Logger.Level.INFO, line));
    }

    /** Waits for the end of a period. */
    interface Pause {
        void last(Duration period) throws InterruptedException;
    }

    /** @param log what a line is told to */
    ClientFaults(Duration period, Pause pause, Consumer<String> log) {
        this.period = period;
        this.pause = pause;
        this.log = log;
        for (Kind kind : Kind.values()) {
            counts.put(kind, new LongAdder());
        }
    }

    /** How often there was a fault of {@code kind}. */
    public long count(Kind kind) {
        return counter(kind).sum();
    }

    private LongAdder counter(Kind kind) {
        return Objects.requireNonNull(counts.get(kind), "each kind has a counter");
    }

    void add(Kind kind) {
        counter(kind).increment();
        if (telling.compareAndSet(false, true)) {
            Thread.ofVirtual().name("hark-client-faults").start(this::tell);
        }
    }

    void refused(String address, Refusal refusal) {
        lastRefusal = address + ": " + refusal.detail();
        add(Kind.REFUSED);
    }

    private void tell() {
        try {
            pause.last(period);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        // What comes from here on may be in this line already; then the next one is not written.
        telling.set(false);
        String line = line();
        if (!line.isEmpty()) {
            log.accept(line);
        }
    }

    /** What is new; empty where nothing is. */
    private synchronized String line() {
        List<String> parts = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            long count = count(kind);
            long more = count - told.getOrDefault(kind, 0L);
            told.put(kind, count);
            if (more > 0) {
                parts.add(more + " " + kind.plural + (kind == Kind.REFUSED ? " (the last one of " + lastRefusal + ')' : ""));
            }
        }
        return parts.isEmpty() ? "" : "within " + period.toSeconds() + " s: " + String.join(", ", parts);
    }
}
