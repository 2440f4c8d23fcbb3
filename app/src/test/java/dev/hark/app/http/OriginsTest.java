package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OriginsTest {
    private static final Origins SHOP = new Origins(List.of("https://shop.example.com", "https://*.apps.example.com",
            "http://hark_hub:8080"));

    @ParameterizedTest
    @ValueSource(strings = {
        "https://shop.example.com", "https://SHOP.example.com", "https://shop.example.com:443",
        "https://a.apps.example.com", "https://a.b.apps.example.com", "http://hark_hub:8080"
    })
    void holdsWhatIsListed(String origin) {
        assertThat(SHOP.hold(origin)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "null", "", "http://shop.example.com", "https://shop.example.com:8443", "https://shop.example.com.evil.test",
        "https://evilshop.example.com", "https://apps.example.com", "https://.apps.example.com:1", "https://evil.test/.apps.example.com",
        "https://evil.test#.apps.example.com", "https://evil.test:1@a.apps.example.com", "http://a.apps.example.com",
        "https://a.apps.example.com:8443", "http://hark-hub:8080"
    })
    void holdsNothingElse(String origin) {
        assertThat(SHOP.hold(origin)).isFalse();
    }

    @Test
    void holdsAllWhereAnAsteriskIsListed() {
        Origins all = new Origins(List.of("*"));
        assertThat(all.hold("null")).isTrue();
        assertThat(all.holdAll()).isTrue();
        assertThat(all.isEmpty()).isFalse();
        assertThat(SHOP.holdAll()).isFalse();
    }

    @Test
    void holdsNothingWhereNothingIsListed() {
        Origins none = new Origins(List.of());
        assertThat(none.isEmpty()).isTrue();
        assertThat(none.hold("https://shop.example.com")).isFalse();
    }
}
