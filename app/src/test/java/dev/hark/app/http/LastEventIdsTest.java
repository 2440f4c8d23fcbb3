package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LastEventIdsTest {
    private static final String EPOCH = "7k3q9x2m";

    @Test
    void areTakenAsTheyComeWhereThereIsOne() {
        assertThat(newest()).isEmpty();
        assertThat(newest("")).isEmpty();
        assertThat(newest("7k3q9x2m-1")).isEqualTo("7k3q9x2m-1");
        assertThat(newest("nonsense")).isEqualTo("nonsense");
        assertThat(newest("00000000-1")).isEqualTo("00000000-1");
    }

    @Test
    void areLookedThroughForTheNewestOfThisEpoch() {
        assertThat(newest("7k3q9x2m-9", "7k3q9x2m-10")).as("by number").isEqualTo("7k3q9x2m-10");
        assertThat(newest("7k3q9x2m-10", "7k3q9x2m-9")).isEqualTo("7k3q9x2m-10");
        assertThat(newest("7k3q9x2m-3", "", "nonsense", "00000000-99")).isEqualTo("7k3q9x2m-3");
        assertThat(newest("7k3q9x2m-3,7k3q9x2m-4 , 7k3q9x2m-2")).as("joined by a proxy").isEqualTo("7k3q9x2m-4");
    }

    @Test
    void endInTheLastWhereNoneIsOfThisEpoch() {
        assertThat(newest("00000000-7", "00000001-2", "")).isEqualTo("00000001-2");
        assertThat(newest("00000000-7", "nonsense")).isEqualTo("nonsense");
    }

    private static String newest(String... headers) {
        return LastEventIds.newest(List.of(headers), EPOCH);
    }
}
