package dev.hark.app.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.Hub;
import dev.hark.app.config.ConfigSource;
import dev.hark.app.config.HarkConfig;
import dev.hark.app.state.StateLog.Known;
import dev.hark.app.state.StateLog.Outcome;
import dev.hark.event.Topic;
import dev.hark.log.SteadyClock;
import dev.hark.log.memory.MemoryLog;
import dev.hark.thread.VitalThreads;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The states of one source at two nodes. */
class StateLogTest {
    private final HarkConfig config = new ConfigSource(Path.of("..", "application.yaml"), List.of(), Map.of()).load();
    private final SteadyClock clock = SteadyClock.ofSystem();
    private final Hub hub = Hub.start(config.hub(), new MemoryLog("7k3q9x2m", config.log().config(), clock), clock, new VitalThreads());
    private final StateLog one = states(1);
    private final StateLog two = states(2);

    private StateLog states(int seed) {
        return new StateLog(hub, "source numbers", Topic.stored("$hark/test"), new Random(seed));
    }

    @AfterEach
    void end() {
        hub.close();
    }

    private static Outcome begin(StateLog states, String epoch) throws LogAwayException {
        return states.append(new Known(epoch, null), List.of(), WorkState.first(states.nonce(), "node"));
    }

    /** One of them has found the first key of the epoch before in use, and the other one has not. */
    @Test
    void oneIsTheFirstInEachEpoch() throws Exception {
        assertThat(begin(one, "before")).isInstanceOf(Outcome.Stored.class);
        assertThat(begin(one, "before")).isInstanceOf(Outcome.Overtaken.class);
        assertThat(begin(one, "before")).as("its state is gone").isInstanceOf(Outcome.Stored.class);
        assertThat(begin(two, "after")).isInstanceOf(Outcome.Stored.class);
        assertThat(begin(one, "after")).isInstanceOf(Outcome.Overtaken.class);
    }
}
