package dev.hark.app.hook;

import dev.hark.app.config.HookSettings;
import dev.hark.event.Filters;
import dev.hark.event.GapReason;
import dev.hark.event.InvalidEventException;
import dev.hark.event.TopicFilter;
import dev.hark.fanout.StreamWatch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/** What happens to streams and requests of this node, told to the tally of each hook. Thread-safe. */
public final class Attendance implements StreamWatch {
    private final Map<String, Tally> tallies = new LinkedHashMap<>();

    /** One that counts from now on, for {@code hooks}. */
    public Attendance(List<HookSettings> hooks) {
        this(hooks, System::nanoTime);
    }

    /** The same, with a time of a test's. */
    Attendance(List<HookSettings> hooks, LongSupplier nanoTime) {
        hooks.forEach(hook -> tallies.put(hook.name(), new Tally(hook, nanoTime)));
    }

    Tally of(HookSettings hook) {
        Tally tally = tallies.get(hook.name());
        if (tally == null) {
            throw new IllegalArgumentException("no hook is called " + hook.name());
        }
        return tally;
    }

    @Override
    public void came(Filters filters) {
        tallies.values().forEach(tally -> tally.came(filters));
    }

    @Override
    public void left(Filters filters) {
        tallies.values().forEach(tally -> tally.left(filters));
    }

    @Override
    public void gap(Filters filters, GapReason reason) {
        tallies.values().forEach(tally -> tally.gap(filters, reason.wireName()));
    }

    /**
     * A request was refused.
     *
     * @param topics which topics or filters it was about, as it had them: those that are none do not count
     * @param reason in a word
     * @param status of HTTP
     */
    public void refused(List<String> topics, String reason, int status) {
        if (tallies.isEmpty()) {
            return;
        }
        List<TopicFilter> valid = new ArrayList<>();
        for (String topic : topics.subList(0, Math.min(topics.size(), Filters.MAX))) {
            try {
                valid.add(new TopicFilter(topic));
            } catch (InvalidEventException e) {
                // Nobody can ask for it, so nobody wants to hear of it.
            }
        }
        tallies.values().forEach(tally -> tally.refused(valid, reason, status));
    }
}
