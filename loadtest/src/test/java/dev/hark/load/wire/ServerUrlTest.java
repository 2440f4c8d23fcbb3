package dev.hark.load.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerUrlTest {
    @ParameterizedTest
    @CsvSource({
        "http://hub, hub, 80", "http://hub:8080/a?b=c, hub, 8080", "http://127.0.0.1:81, 127.0.0.1, 81", "http://[::1]:81/, [::1], 81",
        "http://hark_hub, hark_hub, 80", "http://hark_hub:8080/metrics, hark_hub, 8080", "http://_a.b_c-d.example:1, _a.b_c-d.example, 1"
    })
    void saysWhereItLeads(String url, String host, int port) {
        assertThat(ServerUrl.of(URI.create(url))).contains(new ServerUrl(URI.create(url), host, port));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "https://hub", "/hub", "http:///hub", "http://hark_hub:x", "http://me@hark_hub", "http://a_b%20c"
    })
    void isNothingElse(String url) {
        assertThat(ServerUrl.of(URI.create(url))).isEmpty();
    }

    @Test
    void asksAtTheAddressWhereTheClientKnowsTheNameByItself() throws UnknownHostException {
        URI uri = URI.create("http://127.0.0.1:81/a?b=c");
        assertThat(ServerUrl.of(uri).orElseThrow().request().build().uri()).isEqualTo(uri);
    }
}
