package dev.hark.app.http;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** How many streams each address holds, and how many it may. Thread-safe. */
final class StreamsPerAddress {
    private static final Map<String, String> SOON = Map.of("Retry-After", "2");

    /** 0: as many as the hub holds. */
    private final int max;

    private final Map<String, Integer> held = new ConcurrentHashMap<>();

    StreamsPerAddress(int max) {
        this.max = max;
    }

    /** @throws ProblemException if {@code address} holds as many as it may; otherwise it {@link #leave}s once */
    void enter(String address) {
        if (max != 0 && held.merge(address, 1, Integer::sum) > max) {
            leave(address);
            throw new ProblemException(
                    ProblemType.TOO_MANY_STREAMS, address + " holds " + max + " streams, which is the limit", SOON);
        }
    }

    void leave(String address) {
        if (max != 0) {
            held.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
        }
    }
}
