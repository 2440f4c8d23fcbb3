package dev.hark.load.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.load.measure.Second;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConsoleTest {
    private static final int COLUMNS = 80;

    private final StringWriter shown = new StringWriter();

    /** A line that wraps is one more than the next drawing takes back. */
    @Test
    void drawsABlockThatFitsANarrowTerminal() {
        try (var console = new Console(new PrintWriter(shown), Console.Style.BLOCK, 60)) {
            console.show(second(1, -1));
            console.show(second(3600, 3L << 30));
        }
        String[] drawings = shown.toString().split("\u001b\\[\\d+A", -1);
        assertThat(drawings).hasSize(2);
        for (String drawing : drawings) {
            List<String> lines = drawing.replace("\u001b[2K", "").lines().toList();
            assertThat(lines).hasSize(8).allSatisfy(line -> assertThat(line.codePointCount(0, line.length())).as(line).isLessThan(COLUMNS));
            assertThat(drawing).contains("streams", "published", "delivered", "p99", "losses", "skipped", "gaps", "validity", "reader");
        }
        assertThat(drawings[0]).contains("server not watched").contains("fine");
        assertThat(shown.toString()).contains("\u001b[8A");
    }

    @Test
    void printsALineEveryFiveSecondsElsewhere() {
        try (var console = new Console(new PrintWriter(shown), Console.Style.LINES, 60)) {
            for (int at = 1; at <= 11; at++) {
                console.show(second(at, -1));
            }
        }
        assertThat(shown.toString().lines()).hasSize(2).allSatisfy(line -> assertThat(line).contains("streams", "p99", "skipped", "gaps"));
    }

    private static Second second(double at, long serverBytes) {
        return new Second(
                at,
                "warming up",
                new Second.Counts(1_000_000, 100_000, 100_000, 100_000, 100_000, 10_000_000, 9_999_999, 100_000,
                        2_000_000_000, 100_000, 100_000, 100_000),
                new Second.Latency(123_400_000, 123_400_000, 12_340_000_000L, 123_400_000_000L, List.of()),
                new Second.Load(serverBytes < 0 ? -1 : 15.87, serverBytes, 11.23, 0.895, 12_340_000));
    }
}
