package dev.hark.app.source.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.LinkedHashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class MarkedPositionTest {
    private static MarkedPosition of(Long... ids) {
        return new MarkedPosition(new LinkedHashSet<>(List.of(ids)), "2026-11-29 17:47:46.123456");
    }

    @Test
    void saysWhatItWasToldAfterItWasWritten() {
        for (MarkedPosition each : List.of(
                MarkedPosition.BEGIN, of(1L), of(0L, 1L), of(1L, 2L, 3L, 7L, 9L, 10L), of(Long.MIN_VALUE, -1L, 0L, Long.MAX_VALUE - 1))) {
            assertThat(MarkedPosition.parse(each.toJson())).isEqualTo(each);
        }
    }

    @Test
    void writesIdsThatFollowEachOtherShortly() {
        assertThat(of(1L, 2L, 3L, 7L, 9L, 10L).toJson().path("ids").asText()).isEqualTo("1:3,7,9:10");
    }

    @Test
    void refusesThatOfAnotherDatabase() {
        assertThatThrownBy(() -> MarkedPosition.parse(new VersionPosition(1, 2).toJson())).hasMessage("it is one of another database");
        assertThatThrownBy(() -> VersionPosition.parse(of(1L).toJson())).hasMessage("it is one of another database");
        Snapshot snapshot = Snapshot.parse("1:2:");
        var postgres = new OutboxPosition(null, snapshot, snapshot, 0, 1, 1, 1, true).toJson();
        assertThatThrownBy(() -> VersionPosition.parse(postgres)).hasMessage("it is one of another database");
        assertThatThrownBy(() -> MarkedPosition.parse(postgres)).hasMessage("it is one of another database");
        assertThatThrownBy(() -> MarkedPosition.parse(JsonNodeFactory.instance.objectNode().put("ids", "x").put("until", "")))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
