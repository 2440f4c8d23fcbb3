package dev.hark.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HarkConfigTest {
    @Test
    void refusesAMailboxLargerThanTheRetention() {
        Configured.set("log.retention.events", "255").refusal()
                .isEqualTo("topics.1.mailbox.events is 256; at most log.retention.events, which is 255, is allowed");
        Configured.set("log.retention.bytes", "255KiB").refusal()
                .isEqualTo("topics.1.mailbox.bytes is 256KiB; at most log.retention.bytes, which is 255KiB, is allowed");
        assertThat(Configured.set("log.retention.events", "256").load()).isNotNull();
    }

    @Test
    void refusesAMailboxOrAnEventLargerThanWhatIsKept() {
        Configured.set("topics.1.keep.events", "255").refusal()
                .isEqualTo("topics.1.mailbox.events is 256; at most topics.1.keep.events, which is 255, is allowed");
        Configured.set("topics.1.keep.bytes", "255KiB").refusal()
                .isEqualTo("topics.1.mailbox.bytes is 256KiB; at most topics.1.keep.bytes, which is 255KiB, is allowed");
        Configured.set("topics.1.keep.bytes", "32KiB").with("topics.1.mailbox.bytes", "16KiB").refusal()
                .isEqualTo("limits.event-bytes is 60KiB; at most topics.1.keep.bytes, which is 32KiB, is allowed");
        assertThat(Configured.set("topics.1.keep.events", "256").load()).isNotNull();
        assertThat(Configured.set("topics.1.keep", "nothing").load()).as("there is nothing to be larger than").isNotNull();
        Configured keepsMore = Configured.set("topics.0.keep.events", "1000").with("topics.1.keep.events", "1000");
        assertThat(keepsMore.with("log.retention.events", "1").load()).as("no topic is kept as the log by default").isNotNull();
    }

    @Test
    void refusesAnEventLargerThanABatch() {
        Configured.set("limits.batch-bytes", "61439").refusal()
                .isEqualTo("limits.event-bytes is 60KiB; at most limits.batch-bytes, which is 61439, is allowed");
        assertThat(Configured.set("limits.batch-bytes", "60KiB").load()).isNotNull();
    }

    @Test
    void refusesMoreSubscribersFromOneAddressThanInAll() {
        Configured.set("limits.subscribers-per-ip", "11").with("limits.subscribers", "10").refusal()
                .isEqualTo("limits.subscribers-per-ip is 11; at most limits.subscribers, which is 10, is allowed");
        assertThat(Configured.set("limits.subscribers-per-ip", "10").with("limits.subscribers", "10").load()).isNotNull();
    }

    @Test
    void refusesOnePortForTwoListenersButTwoFreeOnes() {
        Configured.set("admin.port", "8080").refusal().startsWith("admin.port is 8080, as server.port is");
        assertThat(Configured.set("admin.port", "0").with("server.port", "0").load()).isNotNull();
    }

    @Test
    void refusesARuleThatNeverMatchesAndAListWithoutALastOne() {
        Configured.file("topics: [{match: a/**}, {match: a/b}, {match: '**'}]").refusal()
                .startsWith("topics.1.match is 'a/b', which never matches: topics.0.match");
        Configured.file("topics: [{match: a/b}, {match: a/**}, {match: '**'}, {match: '**'}]")
                .refusal().startsWith("topics.3.match is '**'");
        Configured.file("topics: [{match: a/b}]").refusal().contains("the last of the topics must match '**'");
        Configured.file("topics: []").refusal().contains("the last of the topics must match '**'");
        Configured.file("topics: [{overflow: replay}]").refusal().startsWith("topics.0.match is missing");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "10.0.0.1", "::", "example.com"})
    void refusesAnAddressThatOthersReachUnlessOpen(String host) {
        Configured.set("server.host", host)
                .refusal().startsWith("server.host is '" + host + "', which others can reach").contains("auth.open: true");
        Configured.set("admin.host", host).refusal().startsWith("admin.host is '" + host + "'");
        assertThat(Configured.set("server.host", host).with("auth.open", "true").load().auth().open()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.8.8.8", "::1", "localhost"})
    void servesLoopbackAddressesWithoutAuth(String host) {
        assertThat(Configured.set("server.host", host).load().server().host()).isEqualTo(host);
    }

    @Test
    void refusesCredentialsForEveryOrigin() {
        Configured.set("cors.origins", "*")
                .with("cors.credentials", "true").refusal().startsWith("cors.credentials is true and cors.origins has '*'");
        assertThat(Configured.set("cors.origins", "*").load().cors().origins()).containsExactly("*");
    }

    @Test
    void refusesAPathThatTwoRoutesHave() {
        Configured.file("""
                routes:
                  - {subscribe: "/a/{x}", topic: "a/{x}"}
                  - {subscribe: "/a/{y}", publish: "/a/{y}", topic: "b/{y}"}
                """).refusal().isEqualTo("routes.1.subscribe is '/a/{y}', which an earlier route has too; each path is allowed once");
    }

    @Test
    void readsRoutes() {
        HarkConfig config = Configured.file("""
                routes:
                  - {subscribe: /sse, topic: broadcast}
                  - {publish: "/p/{x}", topic: "p/{x}"}
                """).load();

        assertThat(config.routes()).containsExactly(
                new RouteRule(new PathTemplate("/sse"), null, new TopicTemplate("broadcast")),
                new RouteRule(null, new PathTemplate("/p/{x}"), new TopicTemplate("p/{x}")));
    }

    @Test
    void refusesARouteWithoutPathsOrVariables() {
        Configured.file("routes: [{topic: a}]").refusal().startsWith("routes.0: neither subscribe nor publish is given");
        Configured.file("routes: [{subscribe: /a}]").refusal().startsWith("routes.0.topic is missing");
        Configured.file("routes: [{subscribe: '/a/{x}', publish: /a, topic: 'a/{x}'}]").refusal()
                .isEqualTo("routes.0: publish path '/a' has no {x}, which topic 'a/{x}' needs");
    }
}
