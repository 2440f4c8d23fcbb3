package dev.hark.app.source.jdbc;

import dev.hark.app.source.Item;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Rows that are published at once: first their sizes, and then no more of them than fit.
 *
 * @param sizes    bytes of data by id, in the order of the rows
 * @param versions what else is known of them by id, in that order: as the database writes it
 * @param isLast   whether no row was left out
 */
record OutboxPage(SequencedMap<Long, Long> sizes, SequencedMap<Long, String> versions, boolean isLast) {
    /** How many bytes of data a portion brings together, its first row excepted. */
    static final long MAX_BYTES = 256 << 10;

    /** What else is known of a row. */
    @FunctionalInterface
    interface Version {
        String of(ResultSet row) throws SQLException;
    }

    /**
     * @param rows     ids and sizes
     * @param version  of the row at which they are
     * @param limit    how many at most
     * @param maxBytes of one row; what is larger is not read, and counts nothing
     */
    static OutboxPage read(ResultSet rows, Version version, int limit, int maxBytes) throws SQLException {
        SequencedMap<Long, Long> sizes = new LinkedHashMap<>();
        SequencedMap<Long, String> versions = new LinkedHashMap<>();
        long bytes = 0;
        while (rows.next()) {
            long size = rows.getLong(2);
            bytes += size > maxBytes ? 0 : size;
            if (sizes.size() == limit || (!sizes.isEmpty() && bytes > MAX_BYTES)) {
                return new OutboxPage(sizes, versions, false);
            }
            sizes.put(rows.getLong(1), size);
            versions.put(rows.getLong(1), version.of(rows));
        }
        return new OutboxPage(sizes, versions, true);
    }

    /** Those of which the data is wanted. */
    List<Long> ids(int maxBytes) {
        return sizes.entrySet().stream().filter(each -> each.getValue() <= maxBytes).map(Map.Entry::getKey).toList();
    }

    /** The others, where there is nothing but them. */
    List<Item> refused(int maxBytes) {
        return sizes.entrySet().stream().filter(each -> each.getValue() > maxBytes)
                .<Item>map(each -> OutboxRow.tooLarge(each.getKey(), each.getValue(), maxBytes)).toList();
    }

    /** @param rows id, topic, type, key and data of {@link #ids}, in any order; one that has gone meanwhile is left out */
    List<Item> items(ResultSet rows, int maxBytes) throws SQLException {
        Map<Long, Item> found = new HashMap<>();
        while (rows.next()) {
            var each = new OutboxRow(rows.getLong(1), rows.getString(2), rows.getString(3), rows.getString(4), rows.getString(5));
            found.put(each.id(), each.toItem(maxBytes));
        }
        sizes.forEach((id, size) -> {
            if (size > maxBytes) {
                found.put(id, OutboxRow.tooLarge(id, size, maxBytes));
            }
        });
        List<Item> items = new ArrayList<>();
        for (Long id : sizes.keySet()) {
            Item item = found.get(id);
            if (item != null) {
                items.add(item);
            }
        }
        return items;
    }
}
