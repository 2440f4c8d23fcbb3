package dev.hark.app.source.jdbc;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

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

    /**
     * The same without the transactions behind {@code newest}: what they did is seen, because it is nothing.
     *
     * @param before  where the window began; null where it was the first
     * @param newest  the largest number of a transaction of which the window sees a row; null for none
     */
    Snapshot upTo(@Nullable Snapshot before, @Nullable String newest) {
        long seen = newest == null ? 0 : Long.parseUnsignedLong(newest) + 1;
        long begun = before == null ? 0 : Long.parseUnsignedLong(before.end);
        String last = Long.toUnsignedString(Long.compareUnsigned(seen, begun) > 0 ? seen : begun);
        List<String> below = open.stream()
                .filter(each -> Long.compareUnsigned(Long.parseUnsignedLong(each), Long.parseUnsignedLong(last)) < 0).toList();
        return new Snapshot((below.isEmpty() ? last : below.getFirst()) + ':' + last + ':' + String.join(",", below), last, below);
    }

    /** Whether fewer transactions had begun than at {@code other}: then it is of another database, or of an older copy. */
    boolean isBefore(Snapshot other) {
        return Long.compareUnsigned(Long.parseUnsignedLong(end), Long.parseUnsignedLong(other.end)) < 0;
    }
}
