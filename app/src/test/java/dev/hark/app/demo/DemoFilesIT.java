package dev.hark.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.Answer;
import dev.hark.app.RunningHub;
import dev.hark.app.Wire;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The files of the demo page, asked for as browsers do that have them already (RFC 9110, section 13). */
class DemoFilesIT {
    private static final String FILE = "/demo/mark.svg";

    private static RunningHub hub;

    @BeforeAll
    static void startHub() {
        hub = RunningHub.start();
    }

    @AfterAll
    static void stopHub() {
        hub.close();
    }

    @Test
    void areAskedForAgainAtEachVisit() {
        for (String path : List.of("/demo/", FILE)) {
            assertThat(hub.get(path).header("Cache-Control")).contains("no-cache");
        }
        assertThat(hub.get("/topics/a?last=x").header("Cache-Control")).as("of what is no file").isEmpty();
    }

    @Test
    void sayHowTheirTextIsEncoded() {
        assertThat(hub.get("/demo/").header("Content-Type")).contains("text/html; charset=utf-8");
        assertThat(hub.get("/demo/style.css").header("Content-Type")).contains("text/css; charset=utf-8");
        assertThat(hub.get("/demo/main.js").header("Content-Type")).contains("text/javascript; charset=utf-8");
    }

    @Test
    void areNotSentAgainWhileTheyAreTheSame() {
        String tag = hub.get(FILE).header("ETag").orElseThrow();
        try (Wire wire = Wire.connect(hub.uri())) {
            // Over one connection: what follows a head without a body must be the next head.
            for (String known : List.of(tag, "*", "W/" + tag)) {
                List<String> head = wire.nextHead().request("GET", FILE, "If-None-Match: " + known).head();
                assertThat(head.getFirst()).as(known).isEqualTo("HTTP/1.1 304 Not Modified");
                assertThat(head).contains("ETag: " + tag, "Cache-Control: no-cache").noneMatch(line -> line.startsWith("Content-Type:"));
            }
            assertThat(wire.nextHead().request("GET", FILE, "If-None-Match: \"other\"").answer().status()).isEqualTo(200);
            assertThat(wire.nextHead().request("GET", FILE, "If-Match: \"other\"").answer().status()).isEqualTo(412);
        }
    }

    @Test
    void areRefusedOnAConditionThatIsNone() {
        Answer answer = hub.get(FILE, "If-Modified-Since", "yesterday");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json("detail")).contains("a time that is none");
    }

    @Test
    void areFoundByPathsThatAProxyMayPutBelowAnother() {
        for (String path : List.of("/", "/demo")) {
            Answer answer = hub.get(path);
            assertThat(answer.status()).as(path).isEqualTo(302);
            assertThat(answer.header("Location")).as(path).contains("demo/");
        }
    }

    @Test
    void areNotThereWhereTheyAreSwitchedOff() {
        try (RunningHub hub = RunningHub.start("demo.enabled=false")) {
            for (String path : List.of("/", "/demo", "/demo/", FILE)) {
                assertThat(hub.get(path).status()).as(path).isEqualTo(404);
            }
            assertThat(hub.post("/topics/a", "x").status()).isEqualTo(201);
        }
    }
}
