package dev.hark.app.source.jdbc;

import java.util.Arrays;
import java.util.List;

/**
 * Which transactions of a PostgreSQL were over at a moment: all below {@code end} but {@code open}.
 *
 * @param text as {@code pg_current_snapshot()} gives it: {@code xmin:xmax:xip,xip}
 * @param end  the first that had not begun
 * @param open those that were under way
 */
record Snapshot(String text, String end, List<String> open) {
    Snapshot {
        open = List.copyOf(open);
    }

    /** @throws IllegalArgumentException if {@code text} is none */
    static Snapshot parse(String text) {
        String[] parts = text.split(":", -1);
        if (parts.length != 3 || !parts[1].matches("[0-9]{1,20}") || !parts[2].matches("[0-9,]*")) {
            throw new IllegalArgumentException("'" + text + "' is no snapshot of PostgreSQL");
        }
        return new Snapshot(text, parts[1], parts[2].isEmpty() ? List.of() : Arrays.asList(parts[2].split(",")));
    }

    /** Whether fewer transactions had begun than at {@code other}: then it is of another database, or of an older copy. */
    boolean isBefore(Snapshot other) {
        return Long.compareUnsigned(Long.parseUnsignedLong(end), Long.parseUnsignedLong(other.end)) < 0;
    }
}
