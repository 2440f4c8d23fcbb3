package dev.hark.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.fanout.OverflowPolicy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {
    @Test
    void prefersSetToEnvironmentToFile() {
        Configured file = Configured.file("server: {port: 1001}");
        Configured environment = file.environment("HARK_SERVER_PORT", "1002");

        assertThat(file.load().server().port()).isEqualTo(1001);
        assertThat(environment.load().server().port()).isEqualTo(1002);
        assertThat(environment.with("server.port", "1003").load().server().port()).isEqualTo(1003);
    }

    @Test
    void overridesListItemsByIndexInTheFileAndInTheDefaults() {
        assertThat(Configured.file("").environment("HARK_TOPICS_1_OVERFLOW", "drop-oldest").load().hub().topics().getLast().overflow())
                .isEqualTo(OverflowPolicy.DROP_OLDEST);
        assertThat(Configured.file("topics: [{match: '**'}]").with("topics.0.mailbox.events", "7").load().hub().topics())
                .singleElement()
                .satisfies(rule -> assertThat(rule.mailbox().events()).isEqualTo(7));
    }

    @Test
    void appendsListItemsOneAfterAnother() {
        Configured routes = Configured.file("routes: [{subscribe: /a, topic: a}]");

        assertThat(routes.with("routes.1.subscribe", "/b").with("routes.1.topic", "b").load().routes()).hasSize(2);
        routes.with("routes.2.topic", "b")
                .refusal().startsWith("unknown key routes.2.topic, which is 'b' (--set); did you mean routes.0.topic?");
    }

    @Test
    void takesAListOfTextsAsOneText() {
        assertThat(Configured.file("").environment("HARK_CORS_ORIGINS", "https://a.example, https://b.example").load().cors().origins())
                .containsExactly("https://a.example", "https://b.example");
        assertThat(Configured.file("cors: {origins: [https://a.example]}").with("cors.origins", "").load().cors().origins()).isEmpty();
        assertThat(Configured.set("cors.origins.0", "https://a.example").load().cors().origins()).containsExactly("https://a.example");
        Configured.set("cors.origins", "https://a.example,nonsense").refusal().startsWith("cors.origins is 'nonsense' (--set)");
    }

    @Test
    void namesAnUnknownKeyItsValueItsNeighboursAndTheNearest() {
        Configured.file("delivery: {hartbeat: PT5S}").refusal().isEqualTo(
                "unknown key delivery.hartbeat, which is 'PT5S' (test.yaml line 1);"
                + " did you mean delivery.heartbeat?"
                + " Allowed in delivery: send-buffer, lanes, heartbeat, heartbeat-event, retry, write-timeout");
        Configured.file("servr: {port: 1}").refusal()
                .startsWith("unknown key servr, which is a section with port (test.yaml line 1)").contains("Allowed at the top: server, ");
        Configured.set("limits.event-byte", "1").refusal().contains("did you mean limits.event-bytes?");
        Configured.set("limits", "1").refusal().contains("limits is '1' (--set), but it is a section");
        Configured.file("topics: [{match: '**', overflw: replay}]").refusal().contains("did you mean topics.0.overflow?");
        Configured.file("auth: {opne: true}").refusal().contains("did you mean auth.open?");
    }

    @Test
    void namesAnUnknownVariableButNotItsValue() {
        Configured.file("").environment("HARK_SERVER_PROT", "s3cret").refusal()
                .startsWith("unknown environment variable HARK_SERVER_PROT; did you mean HARK_SERVER_PORT?")
                .doesNotContain("s3cret");
        Configured.file("").environment("HARK_LOADED", "s3cret")
                .refusal().startsWith("unknown environment variable HARK_LOADED").doesNotContain("s3cret");
    }

    @ParameterizedTest
    @CsvSource({
        "HARK_JAVA_OPTS, -Xmx1g",
        "HARK_BUILD, never",
        "HARK_URL, http://hub:8080",
        "HARK_TOKEN, hark_s3cret",
        "HARK_LOAD_TOKEN, s3cret",
        "HARK_LOAD_JAVA_OPTS, -Xmx1g",
        "HARK_SERVICE_HOST, 10.0.0.1",
        "HARK_PORT, tcp://10.0.0.1:8080",
        "HARK_PORT_8080_TCP_ADDR, 10.0.0.1",
        "HARK_ADMIN_SERVICE_PORT_HTTP, 80",
        "HARK_ADMIN_PORT, tcp://10.0.0.1:9090",
        "HARKEN, 1",
    })
    void leavesOtherPeoplesVariablesAlone(String name, String value) {
        assertThat(Configured.file("").environment(name, value).load()).isEqualTo(ConfigSource.defaults().load());
    }

    @Test
    void findsAMisspeltKeyBeforeWhatFollowsFromIt() {
        Configured.file("server: {host: 0.0.0.0}\nauth: {opn: true}").refusal().startsWith("unknown key auth.opn");
    }
}
