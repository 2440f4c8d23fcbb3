package dev.hark.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HubAddressTest {
    @Test
    void encodesTopicsSegmentBySegmentAndFiltersWhole() {
        HubAddress hub = new HubAddress("https://example.com/push/");

        assertThat(hub.topic("a/b c?/\u00E4#%", List.of()).toString()).isEqualTo("https://example.com/push/topics/a/b%20c%3F/%C3%A4%23%25");
        assertThat(hub.topic("a", List.of(Map.entry("type", "x&y=z"))).toString())
                .isEqualTo("https://example.com/push/topics/a?type=x%26y%3Dz");
        assertThat(hub.events(List.of(Map.entry("topic", "a/**"), Map.entry("topic", "b+c"))).toString())
                .isEqualTo("https://example.com/push/events?topic=a%2F**&topic=b%2Bc");
    }

    @Test
    void takesTheNamesThatContainersHave() {
        assertThat(new HubAddress("http://hark_hub:8080/").topic("a", List.of()).toString()).isEqualTo("http://hark_hub:8080/topics/a");
        assertThatIllegalArgumentException().isThrownBy(() -> new HubAddress("https://hark_hub"))
                .withMessageContaining("underscore").withMessageContaining("http only");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "localhost:8080", "ftp://a", "http://", "http://a?b", "http://a b", "http://a_b:x", "http://u@a_b"})
    void refusesWhatIsNoHub(String url) {
        assertThatIllegalArgumentException().isThrownBy(() -> new HubAddress(url));
    }
}
