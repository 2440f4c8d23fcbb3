package dev.hark.log.sqlite;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * A row of table {@code ended}: a topic that has ended.
 *
 * @param sequence the position of its last event
 * @param crc      CRC32C over the rest, as it was stored
 */
public record EndRow(long sequence, String topic, long crc) {
    static EndRow of(long sequence, String topic) {
        return new EndRow(sequence, topic, crc(sequence, topic));
    }

    /** All of them, in the order of positions; none in a database of before there were any. */
    public static List<EndRow> readAll(Connection connection) throws SQLException {
        var rows = new ArrayList<EndRow>();
        if (ClassStates.schema(connection) < 2) {
            return rows;
        }
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT sequence, topic, crc FROM ended ORDER BY sequence")) {
            while (row.next()) {
                rows.add(new EndRow(row.getLong(1), String.valueOf(row.getString(2)), row.getLong(3)));
            }
        }
        return rows;
    }

    /** Whether the row is as it was stored. */
    public boolean isIntact() {
        return crc == crc(sequence, topic);
    }

    private static long crc(long sequence, String topic) {
        byte[] bytes = topic.getBytes(StandardCharsets.UTF_8);
        var crc = new CRC32C();
        crc.update(ByteBuffer.allocate(Long.BYTES).putLong(sequence).flip());
        crc.update(bytes);
        return crc.getValue();
    }
}
