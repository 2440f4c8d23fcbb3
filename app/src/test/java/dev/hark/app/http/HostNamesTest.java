package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostNamesTest {
    private static final HostNames HUB = new HostNames(List.of("Hub.example.com", "hark_hub"));

    @ParameterizedTest
    @ValueSource(strings = {
        "localhost", "LOCALHOST:8080", "localhost.", "shop.localhost:80", "127.0.0.1", "127.0.0.1:8080", "[::1]", "[::1]:8080",
        "192.168.0.7:8080", "[fe80::1]", "hub.example.com", "HUB.example.com.:8443", "hark_hub:8080"
    })
    void answersToItsOwn(String host) {
        assertThat(HUB.answersTo(host)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "evil.example", "evil.example:8080", "localhost.evil.example", "notlocalhost", "127.0.0.1.evil.example", "0x7f.1",
        "sub.hub.example.com", "hub.example.com.evil", "[evil]", "::1.evil", "1.2.3.4.5"
    })
    void answersToNobodyElses(String host) {
        assertThat(HUB.answersTo(host)).isFalse();
    }

    @Test
    void answersToAllWhereAnAsteriskIsListed() {
        assertThat(new HostNames(List.of("*")).answersTo("anything.example")).isTrue();
    }
}
