package dev.hark.app.http;

import static dev.hark.app.http.Refusal.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.Answer;
import dev.hark.app.RunningHub;
import dev.hark.app.Wire;
import dev.hark.app.access.ApiKey;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What one address, one subject and one publisher may ask for, and who counts as whom. */
@Timeout(60)
class CallerLimitsIT {
    private static final String PROXY = "server.proxies=127.0.0.1";
    private static final String KEY = ApiKey.create();
    private static final String OTHER_KEY = ApiKey.create();
    private static final int ATTEMPTS = 50;

    private static String from(String address) {
        return "X-Forwarded-For: " + address;
    }

    private static String bearer(String key) {
        return "Authorization: Bearer " + key;
    }

    /** One where anybody reads what is public, and two services do all. */
    private static RunningHub guarded(String... settings) {
        Stream<String> auth = Stream.of(
                "auth.anonymous.subscribe.0=public/**",
                "auth.anonymous.publish.0=public/**",
                "auth.keys.0.name=shop", "auth.keys.0.hash=sha256:" + ApiKey.hash(KEY),
                "auth.keys.0.publish.0=**", "auth.keys.0.subscribe.0=**",
                "auth.keys.1.name=desk", "auth.keys.1.hash=sha256:" + ApiKey.hash(OTHER_KEY),
                "auth.keys.1.publish.0=**", "auth.keys.1.subscribe.0=**");
        return RunningHub.start(Stream.concat(auth, Stream.of(settings)).toArray(String[]::new));
    }

    private static Answer get(RunningHub hub, String target, String... headers) {
        try (Wire wire = Wire.subscribe(hub.uri(), target, headers)) {
            return wire.answer();
        }
    }

    private static Answer publish(RunningHub hub, int events, String... headers) {
        String body = "{\"topic\":\"public/a\",\"data\":\"x\"}\n".repeat(events);
        Stream<String> own = Stream.of("Content-Type: application/x-ndjson", "Content-Length: " + body.length());
        String[] all = Stream.concat(Stream.of(headers), own)
                .toArray(String[]::new);
        try (Wire wire = Wire.connect(hub.uri()).request("POST", "/events", all).send(body)) {
            return wire.answer();
        }
    }

    /** What is answered once what may be published in a second has been. */
    private static Answer publishTooMany(RunningHub hub, int events, String... headers) {
        Answer answer = publish(hub, events, headers);
        for (int i = 0; i < ATTEMPTS && answer.status() == 201; i++) {
            answer = publish(hub, events, headers);
        }
        return answer;
    }

    private static double metric(RunningHub hub, String name) {
        return hub.admin("/metrics").body()
                .lines()
                .filter(line -> line.startsWith(name + ' ') || line.startsWith(name + '{'))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void clientsOfAProxyThatIsListedAreCountedOneByOne() {
        try (RunningHub hub = RunningHub.start(PROXY, "limits.subscribers-per-ip=1");
                Wire first = hub.open("/topics/a", from("203.0.113.9"));
                Wire second = hub.open("/topics/a", "Forwarded: for=203.0.113.10;proto=https");
                Wire third = hub.open("/topics/a", from("2001:db8:1:2::7"))) {
            hub.publish("a", "to all");
            assertThat(List.of(first, second, third)).allMatch(wire -> wire.event().data().equals("to all"));
            assertRefused(get(hub, "/topics/a", from("6.6.6.6"), from("203.0.113.9")), ProblemType.TOO_MANY_STREAMS, "203.0.113.9 holds 1");
            assertRefused(get(hub, "/topics/a?wait=1s", from("203.0.113.10"), "Accept: application/json"), ProblemType.TOO_MANY_STREAMS);
            Answer neighbour = get(hub, "/topics/a", "Forwarded: for=\"[2001:db8:1:2:ffff::1]:4711\"");
            assertRefused(neighbour, ProblemType.TOO_MANY_STREAMS, "2001:db8:1:2::/64 holds 1 streams");
            assertThat(neighbour.header("Retry-After")).isPresent();
            assertThat(metric(hub, "hark_streams_refused_address_total")).isEqualTo(3);

            hub.open("/topics/a", from("2001:db8:1:3::7")).close();
            first.close();
            hub.awaitStreams(2);
            hub.awaitOpen("/topics/a", from("203.0.113.9")).close();
        }
    }

    @Test
    void nobodyElseIsBelieved() {
        for (String proxies : List.of("", "10.0.0.0/8,::1")) {
            try (RunningHub hub = RunningHub.start("server.proxies=" + proxies, "limits.subscribers-per-ip=1", "limits.publish-rate=1");
                    Wire first = hub.open("/topics/a", from("203.0.113.9"))) {
                hub.publish("a", "x");
                assertThat(first.event().data()).isEqualTo("x");
                assertRefused(get(hub, "/topics/a", from("203.0.113.10")), ProblemType.TOO_MANY_STREAMS, "127.0.0.1 holds 1");
                assertRefused(publishTooMany(hub, 1, from("203.0.113.10")), ProblemType.RATE_LIMITED, "127.0.0.1 publishes");
            }
        }
    }

    @Test
    void aSubjectHasItsStreamsWhereverItComesFrom() {
        try (RunningHub hub = guarded(PROXY, "limits.subscribers-per-subject=1", "limits.subscribers-per-ip=2");
                Wire first = hub.open("/topics/a", from("203.0.113.1"), bearer(KEY))) {
            Answer second = get(hub, "/topics/a", from("203.0.113.2"), bearer(KEY));
            assertRefused(second, ProblemType.TOO_MANY_STREAMS, "key shop holds 1 streams");
            assertThat(second.header("Retry-After")).isPresent();
            assertRefused(get(hub, "/topics/a?wait=1s", from("203.0.113.2"), bearer(KEY), "Accept: application/json"),
                    ProblemType.TOO_MANY_STREAMS, "key shop");
            assertThat(metric(hub, "hark_streams_refused_subject_total")).isEqualTo(2);

            try (Wire other = hub.open("/topics/a", from("203.0.113.2"), bearer(OTHER_KEY));
                    Wire anonymous = hub.open("/topics/public/a", from("203.0.113.2"))) {
                assertThat(publish(hub, 1).status()).isEqualTo(201);
                assertThat(anonymous.event().data()).as("what was refused has no share of the address").isEqualTo("x");
                assertThat(hub.post("/topics/a", "y", "Authorization", "Bearer " + KEY).status()).isEqualTo(201);
                assertThat(other.event().data()).isEqualTo("y");
                hub.open("/topics/public/a", from("203.0.113.3")).close();
                hub.open("/topics/public/a", from("203.0.113.4")).close();
            }
            first.close();
            hub.awaitStreams(0);
            hub.awaitOpen("/topics/a", from("203.0.113.5"), bearer(KEY)).close();
        }
    }

    @Test
    void aKeyHasItsRateWhereverItComesFrom() {
        try (RunningHub hub = guarded(PROXY, "limits.publish-rate=5", "auth.keys.0.publish-rate=500")) {
            assertThat(publish(hub, 500, bearer(KEY)).status()).isEqualTo(201);
            assertRefused(publish(hub, 501, bearer(KEY)), ProblemType.TOO_LARGE, "key shop may publish 500 a second");
            assertRefused(publish(hub, 6, bearer(OTHER_KEY)), ProblemType.TOO_LARGE, "key desk may publish 5 a second");
            assertRefused(publish(hub, 6, from("203.0.113.1")), ProblemType.TOO_LARGE, "203.0.113.1 may publish 5 a second");

            Answer answer = publishTooMany(hub, 5, bearer(OTHER_KEY), from("203.0.113.1"));
            assertRefused(answer, ProblemType.RATE_LIMITED, "key desk publishes more than 5 events a second");
            assertThat(answer.header("Retry-After")).contains("1");
            assertThat(publish(hub, 5, from("203.0.113.1")).status()).as("the address has a rate of its own").isEqualTo(201);
            assertRefused(publishTooMany(hub, 5, bearer(OTHER_KEY), from("203.0.113.2")), ProblemType.RATE_LIMITED, "key desk");
            assertThat(metric(hub, "hark_publish_rate_limited_total")).isGreaterThanOrEqualTo(2);
        }
    }

    @Test
    void aKeysOwnRateNeedsNoOther() {
        try (RunningHub hub = guarded("auth.keys.0.publish-rate=3")) {
            assertRefused(publishTooMany(hub, 3, bearer(KEY)), ProblemType.RATE_LIMITED, "key shop publishes more than 3");
            assertThat(publish(hub, 1000, bearer(OTHER_KEY)).status()).isEqualTo(201);
            assertThat(publish(hub, 1000).status()).isEqualTo(201);
        }
    }

    /** A hundred, which is no key of the configuration, and what they may take, which is one. */
    @Test
    void aSubscriptionHasAHundredFilters() {
        try (RunningHub hub = RunningHub.start("limits.subscription-bytes=2KiB")) {
            String json = "Accept: application/json";
            String filters = "/events?topic=a" + "&topic=a".repeat(99);
            assertThat(get(hub, filters, json).status()).isEqualTo(200);
            assertRefused(get(hub, filters + "&topic=a", json), ProblemType.INVALID_FILTER, "101 topic filters", "100");
            String ten = "/events?topic=0" + IntStream.range(1, 10).mapToObj(i -> "&topic=" + i).collect(Collectors.joining());
            assertRefused(get(hub, ten, json), ProblemType.INVALID_FILTER, "10 topic filters take", "2048");
        }
    }
}
