package dev.hark.app.cluster;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Replicas that differ in one row are not the same, whichever table it is of. */
class ReplicaContentTest {
    private static final List<String> ROWS = List.of("sequence=1 key=a ", "sequence=2 key=b ", "sequence=3 key=c ");

    private static Map<String, List<String>> tables() {
        Map<String, List<String>> tables = new HashMap<>();
        for (String name : List.of("event", "idempotency", "latest", "ended", "class", "rule", "log", "replica")) {
            tables.put(name, ROWS);
        }
        return tables;
    }

    private static ReplicaContent with(String table, List<String> rows) {
        Map<String, List<String>> tables = tables();
        tables.put(table, rows);
        return new ReplicaContent(tables);
    }

    @ParameterizedTest
    @ValueSource(strings = {"event", "idempotency", "latest", "ended", "class", "rule", "log", "replica"})
    void aRowThatDiffersIsFound(String table) {
        var one = new ReplicaContent(tables());
        one.requireSame(new ReplicaContent(tables()), "the same");
        List<String> other = new ArrayList<>(ROWS);
        other.set(1, "sequence=2 key=x ");
        for (List<String> rows : List.of(other, ROWS.subList(0, 2), ROWS.subList(1, 3), List.<String>of())) {
            assertThatThrownBy(() -> one.requireSame(with(table, rows), "here")).isInstanceOf(AssertionError.class)
                    .hasMessageContaining("table " + table);
            assertThatThrownBy(() -> with(table, rows).requireSame(one, "there")).isInstanceOf(AssertionError.class);
        }
    }

    @Test
    void replicasWithoutEventsCompareNothing() {
        ReplicaContent none = with("event", List.of());
        assertThatThrownBy(() -> none.requireSame(none, "empty")).isInstanceOf(AssertionError.class);
    }
}
