package dev.hark.load.drive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hark.load.drive.Target.Profile;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetTest {
    private static final String URL = "http://127.0.0.1:81/base";

    @Test
    void speaksToHarkAsDocumented() {
        Target hark = Target.of(Profile.HARK, URL, RequestSettings.NONE, RequestSettings.NONE, List.of("X-A: 1"));
        assertThat(text(hark.subscribeRequest(hark.nodes().getFirst(), 0, "a b/c", "e-7"))).isEqualTo(head(
                "GET /base/topics/a%20b/c HTTP/1.1", "Host: 127.0.0.1:81", "Accept: text/event-stream",
                "Cache-Control: no-cache", "X-A: 1", "Last-Event-ID: e-7"));
        assertThat(text(hark.subscribeRequest(hark.nodes().getFirst(), 0, "t", null))).doesNotContain("Last-Event-ID");
        assertThat(text(hark.publishStart(hark.publishNodes().getFirst(), "t", 200, List.of())))
                .isEqualTo(head(
                        "POST /base/topics/t HTTP/1.1", "Host: 127.0.0.1:81", "Content-Type: text/plain", "X-A: 1", "Content-Length: 200"));
        assertThat(hark.publishEnd("t")).isEmpty();
        assertThat(text(hark.batchHead(hark.publishNodes().getFirst(), 7, List.of()))).isEqualTo(head(
                "POST /base/events HTTP/1.1", "Host: 127.0.0.1:81", "Content-Length: 7", "X-A: 1", "Content-Type: application/x-ndjson"));
    }

    @Test
    void takesHarksDataAsItIs() {
        Target hark = Target.of(
                Profile.HARK, URL, RequestSettings.NONE, RequestSettings.NONE, List.of("Content-Type: application/x-www-form-urlencoded"));
        assertThat(hark.dataEncoding()).isEqualTo(BodyEncoding.RAW);
        assertThat(text(hark.batchHead(hark.publishNodes().getFirst(), 7, List.of()))).contains("ndjson").doesNotContain("urlencoded");
    }

    @Test
    void fillsTemplates() {
        Target target = generic(
                new RequestSettings("REPORT", "/s", List.of("Content-Type: application/json; charset=utf-8", "accept: */*"),
                        "{\"subs\":[\"{topic}\",\"{topic}\"]}"),
                new RequestSettings("PUT", "/p?t={topic}", List.of("Content-Type: application/vnd.x+json"),
                        "{\"t\":\"{topic}\",\"d\":\"{data}\",\"e\":\"{topic}\"}"));
        assertThat(text(target.subscribeRequest(target.nodes().getFirst(), 0, "a\"b", null))).isEqualTo(head(
                        "REPORT /base/s HTTP/1.1", "Host: 127.0.0.1:81", "Cache-Control: no-cache",
                        "Content-Type: application/json; charset=utf-8", "accept: */*", "Content-Length: 24")
                + "{\"subs\":[\"a\\\"b\",\"a\\\"b\"]}");
        assertThat(text(target.publishStart(target.publishNodes().getFirst(), "ü{data}", 100, List.of()))).isEqualTo(head(
                        "PUT /base/p?t=%C3%BC%7Bdata%7D HTTP/1.1", "Host: 127.0.0.1:81",
                        "Content-Type: application/vnd.x+json", "Content-Length: 138")
                + "{\"t\":\"ü{data}\",\"d\":\"");
        assertThat(text(target.publishEnd("ü{data}"))).isEqualTo("\",\"e\":\"ü{data}\"}");
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', value = {
        "application/json, a\\\"b ü&c",
        "Application/X-NDJSON, a\\\"b ü&c",
        "application/x-www-form-urlencoded, a%22b+%C3%BC%26c",
        "application/x-www-form-urlencoded;charset=utf-8, a%22b+%C3%BC%26c",
        "text/plain, a\"b ü&c",
        "application/jsonp, a\"b ü&c",
    })
    void writesATopicAsTheContentTypeWantsIt(String contentType, String written) {
        Target target = generic(path("/s"), new RequestSettings(null, "/p", List.of("content-type:" + contentType), "{topic}:{data}"));
        assertThat(text(target.publishStart(target.publishNodes().getFirst(), "a\"b ü&c", 9, List.of())))
                .endsWith("\r\n\r\n" + written + ":");
    }

    @Test
    void letsHeadersOfOneKindReplaceThoseOfAll() {
        Target target = Target.of(
                Profile.GENERIC, URL, path("/s"), new RequestSettings(null, "/p", List.of("X-A: 3", "X-A: 4"), null),
                List.of("X-A: 1", "X-A: 2", "CONTENT-TYPE: a/b"));
        assertThat(text(target.publishStart(target.publishNodes().getFirst(), "t", 9, List.of())))
                .contains("X-A: 3\r\nX-A: 4\r\n", "CONTENT-TYPE: a/b\r\n").doesNotContain("X-A: 1", "text/plain");
        assertThat(text(target.subscribeRequest(target.nodes().getFirst(), 0, "t", null)))
                .contains("X-A: 1\r\nX-A: 2\r\n", "Accept: text/event-stream\r\n").doesNotContain("X-A: 3");
    }

    @Test
    void saysThatARequestHasNoBody() {
        Target target = generic(new RequestSettings("POST", "/s", List.of(), null), path("/p"));
        assertThat(text(target.subscribeRequest(target.nodes().getFirst(), 0, "t", null)))
                .contains("Content-Length: 0\r\n").doesNotContain("Content-Type");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "PO ST", "POST\r\nX: y", "GET/", "GÉT"})
    void refusesWhatIsNoMethod(String method) {
        assertRefused(new RequestSettings(method, "/s", List.of(), null), path("/p"), "--subscribe-method '" + method + "'");
        assertRefused(path("/s"), new RequestSettings(method, "/p", List.of(), null), "--publish-method '" + method + "'");
    }

    /** What is asked so has no answer with a body, or none of HTTP at all. */
    @ParameterizedTest
    @ValueSource(strings = {"HEAD", "CONNECT", "TRACE", "head"})
    void refusesMethodsThatBringNoStream(String method) {
        assertRefused(new RequestSettings(method, "/s", List.of(), null), path("/p"), "--subscribe-method is " + method);
        assertRefused(path("/s"), new RequestSettings(method, "/p", List.of(), null), "--publish-method is " + method);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "s", "{topic}", "http://127.0.0.1/s", "/a b", "/a\tb", "/a\r\nX: y", "/a\u0000"})
    void refusesWhatIsNoPath(String path) {
        assertRefused(path(path), path("/p"), "--subscribe-path '");
        assertRefused(path("/s"), path(path), "--publish-path '");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "[A: b, C: d]", "A : b", " A: b", "A b: c", "Ä: b", "A: b\u0007", "A: b\rC: d", "A: b\u007F", "Host: x", "hOST: x"
    })
    void refusesWhatIsNoHeaderOrSomebodyElses(String line) {
        assertRefused(new RequestSettings(null, "/s", List.of(line), null), path("/p"), "--subscribe-header '");
        assertRefused(path("/s"), new RequestSettings(null, "/p", List.of(line), null), "--publish-header '");
        assertThatThrownBy(() -> Target.of(Profile.HARK, URL, RequestSettings.NONE, RequestSettings.NONE, List.of(line)))
                .isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith("--header '").hasMessageNotContainingAny("\n", "\r");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Authorization: Bearer s3cret\r", " Authorization: s3cret", "Host: s3cret",
            "Content-Length: s3cret", "Bearer s3cret"})
    void keepsValuesOutOfMessages(String line) {
        assertThatThrownBy(() -> Target.of(Profile.HARK, URL, RequestSettings.NONE, RequestSettings.NONE, List.of(line)))
                .isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith("--header '").hasMessageNotContaining("s3cret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"A: b\tc", "A:", "A: ü", "x!#$%&'*+.^_`|~-1: y", "Hosts: x"})
    void keepsAHeaderAsItIs(String line) {
        Target target = generic(path("/s"), new RequestSettings(null, "/p", List.of(line), null));
        assertThat(text(target.publishStart(target.publishNodes().getFirst(), "t", 1, List.of()))).contains("\r\n" + line + "\r\n");
    }

    @Test
    void tellsTopicsApartOrTakesOnlyOne() {
        Target both = generic(path("/s?t={topic}"), new RequestSettings(null, "/p", List.of(), "{topic} {data}"));
        both.requireRoomFor(2);
        Target noSubscribe = generic(path("/s"), path("/p/{topic}"));
        noSubscribe.requireRoomFor(1);
        assertThatThrownBy(() -> noSubscribe.requireRoomFor(2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--subscribe-path '/base/s' has no {topic}").hasMessageContaining("2 topics");
        assertThatThrownBy(() -> generic(path("/s/{topic}"), path("/p")).requireRoomFor(2))
                .hasMessageContaining("--publish-path '/base/p' has no {topic}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PATCH", "post", "M-SEARCH", "x!#$%&'*+.^_`|~1"})
    void keepsAMethodAsItIs(String method) {
        Target target = generic(path("/s"), new RequestSettings(method, "/p", List.of(), null));
        assertThat(text(target.publishStart(target.publishNodes().getFirst(), "t", 1, List.of())))
                .startsWith(method + " /base/p ");
    }

    @Test
    void refusesTemplatesThatCannotBe() {
        assertRefused(path("/s"), new RequestSettings(null, "/p", List.of(), ""), "--publish-body has {data} in it 0 times");
        assertRefused(path("/s"), new RequestSettings(null, "/p", List.of(), "{data}{data}"), "--publish-body has {data} in it 2 times");
        assertRefused(new RequestSettings(null, "/s", List.of(), "{data}"), path("/p"), "--subscribe-body has {data} in it");
        assertRefused(path("/s"), new RequestSettings(null, "/p", List.of("X-A"), null), "--publish-header 'X-A'");
        assertRefused(new RequestSettings(null, "/s", List.of("X-A: b\r\nX-C: d"), null), path("/p"), "--subscribe-header 'X-A");
        assertRefused(path("/s"), new RequestSettings(null, "/p", List.of("content-length: 5"), null),
                "--publish-header 'content-length: ...' cannot be set");
        assertRefused(path("/s"), RequestSettings.NONE, "--publish-path");
        assertThatThrownBy(() -> Target.of(Profile.HARK, URL, RequestSettings.NONE, RequestSettings.NONE, List.of(": x")))
                .hasMessageContaining("--header ': ...'");
    }

    @Test
    void hasNoTemplatesForHark() {
        for (RequestSettings said : List.of(
                new RequestSettings("GET", null, List.of(), null), new RequestSettings(null, null, List.of(), "{data}"),
                new RequestSettings(null, null, List.of("X-A: b"), null))) {
            assertThatThrownBy(() -> Target.of(Profile.HARK, URL, said, RequestSettings.NONE, List.of()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageMatching("--subscribe-(method|body|header) is for target 'generic'.*");
            assertThatThrownBy(() -> Target.of(Profile.HARK, URL, RequestSettings.NONE, said, List.of()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageMatching("--publish-(method|body|header) is for target 'generic'.*");
        }
        Target moved = Target.of(Profile.HARK, URL, path("/s/{topic}"), path("/p/{topic}"), List.of());
        assertThat(text(moved.publishStart(moved.publishNodes().getFirst(), "t", 1, List.of()))).startsWith("POST /base/p/t ");
        assertThat(moved.batchPath()).isNull();
    }

    @Test
    void takesTheNamesThatContainersHave() {
        Target target = Target.hark("http://hark_hub:8080/base");
        assertThat(target.nodes().getFirst().address().getHostString()).isEqualTo("hark_hub");
        assertThat(target.nodes().getFirst().address().getPort()).isEqualTo(8080);
        assertThat(text(target.subscribeRequest(target.nodes().getFirst(), 0, "t", null)))
                .startsWith("GET /base/topics/t HTTP/1.1\r\nHost: hark_hub:8080\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"hark_hub:8080", "https://hark_hub:8080", "http://", "http:///x", "http://a b", "http://ha_rk hub"})
    void refusesWhatIsNoUrlOfAServer(String url) {
        assertThatThrownBy(() -> Target.hark(url)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(url);
    }

    private static void assertRefused(RequestSettings subscribe, RequestSettings publish, String message) {
        assertThatThrownBy(() -> generic(subscribe, publish)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(message);
    }

    private static Target generic(RequestSettings subscribe, RequestSettings publish) {
        return Target.of(Profile.GENERIC, URL, subscribe, publish, List.of());
    }

    private static RequestSettings path(@Nullable String path) {
        return new RequestSettings(null, path, List.of(), null);
    }

    private static String head(String... lines) {
        return String.join("\r\n", lines) + "\r\n\r\n";
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
