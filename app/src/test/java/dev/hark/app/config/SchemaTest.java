package dev.hark.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.fanout.IndexLimits;
import dev.hark.fanout.OverflowPolicy;
import dev.hark.fanout.TopicRule;
import dev.hark.log.HotLimits;
import dev.hark.log.Keep;
import dev.hark.log.Retention;
import dev.hark.log.TopicClass;
import dev.hark.log.TopicClasses;
import dev.hark.log.sqlite.SqliteSettings.Durability;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SchemaTest {
    @Test
    void readsEveryKindOfValue() {
        HarkConfig config = Configured.file("""
                server: {port: 0}
                delivery: {heartbeat: PT0.5S, heartbeat-event: ping, send-buffer: 8192, lanes: 3}
                log: {retention: {events: 2_000}, hot-bytes: 1MiB}
                limits: {overload-answer: status}
                cors: {origins: [https://a.example, "http://localhost:3000"], credentials: true}
                """).load();

        assertThat(config.server().port()).isZero();
        assertThat(config.server().sendBufferBytes()).isEqualTo(8192);
        assertThat(config.hub().delivery().heartbeat()).isEqualTo(Duration.ofMillis(500));
        assertThat(config.hub().delivery().heartbeatEvent()).isEqualTo("ping");
        assertThat(config.hub().delivery().lanes()).isEqualTo(3);
        assertThat(config.log().config().retention().events()).isEqualTo(2000);
        assertThat(config.log().config().hot().bytes()).isEqualTo(1 << 20);
        assertThat(config.limits().overloadAnswer()).isEqualTo(RequestLimits.OverloadAnswer.STATUS);
        assertThat(config.cors().origins()).containsExactly("https://a.example", "http://localhost:3000");
    }

    @Test
    void fillsARulesMissingKeysAndAnEmptySection() {
        HarkConfig config = Configured.file("log:\nauth: {}\ntopics:\n  - match: '**'\n").load();

        assertThat(config.hub().topics()).singleElement().satisfies(rule -> {
            assertThat(rule.overflow()).isEqualTo(OverflowPolicy.REPLAY);
            assertThat(rule.mailbox().events()).isEqualTo(256);
            assertThat(rule.linger()).isZero();
        });
    }

    @Test
    void boundsHotEventsByTheRetention() {
        HarkConfig config = Configured.file("log: {retention: {events: 300, bytes: 1MiB}}\ntopics: [{match: '**'}]").load();

        assertThat(config.log().config().hot().events()).isEqualTo(300);
        assertThat(config.log().config().hot().bytes()).isEqualTo(1 << 20);
    }

    @Test
    void boundsHotEventsByWhatAllTopicsTogetherKeep() {
        Configured small = Configured.set("log.retention.events", "300").with("log.retention.bytes", "1MiB");
        HotLimits more = small.with("topics.0.keep.events", "700").with("topics.0.keep.bytes", "2MiB").load().log().config().hot();
        HotLimits unstored = small.with("topics.0.keep", "nothing").load().log().config().hot();

        assertThat(more).isEqualTo(new HotLimits(1_000, 3 << 20));
        assertThat(unstored).as("of which nothing is anywhere else").isEqualTo(new HotLimits(10_000, 64 << 20));
    }

    @Test
    void refusesAnEngineThatThereIsNot() {
        Configured.set("log.kind", "paper").refusal()
                .isEqualTo("log.kind is 'paper' (--set); memory | sqlite | jetstream is allowed");
    }

    @Test
    void readsWhereALogIsThatNodesShare() {
        LogSettings log = Configured.file("log: {kind: jetstream, servers: [nats://n1:4222, nats://n2:4222, tls://n3:4222],"
                + " credentials-file: node.creds, authorities: ca.pem, path: replica.db}").load().log();
        assertThat(log.cluster()).isEqualTo(new ClusterSettings(
                List.of("nats://n1:4222", "nats://n2:4222", "tls://n3:4222"), "hark", 3, Optional.of(Path.of("node.creds")),
                Optional.empty(), Optional.of(Path.of("ca.pem")),
                new ClusterSettings.Snapshots(Duration.ofHours(1), 256 << 20, Duration.ofDays(1))));
        assertThat(log.durabilityName()).isEqualTo("replicated-3");
        assertThat(log.replica().durability()).as("it is durable elsewhere").isEqualTo(Durability.WRITE);
        ClusterSettings small = Configured.file("log: {kind: jetstream, servers: [nats://n1], stream: events, user: hark,"
                + " password: secret, snapshots: {every: PT10M, bytes: 1GiB, margin: PT0S}}").load().log().cluster();
        assertThat(small.snapshots()).isEqualTo(new ClusterSettings.Snapshots(Duration.ofMinutes(10), 1 << 30, Duration.ZERO));
        assertThat(small.replicas()).isOne();
        assertThat(small.stream()).isEqualTo("events");
        assertThat(small.toString()).doesNotContain("secret");
    }

    @Test
    void refusesWhatMakesNoSharedLog() {
        Configured.set("log.kind", "jetstream").refusal().contains("log.servers is missing");
        Configured.file("log: {servers: [nats://n1]}").refusal().contains("unknown key log.servers");
        Configured.file("log: {kind: jetstream, servers: [http://n1]}").refusal().contains("server 1 of NATS");
        Configured.file("log: {kind: jetstream, servers: [nats://n1], replicas: 2}").refusal().contains("1, 3 or 5 replicas");
        Configured.file("log: {kind: jetstream, servers: [nats://n1], stream: a.b}").refusal().contains("letters, digits");
        Configured.file("log: {kind: jetstream, servers: [nats://n1], snapshots: {every: PT1S}}").refusal().contains("log.snapshots.every");
        Configured.file("log: {kind: jetstream, servers: [nats://n1], snapshots: {evry: PT1H}}").refusal()
                .contains("unknown key log.snapshots.evry");
        Configured.file("log: {snapshots: {every: PT1H}}").refusal().contains("unknown key log.snapshots");
        Configured.file("log: {kind: jetstream, servers: [nats://n1], user: hark}").refusal().contains("given together");
        Configured.file("log: {kind: jetstream, servers: [nats://n1], user: hark, password: x, credentials-file: y}").refusal()
                .contains("one of them");
    }

    @Test
    void keepsTheLogOnDiskUnlessToldOtherwise() {
        LogSettings log = Configured.file("").load().log();

        assertThat(log).isEqualTo(new LogSettings(LogSettings.Kind.SQLITE, Path.of("data/hark.db"), Durability.FSYNC, null, log.config()));
        assertThat(Configured.set("log.kind", "memory").load().log().kind()).isEqualTo(LogSettings.Kind.MEMORY);
    }

    @Test
    void readsWhereTheLogIsAndWhatItPromises() {
        LogSettings log = Configured.file("log: {kind: sqlite, path: /var/lib/hark.db, durability: write}").load().log();

        assertThat(log).isEqualTo(
                new LogSettings(LogSettings.Kind.SQLITE, Path.of("/var/lib/hark.db"), Durability.WRITE, null, log.config()));
        Configured.set("log.durability", "maybe").refusal().isEqualTo("log.durability is 'maybe' (--set); fsync | write is allowed");
        Configured.set("log.path", "a?b").refusal().contains("log.path is 'a?b'");
        Configured.set("log.path", " ").refusal().contains("log.path is ");
    }

    @Test
    void readsWhatFiltersMayCost() {
        IndexLimits limits = Configured.file("limits: {subscription-bytes: 64KiB, index-bytes: 16MiB}").load().hub().index();
        assertThat(limits).isEqualTo(new IndexLimits(64 << 10, 16 << 20));

        long auto = Configured.set("limits.index-bytes", "auto").load().hub().index().bytes();
        assertThat(auto).as("an eighth of the heap").isEqualTo(Runtime.getRuntime().maxMemory() / 8);
        Configured.set("limits.index-bytes", "much").refusal()
                .isEqualTo("limits.index-bytes is 'much' (--set); auto or a size from 1MiB to 1TiB, such as 64MiB, is allowed");
    }

    @Test
    void readsTimesAndSizesAsPeopleWriteThem() {
        HarkConfig config = Configured.file("""
                log: {retention: {age: 2w, bytes: 512m}}
                delivery: {heartbeat: 20s, retry: 500ms}
                limits: {event-bytes: 32k}
                drain: {window: 0.5m}
                """).load();

        assertThat(config.log().config().retention().age()).isEqualTo(Duration.ofDays(14));
        assertThat(config.log().config().retention().bytes()).isEqualTo(512L << 20);
        assertThat(config.hub().delivery().heartbeat()).isEqualTo(Duration.ofSeconds(20));
        assertThat(config.hub().delivery().retry()).isEqualTo(Duration.ofMillis(500));
        assertThat(config.limits().eventBytes()).isEqualTo(32 << 10);
        assertThat(config.drainWindow()).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void readsHowLongTheEventsOfATopicMayWait() {
        HarkConfig config = Configured.file("topics: [{match: a/**, linger: 100ms}, {match: b/**, linger: PT2S}, {match: '**'}]").load();

        assertThat(config.hub().topics()).extracting(TopicRule::linger)
                .containsExactly(Duration.ofMillis(100), Duration.ofSeconds(2), Duration.ZERO);
        Configured.file("topics: [{match: '**', linger: 100}]").refusal().isEqualTo(
                "topics.0.linger is '100' (test.yaml line 1); a duration from 0s to 10s, such as 100ms or PT0.1S, is allowed");
        Configured.file("topics: [{match: '**', lingr: 1s}]").refusal().contains("did you mean topics.0.linger?");
        Configured.file("topics: [{match: '**', linger: {min: 1s}}]").refusal().startsWith("topics.0.linger is a section with min");
    }

    private static final String KEEPS = """
            log: {retention: {events: 5_000, age: 2d, bytes: 100MiB}}
            topics:
              - {match: live/**, keep: nothing}
              - {match: prices/**, keep: {age: 1h}}
              - {match: orders/**, keep: {events: 90_000, age: 7d, bytes: 1GiB}}
              - {match: all/**, keep: {}}
              - {match: none/**, keep: }
              - {match: '**'}
            """;

    private static List<Keep> kept(Configured configured) {
        TopicClasses classes = configured.load().log().config().classes();
        return classes.assignments().stream().map(each -> classes.all().get(each.number()).keep()).toList();
    }

    private static Keep keep(long events, Duration age, long bytes) {
        return new Keep(new Retention(events, age, bytes));
    }

    @Test
    void readsWhatIsKeptOfTopics() {
        Keep whole = keep(5_000, Duration.ofDays(2), 100 << 20);

        assertThat(kept(Configured.file(KEEPS))).containsExactly(
                Keep.NOTHING, keep(5_000, Duration.ofHours(1), 100 << 20), keep(90_000, Duration.ofDays(7), 1 << 30), whole, whole, whole);
        TopicClasses classes = Configured.file(KEEPS).load().log().config().classes();
        assertThat(classes.all()).extracting(TopicClass::name).as("with a keep of its own, if an empty one")
                .containsExactly(TopicClass.DEFAULT, "live/**", "prices/**", "orders/**", "all/**");
        assertThat(Configured.file("topics: [{match: a/**}, {match: '**'}]").load().log().config().classes().areSeveral()).isFalse();
    }

    @Test
    void keepsTheNewestPricesByDefault() {
        Keep byDefault = new Keep(new Retention(100_000, Duration.ofHours(1), 64 << 20), true);
        Configured none = Configured.file("");

        assertThat(kept(none)).containsExactly(byDefault, keep(1_000_000, Duration.ofDays(1), 1 << 30));
        assertThat(kept(none.with("topics.0.keep.age", "2h")).getFirst()).as("all but what is said")
                .isEqualTo(new Keep(new Retention(100_000, Duration.ofHours(2), 64 << 20), true));
        assertThat(kept(none.with("topics.0.keep.latest", "false")).getFirst()).isEqualTo(new Keep(byDefault.retention()));
        assertThat(kept(none.with("log.retention.age", "7d")).getFirst()).as("its own bounds").isEqualTo(byDefault);
        assertThat(kept(Configured.file("topics: [{match: prices/**}, {match: '**'}]"))).as("of a list of one's own")
                .doesNotContain(byDefault);
    }

    @Test
    void takesOverridesOfWhatIsKept() {
        Configured file = Configured.file(KEEPS);
        Keep own = keep(300, Duration.ofDays(2), 100 << 20);

        assertThat(kept(file.with("topics.1.keep", "nothing")).get(1)).as("a word for a section").isEqualTo(Keep.NOTHING);
        assertThat(kept(file.environment("HARK_TOPICS_1_KEEP", "nothing")).get(1)).isEqualTo(Keep.NOTHING);
        assertThat(kept(file.with("topics.0.keep.events", "300")).get(0)).as("a section for a word").isEqualTo(own);
        assertThat(kept(file.environment("HARK_TOPICS_0_KEEP_EVENTS", "300")).get(0)).isEqualTo(own);
        assertThat(kept(file.with("topics.5.keep.events", "300")).get(5)).as("where the file says nothing").isEqualTo(own);
        assertThat(kept(file.with("topics.1.keep.age", "2h")).get(1)).as("one of several")
                .isEqualTo(keep(5_000, Duration.ofHours(2), 100 << 20));
        assertThat(kept(Configured.set("topics.0.keep", "nothing")).get(0)).as("of a default rule").isEqualTo(Keep.NOTHING);
        assertThat(kept(Configured.set("topics.1.keep.events", "300")).get(1)).isEqualTo(keep(300, Duration.ofDays(1), 1 << 30));
        file.with("topics.1.keep", "nothing").with("topics.1.keep.age", "2h").refusal()
                .startsWith("unknown key topics.1.keep.age, which is '2h' (--set)");
    }

    @Test
    void refusesWhatNobodyCanKeep() {
        Configured.file("topics: [{match: a/**, keep: everything}, {match: '**'}]").refusal().isEqualTo("topics.0.keep is 'everything'"
                + " (test.yaml line 1); nothing, or a section with events, age, bytes and latest, is allowed");
        Configured.set("topics.0.keep", "no").refusal()
                .isEqualTo("topics.0.keep is 'no' (--set); nothing, or a section with events, age, bytes and latest, is allowed");
        Configured.file("topics: [{match: a/**, keep: [nothing]}, {match: '**'}]").refusal().isEqualTo("topics.0.keep is a list of 1"
                + " (test.yaml line 1); nothing, or a section with events, age, bytes and latest, is allowed");
        Configured.file("topics: [{match: a/**, keep: {evnts: 5}}, {match: '**'}]").refusal()
                .isEqualTo("unknown key topics.0.keep.evnts, which is '5' (test.yaml line 1); did you mean topics.0.keep.events?"
                        + " Allowed in topics.0.keep: events, age, bytes, latest");
        Configured.file("topics: [{match: a/**, kep: nothing}, {match: '**'}]").refusal().contains("did you mean topics.0.keep?");
        Configured.file("topics: [{match: a/**, kep: {events: 3}}, {match: '**'}]").refusal().contains("did you mean topics.0.keep?");
        Configured.set("topics.1.keep.age", "0s").refusal().startsWith("topics.1.keep.age is '0s' (--set); a duration from 1s ");
        Configured.set("topics.1.keep.events", "0").refusal().startsWith("topics.1.keep.events is '0' (--set); a whole number from 1 ");
        Configured.set("topics.1.keep.bytes", "1023").refusal().startsWith("topics.1.keep.bytes is '1023' (--set); a size from 1KiB ");
        Configured.set("log.retention", "nothing").refusal().startsWith("log.retention is 'nothing' (--set), but it is a section");
    }

    @Test
    void readsWhereTheNewestOfEachKeyStays() {
        Configured file = Configured.file(KEEPS).with("topics.1.keep.latest", "true").environment("HARK_TOPICS_5_KEEP_LATEST", "true");
        TopicClasses classes = file.load().log().config().classes();

        assertThat(kept(file).get(1)).isEqualTo(new Keep(new Retention(5_000, Duration.ofHours(1), 100 << 20), true));
        assertThat(kept(file).get(5)).as("alone, with the bounds of log.retention")
                .isEqualTo(new Keep(new Retention(5_000, Duration.ofDays(2), 100 << 20), true));
        assertThat(classes.all()).filteredOn(each -> each.keep().latest()).extracting(TopicClass::name).containsExactly("prices/**", "**");
        assertThat(Configured.file("").load().log().config().latestKeys()).isEqualTo(1_000_000);
        assertThat(Configured.set("log.latest.keys", "5_000").load().log().config().latestKeys()).isEqualTo(5_000);
    }

    @Test
    void refusesNewestEventsOfWhatIsNotStored() {
        Configured.file("topics: [{match: a/**, keep: nothing, latest: true}, {match: '**'}]").refusal()
                .startsWith("unknown key topics.0.latest, which is 'true' (test.yaml line 1);").endsWith(" match, keep");
        Configured.set("topics.0.keep", "nothing").with("topics.0.keep.latest", "true").refusal()
                .startsWith("unknown key topics.0.keep.latest, which is 'true' (--set)");
        Configured.set("topics.0.keep", "latest").refusal().startsWith("topics.0.keep is 'latest' (--set); nothing, or a section with");
        Configured.set("topics.0.keep.latest", "yes").refusal()
                .isEqualTo("topics.0.keep.latest is 'yes' (--set); true or false is allowed");
        Configured.file("topics: [{match: a/**, keep: {latest: [true]}}, {match: '**'}]").refusal()
                .isEqualTo("topics.0.keep.latest is a list of 1 (test.yaml line 1); true or false is allowed");
    }

    @Test
    void refusesMoreRulesWithAKeepThanALogTellsApart() {
        assertThat(rules(63).load().log().config().classes().all()).hasSize(64);
        rules(64).refusal().isEqualTo("topics has 64 rules with a keep of their own, the last for 't63/**'; at most 63 are allowed:"
                + " give topics that are kept alike one rule");
    }

    private static Configured rules(int keeps) {
        String rules = IntStream.range(0, keeps).mapToObj(i -> "  - {match: t" + i + "/**, keep: {events: " + (1_000 + i) + "}}\n")
                .collect(Collectors.joining());
        return Configured.file("topics:\n" + rules + "  - match: plain/**\n  - match: '**'\n");
    }

    @ParameterizedTest
    @CsvSource({
        "server.port, 0, 65535, -1, 65536",
        "server.backlog, 1, 65535, 0, 65536",
        "server.idle-timeout, PT1S, P1D, PT0.999S, P1DT1S",
        "delivery.send-buffer, 4KiB, 16MiB, 4095, 16777217",
        "delivery.heartbeat, PT0.01S, P1D, PT0.009S, P1DT1S",
        "delivery.retry, PT0.1S, P1D, PT0.099S, P2D",
        "delivery.lanes, 1, 64, 0, 65",
        "topics.1.keep.age, PT1S, P36500D, PT0.999S, P36501D",
        "topics.1.keep.bytes, 256KiB, 1024TiB, 1023, 1025TiB",
        "topics.1.linger, PT0S, PT10S, PT-0.1S, PT10.001S",
        "drain.window, PT0S, PT1H, PT-1S, PT61M",
        "limits.subscribers, 1, 10000000, 0, 10000001",
        "limits.subscription-bytes, 2KiB, 1MiB, 2047, 1048577",
        "limits.index-bytes, 1MiB, 1TiB, 1048575, 1025GiB",
        "limits.batch-events, 1, 100000, 0, 100001",
        "log.hot-events, 1, 100000000, 0, 100000001",
        "log.latest.keys, 1, 100000000, 0, 100000001",
    })
    void holdsEachBoundOnBothSides(String key, String least, String most, String below, String above) {
        assertThat(Configured.set(key, least).load()).isNotNull();
        assertThat(Configured.set(key, most).load()).isNotNull();
        Configured.set(key, below).refusal().startsWith(key + " is '" + below + "' (--set); ").contains(" is allowed");
        Configured.set(key, above).refusal().startsWith(key + " is '" + above + "' (--set); ").contains(" is allowed");
    }

    @Test
    void refusesAWrongTypeWithTheKeyTheValueAndWhatIsAllowed() {
        Configured.file("server: {port: eighty}")
                .refusal().isEqualTo("server.port is 'eighty' (test.yaml line 1); a whole number from 0 to 65535 is allowed");
        Configured.file("server: {port: }").refusal().contains("server.port is empty");
        Configured.file("server: {port: [1, 2]}").refusal().contains("server.port is a list of 2");
        Configured.file("server: 8080").refusal().isEqualTo("server is '8080' (test.yaml line 1); a section is allowed");
        Configured.file("topics: {match: a}").refusal().contains("topics is a section with match (test.yaml line 1); a list is allowed");
        Configured.set("delivery.heartbeat", "15 sec").refusal().contains("a duration from 10ms to 1d, such as 15s or PT15S, is allowed");
        Configured.set("limits.event-bytes", "64KB").refusal().contains("a size from 1 to 16MiB, such as 60KiB, is allowed");
        Configured.set("cors.credentials", "yes").refusal().contains("true or false is allowed");
        Configured.set("topics.1.overflow", "replya").refusal()
                .isEqualTo("topics.1.overflow is 'replya' (--set); replay | disconnect | conflate | drop-oldest | drop-newest is allowed");
        Configured.set("server.host", "a\nb").refusal().contains("server.host is 'a\uFFFDb'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"hark.beat", "a\u0000b", "open", "error", "message"})
    void refusesAHeartbeatEventThatWouldForgeAFieldOrLookLikeSomethingElse(String name) {
        Configured.set("delivery.heartbeat-event", name).refusal().startsWith("delivery.heartbeat-event is ");
    }

    @Test
    void refusesARetryWithWhichClientsWouldComeBackAtOnce() {
        Configured.set("delivery.retry", "PT0S").refusal()
                .isEqualTo("delivery.retry is 'PT0S' (--set); a duration from 100ms to 1d, such as 2s or PT2S, is allowed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "http://hark_hub:8080", "http://hark_hub", "https://*.a_b.example", "http://[::1]:8080"})
    void takesTheOriginsThatBrowsersHave(String origin) {
        assertThat(Configured.file("cors: {origins: ['" + origin + "']}").load().cors().origins()).containsExactly(origin);
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://a.example/path", "a.example", "https://", "https://user@a.example", "https://a.example?x"})
    void refusesAnOriginThatIsNone(String origin) {
        Configured.file("cors: {origins: ['" + origin + "']}").refusal().startsWith("cors.origins.0 is '" + origin + "'");
    }

    @Test
    void refusesATopicFilterThatIsNone() {
        Configured.set("topics.0.match", "a/**/b").refusal()
                .isEqualTo("topics.0.match is 'a/**/b' (--set); a topic filter such as prices/** is allowed"
                        + " (topic filter 'a/**/b' has '**' before its end; only the last segment may be '**')");
    }
}
