package dev.hark.load.drive;

import java.util.EnumMap;
import java.util.Map;

/** How often each {@link Failure} was met, and an example of each. Thread-safe. */
public final class Failures {
    /** How many there were, and the first in words. */
    public record Entry(int count, String example) {}

    private final Map<Failure, Entry> entries = new EnumMap<>(Failure.class);

    synchronized void add(Failure failure, String example) {
        entries.merge(failure, new Entry(1, example), (old, added) -> new Entry(old.count() + 1, old.example()));
    }

    public synchronized Map<Failure, Entry> entries() {
        return new EnumMap<>(entries);
    }
}
