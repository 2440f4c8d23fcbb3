package dev.hark.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
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
    void ticketsOfSeveralNodesPushOutNoRevocations() {
        Configured open = Configured.set("log.kind", "jetstream").with("log.servers.0", "nats://n1:4222");
        assertThat(open.load().log().config().classes().of("$hark/tickets/ab").number()).as("nobody is asked for one").isZero();
        Configured asks = open.with("auth.keys.0.name", "a").with("auth.keys.0.hash", "sha256:" + "0".repeat(64));
        var classes = asks.load().log().config().classes();
        assertThat(classes.of("$hark/tickets/ab").name()).isEqualTo("$hark/tickets/*");
        assertThat(classes.of("$hark/revocations").name()).isEqualTo("$hark/**");
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
    @ValueSource(strings = {
        "0.0.0.0", "10.0.0.1", "::", "example.com",
        // Everywhere, in other words.
        "0", "0.0", "0:0:0:0:0:0:0:0", "::0", "::ffff:0.0.0.0", "::ffff:0:0", "::0.0.0.0",
        // What only looks like this machine: by a name, by an address that some read otherwise, of another kind.
        "localhost.", "localhost.example.com", "hub.localhost", "127.0.0.1.example.com", "127.0.0.1.", "ip6-localhost", "0x7f000001",
        "0x7f.1", "0177.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::127.0.0.1", "fe80::1", "2001:db8::1", "128.0.0.1"
    })
    void refusesAnAddressThatOthersReachUnlessOpen(String host) {
        Configured.set("server.host", host)
                .refusal().startsWith("server.host is '" + host + "', which others can reach").contains("auth.open: true");
        Configured.set("admin.host", host).refusal()
                .startsWith("admin.host is '" + host + "', which others can reach").contains("admin: true", "auth.open: true");
        Configured.file("").environment("HARK_SERVER_HOST", host).refusal().startsWith("server.host is '" + host + "', which others");
        Configured.file("").environment("HARK_ADMIN_HOST", host).refusal().startsWith("admin.host is '" + host + "', which others");
        Configured.file("server: {host: '" + host + "'}").refusal().startsWith("server.host is '" + host + "', which others");
        Configured.file("server: {host: 127.0.0.1}").with("server.host", host).refusal().contains("which others can reach");
        assertThat(Configured.set("server.host", host).with("auth.open", "true").load().auth().open()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "127.0.0.1", "127.8.8.8", "127.1", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "::FFFF:7f00:1", "localhost", "LOCALHOST"
    })
    void servesLoopbackAddressesWithoutAuth(String host) throws UnknownHostException {
        assertThat(Configured.set("server.host", host).load().server().host()).isEqualTo(host);
        assertThat(adminNeedsKey(Configured.set("admin.host", host))).isFalse();
        assertThat(InetAddress.getByName(host).isLoopbackAddress()).as("and what listens there takes it for the same").isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "[::1]", "[::]", "*", "127.0.0.1:8080", "127.0.0.1/8", "//", "a b", "0.0.0.0,127.0.0.1"})
    void refusesWhatIsNoHost(String host) {
        for (String key : new String[] {"server.host", "admin.host"}) {
            Configured.set(key, host).refusal().startsWith(key + " is ").contains("a host name or an address");
            Configured.file("").environment("HARK_" + key.toUpperCase(Locale.ROOT).replace('.', '_'), host)
                    .refusal().startsWith(key + " is ");
        }
    }

    private static boolean adminNeedsKey(Configured configured) {
        HarkConfig config = configured.load();
        return config.adminNeedsKey(config.auth());
    }

    @Test
    void letsOthersReachTheAdminListenerWithAnAdminKey() {
        Configured admin = Configured.file("""
                admin: {host: 0.0.0.0}
                auth: {keys: [{name: ops, hash: "sha256:%s", admin: true}]}
                """.formatted("a".repeat(64)));
        assertThat(adminNeedsKey(admin)).isTrue();
        assertThat(adminNeedsKey(admin.with("auth.open", "true"))).as("what is open is topics").isTrue();
        assertThat(adminNeedsKey(admin.with("admin.host", "127.0.0.1"))).isFalse();
        admin.with("auth.keys.0.admin", "false").refusal().contains("no key in auth.keys has admin: true");
        admin.with("auth.keys.0.admin", "yes").refusal().startsWith("auth.keys.0.admin is 'yes'");
        assertThat(adminNeedsKey(Configured.set("admin.host", "0.0.0.0").with("auth.open", "true"))).isFalse();
        Configured.file("auth: {anonymous: {subscribe: ['**']}}").with("admin.host", "0.0.0.0").refusal().startsWith("admin.host is");
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
