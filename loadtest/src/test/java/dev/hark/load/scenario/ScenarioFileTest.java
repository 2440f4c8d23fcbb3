package dev.hark.load.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hark.load.measure.ServerWatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScenarioFileTest {
    @Test
    void saysTheSameAsJava() {
        Scenario yaml = ScenarioFile.parse("file", """
                scenario: storm
                target: { url: 'http://127.0.0.1:9', headers: ['X-A: 1', 'X-B: 2'] }
                streams: { count: 2k, drop-all: true, stalled: 3, spread: zipf }
                publish: { rate: 20/s, payload: 1KB, topics: 5, batch: 7 }
                phases:
                  warmup: 5s
                  measure: 1m
                expect: ['reconnectAll<2s', silentLoss==0]
                """);
        Scenario java = Scenario.named("storm")
                .url("http://127.0.0.1:9").header("X-A: 1").header("X-B: 2").streams(2000).dropAll().stalled(3).zipf()
                .rate("20/s").payload("1KB").topics(5).batch(7).warmup("5s").measure("60s")
                .expect("reconnectAll<2s").expect("silentLoss==0");
        assertThat(yaml.plan(ServerWatch.NONE)).isEqualTo(java.plan(ServerWatch.NONE));
        assertThat(yaml.objectives()).isEqualTo(java.objectives());
        assertThat(yaml.name()).isEqualTo("storm");
    }

    @Test
    void saysTheSameAsJavaOfAGenericServer() {
        Scenario yaml = ScenarioFile.parse("file", """
                target:
                  profile: generic
                  subscribe-path: /s
                  subscribe-method: POST
                  subscribe-body: '{"t":"{topic}"}'
                  subscribe-headers: ['Content-Type: application/json', 'X-A: 1']
                  publish-path: /p
                  publish-method: PUT
                  publish-body: topic={topic}&data={data}
                  publish-headers: ['Content-Type: application/x-www-form-urlencoded']
                  headers: ['X-B: 2']
                """);
        Scenario java = Scenario.named("file").generic("/s", "/p").subscribeMethod("POST").subscribeBody("{\"t\":\"{topic}\"}")
                .subscribeHeader("Content-Type: application/json").subscribeHeader("X-A: 1")
                .publishMethod("PUT").publishBody("topic={topic}&data={data}")
                .publishHeader("Content-Type: application/x-www-form-urlencoded").header("X-B: 2");
        assertThat(yaml.plan(ServerWatch.NONE)).isEqualTo(java.plan(ServerWatch.NONE));
    }

    @Test
    void saysTheSameAsJavaOfACluster() {
        Scenario yaml = ScenarioFile.parse("file", """
                target: { url: [http://a:1, 'http://b:2'], publish-url: http://c:3 }
                publish: { retry: true, pipeline: 1 }
                failure: { kill-pid: 4711 }
                """);
        Scenario java = Scenario.named("file").urls("http://a:1", "http://b:2").publishUrls("http://c:3").retry().killing(4711);
        assertThat(yaml.plan(ServerWatch.NONE)).isEqualTo(java.plan(ServerWatch.NONE));
        assertThat(yaml.with(Setting.URL, "http://d:4").plan(ServerWatch.NONE).target().nodes()).as("said anew").hasSize(1);
        assertThat(java.plan(ServerWatch.NONE).target().authorities()).isEqualTo("a:1, b:2 (published to c:3)");
    }

    @Test
    void refusesTemplatesForHark() {
        Scenario scenario = Scenario.named("x").publishMethod("PUT");
        assertThatThrownBy(() -> scenario.plan(ServerWatch.NONE))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("generic");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "streams: { cuont: 5 } | did you mean 'streams.count'",
        "stream: { count: 5 } | did you mean 'streams.count'",
        "expcet: [] | did you mean 'expect'",
        "zzzzzzzzzzzz: 1 | unknown key 'zzzzzzzzzzzz'",
        "streams: { count: [1, 2] } | streams.count: a list where one value belongs",
        "streams: { count: } | streams.count: no value",
        "- a | not a map",
        "'a: [' | line",
    })
    void refusesWhatItDoesNotKnow(String yaml, String message) {
        assertThatThrownBy(() -> ScenarioFile.parse("x", yaml))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining(message.strip());
    }

    @ParameterizedTest
    @CsvSource({
        "streams.count, many", "streams.count, 1.5", "publish.rate, 5/x", "phases.measure, 5 parsecs",
        "streams.drop-all, maybe", "target.profile, other", "publish.payload, big", "streams.spread, thin"
    })
    void namesTheKeyOfAValueThatCannotBeRead(String key, String value) {
        Scenario scenario = Scenario.named("x").with(Setting.of(key), value);
        assertThatThrownBy(() -> scenario.plan(ServerWatch.NONE)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(key);
    }

    @Test
    void refusesAStormWhereNothingResumes() {
        Scenario scenario = Scenario.named("x").generic("/s?t={topic}", "/p?t={topic}").dropAll();
        assertThatThrownBy(() -> scenario.plan(ServerWatch.NONE))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("generic");
    }

    @Test
    void refusesBatchesThatCannotBe() {
        assertThatThrownBy(() -> Scenario.named("x").batch(1001).plan(ServerWatch.NONE))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("1000");
        assertThatThrownBy(() -> Scenario.named("x").batch(1000).payload("1MB").plan(ServerWatch.NONE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("batch of 1000");
        assertThatThrownBy(() -> Scenario.named("x").batch(10).rate("5/s").warmup("2s").measure("5s").plan(ServerWatch.NONE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("8.0 s to fill");
        Scenario moved = Scenario.named("x").with(Setting.PUBLISH_PATH, "/p/{topic}");
        assertThat(moved.plan(ServerWatch.NONE).publish().batch()).isEqualTo(1);
        assertThatThrownBy(() -> moved.batch(2).plan(ServerWatch.NONE))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("--publish-path");
        Scenario generic = Scenario.named("x").generic("/s?t={topic}", "/p?t={topic}").batch(2);
        assertThatThrownBy(() -> generic.plan(ServerWatch.NONE))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("generic");
    }

    @Test
    void readsEveryScenarioThatShips() throws IOException {
        try (var files = Files.list(Path.of("scenarios"))) {
            for (Path file : files.toList()) {
                Scenario scenario = ScenarioFile.read(file);
                assertThat(scenario.plan(ServerWatch.NONE).streams().subscribers()).isPositive();
                assertThat(scenario.churn(List.of()).isPresent()).isEqualTo(scenario.objectives().isEmpty());
                assertThat(file.getFileName()).hasToString(scenario.name() + ".yaml");
            }
        }
    }
}
