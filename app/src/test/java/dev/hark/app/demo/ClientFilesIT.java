package dev.hark.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.Answer;
import dev.hark.app.RunningHub;
import dev.hark.app.Wire;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The browser client, as it is served. */
class ClientFilesIT {
    private static final String MODULE = "/client/hark.js";
    /** What "6 KB" means: 6 × 1,024. */
    private static final int MAX_GZIPPED_BYTES = 6_144;

    private static RunningHub hub;

    @BeforeAll
    static void startHub() {
        hub = RunningHub.start("demo.enabled=false");
    }

    @AfterAll
    static void stopHub() {
        hub.close();
    }

    @Test
    void takesNoMoreThanSixKilobytes() throws IOException {
        String served = hub.get(MODULE).body();
        assertThat(served).contains("export function connect(").doesNotContain("/**").doesNotContain("//");
        var zipped = new ByteArrayOutputStream();
        try (var zip = new GZIPOutputStream(zipped)) {
            zip.write(served.getBytes(StandardCharsets.UTF_8));
        }
        assertThat(zipped.size()).isLessThanOrEqualTo(MAX_GZIPPED_BYTES);
    }

    @Test
    void saysWhatItIs() {
        Answer module = hub.get(MODULE);
        assertThat(module.header("Content-Type")).contains("text/javascript;charset=utf-8");
        assertThat(module.header("Cache-Control")).contains("no-cache");
        assertThat(module.header("Content-Security-Policy")).as("of a worker").hasValueSatisfying(policy ->
                assertThat(policy).contains("default-src 'none'", "connect-src *"));
        Answer types = hub.get("/client/hark.d.ts");
        assertThat(types.header("Content-Type")).contains("text/plain;charset=utf-8");
        assertThat(types.body()).contains("export function connect(");
        assertThat(hub.get("/client/other.js").status()).isEqualTo(404);
        assertThat(hub.post(MODULE, "x").status()).isEqualTo(404);
    }

    @Test
    void isNotSentAgainWhileItIsTheSame() {
        String tag = hub.get(MODULE).header("ETag").orElseThrow();
        try (Wire wire = Wire.connect(hub.uri())) {
            for (String known : List.of(tag, "*", "W/" + tag, "\"other\", " + tag)) {
                List<String> head = wire.nextHead().request("GET", MODULE, "If-None-Match: " + known).head();
                assertThat(head.getFirst()).as(known).isEqualTo("HTTP/1.1 304 Not Modified");
                assertThat(head).contains("ETag: " + tag).noneMatch(line -> line.startsWith("Content-Type:"));
            }
            assertThat(wire.nextHead().request("GET", MODULE, "If-None-Match: \"other\"").answer().status()).isEqualTo(200);
        }
    }
}
