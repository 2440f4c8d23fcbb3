package dev.hark.app.http;

import dev.hark.app.access.Caller;
import dev.hark.app.listen.ListenCounters;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** How many streams, and pages that wait, each address and each named caller holds, and how many they may. Thread-safe. */
final class StreamShares {
    private static final Map<String, String> SOON = Map.of("Retry-After", "2");

    private final Tally byAddress;
    private final Tally bySubject;
    private final ListenCounters counters;

    /**
     * @param perAddress 0: as many as the hub holds
     * @param perSubject the same, of callers with a credential
     */
    StreamShares(int perAddress, int perSubject, ListenCounters counters) {
        this.byAddress = new Tally(perAddress);
        this.bySubject = new Tally(perSubject);
        this.counters = counters;
    }

    /**
     * Counts a stream.
     *
     * @param address as {@link ClientAddresses} counts it
     * @throws ProblemException if {@code address} or {@code caller} holds as many as it may
     */
    Share take(String address, Caller caller) {
        if (!byAddress.enter(address)) {
            counters.streamBeyondAddress();
            throw refusal(address, byAddress);
        }
        if (!caller.isNamed()) {
            return new Share(address, null);
        }
        if (!bySubject.enter(caller.id())) {
            byAddress.leave(address);
            counters.streamBeyondSubject();
            throw refusal(caller.toString(), bySubject);
        }
        return new Share(address, caller.id());
    }

    private static ProblemException refusal(String who, Tally tally) {
        return new ProblemException(ProblemType.TOO_MANY_STREAMS, who + " holds " + tally.max + " streams, which is the limit", SOON);
    }

    /** What one stream counts. Given back once, by who took it. */
    final class Share {
        private final String address;
        private final @Nullable String subject;

        private Share(String address, @Nullable String subject) {
            this.address = address;
            this.subject = subject;
        }

        void giveBack() {
            byAddress.leave(address);
            if (subject != null) {
                bySubject.leave(subject);
            }
        }
    }

    /** Of those who hold any. */
    private static final class Tally {
        private final int max;
        private final Map<String, Integer> held = new ConcurrentHashMap<>();

        Tally(int max) {
            this.max = max;
        }

        boolean enter(String who) {
            if (max != 0 && held.merge(who, 1, Integer::sum) > max) {
                leave(who);
                return false;
            }
            return true;
        }

        void leave(String who) {
            if (max != 0) {
                held.computeIfPresent(who, (key, count) -> count == 1 ? null : count - 1);
            }
        }
    }
}
