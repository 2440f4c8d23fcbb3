package dev.hark.app.hook;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;

/** Topics that nobody listens to, but not for long enough: each is to be looked at again when that is so. Confined to one thread. */
final class Settling {
    private final Queue<Due> queue = new PriorityQueue<>((one, other) -> Long.signum(one.nanos() - other.nanos()));
    private final Set<String> topics = new HashSet<>();

    private record Due(String topic, long nanos) {}

    /** Waits for {@code topic} until {@code nanos}; where it waits already, until then. */
    void add(String topic, long nanos) {
        if (topics.add(topic)) {
            queue.add(new Due(topic, nanos));
        }
    }

    /** Those whose time has come at {@code nanos}. It waits for them no longer. */
    List<String> due(long nanos) {
        List<String> due = new ArrayList<>();
        for (Due next = queue.peek(); next != null && next.nanos() - nanos <= 0; next = queue.peek()) {
            queue.remove();
            topics.remove(next.topic());
            due.add(next.topic());
        }
        return due;
    }
}
