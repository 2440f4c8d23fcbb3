package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.Answer;
import dev.hark.app.RunningHub;
import dev.hark.app.Wire;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What keeps browsers from making more of an answer than it is, on answers of every kind, Helidon's and those of the front among them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BrowserRulesIT {
    private static final List<String> OF_PAGES = List.of(
            "Content-Security-Policy", "Referrer-Policy", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy",
            "Permissions-Policy");

    private RunningHub hub;

    @BeforeAll
    void start() {
        hub = RunningHub.start();
    }

    @AfterAll
    void end() {
        hub.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '"', value = {
        // whether it may be shown as a page; the listener; the request, its lines behind commas
        "true;  data;  GET /demo/",
        "true;  data;  HEAD /demo/",
        "true;  data;  GET /demo/main.js",
        "true;  data;  GET /demo/mark.svg",
        "true;  data;  GET /problems/internal",
        "true;  data;  GET /nothing",
        "true;  data;  GET /demo/none.js",
        "true;  data;  GET ///nothing",
        "true;  data;  GET /topics/a, If-Modified-Since: x, Host: evil.example",
        "true;  data;  POST /topics/a, Content-Length: 0, Origin: null",
        "true;  data;  PUT /topics/a, Content-Length: 0",
        "true;  data;  POST /topics/a, Content-Length: 99999999",
        "true;  data;  GET /topics/a, Broken",
        "true;  data;  GET /%zz",
        "true;  data;  NONSENSE",
        "true;  data;  HEAD /nothing",
        "false; data;  GET /",
        "false; data;  OPTIONS /",
        "false; data;  POST /topics/a, Content-Length: 0",
        "false; data;  GET /topics/a, Accept: application/json",
        "false; data;  HEAD /topics/a",
        "true;  admin; GET /metrics",
        "true;  admin; GET /nothing",
        "true;  admin; POST /metrics, Content-Length: 0",
        "true;  admin; GET /%zz",
        "false; admin; GET /health/ready",
        "false; admin; OPTIONS /",
    })
    void everyAnswerIsWhatItSays(boolean page, String listener, String request) {
        URI to = listener.equals("data") ? hub.uri() : hub.adminUri("");
        String[] lines = request.split(", ");
        String host = request.contains("Host: ") ? "" : "Host: localhost\r\n";
        try (Wire wire = Wire.connect(to)) {
            wire.send(lines[0] + " HTTP/1.1\r\n" + host + String.join("\r\n", lines).substring(lines[0].length()).stripLeading()
                    + (lines.length > 1 ? "\r\n\r\n" : "\r\n"));
            Answer answer = Answer.of(wire.head());
            assertThat(answer.header("X-Content-Type-Options")).as(answer.toString()).contains("nosniff");
            for (String name : OF_PAGES) {
                assertThat(answer.headers().containsKey(name)).as(name + " in " + answer).isEqualTo(page);
            }
            if (page) {
                assertThat(answer.header("Content-Security-Policy").orElse(""))
                        .contains("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'")
                        .doesNotContain("unsafe", "*", "data:", "http:");
            }
            assertThat(answer.headers()).doesNotContainKeys("Server", "X-Powered-By", "Via");
            assertThat(answer.toString()).doesNotContainIgnoringCase("helidon");
        }
    }

    @Test
    void aFileThatIsTheSameIsStillUnderItsPolicy() {
        String tag = hub.get("/demo/").header("ETag").orElseThrow();
        try (Wire wire = Wire.connect(hub.uri())) {
            Answer answer = Answer.of(wire.request("GET", "/demo/", "If-None-Match: " + tag).head());
            assertThat(answer.status()).isEqualTo(304);
            assertThat(answer.header("Content-Security-Policy").orElse("")).contains("script-src 'self'");
        }
    }

    @Test
    void streamsBearOneLineOfIt() {
        try (Wire wire = Wire.open(hub.uri(), "/topics/a")) {
            assertThat(wire.head()).contains("X-Content-Type-Options: nosniff");
            assertThat(Answer.of(wire.head()).headers()).doesNotContainKeys(OF_PAGES.toArray(String[]::new));
        }
    }
}
