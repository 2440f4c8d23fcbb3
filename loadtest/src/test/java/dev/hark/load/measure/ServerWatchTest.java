package dev.hark.load.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ServerWatchTest {
    private static final URI PAGE = URI.create("http://127.0.0.1:9/metrics");

    /** A node that shows what it is told to. */
    private static final class Told implements ServerProbe {
        private Optional<Sample> next;

        Told(long cpu, long memory, int threads) {
            next = Optional.of(new Sample(cpu, memory, threads, 5));
        }

        @Override
        public Optional<Sample> sample() {
            return next;
        }

        @Override
        public Optional<String> version() {
            return Optional.empty();
        }
    }

    @Test
    void addsNodesUp() {
        var sum = new SumProbe(List.of(new Told(10, 100, 3), new Told(20, 200, 4)));
        assertThat(sum.sample()).contains(new ServerProbe.Sample(30, 300, 7, 10));
        assertThat(new SumProbe(List.of(new Told(10, 100, 3), new Told(20, 200, -1))).sample())
                .contains(new ServerProbe.Sample(30, 300, -1, 10));
    }

    /** Processor time that fell would look like another server. */
    @Test
    void keepsWhatALostNodeHadUsed() {
        var lost = new Told(10, 100, 3);
        var other = new Told(20, 200, 4);
        var sum = new SumProbe(List.of(lost, other));
        assertThat(sum.sample()).isPresent();
        lost.next = Optional.empty();
        assertThat(sum.sample()).contains(new ServerProbe.Sample(30, 200, 4, 5));
        lost.next = Optional.of(new ServerProbe.Sample(2, 50, 1, 1));
        assertThat(sum.sample()).as("started anew").contains(new ServerProbe.Sample(30, 250, 5, 6));
        lost.next = Optional.empty();
        other.next = Optional.empty();
        assertThat(sum.sample()).isEmpty();
    }

    @Test
    void wantsEachNodeOrNone() {
        var two = new ServerWatch(List.of(5L, 6L), List.of());
        assertThatCode(() -> two.requireEachOf(2)).doesNotThrowAnyException();
        assertThatCode(() -> two.requireEachOf(1)).as("behind one URL").doesNotThrowAnyException();
        assertThatCode(() -> ServerWatch.NONE.requireEachOf(3)).doesNotThrowAnyException();
        assertThatThrownBy(() -> two.requireEachOf(3)).hasMessageContaining("--server-pid is given for 2 of 3");
        assertThatThrownBy(() -> new ServerWatch(List.of(), List.of(PAGE)).requireEachOf(2)).hasMessageContaining("--metrics-url");
        assertThatThrownBy(() -> new ServerWatch(List.of(5L, 5L), List.of())).hasMessageContaining("given twice");
    }

    @Test
    void namesWhatItCannotSee() {
        long here = ProcessHandle.current().pid();
        assertThat(new ServerWatch(List.of(here, (long) Integer.MAX_VALUE), List.of()).missing())
                .contains("no process " + Integer.MAX_VALUE + " on");
        assertThat(new ServerWatch(List.of(), List.of(PAGE)).missing()).contains(PAGE + " does not answer");
    }
}
