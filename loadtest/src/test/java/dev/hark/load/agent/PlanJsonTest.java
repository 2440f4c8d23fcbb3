package dev.hark.load.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.load.drive.FanoutPlan;
import dev.hark.load.drive.Outage;
import dev.hark.load.ledger.Share;
import dev.hark.load.measure.ServerWatch;
import dev.hark.load.scenario.Scenario;
import dev.hark.load.scenario.Setting;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanJsonTest {
    @Test
    void readsWhatItWrote() throws IOException {
        FanoutPlan plan = Scenario.named("x")
                .generic("/sub?topic={topic}", "/pub?topic={topic}").url("http://127.0.0.1:81").header("X-A: b").streams(101).stalled(3)
                .rate("2.5/s").payload("4KB").topics(7).warmup("3s").measure("1500ms")
                .plan(new ServerWatch(OptionalLong.of(42), Optional.of(URI.create("http://hub:9090/metrics"))));
        assertThat(sent(plan)).isEqualTo(plan);
        FanoutPlan templates = Scenario.named("z").generic("/s", "/p").subscribeMethod("POST").subscribeBody("{\"t\":\"{topic}\"}")
                .subscribeHeader("Content-Type: application/json").publishMethod("PUT").publishBody("topic={topic}&data={data}")
                .publishHeader("Content-Type: application/x-www-form-urlencoded").publishHeader("X-Key: k").plan(ServerWatch.NONE);
        assertThat(sent(templates)).isEqualTo(templates);
        assertThat(sent(templates).target().publish().headers()).contains("X-Key: k").doesNotContain("Content-Type: text/plain");
        FanoutPlan moved = Scenario.named("m").with(Setting.PUBLISH_PATH, "/p/{topic}").plan(ServerWatch.NONE);
        assertThat(sent(moved)).isEqualTo(moved);
        FanoutPlan storm = Scenario.named("y").late(5).dropAll().zipf().batch(9).plan(ServerWatch.NONE);
        assertThat(sent(storm)).isEqualTo(storm);
        FanoutPlan ramp = Scenario.named("r").streams(5).stages("1m:10,5m:100").rateStages("90s:7/s").plan(ServerWatch.NONE);
        assertThat(sent(ramp)).isEqualTo(ramp);
        FanoutPlan cluster = Scenario.named("c").urls("http://a:1", "http://b:2").publishUrls("http://c:3/p").retry()
                .plan(new ServerWatch(List.of(7L, 8L), List.of()));
        assertThat(sent(cluster)).isEqualTo(cluster);
        assertThat(sent(cluster).target().nodes()).hasSize(2);
        assertThat(sent(cluster).publish().retries()).isTrue();
    }

    /** A node is taken away once, and by the process that the user started. */
    @Test
    void doesNotHandOnWhatTakesANodeAway() throws IOException {
        FanoutPlan plan = Scenario.named("x").atFailure("true").plan(ServerWatch.NONE);
        assertThat(sent(plan)).isEqualTo(plan.with(Outage.NONE)).isNotEqualTo(plan);
    }

    @Test
    void carriesCredentials(@TempDir Path folder) throws IOException {
        Path secret = Files.writeString(folder.resolve("secret"), "a secret of more than 32 characters, for tests");
        FanoutPlan own = Scenario.named("o").tokensOf("https://dev.example", secret).tickets().publishToken("a-key").plan(ServerWatch.NONE);
        FanoutPlan shared = Scenario.named("s").token("a-token").plan(ServerWatch.NONE);

        assertThat(sent(own)).isEqualTo(own);
        assertThat(sent(shared)).isEqualTo(shared).isNotEqualTo(own);
    }

    private static FanoutPlan sent(FanoutPlan plan) throws IOException {
        var json = new ObjectMapper().createObjectNode();
        PlanJson.write(json, plan);
        return PlanJson.read(new ObjectMapper().readTree(json.toString()));
    }

    @Test
    void refusesWhatIsNoPlan() {
        var json = new ObjectMapper().createObjectNode();
        PlanJson.write(json, Scenario.named("x").plan(ServerWatch.NONE));
        assertThatThrownBy(() -> PlanJson.read(json.deepCopy().without("topics")))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("topics");
        assertThatThrownBy(() -> PlanJson.read(json.deepCopy().put("subscribers", -1)))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("-1");
        assertThatThrownBy(() -> PlanJson.read(json.deepCopy().put("connectTimeoutNanos", "x")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> PlanJson.read(json.deepCopy().without("subscribe")))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("method");
        var noData = json.deepCopy();
        noData.withObject("/publish").put("body", "");
        assertThatThrownBy(() -> PlanJson.read(noData)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("{data}");
    }

    @Test
    void partsMakeTheWhole() {
        FanoutPlan plan = Scenario.named("x").streams(101).stalled(3).plan(ServerWatch.NONE);
        FanoutPlan first = plan.partOf(new Share(0, 2));
        FanoutPlan second = plan.partOf(new Share(1, 2));
        assertThat(first.streams().subscribers() + second.streams().subscribers()).isEqualTo(101);
        assertThat(first.streams().stalled() + second.streams().stalled()).isEqualTo(3);
        FanoutPlan ramp = Scenario.named("r").streams(5).stages("1m:101").plan(ServerWatch.NONE);
        assertThat(ramp.partOf(new Share(0, 2)).stages().mostStreams()).isEqualTo(51);
        assertThat(ramp.partOf(new Share(1, 2)).stages().mostStreams()).isEqualTo(50);
        assertThat(first.publish().connections() + second.publish().connections()).isEqualTo(4);
    }
}
