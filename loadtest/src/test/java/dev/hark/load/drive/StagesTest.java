package dev.hark.load.drive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hark.load.ledger.Share;
import dev.hark.load.measure.ServerWatch;
import dev.hark.load.scenario.Scenario;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class StagesTest {
    private static final Stages STAGES = new Stages(100, Stages.ofStreams("1m:1000, 0s:2000,5m:2000"), Stages.ofRates("10s:5/s,20s:600/m"));

    @Test
    void tellsHowManyStreamsThereAreToBe() {
        assertThat(STAGES.streamsAt(-1)).isEqualTo(100);
        assertThat(STAGES.streamsAt(0)).isEqualTo(100);
        assertThat(STAGES.streamsAt(Duration.ofSeconds(30).toNanos())).isEqualTo(550);
        assertThat(STAGES.streamsAt(Duration.ofSeconds(60).toNanos())).isEqualTo(2000);
        assertThat(STAGES.streamsAt(Long.MAX_VALUE)).isEqualTo(2000);
        assertThat(STAGES.mostStreams()).isEqualTo(2000);
        assertThat(STAGES.time()).isEqualTo(Duration.ofMinutes(6));
        assertThat(STAGES.rates()).extracting(Stages.Stage::to).containsExactly(5.0, 10.0);
        assertThat(STAGES).hasToString("from 100 streams 1m:1000,0s:2000,5m:2000, rate 10s:5/s,20s:10/s");
    }

    @Test
    void areSharedByGenerators() {
        Stages one = STAGES.partOf(new Share(0, 3));
        assertThat(one.startStreams()).isEqualTo(34);
        assertThat(one.mostStreams()).isEqualTo(667);
        assertThat(one.rates()).isEqualTo(STAGES.rates());
        assertThat(Stages.NONE.partOf(new Share(1, 3))).isEqualTo(Stages.NONE);
    }

    @Test
    void areWhatIsMeasured() {
        FanoutPlan plan = Scenario.named("ramp").streams(10).stages("2s:40").rate("10/s").rateStages("1s:30/s,3s:30/s").warmup("1s")
                .plan(ServerWatch.NONE);
        assertThat(plan.streams().subscribers()).isEqualTo(40);
        assertThat(plan.startStreams()).isEqualTo(10);
        assertThat(plan.phases().measure()).isEqualTo(Duration.ofSeconds(4));
        // One second of warm-up at 10/s, one from there to 30/s, three at 30/s.
        assertThat(plan.traffic(Share.WHOLE).events()).isEqualTo(10 + 20 + 90);
        assertThat(plan.warmupEvents()).isEqualTo(10);
    }

    @Test
    void refusesWhatIsNone() {
        assertThatThrownBy(() -> Stages.ofStreams("1m")).hasMessageContaining("'1m' are not of the form 1m:1000,5m:10000");
        assertThatThrownBy(() -> Stages.ofStreams("1m:many")).hasMessageContaining("many");
        assertThatThrownBy(() -> Stages.ofRates("soon:5/s")).hasMessageContaining("soon");
        assertThatThrownBy(() -> new Stages(100, Stages.ofStreams("1m:50"), List.of())).hasMessageContaining("go from 100 to 50");
        assertThatThrownBy(() -> Scenario.named("x").stages("1s:2000").late(5).plan(ServerWatch.NONE)).hasMessageContaining("late");
        assertThat(Stages.ofStreams("")).isEmpty();
    }
}
