package dev.hark.app.source.rabbitmq;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * Which messages of a queue are in the log, as far back as the newest positions say: those that come again are recognised here.
 *
 * <p>Confined to the thread of its source.
 */
final class Appended {
    /*
     * A message that comes again says that it does. One with an id is then looked up among all of which anything is known.
     *
     * Of messages without one, equal ones are the same here, and of two equal ones the first may be in the log and the second not. So it
     * counts. An acknowledgement that is not known to have arrived leaves a message in the queue, perhaps; so as many come again as are
     * not settled. One that is settled can come again all the same, if the broker was killed before it wrote that down: those are taken
     * for a message that comes again where nothing else among all that is known is equal to it. Not those from before an end in order:
     * what comes again behind that was waiting in the hub, and a tick there is no earlier tick. And what was appended was in the queue
     * before what was not: behind the first message that comes again and is not in the log, none without an id is taken for one that is.
     * New messages say nothing of that: a quorum queue may give some before it notices that an earlier consumer has died.
     */

    /** How many are known at most: some hundred times what a broker was seen to forget. */
    static final int MAX = 32_768;

    private final Deque<Long> order = new ArrayDeque<>();
    private final Map<Long, Integer> counts = new HashMap<>();

    /** How many of each may still come again, of those without an id. */
    private final Map<Long, Integer> due = new HashMap<>();

    /** Whether everything that has come again so far is in the log. */
    private boolean isHead = true;

    private Appended() {}

    /** What {@code positions} say, the oldest first; one of a portion may be there several times. */
    static Appended of(List<QueuePosition> positions) {
        SequencedMap<Long, QueuePosition> portions = new TreeMap<>();
        positions.forEach(each -> portions.put(each.number(), each));
        var appended = new Appended();
        portions.values().forEach(each -> appended.add(each.fingerprints()));
        long atRest = portions.values().stream().filter(QueuePosition::settled).mapToLong(QueuePosition::number).max().orElse(0);
        portions.values().stream()
                .filter(each -> each.number() > atRest)
                .flatMap(each -> each.fingerprints().stream())
                .filter(each -> Objects.equals(appended.counts.get(each), 1))
                .forEach(each -> appended.due.put(each, 1));
        if (!portions.isEmpty() && !portions.lastEntry().getValue().settled()) {
            Map<Long, Integer> unsettled = new HashMap<>();
            portions.lastEntry().getValue().fingerprints().forEach(each -> unsettled.merge(each, 1, Integer::sum));
            appended.due.putAll(unsettled);
        }
        return appended;
    }

    /** These are in the log from now on. */
    void add(List<Long> fingerprints) {
        for (Long each : fingerprints) {
            order.addLast(each);
            counts.merge(each, 1, Integer::sum);
        }
        while (order.size() > MAX) {
            counts.computeIfPresent(order.removeFirst(), (each, count) -> count == 1 ? null : count - 1);
        }
    }

    /** Whether {@code message}, the next one of the queue, is in the log. Asked once for each delivery. */
    boolean has(Arrived message) {
        if (!message.isRedelivered()) {
            return false;
        }
        boolean isKnown = message.hasId() ? counts.containsKey(message.fingerprint()) : isHead && isDue(message.fingerprint());
        isHead &= isKnown;
        return isKnown;
    }

    private boolean isDue(long fingerprint) {
        int left = due.getOrDefault(fingerprint, 0);
        if (left > 0) {
            due.put(fingerprint, left - 1);
        }
        return left > 0;
    }
}
