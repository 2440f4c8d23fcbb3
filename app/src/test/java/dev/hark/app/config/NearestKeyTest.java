package dev.hark.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestKeyTest {
    @Test
    void countsInsertionsDeletionsReplacementsAndSwaps() {
        assertThat(NearestKey.distance("", "abc")).isEqualTo(3);
        assertThat(NearestKey.distance("port", "port")).isZero();
        assertThat(NearestKey.distance("prot", "port")).isEqualTo(1);
        assertThat(NearestKey.distance("kitten", "sitting")).isEqualTo(3);
    }

    @Test
    void saysNothingWhereNothingIsNear() {
        assertThat(NearestKey.to("server.prot", List.of("admin.port", "server.port"))).hasValue("server.port");
        assertThat(NearestKey.to("zzzzzz", List.of("admin.port", "server.port"))).isEmpty();
        assertThat(NearestKey.to("x".repeat(101), List.of("x".repeat(100)))).isEmpty();
    }
}
