package dev.hark.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.config.ConfigSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class HeapNeedTest {
    private static final long MIB = 1 << 20;
    private static final long GIB = 1 << 30;

    @Test
    void growsWithTheStreamsThatThereMayBe() {
        long few = need(1_000).bytes();
        assertThat(few).isLessThan(256 * MIB);
        // More than theirs, because bodies and filters have a share of the whole.
        assertThat(need(20_000).bytes() - few).isBetween(19_000 * HeapNeed.STREAM_BYTES, 2 * 19_000 * HeapNeed.STREAM_BYTES);
    }

    @Test
    void countsNoMoreStreamsThanThereAreConnections() {
        assertThat(need(1_000, "limits.subscribers=100000")).isEqualTo(need(1_000, "limits.subscribers=1000"));
        assertThat(need(100_000, "limits.subscribers=1000")).isEqualTo(need(1_000));
        assertThat(need(100_000, "limits.subscribers=100000").bytes()).isBetween(GIB, 3 * GIB);
    }

    @Test
    void growsWithTheHotEventsAndWithAMemoryLog() {
        assertThat(need(1_000, "log.hot-bytes=512MiB").bytes()).isBetween(512 * MIB, GIB);
        assertThat(need(1_000, "log.kind=memory", "log.retention.bytes=4GiB").bytes()).isBetween(4 * GIB, 7 * GIB);
        assertThat(need(1_000, "log.retention.bytes=4GiB")).as("a log on disk").isEqualTo(need(1_000));
    }

    @Test
    void growsWithWhatEachRuleKeepsAndWithWhatIsOnlyHot() {
        HeapNeed memory = need(1_000, "log.kind=memory");

        assertThat(need(1_000, "log.kind=memory", "topics.0.keep.bytes=2GiB").bytes() - memory.bytes()).isBetween(2 * GIB, 4 * GIB);
        HeapNeed little = need(
                1_000, "log.kind=memory", "topics.0.keep.bytes=1MiB", "topics.0.keep.events=1000", "topics.0.keep.latest=false");
        assertThat(need(1_000, "log.kind=memory", "topics.0.keep=nothing").bytes() - little.bytes()).isBetween(64 * MIB, 128 * MIB);
        assertThat(need(1_000, "topics.0.keep=nothing")).as("what is hot of a log on disk is in memory already").isEqualTo(need(1_000));
    }

    @Test
    void growsWithTheKeysWhoseNewestEventAMemoryLogKeeps() {
        String[] some = {"log.kind=memory", "topics.0.keep.latest=true", "log.latest.keys=1"};
        String[] many = {"log.kind=memory", "topics.0.keep.latest=true", "log.latest.keys=2000001"};
        long keys = 2_000_000 * HeapNeed.LATEST_BYTES;

        assertThat(need(1_000, many).bytes() - need(1_000, some).bytes()).isBetween(keys, 2 * keys);
        assertThat(need(1_000, "log.kind=memory", "topics.0.keep.latest=false", "log.latest.keys=2000001")).as("no rule keeps them")
                .isEqualTo(need(1_000, "log.kind=memory", "topics.0.keep.latest=false"));
        assertThat(need(1_000, "topics.0.keep.latest=true", "log.latest.keys=2000001")).as("a log on disk").isEqualTo(need(1_000));
    }

    @Test
    void growsWithFiltersThatMayTakeMoreThanTheirShare() {
        assertThat(need(1_000, "limits.index-bytes=2GiB").bytes()).isBetween(2 * GIB, 3 * GIB);
        assertThat(need(1_000, "limits.index-bytes=2MiB")).isEqualTo(need(1_000));
    }

    @Test
    void saysWhatToGiveWhereItIsTooLittle() {
        assertThat(new HeapNeed(300 * MIB, 300 * MIB).shortage()).isEmpty();
        assertThat(new HeapNeed(300 * MIB + 1, 300 * MIB).shortage()).hasValueSatisfying(sentence -> assertThat(sentence)
                .contains("may grow to 300 MiB", "may need 301 MiB", "HARK_JAVA_OPTS=-Xmx301m"));
    }

    /** With little for filters: their default is a share of this process's heap. */
    private static HeapNeed need(int connections, String... set) {
        List<String> all = Stream.concat(Stream.of("limits.index-bytes=1MiB"), Arrays.stream(set)).toList();
        return HeapNeed.of(new ConfigSource(null, all, Map.of()).load(), connections, 8 * GIB);
    }
}
