package dev.hark.load.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.load.compare.Comparison.Change;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComparisonTest {
    @TempDir
    Path folder;

    @Test
    void judgesByDirectionAndTolerance() throws IOException {
        Comparison comparison = Comparison.of(report(100, 1000, 0), report(110, 900, 0), 0.1);
        assertThat(change(comparison, "delivery.p99")).isEqualTo(Change.SAME);
        assertThat(change(comparison, "deliveryRate")).isEqualTo(Change.SAME);
        assertThat(comparison.isWorse()).isFalse();

        comparison = Comparison.of(report(100, 1000, 0), report(111, 899, 0), 0.1);
        assertThat(change(comparison, "delivery.p99")).isEqualTo(Change.WORSE);
        assertThat(change(comparison, "deliveryRate")).isEqualTo(Change.WORSE);

        comparison = Comparison.of(report(100, 1000, 0), report(80, 1200, 0), 0.1);
        assertThat(change(comparison, "delivery.p99")).isEqualTo(Change.BETTER);
        assertThat(change(comparison, "deliveryRate")).isEqualTo(Change.BETTER);
    }

    @Test
    void toleratesNoLoss() throws IOException {
        assertThat(Comparison.of(report(100, 1000, 0), report(100, 1000, 1), 10).isWorse()).isTrue();
    }

    @Test
    void saysThatPlansDiffer() throws IOException {
        SavedReport base = report(1, 1, 0);
        var other = new SavedReport(base.path(), new ObjectMapper().readTree("{\"version\":1,\"plan\":{\"subscribers\":9}}"));
        Comparison unlike = Comparison.of(base, other, 0.1);
        assertThat(unlike.differences()).singleElement().asString().contains("subscribers was 5 and is 9");
        assertThat(unlike.isOfLikes()).isFalse();
        assertThat(Comparison.of(base, base, 0.1).isOfLikes()).isTrue();
    }

    @Test
    void tellsWhatChangedFirst() throws IOException {
        assertThat(Comparison.of(report(100, 1000, 0), report(80, 100, 0), 0.1).rows()).extracting(Comparison.Row::change)
                .containsExactly(Change.WORSE, Change.BETTER, Change.SAME);
    }

    @Test
    void comparesSearchesByTheirCapacityAndTheHighestLevelOfBoth() throws IOException {
        Comparison worse = Comparison.of(search("a", 2000, 10), search("b", 1000, 30), 0.1);
        assertThat(worse.isOfLikes()).isTrue();
        assertThat(change(worse, "capacity")).isEqualTo(Change.WORSE);
        assertThat(worse.rows()).anyMatch(row -> row.name().equals("delivery.p99") && row.base() == 10 && row.fresh() == 30);
        Comparison mixed = Comparison.of(search("a", 2000, 10), report(1, 1, 0), 0.1);
        assertThat(mixed.rows()).isEmpty();
        assertThat(mixed.differences()).containsExactly("the first is a search for a capacity, the second one run");
    }

    private SavedReport search(String name, int capacity, int p99) throws IOException {
        String level = "{\"level\":%d,\"outcome\":\"passed\",\"timings\":{\"delivery\":{\"p99\":%d}}}";
        String json = """
                {"version":1,"kind":"capacity","by":"subscribers","capacity":%d,"levels":[%s,%s]}
                """.formatted(capacity, level.formatted(1000, p99), level.formatted(capacity, capacity == 1000 ? p99 : 99));
        return SavedReport.read(Files.writeString(folder.resolve(name + ".json"), json));
    }

    @Test
    void refusesWhatIsNoReport() throws IOException {
        Path file = Files.writeString(folder.resolve("x.json"), "{\"version\":99}");
        assertThatThrownBy(() -> SavedReport.read(file)).isInstanceOf(IOException.class).hasMessageContaining("version 99");
        Files.writeString(file, "no");
        assertThatThrownBy(() -> SavedReport.read(file)).isInstanceOf(IOException.class).hasMessageContaining("not a report");
        assertThatThrownBy(() -> SavedReport.read(folder)).isInstanceOf(IOException.class).hasMessageContaining("report.json");
    }

    private static Change change(Comparison comparison, String name) {
        return comparison.rows().stream().filter(row -> row.name().equals(name)).findFirst().orElseThrow().change();
    }

    private SavedReport report(int p99, int rate, int lost) throws IOException {
        String json = """
                {"version":1,"plan":{"subscribers":5},"timings":{"delivery":{"p99":%d}},"metrics":{"deliveryRate":%d,"silentLoss":%d}}
                """.formatted(p99, rate, lost);
        return SavedReport.read(Files.writeString(folder.resolve("report.json"), json));
    }
}
